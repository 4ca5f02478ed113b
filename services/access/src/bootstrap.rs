//! What an organisation starts with: its rules as rows, and the first people of its file as journal entries.
//!
//! Ids follow from org and subject, so a second start, or a second replica, finds everybody there already. Who was
//! changed or dismissed since stays as they are: the file says how the directory begins, not how it has to be.

use dossier_authority::store::{appointment, rules};
use dossier_authority::{Base, feed};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::micros;
use dossier_kernel::{sql, transact};
use dossier_proto::journal::v1::OrganisationLoaded;
use dossier_proto::journal::v1::event::Kind;
use dossier_regime::{FirstPerson, Tenant};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::domain::appointment::{Appointment, OPEN_END};
use crate::domain::person::Person;
use crate::store::person;
use crate::work::person::{appointed, changed};
use crate::work::record::{Saying, Word, record_work};

/// Brings `org` to what its pack and its file say. Safe to run at every start and on several replicas at once.
///
/// # Errors
/// `ORG_UNKNOWN`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn bootstrap(base: &Base, org: &str) -> Result<()> {
    let tenant = base.tenant(org)?;
    rules::sync(&base.db, org, tenant.pack()).await?;
    transact!(base.db, tx => {
        loaded(base, tx, tenant).await?;
        for first in &tenant.organisation().people {
            enter(base, tx, tenant, first).await?;
        }
        Ok(())
    })?;
    base.wake.ring();
    Ok(())
}

/// Whether the rules that hold for `org` were loaded before.
///
/// # Errors
/// `ORG_UNKNOWN`, `STORE_UNAVAILABLE`.
pub async fn is_loaded(base: &Base, org: &str) -> Result<bool> {
    let digests = base.tenant(org)?.digests();
    let text = "SELECT TRUE FROM organisation_load WHERE org = $1 AND pack_digest = $2 AND organisation_digest = $3";
    let (pack, file) = (digests.pack.to_vec(), digests.organisation.to_vec());
    Ok(sql!(&mut base.db.read().await?, fetch_optional as (bool,), text, org, pack, file)?.is_some())
}

/// The id of a first person.
pub fn person_id(org: &str, subject: &str) -> Uuid {
    derived(&["person", org, subject])
}

// One entry for each version of pack and file that was ever loaded.
async fn loaded(base: &Base, tx: &mut Tx, tenant: &Tenant) -> Result<()> {
    let (org, digests, pack) = (tenant.org(), tenant.digests(), tenant.pack());
    let text =
        "INSERT INTO organisation_load (org, pack_digest, organisation_digest, loaded_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO NOTHING";
    let now = micros(base.providers.clock.now());
    if sql!(tx, execute, text, org, digests.pack.to_vec(), digests.organisation.to_vec(), now)? == 0 {
        return Ok(());
    }
    let event = Kind::OrganisationLoaded(OrganisationLoaded {
        pack: pack.id.clone(),
        version: i32::try_from(pack.version).unwrap_or(i32::MAX),
        version_text: String::new(),
        pack_digest: digests.pack.to_vec(),
        organisation_digest: digests.organisation.to_vec(),
    });
    let subject = format!("regimes/{}", pack.id);
    let saying = Saying { action: "organisation.loaded", subject: &subject, request_id: "", words: &[] };
    record_work(base, tx, org, saying, event).await?;
    Ok(())
}

async fn enter(base: &Base, tx: &mut Tx, tenant: &Tenant, first: &FirstPerson) -> Result<()> {
    let org = tenant.org();
    // Somebody who was entered by a call before the file named them keeps their id.
    let known = person::by_subject(tx, org, &first.subject).await?;
    let id = match known {
        Some(id) => id,
        None => create(base, tx, tenant, first).await?,
    };
    for (at, wanted) in first.appointments.iter().enumerate() {
        let one = Appointment {
            id: derived(&["appointment", org, &first.subject, &wanted.post, &wanted.unit, &at.to_string()]),
            post: wanted.post.clone(),
            unit: wanted.unit.clone(),
            valid_from: micros(base.providers.clock.now()),
            valid_until: OPEN_END,
        };
        // An appointment that was ever held, and be it ended since, is not given anew.
        let held = appointment::of_person(tx, org, id).await?;
        if !held.iter().any(|held| held.post == one.post && held.unit == one.unit) {
            publish(base, tx, tenant, "person.appointed", id, &[], appointed(id, &one, false, String::new())).await?;
        }
    }
    Ok(())
}

async fn create(base: &Base, tx: &mut Tx, tenant: &Tenant, first: &FirstPerson) -> Result<Uuid> {
    let org = tenant.org();
    let now = micros(base.providers.clock.now());
    let one = Person {
        id: person_id(org, &first.subject),
        subject: first.subject.clone(),
        display_name: first.name.clone(),
        active: true,
        appointments: Vec::new(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    if !person::insert(tx, org, &one).await? {
        // A replica was faster between the look and the insert; its commit is seen on the next attempt.
        return Err(Error::new(Reason::ConflictRetry).transient());
    }
    let words = [Word { field: "display_name", text: &one.display_name, keep: false }];
    publish(base, tx, tenant, "person.created", one.id, &words, changed(&one)).await?;
    Ok(one.id)
}

async fn publish(
    base: &Base,
    tx: &mut Tx,
    tenant: &Tenant,
    action: &'static str,
    id: Uuid,
    words: &[Word<'_>],
    event: Kind,
) -> Result<()> {
    let subject = dossier_kernel::name::name("persons", id);
    let saying = Saying { action, subject: &subject, request_id: "", words };
    let entry = record_work(base, tx, tenant.org(), saying, event).await?;
    feed::apply(tx, tenant.pack(), &entry).await
}

// A UUID of version 8 made of SHA-256: the same parts give the same id, wherever it is computed.
fn derived(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(b"dossier/first/v1");
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_org_and_subject() {
        assert_eq!(person_id("demo", "gm"), person_id("demo", "gm"));
        assert_ne!(person_id("demo", "gm"), person_id("demog", "m"));
        assert_eq!(person_id("demo", "gm").get_version_num(), 8);
    }
}
