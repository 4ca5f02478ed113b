//! Durations as an operator writes them: `200ms`, `10s`, `4h`, `1h30m`.

use std::time::Duration;

use jiff::SignedDuration;
use serde::de::{Deserialize, Deserializer, Error};

/// Reads one duration; for `#[serde(deserialize_with = "...")]`.
///
/// # Errors
/// When the text is no duration, is negative, or lacks its unit.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Reads `200ms`, `10s`, `4h`, `1h30m`.
///
/// # Errors
/// A sentence for the operator.
pub fn parse(text: &str) -> Result<Duration, String> {
    let fault = || format!("`{text}` is not a duration such as `200ms`, `10s`, `4h` or `1h30m`");
    // ISO 8601 (`PT4H`) is read too by the parser below; one spelling is enough for one file.
    if text.starts_with(['P', 'p', '+', '-']) {
        return Err(fault());
    }
    let length: SignedDuration = text.parse().map_err(|_| fault())?;
    Duration::try_from(length).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit() {
        assert_eq!(parse("200ms").unwrap(), Duration::from_millis(200));
        assert_eq!(parse("1h30m").unwrap(), Duration::from_secs(5400));
        assert_eq!(parse("0s").unwrap(), Duration::ZERO);
        for wrong in ["", "10", "-4s", "4 parsecs", "PT4H"] {
            assert!(parse(wrong).unwrap_err().contains("is not a duration"), "{wrong}");
        }
    }
}
