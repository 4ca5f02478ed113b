//! Named points where a process can be made to die or to stand still, and protections that can be switched off: for
//! `tests/crash` alone.
//!
//! Without the feature `faults`, which no image has, [`fault!`](crate::fault!) is nothing and [`weakened`] is `false`.
//! With it, three variables are read once:
//!
//! - `DOSSIER_FAULTS="mutation.committed=abort@3,publish.middle=pause(800ms)"`: at the third passage the process dies where
//!   it stands; at the first one the
//!   thread stands still for 800 ms.
//! - `DOSSIER_CLOCK_OFFSET="-300"`: the machine's clock is taken to be so many seconds ahead (here: behind).
//! - `DOSSIER_WEAKEN="cursor,fence"`: these protections do not hold. A checker that stays green then checks nothing.
//!
//! # To add a point
//! Write `fault!("what.happened");` in async code, and its name into the list of the crash program.

/// Dies or stands still here, if that was asked for; see [`fault`](crate::fault).
#[cfg(feature = "faults")]
#[macro_export]
macro_rules! fault {
    ($name:literal) => {
        $crate::fault::pass($name).await
    };
}

/// Nothing: this build has no fault points.
#[cfg(not(feature = "faults"))]
#[macro_export]
macro_rules! fault {
    ($name:literal) => {};
}

/// Whether this build has fault points.
pub const BUILT_IN: bool = cfg!(feature = "faults");

/// Whether the protection `name` is switched off; never in a build without fault points.
#[cfg(not(feature = "faults"))]
pub const fn weakened(_name: &str) -> bool {
    false
}

/// By how many microseconds the machine's clock is put ahead; 0 in a build without fault points.
#[cfg(not(feature = "faults"))]
pub const fn clock_offset() -> i64 {
    0
}

#[cfg(feature = "faults")]
pub use armed::{clock_offset, pass, weakened};

#[cfg(feature = "faults")]
mod armed {
    use std::collections::HashMap;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use crate::config::duration;

    /// What happens at one passage of a point.
    #[derive(Debug)]
    struct Armed {
        act: Act,
        at: u64,
        passed: AtomicU64,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Act {
        Abort,
        Pause(Duration),
    }

    static POINTS: LazyLock<HashMap<String, Armed>> =
        LazyLock::new(|| said("DOSSIER_FAULTS").split(',').filter_map(point).collect());

    static WEAKENED: LazyLock<Vec<String>> =
        LazyLock::new(|| said("DOSSIER_WEAKEN").split(',').map(|name| name.trim().to_owned()).collect());

    static OFFSET: LazyLock<i64> =
        LazyLock::new(|| said("DOSSIER_CLOCK_OFFSET").parse::<i64>().unwrap_or(0).saturating_mul(1_000_000));

    fn said(name: &str) -> String {
        std::env::var(name).unwrap_or_default()
    }

    fn point(text: &str) -> Option<(String, Armed)> {
        let (name, rest) = text.trim().split_once('=')?;
        let (act, at) = rest.split_once('@').map_or((rest, Some(1)), |(act, at)| (act, at.parse().ok()));
        let pause = act.strip_prefix("pause(").and_then(|rest| rest.strip_suffix(')'));
        let act = match pause {
            Some(span) => Act::Pause(duration::parse(span).ok()?),
            None if act == "abort" => Act::Abort,
            None => return None,
        };
        Some((name.to_owned(), Armed { act, at: at?, passed: AtomicU64::new(0) }))
    }

    /// One passage of the point `name`.
    pub async fn pass(name: &str) {
        let Some(armed) = POINTS.get(name) else { return };
        if armed.passed.fetch_add(1, Ordering::Relaxed) + 1 != armed.at {
            return;
        }
        tracing::warn!(point = name, act = ?armed.act, "fault point");
        match armed.act {
            Act::Abort => std::process::abort(),
            // The thread, not the task: whoever guards the task stands still with it, as in a process that is stopped.
            Act::Pause(span) => std::thread::sleep(span),
        }
    }

    /// By how many microseconds the machine's clock is put ahead.
    pub fn clock_offset() -> i64 {
        *OFFSET
    }

    /// Whether the protection `name` is switched off.
    pub fn weakened(name: &str) -> bool {
        WEAKENED.iter().any(|one| one == name)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn points_are_read_as_documented() {
            let (name, armed) = point(" mutation.committed=abort@3").unwrap();
            assert_eq!((name.as_str(), armed.act, armed.at), ("mutation.committed", Act::Abort, 3));
            let (_, armed) = point("publish.middle=pause(800ms)").unwrap();
            assert_eq!((armed.act, armed.at), (Act::Pause(Duration::from_millis(800)), 1));
            for wrong in ["", "a", "a=die", "a=abort@x", "a=pause(soon)"] {
                assert!(point(wrong).is_none(), "{wrong}");
            }
        }
    }
}
