//! The facts, read out of the stores.

use std::collections::BTreeSet;

use dossier_proto::journal::v1::EntryBody;
use prost::Message;
use uuid::Uuid;

use super::connected::rows;
use super::{Connected, Entry, Exposure, Facts, File, Grant, Journal, Loan, Moves, Reservation};
use crate::ground::{Fault, Result, Service, Store};

/// How far a store is behind: entries without number, entries not published, and its head.
///
/// # Errors
/// When it does not answer.
pub async fn backlog(store: &Store, service: Service) -> Result<(i64, i64, i64)> {
    let mut to = Connected::to(store, service).await?;
    let waiting = rows!(&mut to, (i64,), "SELECT COUNT(*) FROM journal_entry WHERE org = 'demo' AND seq IS NULL");
    let head = rows!(&mut to, (i64, i64), "SELECT size, size - published FROM journal_head WHERE org = 'demo'");
    let (size, unpublished) = head.first().copied().unwrap_or_default();
    Ok((waiting.first().map_or(0, |row| row.0), unpublished, size))
}

/// How far the consumers in the store of `service` are: name, source, number.
///
/// # Errors
/// When it does not answer.
pub async fn cursors(store: &Store, service: Service) -> Result<Vec<(String, String, i64)>> {
    let mut to = Connected::to(store, service).await?;
    Ok(rows!(&mut to, (String, String, i64), "SELECT consumer, source, seq FROM journal_cursor WHERE org = 'demo'"))
}

/// The pieces that documents name as their contents, by their paths in the store of contents.
///
/// # Errors
/// When the store of profile does not answer, or a row cannot be read.
pub async fn pieces(store: &Store) -> Result<BTreeSet<String>> {
    let mut to = Connected::to(store, Service::Profile).await?;
    let text = "SELECT id, file, CAST(content AS TEXT) FROM document WHERE org = 'demo' AND content IS NOT NULL";
    let mut found = BTreeSet::new();
    for (document, file, content) in rows!(&mut to, (Uuid, Uuid, String), text) {
        let content: Content = serde_json::from_str(&content).map_err(Fault::new)?;
        let mut at = 0;
        for (turn, end) in content.place.spans {
            let upload = content.place.upload;
            found.extend((at..end).map(|at: u64| format!("demo/{file}/{document}/{upload}/{at:08}-{turn}")));
            at = end;
        }
    }
    Ok(found)
}

#[derive(serde::Deserialize)]
struct Content {
    place: Place,
}

// Of each turn, which piece comes behind its last.
#[derive(serde::Deserialize)]
struct Place {
    upload: Uuid,
    spans: Vec<(i64, u64)>,
}

// === impl Facts ===

impl Facts {
    /// Reads the three stores, which should be at rest.
    ///
    /// # Errors
    /// When one does not answer, or a row cannot be read.
    pub async fn read(store: &Store) -> Result<Self> {
        let mut facts = Self::default();
        for service in Service::ALL {
            let mut to = Connected::to(store, service).await?;
            facts.journals.insert(service, Journal::read(&mut to).await?);
            facts.moves.insert(service, Moves::read(&mut to).await?);
            let text = "SELECT consumer, source, seq FROM journal_cursor WHERE org = 'demo'";
            let cursors = rows!(&mut to, (String, String, i64), text);
            facts.cursors.extend(cursors.into_iter().map(|(name, source, seq)| (service, name, source, seq)));
            facts.people.insert(service, people(&mut to).await?);
            let text = "SELECT id, file, holder, valid_until, revoked_at IS NOT NULL AS revoked,
                            completed_at IS NOT NULL AS completed FROM grant_copy WHERE org = 'demo'";
            let grants = rows!(&mut to, Grant, text);
            facts.grants.insert(service, grants.into_iter().map(|one| (one.id, one)).collect());
            match service {
                Service::Profile => facts.profile(&mut to).await?,
                Service::Access => facts.access(&mut to).await?,
                Service::Credit => facts.credit(&mut to).await?,
            }
        }
        Ok(facts)
    }

    async fn profile(&mut self, to: &mut Connected) -> Result<()> {
        let text = "SELECT id, state, revision, level, unit, COALESCE(number, '') AS number
                    FROM customer_file WHERE org = 'demo'";
        self.files = rows!(&mut *to, File, text).into_iter().map(|one| (one.id, one)).collect();
        let text = "SELECT file, COUNT(*) FROM customer_file_revision WHERE org = 'demo' GROUP BY file";
        self.revisions = rows!(&mut *to, (Uuid, i64), text).into_iter().collect();
        let text = "SELECT series, sequence, file FROM file_number WHERE org = 'demo' ORDER BY series, sequence";
        self.numbers = rows!(to, (String, i64, Option<Uuid>), text);
        Ok(())
    }

    async fn access(&mut self, to: &mut Connected) -> Result<()> {
        self.copies(Service::Access, to).await?;
        self.loans = rows!(to, Loan, "SELECT id, file, state FROM loan WHERE org = 'demo' ORDER BY id");
        Ok(())
    }

    async fn credit(&mut self, to: &mut Connected) -> Result<()> {
        self.copies(Service::Credit, to).await?;
        let text = "SELECT customer, limit_minor, drawn_minor, held_minor FROM exposure WHERE org = 'demo'";
        self.exposures = rows!(&mut *to, Exposure, text);
        let text = "SELECT id, customer, amount_minor, committed_minor, held_minor, state
                    FROM reservation WHERE org = 'demo'";
        self.reservations = rows!(to, Reservation, text).into_iter().map(|one| (one.id, one)).collect();
        Ok(())
    }

    async fn copies(&mut self, service: Service, to: &mut Connected) -> Result<()> {
        let text =
            "SELECT id, LOWER(REPLACE(state, 'CUSTOMER_FILE_STATE_', '')) AS state, revision, level, unit, number
                    FROM file_copy WHERE org = 'demo'";
        let found = rows!(to, File, text).into_iter().map(|one| (one.id, one)).collect();
        self.file_copies.insert(service, found);
        Ok(())
    }
}

// === impl Journal ===

impl Journal {
    async fn read(to: &mut Connected) -> Result<Self> {
        let text = "SELECT seq, body, leaf_hash FROM journal_entry WHERE org = 'demo' AND seq IS NOT NULL ORDER BY seq";
        let mut entries = Vec::new();
        for (seq, bytes, leaf) in rows!(&mut *to, (i64, Vec<u8>, Vec<u8>), text) {
            let body = EntryBody::decode(&bytes[..]).map_err(|_| Fault::new(format!("entry {seq} is no message")))?;
            entries.push(Entry { seq, body, bytes, leaf });
        }
        let text = "SELECT COUNT(*) FROM journal_entry WHERE org = 'demo' AND seq IS NULL";
        let waiting = rows!(&mut *to, (i64,), text).first().map_or(0, |row| row.0);
        let text = "SELECT size, root, published FROM journal_head WHERE org = 'demo'";
        let head = rows!(to, (i64, Vec<u8>, i64), text).pop();
        Ok(Self { entries, waiting, head })
    }
}

// === impl Moves ===

impl Moves {
    async fn read(to: &mut Connected) -> Result<Self> {
        let text = "SELECT consumer, source, was, now FROM fire_cursor ORDER BY n";
        let cursor = rows!(&mut *to, (String, String, i64, i64), text);
        let text = "SELECT was_epoch, now_epoch, was_size, now_size FROM fire_head ORDER BY n";
        let head = rows!(&mut *to, (i64, i64, i64, i64), text);
        let files = rows!(&mut *to, (Uuid, i64), "SELECT id, COUNT(*) FROM fire_file GROUP BY id");
        let grants = rows!(to, (Uuid, i64), "SELECT id, COUNT(*) FROM fire_grant GROUP BY id");
        Ok(Self { cursor, head, files: files.into_iter().collect(), grants: grants.into_iter().collect() })
    }
}

async fn people(to: &mut Connected) -> Result<Vec<String>> {
    let text = "SELECT person, subject, active FROM principal WHERE org = 'demo' ORDER BY person";
    let persons = rows!(&mut *to, (Uuid, String, bool), text);
    let text = "SELECT id, post, unit, valid_until FROM appointment WHERE org = 'demo' ORDER BY id";
    let posts = rows!(to, (Uuid, String, String, i64), text);
    let persons = persons.into_iter().map(|(person, subject, active)| format!("{person} {subject} {active}"));
    let posts = posts.into_iter().map(|(id, post, unit, until)| format!("{id} {post} {unit} {until}"));
    Ok(persons.chain(posts).collect())
}
