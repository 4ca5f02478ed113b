//! `GetCustomerFileRevision`: one version by number, or the one that was current at a time (P-48).

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_kernel::time::{from_proto, micros, micros_to_proto};
use dossier_proto::profile::v1::{CustomerFile, CustomerFileRevision, GetCustomerFileRevisionRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::list_revisions::{header, revision_name};
use super::reading::{self, Ground};
use crate::content::{Content, reason_at};
use crate::domain::derived;
use crate::domain::header as rules;
use crate::store::customer_file::Loaded;
use crate::store::revision::{self, Revision};
use crate::work::customer_file::session::{Session, place};
use crate::work::customer_file::ties::shown;

enum Which {
    Numbered(i64),
    At(i64),
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetCustomerFileRevisionRequest) -> Result<CustomerFileRevision> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let asked = faults.absorb(which(&request));
    faults.finish()?;
    let (id, which) = asked.unwrap_or((Uuid::nil(), Which::Numbered(0)));
    let loaded = session.load(&mut tx, id).await?;
    let ground = reading::require_ground(&session, &mut tx, &loaded, &request.purpose, &request.reading_place).await?;
    let row = find(&mut tx, &call.org, id, which).await?;
    let (past, ties) = header(&row.header)?;
    let ties = shown(&session, &mut tx, &ties).await?;
    tx.commit().await?;
    let number = row.revision;
    let (older, reason) = as_it_was(&session, loaded, &row)?;
    let reason = if ground.visibility.shows_reasons() { reason } else { String::new() };
    let mut outgoing = open(&session, &older, ground, &row, past)?.of_revision(number);
    ties.tell(&mut outgoing.message);
    let customer_file = reading::release_one(&session, outgoing, &request.purpose).await?;
    Ok(CustomerFileRevision {
        name: revision_name(id, number),
        revision: number,
        customer_file: Some(customer_file),
        create_time: Some(micros_to_proto(row.at)),
        author: name::name("persons", row.author),
        changed_paths: row.changed.0.into_iter().collect(),
        reason,
    })
}

fn which(request: &GetCustomerFileRevisionRequest) -> Result<(Uuid, Which)> {
    let parts = request.name.strip_suffix("/revisions/-");
    match (parts, request.as_of_time.as_ref()) {
        (Some(file), Some(time)) => {
            Ok((name::id("name", "files", file)?, Which::At(micros(from_proto("as_of_time", time)?))))
        }
        (Some(_), None) => Err(Error::violation("as_of_time", "is required with `-`")),
        (None, Some(_)) => Err(Error::violation("as_of_time", "is not for a numbered revision")),
        (None, None) => {
            let (file, number) = name::numbered("name", "files", "revisions", &request.name)?;
            Ok((file, Which::Numbered(number)))
        }
    }
}

async fn find(tx: &mut Tx, org: &str, file: Uuid, which: Which) -> Result<Revision> {
    let (found, asked) = match which {
        Which::Numbered(number) => (revision::numbered(tx, org, file, number).await?, number.to_string()),
        Which::At(at) => (revision::current_at(tx, org, file, at).await?, "-".to_owned()),
    };
    let name = || format!("{}/revisions/{asked}", name::name("files", file));
    found.ok_or_else(|| Error::missing(Missing::CustomerFileRevision, name()))
}

// What the reader may see is decided by what they and the file are now; what is shown is the content as it was.
fn as_it_was(session: &Session<'_>, loaded: Loaded, row: &Revision) -> Result<(Loaded, String)> {
    let seal = session.seal(&loaded)?;
    let reason = row.reason.as_ref().map(|sealed| seal.open_text(&reason_at(row.revision), sealed)).transpose()?;
    Ok((
        Loaded { content: Content::read("customer_file_revision", &row.content)?, ..loaded },
        reason.unwrap_or_default(),
    ))
}

fn open(
    session: &Session<'_>,
    older: &Loaded,
    ground: Ground,
    row: &Revision,
    mut past: CustomerFile,
) -> Result<reading::Outgoing> {
    let mut outgoing = reading::open(session, older, ground.clone())?;
    past.fields = std::mem::take(&mut outgoing.message.fields);
    past.masked_fields = std::mem::take(&mut outgoing.message.masked_fields);
    past.unit_ref = std::mem::take(&mut outgoing.message.unit_ref);
    restore(session, older, &ground, row, &mut past)?;
    outgoing.message = past;
    Ok(outgoing)
}

// Fields that the service fills: as they were in that version, not as they are now.
fn restore(
    session: &Session<'_>,
    older: &Loaded,
    ground: &Ground,
    row: &Revision,
    past: &mut CustomerFile,
) -> Result<()> {
    let template = session.template(&older.file.template)?;
    let wire = dossier_proto::types::CustomerType::try_from(past.customer_type).unwrap_or_default();
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let then = crate::domain::customer_file::CustomerFile {
        number: text(&past.number),
        customer_number: text(&past.customer_number),
        customer_type: rules::from_wire(wire),
        level: past.level.clone(),
        updated: dossier_kernel::time::from_micros(row.at),
        ..older.file.clone()
    };
    for key in derived::keys(template) {
        past.fields.remove(key);
        if let Some(value) = derived::value(&then, template, key).filter(|_| ground.visibility.shows(template, key)) {
            past.fields.insert(key.to_owned(), value);
        }
    }
    if let Some((key, value)) =
        derived::author(template, row.author).filter(|(key, _)| ground.visibility.shows(template, key))
    {
        past.fields.insert(key.to_owned(), value);
    }
    Ok(())
}
