//! Keys, sealing, blind indexes and key destruction: what makes a stolen copy of the store useless, and a destroyed
//! file unreadable.
//!
//! | module | what it is for |
//! |---|---|
//! | [`provider`], [`keyring`] | where root keys live and what is derived from them; rotation and retirement |
//! | [`sign`] | the Ed25519 keys of the journals and of internal service tokens; the key of the bus |
//! | [`key`], [`seal`] | one data key per file; a field sealed so that it opens in its own place only |
//! | [`blind`], [`normal`], [`sound`] | exact and substring search over sealed fields, names also as they are said |
//! | [`commitment`] | what the journal shows of a personal value |
//! | [`replies`] | idempotency rows, sealed |
//! | [`store`], [`tombstone`], [`cache`] | data keys in the store, their destruction, and the keys in use |
//! | [`anchor`] | which keys a store was written under, so that another keyring is refused |
//! | [`vault`] | all of it in one value that a service is started with |
//!
//! ```text
//! keyring file ─ root keys by purpose, versioned
//!   ├─ seal ──HKDF(org)──▶ wrap key ──AES-256-GCM──▶ data key of a file ──AES-256-GCM──▶ fields
//!   ├─ index ─HKDF(org)──▶ blind index key ──HMAC-SHA256, cut──▶ search tokens
//!   ├─ reply, digest ────▶ idempotency rows
//!   ├─ journal-sign ─HKDF(service)─▶ Ed25519       token-sign ──▶ Ed25519
//!   └─ journal-sign ─HKDF("*bus")──▶ HMAC-SHA256, cut: tags of the items on the bus
//! ```
//!
//! # To seal a new field
//! 1. Load the file's key: [`Vault::load_key`], or join `file_key` in the statement that loads the row anyway and
//!    hand its [`store::KeyRow`] to [`Vault::key_of`] (no round trip of its own).
//! 2. [`Vault::seal`] the value at its place, [`seal::Aad`]: org, file and a field name that never changes meaning.
//! 3. To search it exactly, store [`blind::BlindIndex::exact`] beside it; for a name, [`blind::BlindIndex::grams`] and
//!    [`blind::BlindIndex::sounds`].
//! 4. To mention it in the journal, draw a [`commitment::Salt`], seal the salt like a field, and put
//!    [`commitment::commit`] in the entry.
//!
//! # To destroy a file
//! 1. In the transaction that destroys it: `vault.destroy_key(tx, org, file, now).await?`.
//! 2. After the commit and before the answer: `vault.bury(&db).await?`.
//! 3. At start, before a port is bound: [`Vault::reapply_tombstones`]; a restored backup loses its keys again.
//!
//! A backup of the store together with the root key of its day can still open what was destroyed later. Against that,
//! rotate: [`keyring::Keyring::rotate`], then [`Vault::rewrap`] for each org until it gives 0, then
//! [`keyring::Keyring::retire`] the old version once no backup older than the rotation is needed.
//!
//! # What it costs
//! `cargo bench -p dossier-vault` measures each operation against plain AES-256-GCM in the same run. A field of 32 bytes
//! seals at about 3 times that floor (half of it the machine's randomness) and opens at 1.5 times, a quarter of a
//! microsecond; a data key comes from the cache at a third of it, and unwraps at 3 times. The dear one is a name's grams:
//! one HMAC for each letter and pair.
//!
//! # To add a purpose
//! 1. Add it to [`provider::Purpose`] with a label of its own (labels are part of the format: never reuse one).
//! 2. Existing keyrings get it by [`keyring::Keyring::rotate`]; new ones have it at once.
//! 3. Fix its bytes in `src/golden.rs`.

pub mod anchor;
pub mod blind;
pub mod cache;
pub mod commitment;
mod encode;
mod envelope;
pub mod error;
#[cfg(test)]
mod golden;
mod han;
pub mod key;
pub mod keyring;
pub mod normal;
pub mod provider;
pub mod replies;
mod scopes;
pub mod seal;
mod shape;
pub mod sign;
pub mod sound;
pub mod store;
mod telephone;
pub mod tombstone;
pub mod vault;

pub use error::{Fault, Result};
pub use key::DataKey;
pub use keyring::Keyring;
pub use provider::{KeyId, KeyProvider, Purpose, SharedProvider};
pub use replies::Replies;
pub use seal::Aad;
pub use vault::Vault;

/// The vault's own tables: wrapped data keys and tombstones (versions 4000 to 4999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
