//! The records of generated files, as the service would have written them: each under a key of its own.

use std::collections::BTreeMap;

use dossier_kernel::faults::Faults;
use dossier_kernel::time::micros;
use dossier_profile::content::{Content, Seal, secrets};
use dossier_profile::domain::changed::{Rules, Writing, of_form};
use dossier_profile::domain::completeness::whole;
use dossier_profile::domain::customer_file::CustomerFile;
use dossier_profile::domain::origin::Origin;
use dossier_profile::domain::record::{PART, Record};
use dossier_profile::store::record::Revision;
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use dossier_regime::{RecordKind, Template, Tenant};
use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::made::{Maker, drawn, instant, moment};
use super::papers::Papers;
use crate::ground::{Fault, Result};
use crate::measure::mixed;
use crate::scene::{choice, text};

/// Of so many files one has records.
pub(super) const EVERY: u64 = 20;
/// The records of each of those files.
pub(super) const EACH: u64 = 10;
/// Milliseconds from one record of a file to the next: 30 days. All files get one before the first gets another, so that
/// neighbours in a register lie in different files, as in life.
const ROUND: u64 = 30 * 24 * 3_600_000;

/// Whether generated file number `n` has records.
pub(super) fn has(n: u64) -> bool {
    n.is_multiple_of(EVERY)
}

/// The id of the record at `place` of generated file number `n`.
pub(super) fn id(n: u64, place: u64) -> Uuid {
    drawn(at(n, place), mixed(n) ^ place)
}

fn at(n: u64, place: u64) -> u64 {
    instant(n) + (place + 1) * ROUND
}

// === impl Maker ===

impl Maker {
    /// The records of file number `n`, complaints and talks by turns.
    pub(super) fn records(
        &self,
        n: u64,
        file: &CustomerFile,
        seal: &Seal<'_>,
        tenant: &Tenant,
        made: &mut Papers,
    ) -> Result<()> {
        for place in 0..EACH {
            let complaint = place.is_multiple_of(2);
            let kind = tenant.pack().record(if complaint { "complaint" } else { "communication" });
            let kind = kind.ok_or_else(|| Fault::new("no such kind of record"))?;
            let form = tenant.form(&kind.template).ok_or_else(|| Fault::new("no such form"))?;
            let now = moment(at(n, place));
            let fields = if complaint { complained(n, place, now) } else { talked(n, place, now) };
            let origin = Origin { pack: tenant.pack(), today: tenant.day(now), writer: self.author };
            let rules = Rules { origin, template: form, customer: file.customer_type, own: false };
            let mut faults = Faults::default();
            let writing = of_form(rules, &fields, &mut faults);
            faults.finish().map_err(Fault::new)?;
            let new = Record::new(id(n, place), file.id, kind, form, self.author, (now, tenant.day(now)));
            let (own, sealed_key) = seal.begin_part(PART, new.id).map_err(Fault::new)?;
            self.record(Record { sealed_key, ..new }, (kind, form, file), &own, &writing, made)?;
        }
        Ok(())
    }

    // One record: it stands in the first stage where that asks for nothing, and promises what it says.
    fn record(
        &self,
        mut record: Record,
        (kind, form, file): (&RecordKind, &Template, &CustomerFile),
        seal: &Seal<'_>,
        writing: &Writing,
        made: &mut Papers,
    ) -> Result<()> {
        let content = Content::default().after(writing, form, seal).map_err(Fault::new)?;
        let filling = content.filling(form, seal).map_err(Fault::new)?;
        record.weights = whole(form, file.customer_type, |key| filling.of(key)).weights;
        if let Some(first) = kind.stages.first().filter(|stage| stage.asks_nothing()) {
            record.enter(kind, &first.id, micros(record.created_at), record.version);
        }
        let promised = seal.commit(&*self.providers.ids, record.version, &secrets(writing, ""));
        let version = Revision {
            record: record.id,
            revision: record.version,
            at: micros(record.updated_at),
            author: record.creator,
            changed: sqlx::types::Json(writing.paths().into_iter().collect()),
            content: content.encode_to_vec(),
            reason: None,
            salts: promised.map_err(Fault::new)?.salts,
        };
        made.push(&record, &version);
        Ok(())
    }
}

type Fields = BTreeMap<String, FieldValue>;

fn complained(n: u64, place: u64, now: Timestamp) -> Fields {
    let kinds = ["service_quality", "service_process", "other"];
    let kind = usize::try_from(mixed(n ^ place) % 3).unwrap_or(0);
    let words = format!("第 {place} 次到货,编号 {n} 的包装破损,客户要求更换并说明原因。");
    let day = now.strftime("%Y-%m-%d").to_string();
    fields([("complained_on", dated(day)), ("content", text(words)), ("complaint_kind", choice(kinds[kind]))])
}

fn talked(n: u64, place: u64, now: Timestamp) -> Fields {
    let held = Value::Timestamp(dossier_kernel::time::to_proto(now));
    let held = FieldValue { value: Some(held), provenance: None };
    let needs = format!("客户 {n} 询问第 {place} 批的交期与价格。");
    let channel = choice("telephone");
    fields([
        ("held_at", held),
        ("channel", channel),
        ("contact_person", text("王经理".to_owned())),
        ("needs", text(needs)),
    ])
}

fn dated(day: String) -> FieldValue {
    FieldValue { value: Some(Value::Date(day)), provenance: None }
}

fn fields<const N: usize>(given: [(&str, FieldValue); N]) -> Fields {
    given.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
