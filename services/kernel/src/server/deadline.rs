//! Every call ends: `grpc-timeout` up to the longest allowed, or the default.

use std::time::Duration;

use http::{HeaderMap, Request, Response};
use tokio::time::Instant;
use tonic::body::Body;

use super::guarded;
use super::wrap::{Inner, Next, Wrap, refuse};
use crate::error::{Error, Reason};

/// The header that carries a deadline, as time left.
pub(crate) const HEADER: &str = "grpc-timeout";

/// The server library ends a call at its deadline too, and says CANCELLED; timers count in milliseconds, so ours goes first.
const AHEAD: Duration = Duration::from_millis(2);

/// When a call ends; in the extensions of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

/// Ends calls at their deadline.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    default: Duration,
    longest: Duration,
}

// === impl Deadline ===

impl Deadline {
    /// The deadline in `left` from now.
    pub fn after(left: Duration) -> Self {
        Self(Instant::now() + left)
    }

    /// The time that is left; nothing when it has passed.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The instant by the runtime's clock.
    pub fn instant(self) -> Instant {
        self.0
    }
}

// === impl Deadlines ===

impl Deadlines {
    pub(super) fn new(default: Duration, longest: Duration) -> Self {
        Self { default, longest }
    }
}

impl Wrap for Deadlines {
    async fn around<S: Inner>(self, next: Next<S>, mut request: Request<Body>) -> Response<Body> {
        let asked = match asked(request.headers()) {
            Ok(asked) => asked,
            Err(fault) => return refuse(fault),
        };
        let deadline = Deadline::after(asked.unwrap_or(self.default).min(self.longest));
        request.extensions_mut().insert(deadline);
        let end = asked.and_then(|_| deadline.instant().checked_sub(AHEAD)).unwrap_or(deadline.instant());
        match tokio::time::timeout_at(end, next.run(request)).await {
            // A stream lasts as long as its caller asked for, and without a wish as long as its connection.
            Ok(response) => match asked {
                Some(asked) => guarded::until(response, Deadline::after(asked)),
                None => response,
            },
            Err(_) => refuse(Error::new(Reason::DeadlineExceeded)),
        }
    }
}

/// The time that the caller gives, if any.
fn asked(headers: &HeaderMap) -> Result<Option<Duration>, Error> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let fault = || Error::violation(HEADER, "must be at most 8 digits and a unit of H, M, S, m, u, n");
    let text = value.to_str().map_err(|_| fault())?;
    parse(text).map(Some).ok_or_else(fault)
}

fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

/// `left` as a value of the header; rounded down, so that a deadline never grows on its way.
pub(crate) fn format(left: Duration) -> String {
    const MOST: u128 = 99_999_999;
    let (micros, millis) = (left.as_micros(), left.as_millis());
    if micros <= MOST {
        format!("{micros}u")
    } else if millis <= MOST {
        format!("{millis}m")
    } else {
        format!("{}S", u128::from(left.as_secs()).min(MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_survives_its_header_and_never_grows() {
        for micros in [0, 1, 999, 99_999_999, 100_000_001, 3_600_000_000, 90_000_000_000_000] {
            let left = Duration::from_micros(micros);
            let read = parse(&format(left)).unwrap();
            assert!(read <= left && left - read < Duration::from_secs(1), "{left:?} {read:?}");
        }
        assert_eq!(parse("2H"), Some(Duration::from_secs(7200)));
        for wrong in ["", "S", "1", "123456789S", "-1S", "1x", "１S"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
