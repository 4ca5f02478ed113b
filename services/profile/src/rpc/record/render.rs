//! `RenderRecord`: a record as a page for printing, once the journal has it (P-30, P-47, A-40, A-42).

use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::printed::html;
use dossier_kernel::printed::paper::{Called, Language, Paper};
use dossier_proto::profile::v1::{FileRecord, RenderRecordRequest, RenderRecordResponse};

use super::get::{Asked, read};
use crate::rpc::record_service::RecordRpc;
use crate::rpc::template::view;
use crate::work::customer_file::session::Session;
use crate::work::record::{self, Opened};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(rpc: &RecordRpc, call: &Call, request: RenderRecordRequest) -> Result<RenderRecordResponse> {
    let asked = Asked { purpose: &request.purpose, place: &request.reading_place };
    let checked = |faults: &mut Faults| {
        let _ = Language::asked(&request.language, faults);
    };
    read(rpc, call, (&asked, &request.name), checked, |session, opened, record| {
        let language = Language::of(&request.language).unwrap_or_default();
        Ok(RenderRecordResponse { html: page(session, opened, &record, language)? })
    })
    .await
}

fn page(session: &Session<'_>, opened: &Opened<'_>, record: &FileRecord, language: Language) -> Result<String> {
    let pack = session.pack();
    let form = view::template(session.tenant, record::template(session, &opened.record.template)?);
    let kind = pack.record(&record.kind);
    let called = |called: Called<'_>| match called {
        Called::Stage(id) => kind?.stage(id).map(|stage| stage.label.clone()),
        Called::Post(id) => pack.post(id).map(|post| post.label.clone()),
        Called::Level(id) => pack.level(id).map(|level| level.label.clone()),
        // What people are called access alone knows.
        Called::Person(_) => None,
    };
    // A kind without numbers of its own goes by that of its file.
    let numbered = kind.is_some_and(|kind| kind.number.is_some()) || !record.number.is_empty();
    // Who only decides about the record, and does not see its file, is told no number of it.
    let of_file = opened.loaded.file.number.as_deref().filter(|_| opened.loaded.standing).unwrap_or_default();
    let paper = Paper {
        record,
        template: &form,
        // Kinds are named in the company's language alone.
        title: kind.filter(|_| language == Language::Chinese).map(|kind| kind.label.as_str()).unwrap_or_default(),
        number: if numbered { &record.number } else { of_file },
        called: &called,
        zone: pack.time_zone.rules(),
        language,
    };
    Ok(html(&paper.page()))
}
