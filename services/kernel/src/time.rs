//! Conversions between the three forms of an instant: domain, store (microseconds UTC) and contract.

use jiff::Timestamp;
use prost_types::Timestamp as ProtoTimestamp;

use crate::error::{Error, Result};

/// Microseconds since 1970-01-01 UTC, as the store keeps an instant.
pub fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

/// The instant of a stored value; values out of range become the nearest representable instant.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The instant as the contract carries it.
pub fn to_proto(instant: Timestamp) -> ProtoTimestamp {
    let micros = micros(instant);
    let nanos = micros.rem_euclid(1_000_000) * 1000;
    ProtoTimestamp { seconds: micros.div_euclid(1_000_000), nanos: i32::try_from(nanos).unwrap_or(0) }
}

/// The stored microseconds as the contract carries them.
pub fn micros_to_proto(micros: i64) -> ProtoTimestamp {
    to_proto(from_micros(micros))
}

/// The instant of a contract value, cut to microseconds.
///
/// # Errors
/// A violation of `field` when the value is no instant between the years 1 and 9999.
pub fn from_proto(field: &str, value: &ProtoTimestamp) -> Result<Timestamp> {
    Timestamp::new(value.seconds, value.nanos)
        .map(|instant| from_micros(instant.as_microsecond()))
        .map_err(|_| Error::violation(field, "is not an instant between the years 1 and 9999"))
}

/// The instant of a contract value that is to be kept: a day in the life of a company, cut to microseconds. What was kept
/// before, and what only narrows a list, is read by [`from_proto`].
///
/// # Errors
/// A violation of `field` when the value is no instant of the years 1900 to 2199.
pub fn kept_from_proto(field: &str, value: &ProtoTimestamp) -> Result<Timestamp> {
    /// 1900-01-01 and 2200-01-01, seconds since 1970.
    const LIFE: std::ops::Range<i64> = -2_208_988_800..7_258_118_400;
    if LIFE.contains(&value.seconds) {
        return from_proto(field, value);
    }
    Err(Error::violation(field, "is not an instant of the years 1900 to 2199"))
}

/// The length of a contract duration in microseconds.
///
/// # Errors
/// A violation of `field` when it is negative or longer than 100 years.
pub fn duration_micros(field: &str, value: &prost_types::Duration) -> Result<i64> {
    const CENTURY: i64 = 100 * 366 * 24 * 3600;
    if value.seconds < 0 || value.nanos < 0 || value.seconds > CENTURY {
        return Err(Error::violation(field, "is negative or longer than 100 years"));
    }
    Ok(value.seconds * 1_000_000 + i64::from(value.nanos) / 1000)
}

/// The newest of the moments that a row names, from its beginning on. A row of a version that kept no moment of its last change
/// has moments of its own only.
pub fn latest<const N: usize>(begun: i64, moments: [Option<i64>; N]) -> i64 {
    moments.into_iter().flatten().fold(begun, i64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_both_conversions() {
        for micros_in in [0, 1, -1, 1_700_000_000_123_456, -62_135_596_800_000_000] {
            let instant = from_micros(micros_in);
            assert_eq!(micros(from_proto("t", &to_proto(instant)).unwrap()), micros_in);
        }
    }

    #[test]
    fn what_is_kept_lies_in_the_life_of_a_company() {
        let said = |text: &str| kept_from_proto("t", &to_proto(text.parse().unwrap()));
        for good in ["1900-01-01T00:00:00Z", "2026-11-28T13:00:00.5Z", "2199-12-31T23:59:59.999999Z"] {
            assert_eq!(said(good).unwrap(), good.parse::<Timestamp>().unwrap());
        }
        for bad in ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z"] {
            assert_eq!(said(bad).unwrap_err().violations()[0].field, "t", "{bad}");
        }
    }

    #[test]
    fn a_value_that_is_no_instant_names_its_field() {
        let fault = from_proto("due_time", &ProtoTimestamp { seconds: i64::MAX, nanos: 0 }).unwrap_err();
        assert_eq!(fault.violations()[0].field, "due_time");
    }
}
