//! `GetCustomerOverview`: one customer at a glance (P-31, P-47), as far as the reader may see, once the journal has it (A-42, I3).

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_authority::duty::message;
use dossier_authority::reading::purpose;
use dossier_authority::store::duty::Duty;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_proto::journal::v1::RecordDisclosed;
use dossier_proto::profile::v1::{
    CustomerOverview, FileRecord, GetCustomerOverviewRequest, OverviewDuty, OverviewFile, OverviewKind, OverviewPart,
    OverviewRecord, Template,
};
use dossier_regime::{Action, Pack};

use super::reading::{self, Ground, Outgoing};
use super::view;
use crate::domain::overview::Tally;
use crate::domain::record::Record;
use crate::rpc::record::basic;
use crate::rpc::template::view::template;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::session::{Session, file_id, place};
use crate::work::customer_file::ties::shown;
use crate::work::item;
use crate::work::overview::{self, Cut, Papers, Tied};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetCustomerOverviewRequest) -> Result<CustomerOverview> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let (purpose, place) = (request.purpose.as_str(), request.reading_place.as_str());
    let id = check(&session, &request)?;
    let loaded = session.load(&mut tx, id).await?;
    let ground = reading::require_ground(&session, &mut tx, &loaded, purpose, place).await?;
    // A right to some fields of the file opens nothing else of it.
    let whole = ground.is_whole();
    let owed = whole && session.principal.can(session.pack(), Action::DutyRead);
    let papers = if whole { overview::papers(&session, &mut tx, &loaded).await? } else { Papers::default() };
    let duties = if owed { overview::duties(&session, &mut tx, id).await? } else { Cut::default() };
    let files = overview::files(&session, &mut tx, &loaded.file).await?;
    let ties = shown(&session, &mut tx, &loaded.file.ties).await?;
    let mut file = reading::open(&session, &loaded, ground)?;
    ties.tell(&mut file.message);
    item::tell(&session, &mut tx, [(id, &mut file.message)]).await?;
    tx.commit().await?;
    let left_out = left_out(&session, whole, owed);
    let told = Told { left_out, ..Told::of(&session, &loaded, &file.ground, &papers)? };
    reading::release_one(&session, told.leave(&session, file, duties, files), purpose).await
}

fn check(session: &Session<'_>, request: &GetCustomerOverviewRequest) -> Result<uuid::Uuid> {
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let id = file_id("name", &request.name, &mut faults);
    faults.finish()?;
    Ok(id.unwrap_or_default())
}

fn left_out(session: &Session<'_>, whole: bool, owed: bool) -> Vec<i32> {
    let can = |action| session.principal.can(session.pack(), action);
    let parts = [
        (whole, OverviewPart::Records),
        (owed, OverviewPart::Duties),
        (can(Action::ExposureRead), OverviewPart::Exposure),
        (can(Action::CreditEvaluate) || can(Action::LimitRead), OverviewPart::Ratings),
        (can(Action::LoanReadAll), OverviewPart::OtherLoans),
    ];
    parts.into_iter().filter(|(told, _)| !told).map(|(_, part)| part.into()).collect()
}

// What is told beside the file itself, and what of it the journal must know.
struct Told {
    overview: CustomerOverview,
    records: Vec<RecordDisclosed>,
    left_out: Vec<i32>,
}

// === impl Told ===

impl Told {
    fn of(session: &Session<'_>, loaded: &Loaded, ground: &Ground, papers: &Papers<'_>) -> Result<Self> {
        let (pack, glance) = (session.pack(), &papers.glance);
        let (mut told, mut records) = (BTreeMap::new(), Vec::new());
        for one in glance.records() {
            let (record, fields) = record(loaded, ground, papers, one)?;
            if !fields.is_empty() {
                records.push(RecordDisclosed { record: one.name(), revision: one.version, fields });
            }
            told.insert(one.id, labelled(pack, one, record));
        }
        let all = |ones: &[Record]| ones.iter().filter_map(|one| told.get(&one.id).cloned()).collect();
        let overview = CustomerOverview {
            last_contact: glance.contact.as_ref().and_then(|one| told.get(&one.id).cloned()),
            kinds: glance.tallies.iter().map(|one| kind(pack, one)).collect(),
            open_records: all(&glance.open),
            newest_records: all(&glance.newest),
            templates: forms(session, loaded, papers)?,
            ..CustomerOverview::default()
        };
        Ok(Self { overview, records, left_out: Vec::new() })
    }

    fn leave(
        self,
        session: &Session<'_>,
        file: Outgoing,
        duties: Cut<Duty>,
        files: Cut<Tied>,
    ) -> Outgoing<CustomerOverview> {
        let (pack, header) = (session.pack(), &file.message);
        let unit = session.tenant.organisation().unit(&header.unit);
        let message = CustomerOverview {
            file_kind_label: kind_label(pack, &header.file_kind),
            level_label: pack.level(&header.level).map(|level| level.label.clone()).unwrap_or_default(),
            unit_label: unit.map(|unit| unit.label.clone()).unwrap_or_default(),
            duties: duties.told.iter().map(|one| duty(session, one)).collect(),
            more_duties: duties.more,
            linked_files: files.told.iter().map(|one| tied(pack, &header.file_kind, one)).collect(),
            more_files: files.more,
            left_out: self.left_out,
            customer_file: Some(file.message),
            ..self.overview
        };
        let (resource, records) = (file.resource, self.records);
        let (revision, fields, ground) = (file.revision, file.fields, file.ground);
        Outgoing { message, resource, file: file.file, revision, fields, records, ground }
    }
}

// A record as a list gives it, with the values that are shown, and their keys.
fn record(loaded: &Loaded, ground: &Ground, papers: &Papers<'_>, one: &Record) -> Result<(FileRecord, Vec<String>)> {
    let basic = basic(loaded, one);
    let Some(paper) = papers.content.get(&one.id) else { return Ok((basic, Vec::new())) };
    let opened = view::opened(paper.template, &paper.content, &paper.seal, &ground.visibility)?;
    let (fields, shown, masked_fields) = opened;
    Ok((FileRecord { fields, masked_fields, ..basic }, shown))
}

fn labelled(pack: &Pack, one: &Record, record: FileRecord) -> OverviewRecord {
    let kind = pack.record(&one.kind);
    let stage = kind.and_then(|kind| kind.stage(&one.stage));
    OverviewRecord {
        kind_label: kind.map(|kind| kind.label.clone()).unwrap_or_default(),
        stage_label: stage.map(|stage| stage.label.clone()).unwrap_or_default(),
        record: Some(record),
    }
}

fn kind(pack: &Pack, one: &Tally) -> OverviewKind {
    OverviewKind {
        kind: one.kind.clone(),
        label: pack.record(&one.kind).map(|kind| kind.label.clone()).unwrap_or_default(),
        open_count: one.open,
        other_count: one.other,
        void_count: one.void,
    }
}

// The form of the file, then those of its records, each once.
fn forms(session: &Session<'_>, loaded: &Loaded, papers: &Papers<'_>) -> Result<Vec<Template>> {
    let mut forms = vec![session.template(&loaded.file.template)?];
    for paper in papers.glance.records().filter_map(|one| papers.content.get(&one.id)) {
        if forms.iter().all(|form| form.id != paper.template.id) {
            forms.push(paper.template);
        }
    }
    Ok(forms.into_iter().map(|form| template(session.tenant, form)).collect())
}

fn duty(session: &Session<'_>, one: &Duty) -> OverviewDuty {
    let (pack, rules) = (session.pack(), &session.pack().duties);
    OverviewDuty {
        duty: Some(message(session.base.service, one)),
        label: rules.iter().find(|rule| rule.kind == one.kind).map(|rule| rule.label.clone()).unwrap_or_default(),
        post_label: pack.post(&one.post).map(|post| post.label.clone()).unwrap_or_default(),
        overdue: one.due_at < session.call.micros(),
    }
}

fn tied(pack: &Pack, file_kind: &str, one: &Tied) -> OverviewFile {
    let link = pack.file_kind(file_kind).and_then(|kind| kind.link(&one.link));
    OverviewFile {
        tie: one.tie.into(),
        link: one.link.clone(),
        link_label: link.map(|link| link.label.clone()).unwrap_or_default(),
        customer_file: Some(view::basic(&one.file)),
        file_kind_label: kind_label(pack, &one.file.unit_kind),
    }
}

fn kind_label(pack: &Pack, id: &str) -> String {
    pack.file_kind(id).map(|kind| kind.label.clone()).unwrap_or_default()
}
