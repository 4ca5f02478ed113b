//! Starting services, running them until they are asked to stop, and migrating their stores.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use dossier_access::Access;
use dossier_authority::Base;
use dossier_credit::Credit;
use dossier_journal::{LinkSource, Source};
use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::db::{self, Db};
use dossier_kernel::ready::Board;
use dossier_kernel::server::{Bound, Server, Stop};
use dossier_kernel::telemetry::{self, Telemetry};
use dossier_kernel::tls::Inbound;
use dossier_profile::Profile;
use dossier_vault::Vault;
use dossier_vault::tombstone::Tombstones;
use tokio_util::task::TaskTracker;

use super::ways::Ways;
use super::{Ground, Which, fit, ground, node, past, port, private, ready, room};
use crate::Failure;

/// What jobs have left to end in when the calls took all the time there was.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(1);

/// The longest that is waited for copies to be as recent as they must be.
const FRESH: std::time::Duration = std::time::Duration::from_mins(2);

/// How long [`Running::fresh`] leaves a service alone between two looks: asked in every moment, it gets to nothing.
const LOOK: std::time::Duration = std::time::Duration::from_millis(100);

/// The longest that stopping waits for the stores to be let go of.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(2);

/// Services that run; asked to stop by [`Running::stop`].
#[derive(Debug)]
pub struct Running {
    addresses: BTreeMap<Which, SocketAddr>,
    stop: Stop,
    servers: Vec<tokio::task::JoinHandle<Result<(), Failure>>>,
    nodes: Vec<Node>,
    board: Board,
    drain: std::time::Duration,
}

// One service.
struct Node {
    which: Which,
    base: Base,
    service: Service,
}

enum Service {
    Profile(Profile),
    Access(Access),
    Credit(Credit),
}

/// Runs `which` services until the process is asked to stop; says on the log where they listen.
///
/// # Errors
/// Every fault of the configuration, of rules, keys, certificates and stores, before a port is bound; a server that ended by
/// itself.
pub async fn run(config: Config, which: &[Which]) -> Result<(), Failure> {
    let telemetry = Telemetry::start(&named(&config, which)).await.map_err(Failure::config)?;
    if dossier_kernel::fault::BUILT_IN {
        tracing::warn!("this build has fault points: for tests/crash, never for use");
    }
    port::require_free(&config, which)?;
    let stop = Stop::on_signals(config.server.pre_stop).map_err(Failure::config)?;
    let ground = Ground::lay(config, which, Providers::system()).await?.on(telemetry.board());
    let running = start(&ground, which, stop.clone()).await?;
    for (which, address) in &running.addresses {
        tracing::info!(service = which.name(), %address, "listening");
    }
    stop.leaving().cancelled().await;
    tracing::info!("leaving: no more calls should come");
    stop.soft().cancelled().await;
    tracing::info!("stopping");
    let ended = running.stopped().await;
    telemetry.shutdown().await;
    ended
}

// A process with one service is known by it to the collector of traces, unless somebody gave it a name.
fn named(config: &Config, which: &[Which]) -> telemetry::Settings {
    let mut settings = config.telemetry.clone();
    if let ([one], "dossier") = (which, settings.service_name.as_str()) {
        settings.service_name = format!("dossier-{one}");
    }
    settings
}

/// Starts `which` services on `ground` and returns when their ports are open.
///
/// # Errors
/// As [`run`].
pub async fn start(ground: &Ground, which: &[Which], stop: Stop) -> Result<Running, Failure> {
    let ways = Ways::open(ground, which)?;
    let mut ready = Vec::new();
    for &one in which {
        let base = node::base(ground, one).await?;
        let node = Node::of(ground, one, base.clone(), &ways, &stop).await?;
        let server = node.server(ground, ways.inbound()).await?;
        ways.fill(one, server.door());
        ready.push((base, node, server));
    }
    let stores: BTreeMap<_, _> = ready.iter().map(|(base, node, _)| (node.which, base.clone())).collect();
    room::check(stores.values()).await?;
    past::look(&stores).await?;
    // Jobs call the other services, so they begin when all doors are there; ports open last.
    let (mut bound, mut nodes) = (Vec::new(), Vec::new());
    for (base, node, server) in ready {
        let ready = ready::begin(ground, &base).await;
        let health = server.health().clone();
        health.set(ready.is_ready()).await;
        let listen = node.which.settings(&ground.config).listen;
        bound.push((node.which, server.bind(listen).map_err(|fault| port::closed(node.which, fault))?));
        stop.spawn(health.follow(ready.clone(), stop.clone()));
        ready::keep(ground, &base, ready, &stop);
        node.jobs(ground, &ways, &stop)?;
        node::keep_journals(ground, &base, &stop)?;
        node::tidy(&base, &stop);
        node::watch(&base, &stop);
        nodes.push(node);
    }
    ways.follow(ground, &stop);
    Ok(open(bound, nodes, stop, ground))
}

/// Brings the stores of `which` services up to this program's migrations.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_NOT_MIGRATED`; keys that are missing or not those of the stores, as [`Ground::lay`].
pub async fn migrate(config: &Config, which: &[Which]) -> Result<(), Failure> {
    private::folder(&config.data_dir)?;
    for one in which {
        let told = |fault| Failure::store(one.name(), fault);
        let db = Db::open(&config.store(one.settings(config))).await.map_err(told)?;
        db::migrate(&db, &one.migrations()).await.map_err(told)?;
        db.close().await;
    }
    let orgs: Vec<_> = ground::rules(config)?.tenants().map(|tenant| tenant.org().to_owned()).collect();
    fit::check(config, which, &orgs).await.map(drop)
}

/// Writes the list of destroyed files anew from the stores of `which`, where it is lost for good: what they hold of it is
/// added to what is there. Gives how many lines were added.
///
/// # Errors
/// A list that is malformed; the faults of the stores.
pub async fn rebuild_tombstones(config: &Config, which: &[Which]) -> Result<usize, Failure> {
    let list = Tombstones::open(&config.keyring.tombstones_file).map_err(Failure::keys)?;
    let mut added = 0;
    for one in which {
        let told = |fault| Failure::store(one.name(), fault);
        let db = Db::open(&config.store(one.settings(config))).await.map_err(told)?;
        db::require_migrated(&db, &one.migrations()).await.map_err(told)?;
        let mut tx = db.read().await.map_err(told)?;
        added += Vault::rebuild(&list, &mut tx).await.map_err(Failure::keys)?;
        tx.rollback().await.map_err(told)?;
        db.close().await;
    }
    Ok(added)
}

fn open(bound: Vec<(Which, Bound)>, nodes: Vec<Node>, stop: Stop, ground: &Ground) -> Running {
    let addresses = bound.iter().map(|(which, bound)| (*which, bound.address())).collect();
    let serve = |(which, bound): (Which, Bound)| {
        let stop = stop.clone();
        tokio::spawn(async move {
            let ended = bound.serve(&stop).await;
            // One that ends by itself, in good order or not, leaves a process that seems to live.
            let asked = stop.soft().is_cancelled();
            stop.request();
            match ended {
                Ok(0) if asked => Ok(()),
                Ok(cut) if asked => Err(Failure::cut(which, cut)),
                Ok(_) => Err(Failure::call(format!("the server of {which} ended by itself"))),
                Err(fault) => Err(Failure::call(format!("the server of {which} ended: {fault}"))),
            }
        })
    };
    let servers = bound.into_iter().map(serve).collect();
    let drain = ground.config.server.drain_deadline;
    Running { addresses, stop, servers, nodes, board: ground.board.clone(), drain }
}

// === impl Node ===

impl Node {
    async fn of(ground: &Ground, which: Which, base: Base, ways: &Ways, stop: &Stop) -> Result<Self, Failure> {
        let soft = stop.soft().clone();
        let kept = base.clone();
        let service = match which {
            Which::Profile => {
                let contents = ground.contents()?;
                let profile = Profile::new(base, ways.link(ground, which, Which::Access)?, contents, soft);
                profile.reapply().await.map_err(|fault| Failure::store(which.name(), fault))?;
                Service::Profile(profile)
            }
            Which::Access => {
                let access = Access::new(base, soft);
                access.bootstrap().await.map_err(|fault| Failure::store(which.name(), fault))?;
                Service::Access(access)
            }
            Which::Credit => Service::Credit(Credit::new(base, ways.link(ground, which, Which::Access)?, soft)),
        };
        Ok(Self { which, base: kept, service })
    }

    async fn server(&self, ground: &Ground, tls: Option<Inbound>) -> Result<Server, Failure> {
        let routes = match &self.service {
            Service::Profile(profile) => profile.routes(),
            Service::Access(access) => access.routes(),
            Service::Credit(credit) => credit.routes(),
        };
        let server = Server::over(&ground.config.server, ground.auth.layer(), routes, self.which.services());
        server.tls(tls).build().await.map_err(Failure::call)
    }

    fn jobs(&self, ground: &Ground, ways: &Ways, stop: &Stop) -> Result<(), Failure> {
        let tasks = TaskTracker::new();
        let source = |to: Which| -> Result<Arc<dyn Source>, Failure> {
            Ok(Arc::new(LinkSource::new(to.name(), ways.link(ground, self.which, to)?)))
        };
        match &self.service {
            Service::Profile(profile) => profile.jobs(source(Which::Access)?, source(Which::Credit)?, &tasks),
            Service::Access(access) => access.jobs(source(Which::Profile)?, &tasks),
            Service::Credit(credit) => credit.jobs(source(Which::Access)?, source(Which::Profile)?, &tasks),
        }
        tasks.close();
        stop.spawn(async move { tasks.wait().await });
        Ok(())
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("which", &self.which).finish_non_exhaustive()
    }
}

// === impl Running ===

impl Running {
    /// Where a service listens.
    pub fn address(&self, which: Which) -> Option<SocketAddr> {
        self.addresses.get(&which).copied()
    }

    /// Every address.
    pub fn addresses(&self) -> &BTreeMap<Which, SocketAddr> {
        &self.addresses
    }

    /// Does at once what is due now in `org` and what jobs would do a moment later: another version of the rules, duties of the
    /// calendar, loans to be demanded back, grants and limits that ended.
    ///
    /// # Errors
    /// Those of the jobs.
    pub async fn catch_up(&self, org: &str) -> Result<(), Failure> {
        for node in &self.nodes {
            node.base.turn_now(org).await?;
            match &node.service {
                Service::Profile(profile) => {
                    dossier_authority::duty::open_scheduled(&node.base, org).await?;
                    profile.sweep(org).await?;
                }
                Service::Access(access) => access.sweep(org).await?,
                Service::Credit(_) => drop(dossier_credit::tidy(&node.base, org).await?),
            }
        }
        Ok(())
    }

    /// Returns when what was done so far in `org` has reached every service.
    ///
    /// # Errors
    /// As [`settled`](super::settled()).
    pub async fn settled(&self, org: &str) -> Result<(), Failure> {
        let stores = self.nodes.iter().map(|node| (node.which, node.base.db.clone())).collect();
        super::settled(&stores, &self.board, &[org]).await
    }

    /// Returns when every service may decide on its copies in `org`, as it may not at once after its clock was moved.
    ///
    /// # Errors
    /// After two minutes.
    pub async fn fresh(&self, org: &str) -> Result<(), Failure> {
        let begun = tokio::time::Instant::now();
        for node in &self.nodes {
            let freshness = &node.base.freshness;
            loop {
                freshness.settle(org).await;
                if freshness.is_fresh(org) {
                    break;
                }
                if begun.elapsed() > FRESH {
                    let which = node.which;
                    return Err(Failure::differs(format!("{which} does not get to know how old its copies are")));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(())
    }

    /// Asks everything to stop and waits for it, at most the drain deadline.
    pub async fn stop(self) {
        self.stop.request();
        // Whoever asked for the end needs no reason for it.
        let _ = self.stopped().await;
    }

    // The first server that ended by itself, where one did.
    async fn stopped(self) -> Result<(), Failure> {
        let mut ended = Ok(());
        self.stop.soft().cancelled().await;
        // One time for all: the calls, and what works behind them.
        let until = tokio::time::Instant::now() + self.drain;
        for server in self.servers {
            let one = server.await.unwrap_or_else(|_| Err(Failure::call("a server broke off")));
            ended = ended.and(one);
        }
        self.stop.finished(until.saturating_duration_since(tokio::time::Instant::now()).max(LAST_WORDS)).await;
        // A store that is closed is one file: its log is in it.
        let close = futures::future::join_all(self.nodes.iter().map(|node| node.base.db.close()));
        if tokio::time::timeout(CLOSING, close).await.is_err() {
            tracing::warn!("a store is still in use and is left as it is");
        }
        ended
    }
}
