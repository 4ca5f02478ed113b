//! `CreateRecord`: a record of a kind of the pack, in a file that is not closed (P-47).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name};
use dossier_proto::profile::v1::{CreateRecordRequest, FileRecord};

use super::saved;
use crate::domain::changed::of_form;
use crate::domain::{record as rule, text};
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::{self, CREATE, Change};

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
    let (file, kind) = faults.finish_with(file.zip(kind))?;
    let loaded = session.load(tx, file).await?;
    CREATE.require_in(session, &loaded, Some(kind))?;
    let template = record::template(session, &kind.template)?;
    let (rules, mut faults) = (record::rules(session, &loaded, template), Faults::default());
    let writing = of_form(rules, &given.fields, &mut faults).checked(faults)?;
    rule::require_open(&loaded.file.name(), loaded.file.state)?;
    let opened = record::begin(session, loaded, kind, template)?;
    let mut change = Change { opened, new: true, writing, reason, request_id: &request.request_id };
    match record::save(session, tx, template, &mut change).await? {
        true => saved(&change, template),
        false => Err(rule::taken()),
    }
}
