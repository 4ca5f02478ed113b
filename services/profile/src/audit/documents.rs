//! Each entry of a document beside its row and the one revision that it made: what it says, and every value that it promises.

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Findings, Told, instant, time_of};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{DocumentChanged, EntryBody};
use dossier_vault::Vault;

use super::disposals;
use super::records::{Said, revisions};
use crate::content::{Content, Seal};
use crate::domain::document::{Document, PART, ids};
use crate::store::document;
use crate::work::document::CONTENT;
use crate::work::document::content::hash_of;

/// What an entry says of the row of a document.
pub(super) fn tell(told: &mut Told, entry: &EntryBody, one: &DocumentChanged) {
    let (key, at) = (key(&one.document), time_of(entry));
    // A clock that went back turns no version before the last (P-48).
    let updated = at.max(told.number("document", &key, "updated_at"));
    if told.number("document", &key, "version") > one.revision {
        let _ = told.row("document", key).says("updated_at", updated);
        return;
    }
    let _ = told
        .row("document", key)
        .says("file", Value::name(&one.file))
        .says("kind", &one.kind)
        .says("carrier", &one.carrier)
        .says("state", &one.state)
        .says("record", Value::from(one.record.rsplit('/').next().unwrap_or_default()))
        .says("relations", Value::list(&one.relations))
        .says("document_date", &one.document_date)
        .says("expire_date", &one.expire_date)
        .says("sheets", one.sheets)
        .says("pages", one.pages)
        .says("paper", &one.paper)
        .says("ink", &one.ink)
        .says("template", &one.template)
        .says("template_version", one.template_version)
        .says("version", one.revision)
        .says("creator", Value::name(&one.creator))
        .says("created_at", instant(one.create_time.as_ref()))
        .says("updated_at", updated)
        .says("size", one.size_bytes)
        .says("media_type", &one.media_type)
        .says("completeness", one.completeness_basis_points)
        .says("complete", one.complete);
}

/// Compares the revisions that `entries` made.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn compare(
    vault: &Vault,
    tx: &mut Tx,
    org: &str,
    entries: &[(i64, EntryBody)],
    findings: &mut Findings,
) -> Result<()> {
    let said: Vec<_> = entries.iter().filter_map(|(seq, entry)| said(*seq, entry)).collect();
    let said = disposals::living(tx, org, said, |one| one.file, findings).await?;
    let wanted = said.iter().map(|one| one.holder).collect();
    let keys = document::keys(tx, org, &wanted).await?;
    let rows = document::each(tx, org, &wanted).await?;
    let revisions = revisions(tx, org, said.iter()).await?;
    for one in &said {
        let row = rows.get(&one.holder);
        let content = |at: &str, _: &Content, seal: &Seal<'_>| hash(row.filter(|_| at == CONTENT)?, seal);
        one.compare((vault, org), &revisions, keys.get(&one.holder), content, findings);
    }
    Ok(())
}

fn said(seq: i64, entry: &EntryBody) -> Option<Said<'_>> {
    let Some(Kind::DocumentChanged(event)) = super::kind(entry) else { return None };
    let (file, holder) = ids("document", &event.document).ok()?;
    let (number, changed) = (event.revision, event.changed_fields.as_slice());
    Some(Said { table: "document", part: PART, seq, entry, file, holder, number, changed })
}

// The hash that the entry which attached the content promised.
pub(super) fn hash(one: &Document, seal: &Seal<'_>) -> Option<String> {
    hash_of(one.id, one.content.as_ref()?, seal).ok()
}
