//! What a rating says of a person, sealed under the key of the person's file. Destroying the key makes every rating
//! unreadable, and the journal's commitment to the score unprovable.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::credit::v1::Rating;
use dossier_vault::commitment::{Salt, commit};
use dossier_vault::{Aad, Vault};
use prost::Message;
use uuid::Uuid;

use crate::store::audit::Rated;
use crate::store::rating::Keyed;

/// A rating as it is stored and promised.
pub(super) struct Sealed {
    pub detail: Vec<u8>,
    pub salt: Vec<u8>,
    pub commitment: [u8; 32],
}

/// Seals what rating `id` of `customer` says.
///
/// # Errors
/// `KEY_DESTROYED`, `INTERNAL` without randomness, `STORE_UNAVAILABLE`.
pub(super) async fn close(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    (id, customer): (Uuid, Uuid),
    said: &Rating,
) -> Result<Sealed> {
    let key = base.vault.key_for(tx, &call.org, customer, call.now).await?;
    let salt = Salt::draw(&*base.providers.ids)?;
    let detail = Rating {
        base_points: said.base_points.clone(),
        variables: said.variables.clone(),
        score: said.score.clone(),
        reasons: said.reasons.clone(),
        ..Rating::default()
    };
    let seal = |part: &str, value: &[u8]| {
        let field = field(id, part);
        base.vault.seal(&key, Aad { org: &call.org, file: customer, field: &field }, value)
    };
    Ok(Sealed {
        detail: seal("detail", &detail.encode_to_vec())?,
        salt: seal("salt", salt.bytes())?,
        commitment: commit(&salt, "score", said.score.as_bytes())?,
    })
}

/// Opens what a rating says.
///
/// # Errors
/// `KEY_DESTROYED`, `SEAL_BROKEN`.
pub(crate) fn open(base: &Base, call: &Call, keyed: &Keyed) -> Result<Rating> {
    let (row, org) = (&keyed.row, &call.org);
    let key = base.vault.key_of(org, row.customer, &keyed.key)?;
    let field = field(row.id, "detail");
    let detail = base.vault.open(&key, Aad { org, file: row.customer, field: &field }, &row.detail)?;
    Rating::decode(&detail[..])
        .map_err(|_| Error::new(Reason::StoreInconsistent).with("table", "rating").with("column", "detail"))
}

/// What the journal must promise of a stored rating's score, computed from what lies sealed; nothing when it does not open.
pub(crate) fn promised_score(vault: &Vault, org: &str, rated: &Rated) -> Option<[u8; 32]> {
    let row = &rated.row;
    let key = vault.key_of(org, row.customer, &rated.key).ok()?;
    let open = |part: &str, sealed: &[u8]| {
        let field = field(row.id, part);
        vault.open(&key, Aad { org, file: row.customer, field: &field }, sealed).ok()
    };
    let score = Rating::decode(&open("detail", &row.detail)?[..]).ok()?.score;
    commit(&Salt::of(&open("salt", &row.salt)?).ok()?, "score", score.as_bytes()).ok()
}

// A name of its own for each rating, so that no two of a customer can be swapped.
fn field(id: Uuid, part: &str) -> String {
    format!("ratings/{id}/{part}")
}
