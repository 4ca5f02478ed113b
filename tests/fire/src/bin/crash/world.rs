//! One round: stores, processes, people, and the way back to order after a fault.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use dossier_fire::ground::{Disk, Fault, Fleet, Pki, Plan, Postgres, Redis, Relay, Result, Scratch, Service, Store};
use dossier_fire::history::{Bounds, Facts, Violation, facts, judge, put_back};
use tokio::time::Instant;

use crate::acts::{check_out, give_back, read, release, reserve};
use crate::calls::Callers;
use crate::chance::Chance;
use crate::papers::Paper;
use crate::scene::{self, LIMIT};
use crate::workers::Stage;

/// How long after a revocation a reader may be let in.
pub(crate) const BOUND: Duration = Duration::from_secs(2);

/// Margin for the way of an answer, which counts for neither side.
const MARGIN: Duration = Duration::from_millis(50);

/// Megabytes of the disk that contents lie on.
const CONTENTS: u32 = 1024;

/// Which stores a round runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Two replicas of each service on PostgreSQL and Redis.
    Postgres,
    /// `serve all` on SQLite, on a disk of its own that can be filled.
    Sqlite,
}

/// What rounds share.
pub(crate) struct Machine {
    pub(crate) scratch: Scratch,
    pub(crate) postgres: Option<Postgres>,
    pub(crate) redis: Option<Redis>,
}

/// One round.
pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) fleet: Fleet,
    pub(crate) stage: Stage,
    /// Between the services and their stores, where there is a network between them.
    pub(crate) stores: Vec<(Service, Relay)>,
    pub(crate) disk: Option<Disk>,
    /// Where the contents of documents lie, and the disk of their own that this is on, where one may be mounted.
    pub(crate) contents: (PathBuf, Option<Disk>),
    /// Contents that are on their way or came in, and were not looked at again.
    pub(crate) papers: Vec<Paper>,
    /// What vouches for the ports, where they speak TLS.
    pub(crate) pki: Option<Pki>,
    /// The store that was put back, from when and until when it answered for nothing.
    pub(crate) put_back: Option<(Service, u64, u64)>,
    /// Violations that were told already.
    told: BTreeSet<String>,
    chance: Chance,
}

// === impl Machine ===

impl Machine {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { scratch: Scratch::new("crash")?, postgres: None, redis: None })
    }

    /// PostgreSQL and Redis, started when they are first needed.
    async fn servers(&mut self) -> Result<(&Postgres, &Redis)> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start(&self.scratch).await?);
            self.redis = Some(Redis::start(&self.scratch).await?);
        }
        match (&self.postgres, &self.redis) {
            (Some(postgres), Some(redis)) => Ok((postgres, redis)),
            _ => Err(Fault::new("no servers")),
        }
    }
}

// === impl World ===

impl World {
    /// Raises a world: fresh stores with watches in them, processes, the scene; its ports speak TLS where that is wanted.
    pub(crate) async fn raise(
        machine: &mut Machine,
        program: &Path,
        (kind, secure): (Kind, bool),
        round: usize,
        seed: u64,
        more: &[(String, String)],
    ) -> Result<Self> {
        let (mut stores, mut disk) = (Vec::new(), None);
        let folder = machine.scratch.path().join(format!("round-{round}"));
        let mut plan = match kind {
            Kind::Postgres => {
                let (postgres, redis) = machine.servers().await?;
                let mut plan = Plan::on_postgres(program, &folder, postgres, &format!("round{round}")).await?;
                let target = postgres.address().parse().map_err(Fault::new)?;
                for service in Service::ALL {
                    let relay = Relay::postgres(target).await?;
                    plan = plan.through(service, &relay);
                    stores.push((service, relay));
                }
                plan.replicas = 2;
                plan.with_redis(redis).with("DOSSIER__BUS__PREFIX", format!("round{round}"))
            }
            Kind::Sqlite => {
                disk = Disk::mount(&machine.scratch, &format!("disk-{round}"), 64).ok();
                let data = disk.as_ref().map_or(folder, |disk| disk.path().join("data"));
                Plan::embedded(program, &data)
            }
        };
        for (name, value) in [
            ("DOSSIER__LEASE__TTL", "2s"),
            ("DOSSIER__LIMITS__REVOCATION_BOUND", "2s"),
            ("DOSSIER__PEERS__TIMEOUT", "2s"),
            ("DOSSIER__PEERS__CONNECT_TIMEOUT", "500ms"),
            ("DOSSIER__DATABASE__ACQUIRE_TIMEOUT", "1s"),
            ("DOSSIER__DATABASE__STATEMENT_TIMEOUT", "3s"),
            ("DOSSIER__DATABASE__MAX_CONNECTIONS", "12"),
            ("DOSSIER__SERVER__DRAIN_DEADLINE", "3s"),
            ("DOSSIER__TELEMETRY__LOG_FILTER", "info"),
        ] {
            plan = plan.with(name, value);
        }
        for (name, value) in more {
            plan = plan.with(name, value.as_str());
        }
        let keys = machine.scratch.path().join(format!("certificates-{round}"));
        let pki = secure.then(|| Pki::new(&keys)).transpose()?;
        if let Some(pki) = &pki {
            plan = plan.secured(pki);
        }
        let large = Disk::mount(&machine.scratch, &format!("contents-{round}"), CONTENTS).ok();
        let aside = machine.scratch.path().join(format!("contents-{round}"));
        // Below the root of its disk, so that it can be taken away.
        let contents = (aside.join("documents"), large);
        plan = plan.with("DOSSIER__DOCUMENTS__DIR", contents.0.display().to_string());
        let mut fleet = Fleet::prepare(&machine.scratch, plan).await?;
        fleet.command(&["migrate"]).await?;
        for service in Service::ALL {
            facts::watch(&fleet.plan.store, service).await?;
        }
        fleet.go().await?;
        let callers = Arc::new(Callers::new(&fleet).await?);
        let mut chance = Chance::new(seed, 0);
        let scene = Arc::new(scene::lay(&callers, &mut chance).await.map_err(|fault| fault.within("the scene"))?);
        callers.trouble();
        let stage = Stage { callers, scene, read: Arc::default() };
        let (put_back, told, papers) = (None, BTreeSet::new(), Vec::new());
        Ok(Self { kind, fleet, stage, stores, disk, contents, papers, pki, put_back, told, chance })
    }

    /// The store that everything is in.
    pub(crate) fn store(&self) -> &Store {
        &self.fleet.plan.store
    }

    /// The stores are at another PostgreSQL now; the services reach it by the way they know.
    pub(crate) fn moved(&mut self, to: &Postgres) {
        if let Store::Postgres(urls) = &mut self.fleet.plan.store {
            for url in urls.values_mut() {
                *url = to.url(url.rsplit('/').next().unwrap_or_default());
            }
        }
    }

    /// Waits until every replica of every service does real work again; gives how long that took.
    pub(crate) async fn recover(&mut self, since: Instant) -> Result<Duration> {
        let end = Instant::now() + Duration::from_secs(30);
        for service in Service::ALL {
            for at in 0..self.stage.callers.replicas(service) {
                while !self.probe(service, at).await {
                    if Instant::now() > end {
                        return Err(Fault::new(format!("{} {} does not recover", service.name(), at + 1)));
                    }
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
            }
        }
        Ok(since.elapsed())
    }

    /// One piece of real work at one replica.
    async fn probe(&mut self, service: Service, at: usize) -> bool {
        let (callers, scene, chance) = (&self.stage.callers, &self.stage.scene, &mut self.chance);
        match service {
            Service::Profile => read(callers, chance, "archivist", &scene.probe, Some(at)).await.done().is_some(),
            Service::Access => {
                let Some(borrower) = scene.borrowers.first() else { return false };
                match check_out(callers, chance, &scene.probe, borrower, Some(at)).await.done() {
                    Some(loan) => {
                        give_back(callers, chance, &loan.name, &scene.probe, Some(at)).await;
                        true
                    }
                    None => self.free_probe().await,
                }
            }
            Service::Credit => {
                let Some(customer) = scene.customers.first() else { return false };
                match reserve(callers, chance, customer, 1, Some(at)).await {
                    crate::calls::Answer::Done(one) => {
                        release(callers, chance, &one.name, customer, Some(at)).await;
                        true
                    }
                    // Full to the brim by others: it answers.
                    crate::calls::Answer::Refused(why) => why == "LIMIT_EXCEEDED",
                    crate::calls::Answer::Unknown => false,
                }
            }
        }
    }

    /// A probe that was given up may have left the original out.
    async fn free_probe(&mut self) -> bool {
        use dossier_fire::history::Call;
        use dossier_proto::access::v1::ListLoansRequest;
        use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
        let (callers, scene, chance) = (&self.stage.callers, &self.stage.scene, &mut self.chance);
        let ask = crate::calls::Ask::new(Service::Access, "archivist", Call::Look);
        let filter = format!("file = \"{}\" AND state = OUT", scene.probe);
        let request = ListLoansRequest { filter, ..ListLoansRequest::default() };
        let open = crate::look!(callers, chance, ask, LoanServiceClient.list_loans, request);
        if let Some(loan) = open.done().and_then(|mut list| list.loans.pop()) {
            give_back(callers, chance, &loan.name, &scene.probe, None).await;
        }
        false
    }

    /// Waits until everything is numbered, published and applied everywhere.
    pub(crate) async fn settle(&self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        let mut last = String::new();
        while Instant::now() < end {
            match self.behind().await {
                Ok(words) if words.is_empty() => return Ok(()),
                Ok(words) => last = words,
                Err(fault) => last = fault.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        // The rules will say what is wrong with it.
        Err(Fault::new(format!("the journals do not come to rest: {last}")))
    }

    async fn behind(&self) -> Result<String> {
        let mut sizes = Vec::new();
        for service in Service::ALL {
            let (waiting, unpublished, size) = facts::backlog(self.store(), service).await?;
            if waiting > 0 || unpublished > 0 {
                return Ok(format!("{}: {waiting} wait, {unpublished} unpublished", service.name()));
            }
            sizes.push((service.name(), size));
        }
        for service in Service::ALL {
            for (name, source, seq) in facts::cursors(self.store(), service).await? {
                if sizes.iter().any(|(of, size)| *of == source && *size != seq) {
                    return Ok(format!("{}: {name} is at {seq} of {source} {sizes:?}", service.name()));
                }
            }
        }
        Ok(String::new())
    }

    /// Holds history and stores of the round against the rules; gives what was not told before.
    pub(crate) async fn judge(&mut self) -> Result<Vec<Violation>> {
        let mut facts = Facts::read(self.store()).await?;
        let mut history = self.stage.callers.history();
        if let Some((service, from, until)) = self.put_back {
            history = put_back(history, service, from, until);
            // Copies that the journal did not contain were made anew, and a head went back with its store.
            facts.moves.clear();
        }
        let revocation = u64::try_from((BOUND + MARGIN).as_micros()).unwrap_or(u64::MAX);
        let mut found = judge(&history, &facts, Bounds { revocation, limit: LIMIT });
        found.retain(|one| self.told.insert(format!("{} {}", one.rule, one.words)));
        Ok(found)
    }

    /// What `dossier verify` finds wrong; nothing when the journals verify.
    pub(crate) async fn verify(&self) -> Result<Option<String>> {
        match self.fleet.command(&["verify"]).await {
            Ok(_) => Ok(None),
            Err(fault) => Ok(Some(fault.to_string())),
        }
    }

    /// Ends the round; its stores go away.
    pub(crate) async fn fall(mut self, machine: &Machine, round: usize) -> Result<()> {
        self.fleet.kill().await?;
        if let (Kind::Postgres, Some(postgres)) = (self.kind, &machine.postgres) {
            for service in Service::ALL {
                postgres.remove(&format!("round{round}_{}", service.name())).await?;
            }
        }
        Ok(())
    }
}
