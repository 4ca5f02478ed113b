//! What the journal says of the tables of this service, so that the verifier can lay one beside the other: files,
//! revisions with author, act, reason and content, and the register of numbers.

mod contents;
mod custody;
mod disposals;
mod documents;
mod holds;
mod proof;
mod records;
mod revisions;
mod volumes;

use async_trait::async_trait;
use dossier_authority::audit::{self as shared, DUTIES, FILES, key};
use dossier_authority::promise;
use dossier_authority::store::audit::rows as shared_rows;
use dossier_journal::verify::Value;
use dossier_journal::verify::replay::Audited;
use dossier_journal::verify::state::{Cause, Findings, Place, Row, Told, instant, time_of, word};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileChanged, ImportBatchChanged, NumberChanged};
use dossier_vault::Vault;

pub use contents::contents;

use crate::domain::customer_file::Act;
use crate::domain::record::ids;
use crate::domain::ties;
use crate::store::audit as store;

/// The most stray revisions that are named.
const STRAYS: i64 = 100;

/// The tables of profile beside its journal. The vault opens what the entries promise.
#[derive(Clone, Debug)]
pub struct Audit(pub Vault);

#[async_trait]
impl Audited for Audit {
    fn tables(&self) -> Vec<&'static str> {
        const OWN: [&str; 14] = [
            "customer_file",
            "record",
            "record_signature",
            "document",
            "item",
            "place",
            "hold",
            "volume",
            "volume_document",
            "disposal",
            "file_number",
            "number_series",
            "import_batch",
            "imported_file",
        ];
        OWN.into_iter().chain(FILES).chain(DUTIES).collect()
    }

    fn tell(&self, told: &mut Told, entry: &EntryBody) {
        shared::tell(told, entry);
        match kind(entry) {
            Some(Kind::FileChanged(one)) => file(told, entry, one),
            Some(Kind::RecordChanged(one)) => records::tell(told, entry, one),
            Some(Kind::DocumentChanged(one)) => documents::tell(told, entry, one),
            Some(Kind::ItemChanged(one)) => custody::item(told, entry, one),
            Some(Kind::PlaceChanged(one)) => custody::place(told, entry, one),
            Some(Kind::HoldChanged(one)) => holds::tell(told, one),
            Some(Kind::VolumeChanged(one)) => volumes::tell(told, entry, one),
            Some(Kind::DisposalChanged(one)) => disposals::tell(told, one),
            Some(Kind::NumberChanged(one)) => number(told, entry, one),
            Some(Kind::ImportBatchChanged(one)) => batch(told, entry, one),
            _ => {}
        }
    }

    async fn rows(&self, tx: &mut Tx, org: &str, table: &'static str, after: Option<&Place>) -> Result<Vec<Row>> {
        match table {
            "file_copy" | "duty" => shared_rows(tx, org, table, after).await,
            "record" => crate::store::record::rows(tx, org, after).await,
            "document" => crate::store::document::rows(tx, org, after).await,
            "item" => crate::store::item::rows(tx, org, after).await,
            "place" => crate::store::place::rows(tx, org, after).await,
            "hold" => crate::store::hold::rows(tx, org, after).await,
            "volume" => crate::store::volume::rows(tx, org, after).await,
            "volume_document" => crate::store::volume::document_rows(tx, org, after).await,
            "disposal" => crate::store::disposal::rows(tx, org, after).await,
            "record_signature" => crate::store::record::signature::rows(tx, org, after).await,
            "import_batch" => crate::store::transfer::batch_rows(tx, org, after).await,
            "imported_file" => crate::store::transfer::file_rows(tx, org, after).await,
            _ => store::rows(tx, org, table, after).await,
        }
    }

    async fn page(
        &self,
        tx: &mut Tx,
        org: &str,
        entries: &[(i64, EntryBody)],
        _told: &mut Told,
        findings: &mut Findings,
    ) -> Result<()> {
        revisions::compare(&self.0, tx, org, entries, findings).await?;
        records::compare(&self.0, tx, org, entries, findings).await?;
        documents::compare(&self.0, tx, org, entries, findings).await?;
        // Those of files and numbers are kept with their own content.
        let alone = |one: Option<&Kind>| {
            matches!(
                one,
                Some(
                    Kind::DutyChanged(_) | Kind::ImportBatchChanged(_) | Kind::PlaceChanged(_) | Kind::VolumeChanged(_)
                )
            )
        };
        let duties = || entries.iter().filter(|(_, entry)| alone(kind(entry)));
        let mut kept = promise::kept(&self.0, tx, org, &promise::promising(duties())).await?;
        duties().for_each(|entry| kept.compare(entry, |_| true, findings));
        Ok(())
    }

    async fn rest(&self, tx: &mut Tx, org: &str, findings: &mut Findings) -> Result<()> {
        for (file, revision) in store::stray_revisions(tx, org, STRAYS).await? {
            findings.add(revisions::TABLE, proof::called(file, revision), Cause::Unsaid);
        }
        for (record, revision) in crate::store::record::strays(tx, org, STRAYS).await? {
            findings.add(records::TABLE, proof::called(record, revision), Cause::Unsaid);
        }
        for place in crate::store::place::miscounted(tx, org, STRAYS).await? {
            findings.add("place", place.to_string(), Cause::Miscounted);
        }
        promise::strays(tx, org, findings).await
    }
}

fn kind(entry: &EntryBody) -> Option<&Kind> {
    entry.event.as_ref().and_then(|event| event.kind.as_ref())
}

fn file(told: &mut Told, entry: &EntryBody, one: &FileChanged) {
    let key = key(&one.file);
    // A clock that went back, or a replica behind the one before it, turns no revision before the last (P-48), in whatever order
    // their entries are numbered.
    let at = time_of(entry);
    let updated = at.max(told.number("customer_file", &key, "updated_at"));
    if told.number("customer_file", &key, "revision") > one.revision {
        let _ = told.row("customer_file", key).says("updated_at", updated);
        return;
    }
    if let Some(imported) = &one.imported {
        let batch = Value::name(&imported.batch);
        let _ = told.row("imported_file", key.clone()).says("batch", batch);
    }
    let act = Act::of_action(&entry.action);
    let terms = one.terms.as_ref();
    let labels = one.classification.iter().map(|(axis, label)| format!("{axis}={label}")).collect::<Vec<_>>();
    let row = told
        .row("customer_file", key)
        .says("number", &one.number)
        .newly("customer_number", terms.map(|terms| &terms.customer_number))
        .says("customer_type", one.customer_type)
        .says("unit_kind", &one.file_kind)
        .says("template", &one.template)
        .says("template_version", one.template_version)
        .says("level", &one.level)
        .says("unit", &one.unit)
        .says("custodian", Value::name(&one.custodian))
        .says("state", word(&one.state, "CUSTOMER_FILE_STATE_"))
        .says("classification", Value::list(&labels))
        .newly("first_contact_at", terms.map(|terms| instant(terms.first_contact_time.as_ref())))
        .newly("contract_effect_at", terms.map(|terms| instant(terms.contract_effect_time.as_ref())))
        .says("revision", one.revision)
        .once("created_at", at)
        .says("updated_at", updated)
        .once("creator", Value::name(&entry.actor))
        .says("completeness", one.completeness_basis_points)
        .says("complete", one.complete)
        .newly("of", terms.map(|terms| Value::name(&terms.of)))
        .newly("links", terms.map(|terms| Value::list(&ties::texts(&terms.links))))
        .newly("merged_into", terms.map(|terms| Value::name(&terms.merged_into)))
        .newly("merged", terms.map(|terms| Value::list(&terms.merged)))
        .newly("keep_until", terms.map(|terms| &terms.keep_until_date));
    let row = match &one.imported {
        // As it was told.
        Some(imported) => row.says("activated_at", instant(imported.activate_time.as_ref())),
        None if act.is_some_and(Act::makes_effective) => row.says("activated_at", at),
        None => row.once("activated_at", Value::Nothing),
    };
    let _ = match (&one.imported, act) {
        (Some(imported), _) => row.says("closed_at", instant(imported.close_time.as_ref())),
        (None, Some(act)) if act.ends() => row.says("closed_at", at),
        (None, Some(Act::Unmerge)) => row.says("closed_at", Value::Nothing),
        _ => row.once("closed_at", Value::Nothing),
    };
}

fn batch(told: &mut Told, entry: &EntryBody, one: &ImportBatchChanged) {
    let _ = told
        .row("import_batch", key(&one.batch))
        .says("label", &one.label)
        .says("source", &one.source)
        .says("state", &one.state)
        .once("creator", Value::name(&entry.actor))
        .once("created_at", time_of(entry));
}

fn number(told: &mut Told, entry: &EntryBody, one: &NumberChanged) {
    let promised = entry.commitments.iter().find(|promise| promise.field == "reason").map(|promise| &promise.digest);
    let void = one.holder.is_empty();
    let (file, record) = match ids("holder", &one.holder) {
        Ok((file, record)) => (Value::Id(file), Value::Id(record)),
        Err(_) => (Value::name(&one.holder), Value::Nothing),
    };
    let row = told
        .row("file_number", &one.number)
        .says("series", &one.series)
        .says("sequence", one.sequence)
        .says("state", word(&one.state, "FILE_NUMBER_STATE_"))
        .says("file", file)
        .says("record", record)
        .says("who", Value::name(&entry.actor))
        .says("at", time_of(entry));
    // What carries a number needs no reason; numbers that were voided by an earlier version promise none.
    let _ = if void { row.newly("why", promised) } else { row.says("why", Value::Nothing) };
    let taken = told.number("number_series", &one.series, "taken").max(one.sequence);
    let _ = told.row("number_series", &one.series).says("taken", taken);
}
