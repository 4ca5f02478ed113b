//! What the stores say, read by plain SQL; and the logs that let a checker see what is written more than once.
//!
//! The effects of consumers are upserts: applied twice they leave no trace. So [`watch`] adds triggers to the stores under
//! test that write down each move of a cursor and of a journal's head, and each write of a copy.

use std::collections::BTreeMap;
use std::str::FromStr;

use dossier_proto::journal::v1::EntryBody;
use prost::Message;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use uuid::Uuid;

use crate::ground::{Fault, Result, Service, Store};

/// Everything the rules need to know of the three stores.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By service.
    pub journals: BTreeMap<Service, Journal>,
    /// Files, by id.
    pub files: BTreeMap<Uuid, File>,
    /// How many revisions each file has.
    pub revisions: BTreeMap<Uuid, i64>,
    /// File numbers: series, place in it, the file that carries it.
    pub numbers: Vec<(String, i64, Option<Uuid>)>,
    /// What access and credit know of files.
    pub file_copies: BTreeMap<Service, BTreeMap<Uuid, File>>,
    /// Grants as each service knows them; access owns them.
    pub grants: BTreeMap<Service, BTreeMap<Uuid, Grant>>,
    /// People and posts as each service knows them, one line each; access owns them.
    pub people: BTreeMap<Service, Vec<String>>,
    /// The ledger of loans.
    pub loans: Vec<Loan>,
    /// What is used of limits.
    pub exposures: Vec<Exposure>,
    /// Parts of limits.
    pub reservations: BTreeMap<Uuid, Reservation>,
    /// How far each consumer is: the service that consumes, the consumer's name, the source, the number.
    pub cursors: Vec<(Service, String, String, i64)>,
    /// What the triggers wrote down.
    pub moves: BTreeMap<Service, Moves>,
}

/// A journal as its store holds it.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// The entries with a number, in order.
    pub entries: Vec<Entry>,
    /// How many wait for a number.
    pub waiting: i64,
    /// Size, root and published of the head; absent before the first entry.
    pub head: Option<(i64, Vec<u8>, i64)>,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// What it says.
    pub body: EntryBody,
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// The stored hash.
    pub leaf: Vec<u8>,
}

/// Where a file stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct File {
    /// Which.
    pub id: Uuid,
    /// Its state, in lower case: `draft` to `closed`.
    pub state: String,
    /// Its revision.
    pub revision: i64,
    /// Its level.
    pub level: String,
    /// Its unit.
    pub unit: String,
    /// Its number; empty before activation.
    pub number: String,
}

/// Where a grant stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    /// Which.
    pub id: Uuid,
    /// Its file.
    pub file: Uuid,
    /// Who holds it.
    pub holder: Uuid,
    /// Until when, microseconds.
    pub valid_until: i64,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether it was completed.
    pub completed: bool,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Loan {
    /// Which.
    pub id: Uuid,
    /// Of which original.
    pub file: Uuid,
    /// `out`, `recalled`, `returned`, `returned_with_difference`.
    pub state: String,
}

/// What is used of one customer's limit, minor units.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Exposure {
    /// Whose.
    pub customer: Uuid,
    /// The limit.
    pub limit_minor: i64,
    /// What is drawn.
    pub drawn_minor: i64,
    /// What is held.
    pub held_minor: i64,
}

/// One reservation, minor units.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Reservation {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub customer: Uuid,
    /// What was asked for.
    pub amount_minor: i64,
    /// What was drawn.
    pub committed_minor: i64,
    /// What is held.
    pub held_minor: i64,
    /// `held`, `committed`, `released`, `expired`.
    pub state: String,
}

/// What the triggers of one store wrote down, in order.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Consumer, source, from, to.
    pub cursor: Vec<(String, String, i64, i64)>,
    /// Of the head: epoch before and after, size before and after.
    pub head: Vec<(i64, i64, i64, i64)>,
    /// How often the copy of a file was written.
    pub files: BTreeMap<Uuid, i64>,
    /// How often the copy of a grant was written.
    pub grants: BTreeMap<Uuid, i64>,
}

/// The organisation that everything happens in.
pub const ORG: &str = "demo";

/// A connection of our own to one store.
pub enum Connected {
    /// To PostgreSQL.
    Postgres(PgConnection),
    /// To a file.
    Sqlite(SqliteConnection),
}

macro_rules! rows {
    ($to:expr, $row:ty, $text:expr) => {
        match $to {
            Connected::Postgres(inner) => sqlx::query_as::<_, $row>($text).fetch_all(inner).await?,
            Connected::Sqlite(inner) => sqlx::query_as::<_, $row>($text).fetch_all(inner).await?,
        }
    };
}

// === impl Connected ===

impl Connected {
    /// Connects to the store of `service`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn to(store: &Store, service: Service) -> Result<Self> {
        match store {
            Store::Postgres(urls) => {
                let url = urls.get(&service).ok_or_else(|| Fault::new("no such store"))?;
                let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
                Ok(Self::Postgres(PgConnection::connect_with(&options).await?))
            }
            Store::Sqlite(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.join(format!("{}.db", service.name())));
                let options = options.busy_timeout(std::time::Duration::from_secs(5)).disable_statement_logging();
                Ok(Self::Sqlite(SqliteConnection::connect_with(&options).await?))
            }
        }
    }

    /// Runs statements that give nothing.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn run(&mut self, text: &str) -> Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        match self {
            Self::Postgres(inner) => inner.execute(sqlx::raw_sql(text)).await.map(drop)?,
            Self::Sqlite(inner) => inner.execute(sqlx::raw_sql(text)).await.map(drop)?,
        }
        Ok(())
    }
}

/// Adds the logs and triggers to the migrated store of `service`.
///
/// # Errors
/// Whatever the store says.
pub async fn watch(store: &Store, service: Service) -> Result<()> {
    let mut to = Connected::to(store, service).await?;
    let postgres = matches!(to, Connected::Postgres(_));
    let key = if postgres { "BIGSERIAL PRIMARY KEY" } else { "INTEGER PRIMARY KEY AUTOINCREMENT" };
    to.run(&format!(
        "CREATE TABLE fire_cursor (n {key}, consumer TEXT, source TEXT, was BIGINT, now BIGINT);
         CREATE TABLE fire_head (n {key}, was_epoch BIGINT, now_epoch BIGINT, was_size BIGINT, now_size BIGINT);
         CREATE TABLE fire_file (n {key}, id UUID);
         CREATE TABLE fire_grant (n {key}, id UUID)"
    ))
    .await?;
    let org = format!("'{ORG}'");
    for (name, table, event, act) in [
        (
            "a",
            "journal_cursor",
            "INSERT",
            "fire_cursor (consumer, source, was, now) VALUES (NEW.consumer, NEW.source, 0, NEW.seq)",
        ),
        (
            "b",
            "journal_cursor",
            "UPDATE",
            "fire_cursor (consumer, source, was, now) VALUES (NEW.consumer, NEW.source, OLD.seq, NEW.seq)",
        ),
        (
            "c",
            "journal_head",
            "UPDATE",
            "fire_head (was_epoch, now_epoch, was_size, now_size) VALUES (OLD.epoch, NEW.epoch, OLD.size, NEW.size)",
        ),
        ("d", "file_copy", "INSERT", "fire_file (id) VALUES (NEW.id)"),
        ("e", "file_copy", "UPDATE", "fire_file (id) VALUES (NEW.id)"),
        ("f", "grant_copy", "INSERT", "fire_grant (id) VALUES (NEW.id)"),
        ("g", "grant_copy", "UPDATE OF valid_until", "fire_grant (id) VALUES (NEW.id)"),
    ] {
        let text = if postgres {
            format!(
                "CREATE FUNCTION fire_{name}() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN IF NEW.org = {org} THEN INSERT INTO {act}; END IF; RETURN NULL; END $$;
                 CREATE TRIGGER fire_{name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION fire_{name}()"
            )
        } else {
            format!(
                "CREATE TRIGGER fire_{name} AFTER {event} ON {table} FOR EACH ROW WHEN NEW.org = {org}
                 BEGIN INSERT INTO {act}; END"
            )
        };
        to.run(&text).await?;
    }
    Ok(())
}

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
