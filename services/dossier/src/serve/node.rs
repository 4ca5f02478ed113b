//! One service made ready: its store, its journal, its rpcs, its jobs.

use std::sync::Arc;
use std::time::Duration;

use dossier_authority::store::rules;
use dossier_authority::{Base, Memo, Strangers};
use dossier_journal::checkpoint::Origin;
use dossier_journal::disclosure::Settings;
use dossier_journal::keeper::Pace;
use dossier_journal::{Disclosures, Doubts, Freshness, Keeper, Log, Recorder, Wake, Witness};
use dossier_kernel::db::{self, Db};
use dossier_kernel::mutation::Mutations;
use dossier_kernel::server::Stop;
use dossier_kernel::slots::Slots;
use dossier_regime::Regimes;
use dossier_vault::Replies;
use dossier_vault::sign::Signer;
use tokio_util::task::TaskTracker;

use super::{Ground, Which, fit};
use crate::Failure;

/// Most approvals that one caller may watch at the same time.
const WATCHES: usize = 64;

/// Opens the store of `which`, which must be migrated, and everything that handlers need around it.
pub(crate) async fn base(ground: &Ground, which: Which) -> Result<Base, Failure> {
    let config = &ground.config;
    let told = |fault| Failure::store(which.name(), fault);
    let db = Db::open(&config.store(which.settings(config))).await.map_err(told)?;
    db::require_migrated(&db, &which.migrations()).await.map_err(told)?;
    let orgs: Vec<_> = ground.regimes.tenants().map(|tenant| tenant.org().to_owned()).collect();
    let (provider, clock, path) = (ground.provider.as_ref(), ground.providers.clock.as_ref(), &config.keyring.file);
    fit::require(&db, which, &orgs, provider, clock, path).await?;
    fit::require_services(ground, &db, which, &orgs).await?;
    ground.vault.reapply_tombstones(&db).await.map_err(Failure::keys)?;
    // A copy: each service takes a new version of the rules for itself, with its rows.
    let regimes = Arc::new(Regimes::clone(&ground.regimes));
    let now = db.now(&*ground.providers.clock).await.map_err(told)?;
    for org in &orgs {
        regimes.enter(org, now);
        for version in regimes.versions(org) {
            rules::require_same(&db, version).await.map_err(told)?;
        }
    }
    for tenant in regimes.tenants() {
        rules::admit(&db, tenant, now).await.map_err(told)?;
        rules::sync(&db, tenant.org(), tenant.pack()).await.map_err(told)?;
    }
    let wake = Wake::default();
    let sealer = Replies::new(Arc::clone(&ground.provider), Arc::clone(&ground.providers.ids));
    let sealer = Arc::new(sealer.map_err(Failure::keys)?);
    let ring = wake.clone();
    let mutations = Mutations::new(db.clone(), sealer, ground.providers.clone()).on_commit(move || ring.ring());
    Ok(Base {
        service: which.name(),
        regimes,
        turning: Arc::default(),
        vault: ground.vault.clone(),
        providers: ground.providers.clone(),
        mutations,
        recorder: Recorder::new(which.name(), ground.providers.clone()),
        // Access decides on its own truth, and credit tells no content of a file.
        freshness: match which {
            Which::Profile => Freshness::new(Arc::clone(&ground.providers.clock), config.limits.revocation_bound, orgs),
            Which::Access | Which::Credit => Freshness::default(),
        },
        doubts: Doubts::load(&db).await.map_err(told)?,
        memo: Memo::new(which.name(), &db, config.database.memo_bytes),
        watches: Slots::new(WATCHES),
        strangers: Strangers::default(),
        disclosures: Disclosures::start(&db, &wake, Settings::default(), &TaskTracker::new()),
        wake,
        bus: Arc::clone(&ground.bus),
        db,
    })
}

/// Starts the job that numbers, proves and publishes the journals of `base`.
pub(super) fn keep_journals(ground: &Ground, base: &Base, stop: &Stop) -> Result<(), Failure> {
    let signer = Signer::journal(ground.provider.as_ref(), base.service).map_err(Failure::keys)?;
    let log = |org: String| {
        let origin = Origin::new(&org, base.service).map_err(Failure::config)?;
        Ok(Log::new(origin, signer.signing_key().clone()))
    };
    let logs = base.orgs().into_iter().map(log).collect::<Result<Vec<_>, Failure>>()?;
    let settings = &ground.config.journal;
    let pace = Pace {
        batch: i64::from(settings.batch),
        // Half the delay to gather and poll leaves the other half for the batch itself.
        poll: settings.merge_delay / 4,
        lease: ground.config.lease.ttl,
        ..Pace::default()
    };
    let (db, bus, wake) = (base.db.clone(), Arc::clone(&base.bus), base.wake.clone());
    let witness = Witness::new(settings.witness_file.clone(), settings.witness_url.clone());
    let keeper = Keeper { db, bus, providers: base.providers.clone(), logs, wake, pace, witness };
    let soft = stop.soft().clone();
    stop.spawn(async move { keeper.run(soft).await });
    Ok(())
}

/// Opens the duties that the calendar brings. They are about files, so profile keeps them.
pub(super) async fn calendar(base: &Base, org: &str) {
    if base.service != Which::Profile.name() {
        return;
    }
    if let Err(fault) = dossier_authority::duty::open_scheduled(base, org).await {
        tracing::warn!(?fault, org, "duties of the calendar cannot be opened");
    }
}

/// Looks at the store again and again, for the metrics and the log.
pub(super) fn watch(base: &Base, stop: &Stop) {
    let (db, soft) = (base.db.clone(), stop.soft().clone());
    stop.spawn(async move { soft.run_until_cancelled(db.watch()).await.unwrap_or_default() });
}

/// Forgets replies that are too old to be replayed, lets unused data keys and remembered answers go, writes down the keys that were
/// destroyed and could not be written down then, and looks at the calendar.
pub(super) fn tidy(base: &Base, stop: &Stop) {
    let (base, soft) = (base.clone(), stop.soft().clone());
    stop.spawn(async move {
        for org in base.orgs() {
            calendar(&base, &org).await;
        }
        while soft.run_until_cancelled(tokio::time::sleep(Duration::from_secs(60))).await.is_some() {
            base.vault.cache().advance();
            base.memo.advance();
            dossier_authority::base::tell_strangers(&base).await;
            if let Err(fault) = base.vault.bury(&base.db).await {
                tracing::warn!(%fault, "keys that were destroyed cannot be written down");
            }
            for org in base.orgs() {
                if let Err(fault) = base.turn_now(&org).await {
                    tracing::warn!(?fault, org, "the version of the rules that holds now cannot be taken");
                }
                if let Err(fault) = base.mutations.prune(&org).await {
                    tracing::warn!(?fault, org, "old replies cannot be forgotten");
                }
                calendar(&base, &org).await;
            }
        }
    });
}
