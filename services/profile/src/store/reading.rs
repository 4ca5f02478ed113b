//! Readings of a file's content, as this service's own journal tells them.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::from_micros;
use dossier_kernel::{name, sql};
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;

/// How many disclosures of somebody about a file are looked at, the newest first: most are of something in it.
const MOST: i64 = 200;

/// When `person` last read fields of the form of `file` itself, a resource name; reading a record in it is none.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn last(tx: &mut Tx, org: &str, file: &str, person: Uuid) -> Result<Option<Timestamp>> {
    let text = "SELECT time, body FROM journal_entry
                WHERE org = $1 AND topic = $2 AND subject = $2 AND actor = $3 AND action = 'file.disclosed'
                AND seq IS NOT NULL ORDER BY seq DESC LIMIT $4";
    let actor = name::name("persons", person);
    let rows = sql!(tx, fetch_all as (i64, Vec<u8>), text, org, file, actor, MOST)?;
    Ok(rows.into_iter().find(|(_, body)| is_of_the_form(body)).map(|(at, _)| from_micros(at)))
}

fn is_of_the_form(body: &[u8]) -> bool {
    let event = EntryBody::decode(body).ok().and_then(|entry| entry.event).and_then(|event| event.kind);
    matches!(event, Some(Kind::FileDisclosed(one)) if one.resource.is_empty() && !one.fields.is_empty())
}
