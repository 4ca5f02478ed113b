//! The time of day, for the few values of a request that name one.

use dossier_kernel::call::Providers;

/// Seconds since 1970, UTC.
pub fn seconds() -> i64 {
    Providers::system().clock.now().as_second()
}

/// The day, as people write it.
pub fn day() -> String {
    Providers::system().clock.now().strftime("%Y-%m-%d").to_string()
}
