//! A store with a journal in a temporary folder.

use std::sync::Arc;

use dossier_kernel::bus::{Bus, MemoryBus, Settings as BusSettings};
use dossier_kernel::call::Providers;
use dossier_kernel::clock::Manual;
use dossier_kernel::db::{Db, Settings, migrate};
use dossier_kernel::id::Seeded;
use dossier_kernel::time::from_micros;
use dossier_kernel::{sql, transact};
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileDisclosed};
use ed25519_dalek::SigningKey;

use crate::checkpoint::Origin;
use crate::keeper::Pace;
use crate::sequencer::sequence;
use crate::{Doubts, Keeper, Log, Recorder, Wake, Witness, append};

pub(crate) struct Fixture {
    pub db: Db,
    pub bus: Arc<dyn Bus>,
    pub providers: Providers,
    pub recorder: Recorder,
    /// What the owner's rpc doubts.
    pub doubts: Doubts,
    _folder: tempfile::TempDir,
}

/// The log of org `demo` in service `profile`.
pub(crate) fn log() -> Log {
    Log::new(Origin::new("demo", "profile").unwrap(), SigningKey::from_bytes(&[7; 32]))
}

// === impl Fixture ===

impl Fixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("journal.db").display());
        let db = Db::open(&Settings::new(url)).await.unwrap();
        migrate(&db, &[&dossier_kernel::MIGRATIONS, &crate::MIGRATIONS]).await.unwrap();
        let clock = Manual::at(from_micros(1_700_000_000_000_000));
        let providers = Providers { clock: clock.clone(), ids: Seeded::new(1, clock) };
        let recorder = Recorder::new("profile", providers.clone());
        let bus = Arc::new(MemoryBus::new(&BusSettings::default()));
        Self { db, bus, providers, recorder, doubts: Doubts::default(), _folder: folder }
    }

    /// A disclosure of file `n` to a reader.
    pub(crate) fn entry(&self, n: u128) -> EntryBody {
        let file = format!("files/{}", uuid::Uuid::from_u128(n));
        let event = FileDisclosed { file: file.clone(), reader: "persons/1".into(), ..FileDisclosed::default() };
        self.recorder.work("demo", "file.disclosed", &file).event(Kind::FileDisclosed(event)).body()
    }

    pub(crate) async fn append(&self, count: u128) {
        for n in 1..=count {
            let entry = self.entry(n);
            let done: dossier_kernel::error::Result<()> = transact!(self.db, tx => append(tx, &entry).await);
            done.unwrap();
        }
    }

    /// Appends and numbers batches of these sizes under epoch 1.
    pub(crate) async fn grow(&self, batches: &[u128]) {
        for count in batches {
            self.append(*count).await;
            sequence(&self.db, &log(), 1, 1_700_000_000_250_000, 1000).await.unwrap().unwrap();
        }
    }

    pub(crate) fn keeper(&self) -> Keeper {
        Keeper {
            db: self.db.clone(),
            bus: self.bus.clone(),
            providers: self.providers.clone(),
            logs: vec![log()],
            wake: Wake::default(),
            pace: Pace::default(),
            witness: Witness::default(),
        }
    }

    /// The numbers given so far, in order.
    pub(crate) async fn seqs(&self) -> Vec<i64> {
        let mut tx = self.db.read().await.unwrap();
        let text = "SELECT seq FROM journal_entry WHERE org = $1 AND seq IS NOT NULL ORDER BY seq";
        let rows = sql!(&mut tx, fetch_all as (i64,), text, "demo").unwrap();
        rows.into_iter().map(|(seq,)| seq).collect()
    }
}
