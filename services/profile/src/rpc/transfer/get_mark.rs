//! `GetImportMark`: what a file, a record or a document was where it came from (A-42, P-48).

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_proto::profile::v1::{GetImportMarkRequest, ImportMark};
use dossier_regime::Action;
use uuid::Uuid;

use crate::domain::{document, record};
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::store::customer_file::Loaded;
use crate::work::customer_file::session::{Session, place};
use crate::work::transfer::mark;
use crate::work::{document as documents, record as records};

/// What is asked about.
enum About {
    File(Uuid),
    Record((Uuid, Uuid)),
    Document((Uuid, Uuid)),
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetImportMarkRequest) -> Result<ImportMark> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let about = faults.absorb(about(&request.name));
    let about = faults.finish_with(about)?;
    let missing = || Error::missing(Missing::ImportMark, &request.name);
    let found = found(&session, &mut tx, about).await;
    let (loaded, mark) = found.map_err(|fault| if fault.is_missing().is_some() { missing() } else { fault })?;
    let (asked, here) = (&request.purpose, &request.reading_place);
    let ground = reading::require_ground(&session, &mut tx, &loaded, asked, here).await?.whole(record::PART)?;
    tx.commit().await?;
    let message = mark.ok_or_else(missing)?;
    let resource = if name::id("name", "files", &request.name).is_ok() { String::new() } else { request.name.clone() };
    let (file, revision, fields) = (loaded.file.id, loaded.file.revision, vec![mark::PLACE.to_owned()]);
    let outgoing = Outgoing { message, resource, file, revision, fields, records: Vec::new(), ground };
    reading::release_one(&session, outgoing, &request.purpose).await
}

fn about(text: &str) -> Result<About> {
    name::id("name", "files", text)
        .map(About::File)
        .or_else(|_| record::ids("name", text).map(About::Record))
        .or_else(|_| document::ids("name", text).map(About::Document))
        .map_err(|_| Error::violation("name", "must be the name of a file, a record or a document"))
}

async fn found(session: &Session<'_>, tx: &mut Tx, about: About) -> Result<(Loaded, Option<ImportMark>)> {
    let org = &session.call.org;
    Ok(match about {
        About::File(id) => {
            let loaded = session.load(tx, id).await?;
            let mark = mark::file(tx, org, id, &session.seal(&loaded)?).await?;
            (loaded, mark)
        }
        About::Record(ids) => {
            let opened = records::load(session, tx, ids).await?;
            let mark = mark::part(tx, org, ids, &opened.seal).await?;
            (opened.loaded, mark)
        }
        About::Document(ids) => {
            let opened = documents::load(session, tx, ids).await?;
            let mark = mark::part(tx, org, ids, &opened.seal).await?;
            (opened.loaded, mark)
        }
    })
}
