//! Why the vault could not do what it was asked.

use std::path::PathBuf;

use dossier_kernel::error::{Error, Reason};
use dossier_kernel::id::NoRandomness;
use uuid::Uuid;

use crate::provider::{KeyId, Purpose};

/// The result of the vault's functions.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Why the vault refused. Holds no key, no plaintext and no personal data.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no keyring at this path; `Keyring::create` makes one.
    #[error("there is no keyring at {}", path.display())]
    KeyringMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A keyring is already there; it is never overwritten.
    #[error("there is already a keyring at {}", path.display())]
    KeyringExists {
        /// Where it lies.
        path: PathBuf,
    },
    /// The keyring cannot be read or written.
    #[error("the keyring at {} cannot be read or written: {kind}", path.display())]
    KeyringUnreadable {
        /// Where it lies.
        path: PathBuf,
        /// What the machine answered.
        kind: std::io::ErrorKind,
    },
    /// Somebody else than the owner may read or write the keyring.
    #[error("the keyring at {} has mode {mode:04o}; only its owner may read it (0600 or 0400)", path.display())]
    KeyringPermissions {
        /// Where it lies.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is no keyring, or was damaged.
    #[error("the keyring at {} is malformed: {fault}", path.display())]
    KeyringMalformed {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong, without any of its content.
        fault: String,
    },
    /// The keyring holds no key with this id: it was retired, or the data belongs to another deployment.
    #[error("the keyring holds no key {id}")]
    UnknownKey {
        /// The id that was asked for.
        id: KeyId,
    },
    /// The keyring holds no key for this purpose; `Keyring::rotate` adds one.
    #[error("the keyring holds no key for {purpose}")]
    NoKey {
        /// The purpose that was asked for.
        purpose: Purpose,
    },
    /// Keys of this purpose never leave the provider.
    #[error("keys for {purpose} never leave their provider")]
    NotExportable {
        /// The purpose that was asked for.
        purpose: Purpose,
    },
    /// What is stored under keys of this purpose would no longer be found, so it has one version only.
    #[error("the key for {purpose} cannot be rotated: stored values would no longer be found")]
    NotRotatable {
        /// The purpose that was asked for.
        purpose: Purpose,
    },
    /// The newest version of a key is in use and cannot be retired.
    #[error("key {id} is the newest of its purpose and cannot be retired")]
    InUse {
        /// The key.
        id: KeyId,
    },
    /// The provider (a hardware module) did not answer.
    #[error("the key provider failed: {0}")]
    Provider(String),
    /// The machine gives no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The content is longer than AES-GCM allows (64 GiB).
    #[error("the content is too long to seal")]
    TooLong,
    /// These bytes are no sealed value of a known version.
    #[error("these bytes are no sealed value")]
    Malformed,
    /// The tag is wrong: the bytes were changed, or belong to another org, file or field.
    #[error("the sealed value was changed or belongs to another place")]
    Forged,
    /// The value was sealed under another file's key.
    #[error("the value was sealed under key {found}, not {expected}")]
    OtherKey {
        /// The key it was tried with.
        expected: KeyId,
        /// The key it names.
        found: KeyId,
    },
    /// A stored value does not open at its place.
    #[error("field {field} of files/{file} does not open: {fault}")]
    SealBroken {
        /// The file.
        file: Uuid,
        /// The field.
        field: String,
        /// Why not.
        fault: Box<Fault>,
    },
    /// The file's key was destroyed; nothing sealed under it can be read again.
    #[error("the key of files/{file} was destroyed")]
    KeyDestroyed {
        /// The file.
        file: Uuid,
    },
    /// The file never had a key here.
    #[error("files/{file} has no key")]
    KeyUnknown {
        /// The file.
        file: Uuid,
    },
    /// The file already has a key.
    #[error("files/{file} already has a key")]
    KeyExists {
        /// The file.
        file: Uuid,
    },
    /// The tombstone list cannot be read or written.
    #[error("the tombstone list at {} cannot be read or written: {kind}", path.display())]
    TombstonesUnreadable {
        /// Where it lies.
        path: PathBuf,
        /// What the machine answered.
        kind: std::io::ErrorKind,
    },
    /// A line of the tombstone list is no tombstone.
    #[error("line {line} of the tombstone list at {} is malformed", path.display())]
    TombstonesMalformed {
        /// Where it lies.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The list lacks tombstones that it held when the store was last used: an older list was put back, or it is gone.
    #[error(
        "the tombstone list at {} lacks {lost} destroyed files that it held before: put the list of this installation \
         back, or, if it is lost for good, run `dossier migrate --rebuild-tombstones`", path.display()
    )]
    TombstonesLost {
        /// Where it lies.
        path: PathBuf,
        /// How many it lacks.
        lost: usize,
    },
    /// The store failed; kept whole, so that a conflict is still repeated.
    #[error(transparent)]
    Store(#[from] Error),
}

// === impl Fault ===

// No wildcard: a new fault must be decided here.
impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        use Fault::{
            Forged, InUse, KeyDestroyed, KeyExists, KeyUnknown, KeyringExists, KeyringMalformed, KeyringMissing,
            KeyringPermissions, KeyringUnreadable, Malformed, NoKey, NoRandomness, NotExportable, NotRotatable,
            OtherKey, Provider, SealBroken, Store, TombstonesLost, TombstonesMalformed, TombstonesUnreadable, TooLong,
            UnknownKey,
        };
        let why = fault.to_string();
        match fault {
            Store(fault) => fault,
            NoRandomness(fault) => fault.into(),
            KeyDestroyed { file } => Self::new(Reason::KeyDestroyed).with("file", format!("files/{file}")),
            KeyUnknown { .. } => {
                Self::new(Reason::StoreInconsistent).with("table", "file_key").with("column", "file").because(why)
            }
            KeyExists { .. } => Self::new(Reason::AlreadyExists).because(why),
            SealBroken { file, field, .. } => {
                Self::new(Reason::SealBroken).with("file", format!("files/{file}")).with("field", field).because(why)
            }
            Malformed | Forged | OtherKey { .. } => Self::new(Reason::SealBroken).because(why),
            UnknownKey { id } => Self::new(Reason::KeyUnavailable).with("key", id.to_string()).because(why),
            NoKey { purpose } | NotExportable { purpose } => {
                Self::new(Reason::KeyUnavailable).with("key", purpose.label()).because(why)
            }
            Provider(_) => Self::new(Reason::KeyUnavailable).because(why),
            TooLong => Self::new(Reason::MessageTooLarge).because(why),
            KeyringMissing { .. }
            | KeyringExists { .. }
            | KeyringUnreadable { .. }
            | KeyringPermissions { .. }
            | KeyringMalformed { .. }
            | NotRotatable { .. }
            | InUse { .. }
            | TombstonesLost { .. }
            | TombstonesUnreadable { .. }
            | TombstonesMalformed { .. } => Self::new(Reason::ConfigFault).with("fault", why),
        }
    }
}
