//! The content of a file as it is stored: plain values, and values sealed one by one under the file's key.

mod asked;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::types::FieldValue;
use dossier_regime::{CustomerType, FieldType, Index, Sensitivity, Template};
use dossier_vault::commitment::{Salt, commit};
use dossier_vault::normal::Kind;
use dossier_vault::{Aad, DataKey, Vault};
use prost::Message;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::changed::Writing;
use crate::domain::completeness::whole;
use crate::domain::condition::{is_searchable, kind};
use crate::domain::customer_file::Weights;
use crate::domain::field_visibility::{UNIT_REF, is_sealed};
use crate::domain::filling::Filling;
use crate::domain::form::{lacking, path, plain};

pub use asked::{MOST_GRAMS, MOST_SHARED, alike, query, shared};

/// The fields of one file in one version, as stored.
#[derive(Clone, PartialEq, Message)]
pub struct Content {
    #[prost(btree_map = "string, message", tag = "1")]
    fields: BTreeMap<String, Slot>,
}

#[derive(Clone, PartialEq, Message)]
struct Slot {
    #[prost(oneof = "Kept", tags = "1, 2")]
    kept: Option<Kept>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kept {
    #[prost(message, tag = "1")]
    Plain(FieldValue),
    #[prost(bytes = "vec", tag = "2")]
    Sealed(Vec<u8>),
}

#[derive(Clone, PartialEq, Message)]
struct Salts {
    #[prost(btree_map = "string, bytes", tag = "1")]
    by_path: BTreeMap<String, Vec<u8>>,
}

/// The seal of one file: its key, and the place of everything in it.
#[derive(Clone, Debug)]
pub struct Seal<'a> {
    vault: &'a Vault,
    org: &'a str,
    file: Uuid,
    key: Arc<DataKey>,
}

/// A token of the blind index and the field it belongs to.
pub type FieldToken = (Vec<u8>, String);

/// Commitments for the journal, and their salts, sealed.
#[derive(Debug, Default)]
pub struct Committed {
    /// Path and digest.
    pub digests: Vec<(String, [u8; 32])>,
    /// The salts by path, sealed; `None` when nothing was committed to.
    pub salts: Option<Vec<u8>>,
}

// === impl Content ===

impl Content {
    /// Reads content that `table` keeps.
    ///
    /// # Errors
    /// `STORE_INCONSISTENT` when the bytes are none.
    pub fn read(table: &'static str, bytes: &[u8]) -> Result<Self> {
        let wrong = || Error::new(Reason::StoreInconsistent).with("table", table);
        Self::decode(bytes).map_err(|_| wrong().with("column", "content"))
    }

    /// Bytes that it takes, about.
    pub fn size(&self) -> usize {
        self.encoded_len()
    }

    /// Whether the field is filled.
    pub fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// Keys of the filled fields.
    pub fn keys(&self) -> BTreeSet<String> {
        self.fields.keys().cloned().collect()
    }

    /// Keys whose stored value is another one in `before`, those that one of both lacks included.
    pub fn differing(&self, before: &Self) -> BTreeSet<String> {
        let keys = self.fields.keys().chain(before.fields.keys());
        keys.filter(|key| self.fields.get(*key) != before.fields.get(*key)).cloned().collect()
    }

    /// Whether a field is stored here bit by bit as in `other`: nobody wrote it between the two.
    pub fn is_same(&self, other: &Self, key: &str) -> bool {
        self.fields.get(key) == other.fields.get(key)
    }

    /// A field in clear.
    ///
    /// # Errors
    /// `SEAL_BROKEN` when it does not open.
    pub fn field(&self, seal: &Seal<'_>, key: &str) -> Result<Option<FieldValue>> {
        match self.fields.get(key).and_then(|slot| slot.kept.as_ref()) {
            None => Ok(None),
            Some(Kept::Plain(value)) => Ok(Some(value.clone())),
            Some(Kept::Sealed(sealed)) => {
                let bytes = seal.open(&path(key), sealed)?;
                let value = FieldValue::decode(bytes.as_slice());
                value.map(Some).map_err(|_| Error::new(Reason::SealBroken).with("field", path(key)))
            }
        }
    }

    /// A field as plain text if it is stored in clear; `None` for one that is sealed, as for one that is not there.
    pub fn clear(&self, key: &str) -> Option<String> {
        match self.fields.get(key)?.kept.as_ref()? {
            Kept::Plain(value) => Some(plain(value)),
            Kept::Sealed(_) => None,
        }
    }

    /// What is filled of it, and what the rows of its groups lack.
    ///
    /// # Errors
    /// As [`field`](Self::field).
    pub fn filling(&self, template: &Template, seal: &Seal<'_>) -> Result<Filling> {
        let mut groups = Vec::new();
        for group in template.fields.iter().filter(|field| field.kind == FieldType::Group) {
            groups.extend(self.field(seal, &group.id)?.map(|value| (group.id.clone(), lacking(group, &value))));
        }
        Ok(Filling::new(self.keys(), groups.into_iter()))
    }

    /// How complete it is as a form of `template`, of a customer of this type.
    ///
    /// # Errors
    /// As [`field`](Self::field).
    pub fn weigh(&self, template: &Template, customer: Option<CustomerType>, seal: &Seal<'_>) -> Result<Weights> {
        let filling = self.filling(template, seal)?;
        Ok(whole(template, customer, |key| filling.of(key)).weights)
    }

    /// A field as plain text; see [`plain`].
    ///
    /// # Errors
    /// As [`field`](Self::field).
    pub fn text(&self, seal: &Seal<'_>, key: &str) -> Result<Option<String>> {
        Ok(self.field(seal, key)?.map(|value| plain(&value)))
    }

    /// The content after `writing`; what it does not name stays as it is, sealed or not.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn after(&self, writing: &Writing, template: &Template, seal: &Seal<'_>) -> Result<Self> {
        let mut after = self.clone();
        for key in &writing.cleared {
            after.fields.remove(key);
        }
        for (key, value) in &writing.set {
            let sensitivity = template.field(key).map_or(Sensitivity::Secret, |field| field.sensitivity);
            let kept = if is_sealed(sensitivity) {
                let bytes = Zeroizing::new(value.encode_to_vec());
                Kept::Sealed(seal.close(&path(key), &bytes)?)
            } else {
                Kept::Plain(value.clone())
            };
            after.fields.insert(key.clone(), Slot { kept: Some(kept) });
        }
        Ok(after)
    }
}

// === impl Seal ===

impl<'a> Seal<'a> {
    /// The seal of `file`.
    pub fn new(vault: &'a Vault, org: &'a str, file: Uuid, key: Arc<DataKey>) -> Self {
        Self { vault, org, file, key }
    }

    /// The key that it seals under, for work that outlives the call.
    pub fn key(&self) -> Arc<DataKey> {
        Arc::clone(&self.key)
    }

    /// A seal of its own for a part of the file, `kind/{id}`, and its key under this one: the part can be destroyed alone, and is gone
    /// with the file.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn begin_part(&self, kind: &str, id: Uuid) -> Result<(Self, Vec<u8>)> {
        let (key, sealed) = self.vault.create_part_key(&self.key, id, self.at(&key_at(kind, id)))?;
        Ok((Self { key, ..self.clone() }, sealed))
    }

    /// The seal that [`begin_part`](Self::begin_part) made.
    ///
    /// # Errors
    /// `SEAL_BROKEN`.
    pub fn part(&self, kind: &str, id: Uuid, sealed: &[u8]) -> Result<Self> {
        let key = self.vault.open_part_key(&self.key, id, self.at(&key_at(kind, id)), sealed)?;
        Ok(Self { key, ..self.clone() })
    }

    /// Seals a value at its place.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn close(&self, place: &str, value: &[u8]) -> Result<Vec<u8>> {
        Ok(self.vault.seal(&self.key, self.at(place), value)?)
    }

    /// Seals the reason of a revision, if there is one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn close_reason(&self, revision: i64, reason: &str) -> Result<Option<Vec<u8>>> {
        let given = Some(reason).filter(|reason| !reason.is_empty());
        given.map(|reason| self.close(&reason_at(revision), reason.as_bytes())).transpose()
    }

    /// Opens a value at its place.
    ///
    /// # Errors
    /// `SEAL_BROKEN`.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        Ok(self.vault.open(&self.key, self.at(place), sealed)?)
    }

    /// Opens a text at its place.
    ///
    /// # Errors
    /// `SEAL_BROKEN`.
    pub fn open_text(&self, place: &str, sealed: &[u8]) -> Result<String> {
        Ok(self.vault.open_text(&self.key, self.at(place), sealed)?.to_string())
    }

    /// Commits to `values` by path, each under a salt of its own, and seals the salts at the place of `revision` (I9).
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn commit(
        &self,
        ids: &dyn dossier_kernel::id::Ids,
        revision: i64,
        values: &BTreeMap<String, String>,
    ) -> Result<Committed> {
        let (mut salts, mut digests) = (Salts::default(), Vec::with_capacity(values.len()));
        for (path, value) in values {
            let salt = Salt::draw(ids)?;
            digests.push((path.clone(), commit(&salt, path, value.as_bytes())?));
            salts.by_path.insert(path.clone(), salt.bytes().to_vec());
        }
        if digests.is_empty() {
            return Ok(Committed::default());
        }
        let bytes = Zeroizing::new(salts.encode_to_vec());
        Ok(Committed { digests, salts: Some(self.close(&salts_at(revision), &bytes)?) })
    }

    /// The salts that [`commit`](Self::commit) sealed, by path: what proves a commitment of the journal.
    ///
    /// # Errors
    /// `SEAL_BROKEN`.
    pub fn salts(&self, revision: i64, sealed: &[u8]) -> Result<BTreeMap<String, Vec<u8>>> {
        let bytes = self.open(&salts_at(revision), sealed)?;
        let salts = Salts::decode(bytes.as_slice());
        salts.map(|salts| salts.by_path).map_err(|_| Error::new(Reason::SealBroken).with("field", salts_at(revision)))
    }

    fn at<'p>(&'p self, field: &'p str) -> Aad<'p> {
        Aad { org: self.org, file: self.file, field }
    }
}

fn key_at(kind: &str, id: Uuid) -> String {
    format!("{kind}/{id}/key")
}

fn salts_at(revision: i64) -> String {
    format!("salts/{revision}")
}

/// The place of the reason of a revision.
pub fn reason_at(revision: i64) -> String {
    format!("reason/{revision}")
}

/// Everything personal or free of a change, by path: what its entry must be able to prove and must not show.
pub fn secrets(writing: &Writing, reason: &str) -> BTreeMap<String, String> {
    let fields = writing.set.iter().map(|(key, value)| (path(key), plain(value)));
    let reason = (!reason.is_empty()).then(|| ("reason".to_owned(), reason.to_owned()));
    fields.chain(reason).collect()
}

/// Under what an entry promises what was signed.
pub const SIGNED: &str = "signature";

/// What a signature under `record` for a stage and slot is given for: every value of its content, in an order of its own. The
/// form never changes: digests of years ago are made anew from it.
///
/// # Errors
/// `SEAL_BROKEN`.
pub fn signed(record: &str, (stage, slot): (&str, &str), content: &Content, seal: &Seal<'_>) -> Result<String> {
    let mut text = format!("{record}\n{stage}\n{slot}\n");
    for key in content.keys() {
        let value = Zeroizing::new(content.text(seal, &key)?.unwrap_or_default());
        text.push_str(&format!("{key}={}:{}\n", value.len(), value.as_str()));
    }
    Ok(text)
}

/// The token of a unit's reference; `None` when nothing of it counts.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn unit_token(vault: &Vault, org: &str, unit_ref: &str) -> Result<Option<Vec<u8>>> {
    let token = vault.index().exact(org, UNIT_REF, Kind::Identifier, unit_ref)?;
    Ok(token.map(|token| token.to_vec()))
}

/// The tokens to store for the values of searchable fields.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn tokens<'v>(
    vault: &Vault,
    org: &str,
    template: &Template,
    values: impl Iterator<Item = (&'v String, String)>,
) -> Result<Vec<FieldToken>> {
    let mut tokens = Vec::new();
    for (key, value) in values {
        let Some(field) = template.field(key).filter(|field| is_searchable(field)) else { continue };
        let exact = vault.index().exact(org, key, kind(field), &value)?;
        tokens.extend(exact.map(|token| (token.to_vec(), key.clone())));
        if field.indexed == Index::Name {
            let (grams, sounds) = (vault.index().grams(org, NAMES, &value)?, vault.index().sounds(org, NAMES, &value)?);
            tokens.extend(grams.into_iter().chain(sounds).map(|gram| (gram.to_vec(), key.clone())));
        }
    }
    Ok(tokens)
}

// One namespace for every name: a search by part of a name does not say which field it means.
const NAMES: &str = "name";
