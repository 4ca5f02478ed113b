//! `CreateRecord`: a record of a kind of the pack, in a file that is not closed, or of a kind that outlives that (P-47, C-06).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name};
use dossier_proto::profile::v1::{CreateRecordRequest, FileRecord};
use dossier_regime::RecordKind;
use uuid::Uuid;

use super::{frozen, saved};
use crate::domain::changed::of_form;
use crate::domain::{record as rule, text};
use crate::store::record::lookup;
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::around::Around;
use crate::work::record::right::{CREATE, Part};
use crate::work::record::{self, CREATED, Change};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CreateRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        CREATE.require_some(&session)?;
        Box::pin(create(&session, tx, &request)).await
    }, kept => again(base, tx, call, CREATE, kept).await)
}

async fn create(session: &Session<'_>, tx: &mut Tx, request: &CreateRecordRequest) -> Result<FileRecord> {
    let given = request.record.as_ref().ok_or_else(|| Error::violation("record", "is required"))?;
    let mut faults = Faults::default();
    let file = faults.absorb(name::id("parent", "files", &request.parent));
    let kind = rule::kind(session.pack(), &given.kind, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    let above = rule::parent(kind, file, &given.of, &mut faults);
    let (file, kind) = faults.finish_with(file.zip(kind))?;
    let loaded = session.load(tx, file).await?;
    CREATE.require_in(session, &loaded, Some(kind))?;
    rule::require_kind(kind, &loaded.file.unit_kind)?;
    let template = record::template(session, &kind.template)?;
    let (rules, mut faults) = (record::rules(session, &loaded, template), Faults::default());
    let writing = of_form(rules, &given.fields, &mut faults);
    let mut opened = record::begin(session, loaded, kind, template)?;
    opened.record.of = above;
    let around = Around::gather(session, tx, &opened, template).await?;
    let goals = around.goals(session, &opened);
    let part = Part::of(session, &opened.loaded, &opened.record);
    frozen(&writing, template, |section| part.writes(kind, &opened.record, &goals, section), &mut faults);
    let writing = writing.checked(faults)?;
    record::require_living(session, &opened.loaded.file, &kind.id)?;
    // What it belongs to is looked at behind the lock: nobody ends it beside this.
    record::lock(session, tx, &opened.loaded).await?;
    require_above(session, tx, (file, above), kind).await?;
    record::enter_first(session, tx, &mut opened, (kind, template)).await?;
    let mut change = Change { writing, ..Change::new(opened, CREATED, reason, &request.request_id) };
    match record::save(session, tx, template, &mut change).await? {
        true => saved(session, tx, &change, template).await,
        false => Err(rule::taken()),
    }
}

// What a record belongs to is there, of the kind that its own kind names, and not void.
async fn require_above(
    session: &Session<'_>,
    tx: &mut Tx,
    (file, above): (Uuid, Option<Uuid>),
    kind: &RecordKind,
) -> Result<()> {
    let Some((id, of)) = above.zip(kind.of.as_ref()) else { return Ok(()) };
    let found = lookup(tx, &session.call.org, file, id).await?;
    let missing = || Error::missing(Missing::FileRecord, name::below("files", file, rule::PART, id));
    let found = found.ok_or_else(missing)?;
    if found.kind != *of {
        return Err(Error::violation("record.of", one_of([of.as_str()])));
    }
    found.require_open()
}
