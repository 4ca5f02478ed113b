//! The services as processes: started, found ready, spoken to, stopped.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::{Fault, Postgres, Process, Redis, Relay, Result, Scratch, Signal, free_port};

/// One of the three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Customer files.
    Profile,
    /// Directory, approvals, grants, loans.
    Access,
    /// Ratings, limits, exposure.
    Credit,
}

/// Where the services keep their tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In files below this data directory.
    Sqlite(PathBuf),
    /// In these databases of PostgreSQL, by url.
    Postgres(BTreeMap<Service, String>),
}

/// What is to be started.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program `dossier`.
    pub program: PathBuf,
    /// Keys, and with SQLite the stores.
    pub data: PathBuf,
    /// How many processes of each service; with `together`, of all.
    pub replicas: usize,
    /// Whether one process runs all three services.
    pub together: bool,
    /// Options on top of the defaults, as `DOSSIER__SECTION__KEY`, and whatever else the processes are to see.
    pub environment: BTreeMap<String, String>,
    /// Where the tables are. What the services are told may be another way to the same place.
    pub store: Store,
}

/// One process, running or not.
#[derive(Debug)]
pub struct Replica {
    /// Its name in logs, such as `access-2`.
    pub name: String,
    /// The services in it.
    pub services: Vec<Service>,
    /// Where each listens, the same after every restart.
    pub addresses: BTreeMap<Service, SocketAddr>,
    /// The process, once started; it may have ended meanwhile.
    pub process: Option<Process>,
    program: PathBuf,
    environment: BTreeMap<String, String>,
    log: PathBuf,
}

/// All processes of one plan; killed when dropped.
#[derive(Debug)]
pub struct Fleet {
    /// What was started.
    pub plan: Plan,
    /// The processes.
    pub replicas: Vec<Replica>,
    /// The ways between the services, one before each service, where there are several processes.
    pub peers: BTreeMap<Service, Relay>,
}

// === impl Service ===

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Access, Self::Profile, Self::Credit];

    /// The name in commands and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Access => "access",
            Self::Credit => "credit",
        }
    }

    fn option(self, section: &str) -> String {
        match section {
            "PEERS" => format!("DOSSIER__PEERS__{}", self.name().to_uppercase()),
            key => format!("DOSSIER__{}__{key}", self.name().to_uppercase()),
        }
    }
}

// === impl Plan ===

impl Plan {
    /// `serve all` on SQLite and without Redis, everything below `data`.
    pub fn embedded(program: &Path, data: &Path) -> Self {
        Self {
            program: program.to_owned(),
            data: data.to_owned(),
            replicas: 1,
            together: true,
            environment: BTreeMap::new(),
            store: Store::Sqlite(data.to_owned()),
        }
    }

    /// One process of each service on fresh databases of `postgres` whose names begin with `prefix`.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn on_postgres(program: &Path, data: &Path, postgres: &Postgres, prefix: &str) -> Result<Self> {
        let mut urls = BTreeMap::new();
        for service in Service::ALL {
            let database = format!("{prefix}_{}", service.name());
            postgres.create(&database).await?;
            urls.insert(service, postgres.url(&database));
        }
        let mut plan = Self { together: false, store: Store::Postgres(urls.clone()), ..Self::embedded(program, data) };
        for (service, url) in urls {
            plan.environment.insert(service.option("DATABASE"), url);
        }
        Ok(plan)
    }

    /// With `redis` as the bus.
    #[must_use]
    pub fn with_redis(self, redis: &Redis) -> Self {
        self.with("DOSSIER__BUS__REDIS_URL", redis.url())
    }

    /// With another option or variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// With the store of `service` reached through `relay`.
    #[must_use]
    pub fn through(mut self, service: Service, relay: &Relay) -> Self {
        if let Store::Postgres(urls) = &self.store
            && let Some((head, tail)) = urls.get(&service).and_then(|url| url.split_once("@127.0.0.1:"))
            && let Some((_, database)) = tail.split_once('/')
        {
            let url = format!("{head}@{}/{database}", relay.address());
            self.environment.insert(service.option("DATABASE"), url);
        }
        self
    }
}

// === impl Replica ===

impl Replica {
    fn new(plan: &Plan, scratch: &Path, services: &[Service], number: usize) -> Result<Self> {
        let what = if plan.together { "all" } else { services.first().map_or("none", |one| one.name()) };
        let name = format!("{what}-{number}");
        let (mut addresses, mut environment) = (BTreeMap::new(), plan.environment.clone());
        for service in services {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
            addresses.insert(*service, address);
            environment.insert(service.option("LISTEN"), address.to_string());
        }
        environment.insert("DOSSIER__DATA_DIR".to_owned(), plan.data.display().to_string());
        let log = scratch.join(format!("{name}.log"));
        let (program, services) = (plan.program.clone(), services.to_vec());
        Ok(Self { name, services, addresses, process: None, program, environment, log })
    }

    /// Starts the process, which must not run, with `more` variables on top of the plan's.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&mut self, more: &[(&str, &str)]) -> Result<()> {
        let mut environment = self.environment.clone();
        environment.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let what = if self.services.len() > 1 { "all" } else { self.services.first().map_or("all", |one| one.name()) };
        self.process = Some(Process::start(&self.program, &["serve", what], &environment, &self.log)?);
        Ok(())
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Whether its process has not ended.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::runs)
    }

    /// Its process id, 0 when it was never started.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, Process::pid)
    }

    /// Tells its process something.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.as_ref().map_or(Ok(()), |process| process.signal(signal))
    }

    /// Kills it and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        match self.process.as_mut() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// A way to one of its services; it connects when it is first used, and anew after a restart.
    ///
    /// # Errors
    /// When the service is not one of its own.
    pub fn channel(&self, service: Service) -> Result<Channel> {
        let address = self.addresses.get(&service).ok_or_else(|| Fault::new(format!("no {service:?} here")))?;
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
        Ok(endpoint.connect_timeout(Duration::from_millis(500)).tcp_nodelay(true).connect_lazy())
    }

    /// Whether all its services say that they serve.
    pub async fn ready(&self) -> bool {
        for service in &self.services {
            let Ok(channel) = self.channel(*service) else { return false };
            let mut health = HealthClient::new(channel);
            let asked = tokio::time::timeout(Duration::from_secs(1), health.check(HealthCheckRequest::default()));
            match asked.await {
                Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => {}
                _ => return false,
            }
        }
        true
    }

    /// Waits until it is ready.
    ///
    /// # Errors
    /// When it has ended, or still is not after `patience`; the end of its log is told.
    pub async fn until_ready(&mut self, patience: Duration) -> Result<()> {
        let end = tokio::time::Instant::now() + patience;
        while !self.ready().await {
            if !self.runs() || tokio::time::Instant::now() > end {
                return Err(Fault::new(self.last_words()).within(format!("{} does not get ready", self.name)));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(12).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

// === impl Fleet ===

impl Fleet {
    /// Migrates the stores and starts everything; returns when all is ready.
    ///
    /// # Errors
    /// Whatever keeps a process from getting ready.
    pub async fn start(scratch: &Scratch, plan: Plan) -> Result<Self> {
        let mut fleet = Self::prepare(scratch, plan).await?;
        fleet.command(&["migrate"]).await?;
        fleet.go().await?;
        Ok(fleet)
    }

    /// Names and addresses of everything; nothing runs yet and nothing is migrated.
    ///
    /// # Errors
    /// When there are no free ports.
    pub async fn prepare(scratch: &Scratch, mut plan: Plan) -> Result<Self> {
        std::fs::create_dir_all(&plan.data)?;
        let mut peers = BTreeMap::new();
        let crews: Vec<Vec<Service>> = if plan.together {
            vec![Service::ALL.to_vec()]
        } else {
            Service::ALL.iter().map(|one| vec![*one]).collect()
        };
        let mut replicas = Vec::new();
        for crew in &crews {
            for number in 1..=plan.replicas {
                replicas.push(Replica::new(&plan, scratch.path(), crew, number)?);
            }
        }
        if !plan.together {
            for service in Service::ALL {
                let targets = replicas.iter().filter_map(|one| one.addresses.get(&service).copied()).collect();
                let relay = Relay::spread(targets).await?;
                let (name, uri) = (service.option("PEERS"), format!("http://{}", relay.address()));
                plan.environment.insert(name.clone(), uri.clone());
                for replica in &mut replicas {
                    replica.environment.insert(name.clone(), uri.clone());
                }
                peers.insert(service, relay);
            }
        }
        Ok(Self { plan, replicas, peers })
    }

    /// Starts every process that does not run; returns when all is ready.
    ///
    /// # Errors
    /// Whatever keeps a process from getting ready.
    pub async fn go(&mut self) -> Result<()> {
        let patience = Duration::from_secs(60);
        // The first makes the keys that all share; the others find them.
        if let Some(first) = self.replicas.first_mut()
            && !first.runs()
        {
            first.start(&[])?;
            first.until_ready(patience).await?;
        }
        for replica in &mut self.replicas {
            if !replica.runs() {
                replica.start(&[])?;
            }
        }
        for replica in &mut self.replicas {
            replica.until_ready(patience).await?;
        }
        Ok(())
    }

    /// The numbers of the processes that run `service`.
    pub fn of(&self, service: Service) -> Vec<usize> {
        (0..self.replicas.len()).filter(|at| self.replicas[*at].services.contains(&service)).collect()
    }

    /// A token of the development issuer, for 12 hours.
    ///
    /// # Errors
    /// When the program refuses.
    pub async fn token(&self, org: &str, subject: &str) -> Result<String> {
        let told = self.command(&["token", "--org", org, "--subject", subject]).await?;
        Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }

    /// Runs the program once, with the options of the fleet but the direct way to the stores.
    ///
    /// # Errors
    /// When it ends with another code than 0; what it said is told.
    pub async fn command(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = tokio::process::Command::new(&self.plan.program);
        command.args(arguments).envs(&self.plan.environment).env("DOSSIER__DATA_DIR", &self.plan.data);
        if let Store::Postgres(urls) = &self.plan.store {
            command.envs(urls.iter().map(|(service, url)| (service.option("DATABASE"), url)));
        }
        let told = command.output().await?;
        if told.status.success() {
            return Ok(told);
        }
        let words = format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
        Err(Fault::new(words.trim()).within(arguments.join(" ")))
    }

    /// Kills everything, those that stand still too.
    ///
    /// # Errors
    /// When a process cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        for replica in &mut self.replicas {
            replica.kill().await?;
        }
        Ok(())
    }
}
