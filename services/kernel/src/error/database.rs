//! What an engine says, cleaned: its texts quote rows, so only codes and kinds pass.

use sqlx::error::{DatabaseError, ErrorKind};

use super::{Error, Reason};

/// What stands before the engine's code in a cause.
pub(super) const ENGINE_CODE: &str = "engine code ";

impl From<sqlx::Error> for Error {
    fn from(fault: sqlx::Error) -> Self {
        match &fault {
            sqlx::Error::Database(inner) => from_engine(inner.as_ref()),
            sqlx::Error::PoolTimedOut => unavailable("pool timed out"),
            sqlx::Error::PoolClosed => unavailable("pool closed"),
            sqlx::Error::WorkerCrashed => unavailable("worker crashed"),
            sqlx::Error::Io(inner) => unavailable(format!("io: {:?}", inner.kind())),
            sqlx::Error::Tls(_) => unavailable("tls"),
            sqlx::Error::Protocol(_) => unavailable("protocol"),
            sqlx::Error::Configuration(_) => {
                Self::new(Reason::ConfigFault).with("fault", "the database url is malformed")
            }
            sqlx::Error::ColumnDecode { index, .. } => inconsistent(format!("column {index} cannot be decoded")),
            sqlx::Error::ColumnNotFound(name) => inconsistent(format!("column {name} is missing")),
            sqlx::Error::RowNotFound => inconsistent("a row that must exist is missing"),
            _ => inconsistent("the driver refused the statement"),
        }
    }
}

fn from_engine(fault: &dyn DatabaseError) -> Error {
    let code = fault.code().map(|code| code.into_owned()).unwrap_or_default();
    let cause = format!("{ENGINE_CODE}{code}");
    if is_conflict(&code) {
        return Error::new(Reason::ConflictRetry).because(cause).transient();
    }
    if is_outage(&code) {
        return unavailable(cause);
    }
    match fault.kind() {
        ErrorKind::UniqueViolation => Error::new(Reason::AlreadyExists).because(cause),
        ErrorKind::CheckViolation | ErrorKind::NotNullViolation | ErrorKind::ForeignKeyViolation => {
            Error::new(Reason::StoreInconsistent).because(cause)
        }
        _ => inconsistent(cause),
    }
}

// PostgreSQL: serialization failure, deadlock, lock not available. SQLite: busy and locked with their extended codes.
fn is_conflict(code: &str) -> bool {
    const SQLITE_BUSY: u32 = 5;
    const SQLITE_LOCKED: u32 = 6;
    let primary = code.parse::<u32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
    matches!(code, "40001" | "40P01" | "55P03") || matches!(primary, Some(SQLITE_BUSY | SQLITE_LOCKED))
}

// PostgreSQL: connection exceptions, resources, shutdown, statement timeout; who is not let in (28), is on a standby (25006),
// has no database (3D000) or no right (42501), or meets a fault that the server has no code for (XX000: among others it says so to
// who connects while its disk is full): all of it is the installation's affair, and no row is wrong. What is broken on the disk
// (XX001, XX002) is. SQLite: I/O, full, cannot open.
fn is_outage(code: &str) -> bool {
    let primary = code.parse::<u32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
    (code.len() == 5 && ["08", "28", "53", "57", "58"].iter().any(|class| code.starts_with(class)))
        || matches!(code, "25006" | "3D000" | "42501" | "XX000")
        || matches!(primary, Some(10 | 13 | 14))
}

fn unavailable(cause: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Reason::StoreUnavailable).because(cause)
}

fn inconsistent(cause: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Reason::StoreInconsistent).because(cause)
}
