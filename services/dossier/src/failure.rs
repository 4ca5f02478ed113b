//! Why a command ended without success, in words for the person at the terminal, and the exit code.

use std::fmt::{self, Display, Write};
use std::io;
use std::path::Path;

use dossier_kernel::db;
use dossier_kernel::error::{Error, Reason};
use tonic::Status;

use crate::client::fault;

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    words: String,
    code: u8,
}

/// Something differs from what it must be: a verification, a demonstration, refused lines, faulty packs.
pub const DIFFERS: u8 = 1;
/// The command line, the configuration, a file named in it or a key cannot be used.
pub const CONFIG: u8 = 2;
/// A service refused the call.
pub const REFUSED: u8 = 3;
/// A service or a store cannot be reached, or failed.
pub const CALL: u8 = 4;
/// A process was told twice to end, and calls were at work.
pub const CUT: u8 = 5;

// === impl Failure ===

impl Failure {
    /// A failure with an exit code of its own.
    pub fn new(code: u8, words: impl Display) -> Self {
        Self { words: words.to_string(), code }
    }

    /// The configuration, the rules or the command line are at fault.
    pub fn config(words: impl Display) -> Self {
        Self::new(CONFIG, words)
    }

    /// A file cannot be read or written.
    pub fn file(path: &Path, fault: &io::Error) -> Self {
        Self::config(format_args!("`{}`: {fault}", path.display()))
    }

    /// The keys are at fault.
    pub fn keys(words: impl Display) -> Self {
        Self::new(CONFIG, format_args!("keys: {words}"))
    }

    /// A store or a service is at fault.
    pub fn call(words: impl Display) -> Self {
        Self::new(CALL, words)
    }

    /// The store of `service` is at fault: what its engine said by its code, and what to do.
    pub fn store(service: &str, fault: Error) -> Self {
        let code = if fault.reason() == Reason::ConfigFault { CONFIG } else { CALL };
        let sqlstate = fault.engine_code().filter(|code| code.len() == 5).map(str::to_owned);
        let told = [("sqlstate", sqlstate), ("remedy", db::remedy(service, &fault))];
        let mut words = format!("store of {service}: {}", Self::from(fault));
        for (what, value) in told {
            if let Some(value) = value {
                let _ = write!(words, "\n  {what}: {value}");
            }
        }
        Self { words, code }
    }

    /// Calls that were at work were cut, since somebody would not wait for them.
    pub fn cut(which: impl Display, calls: usize) -> Self {
        Self::new(CUT, format_args!("{which} was told to end at once: {calls} calls at work were cut"))
    }

    /// Something differs from what it must be.
    pub fn differs(words: impl Display) -> Self {
        Self::new(DIFFERS, words)
    }

    /// The same failure, with what was being done in front.
    #[must_use]
    pub fn within(self, doing: &str) -> Self {
        Self { words: format!("{doing}: {}", self.words), code: self.code }
    }

    /// The exit code of the process.
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(fault: Error) -> Self {
        Self::from(Status::from(fault))
    }
}

/// Of standard output; a named file has [`Failure::file`].
impl From<io::Error> for Failure {
    fn from(fault: io::Error) -> Self {
        match fault.kind() {
            // Nobody reads on (`dossier ... | head`), which is no failure.
            io::ErrorKind::BrokenPipe => Self::new(0, ""),
            _ => Self::config(fault),
        }
    }
}

// A refusal in plain words: the sentence, the reason, its metadata, the fields at fault.
impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        fault::refused(&status)
    }
}
