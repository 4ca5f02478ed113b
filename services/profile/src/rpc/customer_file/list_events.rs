//! `ListFileEvents`: what happened in a file, newest first, to whoever sees it (P-25).
//!
//! It tells no content, so that it is no disclosure, as the lists of records and of versions are none.

use dossier_authority::Base;
use dossier_journal::trail::{self, Step, Wanted};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::{Field, Found};
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_kernel::{asked, name};
use dossier_proto::journal::v1::RecordChanged;
use dossier_proto::profile::v1::{FileEvent, ListFileEventsRequest, ListFileEventsResponse};
use dossier_regime::{Action, Pack};
use uuid::Uuid;

use super::reading;
use super::walk::Walk;
use crate::domain::timeline::{About, READING, told};
use crate::store::customer_file::Stretch;
use crate::work::customer_file::session::Session;

const EVENTS: List =
    List { fields: &[Field::text("actor"), Field::text("action"), Field::time("time")], orders: &["seq desc"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListFileEventsRequest) -> Result<ListFileEventsResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let file = name::id("parent", "files", &request.parent)?;
    let (found, page) = EVENTS.read(call, &asked!(request, parent))?;
    let loaded = session.load(&mut tx, file).await?;
    let records = reading::reaches_all(&session, &mut tx, &loaded).await?;
    let numbers = session.principal.can(session.pack(), Action::JournalRead);
    let reader = Reader { pack: session.pack(), records, numbers };
    let trail = Trail { base, call, file: loaded.file.name(), wanted: wanted(&found) };
    let (file_events, next_page_token) = trail.page(&mut tx, &page, reader).await?;
    Ok(ListFileEventsResponse { file_events, next_page_token })
}

fn wanted(found: &Found) -> Wanted<'_> {
    let time = found.range("time");
    Wanted {
        without: READING,
        actor: found.text("actor"),
        action: found.text("action"),
        from: time.from,
        until: time.until,
    }
}

// What a reader is told, and in which words.
#[derive(Clone, Copy)]
struct Reader<'a> {
    pack: &'a Pack,
    records: bool,
    numbers: bool,
}

// What is read of the journal.
struct Trail<'a> {
    base: &'a Base,
    call: &'a Call,
    file: String,
    wanted: Wanted<'a>,
}

// === impl Trail ===

impl Trail<'_> {
    // Stretch after stretch until the page is full, or nothing is left, or the call has looked at enough.
    async fn page(&self, tx: &mut Tx, page: &Page, reader: Reader<'_>) -> Result<(Vec<FileEvent>, String)> {
        let (mut walk, mut events) = (Walk::begin(self.base, self.call, page)?, Vec::new());
        let next = loop {
            let Stretch { before, looks } = walk.stretch();
            let steps = trail::back(tx, &self.call.org, &self.file, (before, looks), &self.wanted).await?;
            let last = steps.last().filter(|_| i64::try_from(steps.len()).is_ok_and(|read| read == looks));
            let end = last.map(|last| last.id);
            events.extend(steps.iter().filter_map(|step| Some((step.id, reader.event(step)?))));
            if let Some(next) = walk.full(&mut events, |(id, _): &(Uuid, FileEvent)| *id) {
                break next;
            }
            if let Some(next) = walk.goes_on(end)? {
                break next;
            }
        };
        Ok((events.into_iter().map(|(_, event)| event).collect(), next))
    }
}

// === impl Reader ===

impl Reader<'_> {
    fn event(&self, step: &Step) -> Option<FileEvent> {
        let body = step.body.as_ref()?;
        let about = told(body, self.records)?;
        let event = FileEvent {
            time: body.time,
            actor: body.actor.clone(),
            action: body.action.clone(),
            subject: body.subject.clone(),
            seq: if self.numbers { step.seq } else { 0 },
            ..FileEvent::default()
        };
        Some(match about {
            About::File => event,
            About::Record(one) => self.of_record(one, event),
            About::Document(one) => {
                let label = self.pack.document(&one.kind).map(|kind| kind.label.clone()).unwrap_or_default();
                FileEvent { document_kind: one.kind.clone(), document_kind_label: label, ..event }
            }
        })
    }

    fn of_record(&self, one: &RecordChanged, event: FileEvent) -> FileEvent {
        let kind = self.pack.record(&one.kind);
        let stage = kind.and_then(|kind| kind.stage(&one.stage));
        FileEvent {
            record_kind: one.kind.clone(),
            record_kind_label: kind.map(|kind| kind.label.clone()).unwrap_or_default(),
            stage: one.stage.clone(),
            stage_label: stage.map(|stage| stage.label.clone()).unwrap_or_default(),
            ..event
        }
    }
}
