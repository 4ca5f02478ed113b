//! What scenarios stand on: one PostgreSQL and one Redis for all, fresh stores and processes for each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dossier_fire::ground::{Fault, Fleet, Plan, Postgres, Redis, Replica, Result, Scratch, Service, free_port};
use dossier_proto::access::v1::GetPersonRequest;
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{GetCustomerFileRequest, ListCustomerFilesRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tonic::{Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// How long anything may take that should happen soon.
pub(crate) const SOON: Duration = Duration::from_secs(15);

/// What all scenarios share.
pub(crate) struct Stand {
    pub(crate) scratch: Scratch,
    pub(crate) program: PathBuf,
    pub(crate) postgres: Option<Postgres>,
    redis: Option<Redis>,
    number: usize,
}

// === impl Stand ===

impl Stand {
    pub(crate) fn new(program: &Path) -> Result<Self> {
        let scratch = Scratch::new("edges")?;
        Ok(Self { scratch, program: program.to_owned(), postgres: None, redis: None, number: 0 })
    }

    /// `replicas` of each service on fresh databases of PostgreSQL, with Redis, migrated and not started.
    pub(crate) async fn fleet(&mut self, replicas: usize, more: &[(&str, &str)]) -> Result<Fleet> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start(&self.scratch).await?);
            self.redis = Some(Redis::start(&self.scratch).await?);
        }
        let (Some(postgres), Some(redis)) = (&self.postgres, &self.redis) else { return Err(Fault::new("no servers")) };
        self.number += 1;
        let prefix = format!("edge{}", self.number);
        let folder = self.scratch.path().join(&prefix);
        let mut plan = Plan::on_postgres(&self.program, &folder, postgres, &prefix).await?.with_redis(redis);
        plan.replicas = replicas;
        plan = plan.with("DOSSIER__BUS__PREFIX", prefix).with("DOSSIER__LEASE__TTL", "2s");
        for (name, value) in more {
            plan = plan.with(name, *value);
        }
        let fleet = Fleet::prepare(&self.scratch, plan).await?;
        fleet.command(&["migrate"]).await?;
        Ok(fleet)
    }

    /// Puts the servers right that a scenario may have stopped.
    pub(crate) async fn clear(&mut self) -> Result<()> {
        match self.postgres.as_mut() {
            Some(postgres) if postgres.process().is_none() => postgres.go().await,
            _ => Ok(()),
        }
    }
}

/// Asks until `found` gives something.
pub(crate) async fn soon<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> Result<(T, Duration)> {
    let begun = Instant::now();
    while begun.elapsed() < SOON {
        if let Some(found) = found().await {
            return Ok((found, begun.elapsed()));
        }
        sleep(Duration::from_millis(25)).await;
    }
    Err(Fault::new(format!("not within {SOON:?}: {what}")))
}

/// What gRPC health of a replica says under `name`.
pub(crate) async fn health(replica: &Replica, service: Service, name: &str) -> Option<ServingStatus> {
    let mut client = HealthClient::new(replica.channel(service).ok()?);
    let asked = client.check(HealthCheckRequest { service: name.to_owned() });
    Some(timeout(Duration::from_secs(2), asked).await.ok()?.ok()?.get_ref().status())
}

/// Whether it is what gRPC health says.
pub(crate) async fn says(replica: &Replica, service: Service, wanted: ServingStatus) -> Option<()> {
    (health(replica, service, "").await == Some(wanted)).then_some(())
}

/// Starts a replica, anew where it runs, with `more` variables and a port for metrics, whose address it gives.
pub(crate) async fn observed(replica: &mut Replica, more: &[(&str, &str)]) -> Result<String> {
    let address = format!("127.0.0.1:{}", free_port()?);
    replica.kill().await?;
    replica.start(&[more, &[("DOSSIER__TELEMETRY__METRICS_ADDR", &address)]].concat())?;
    Ok(address)
}

/// Starts a replica that must end by itself and say `word`.
pub(crate) async fn refuses(replica: &mut Replica, more: &[(&str, &str)], word: &str) -> Result<()> {
    replica.start(more)?;
    let ended = match replica.process.as_mut() {
        Some(process) => process.ended(SOON).await?,
        None => false,
    };
    let said = replica.last_words();
    require(ended && said.contains(word), format!("it did not refuse by naming {word}: {said}"))
}

/// The answer of an http port, head and body, in the old version that knows no chunks; empty when there is none.
pub(crate) async fn get(address: &str, path: &str) -> String {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.0\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.map(|_| answer)
    };
    asked.await.unwrap_or_default()
}

/// A call of `subject`, who must be known, to access.
pub(crate) async fn me(fleet: &Fleet, replica: &Replica, subject: &str) -> Result<std::result::Result<(), Status>> {
    let mut client = DirectoryServiceClient::new(replica.channel(Service::Access)?);
    let request = carried(fleet, subject, GetPersonRequest { name: "persons/me".into() }).await?;
    Ok(client.get_person(request).await.map(drop))
}

/// A call of `subject`, who must be known, to profile.
pub(crate) async fn files(fleet: &Fleet, replica: &Replica, subject: &str) -> Result<std::result::Result<(), Status>> {
    let mut client = CustomerFileServiceClient::new(replica.channel(Service::Profile)?);
    let request = carried(fleet, subject, ListCustomerFilesRequest::default()).await?;
    Ok(client.list_customer_files(request).await.map(drop))
}

/// A call of `subject` for a file that is not there.
pub(crate) async fn read(fleet: &Fleet, replica: &Replica, subject: &str) -> Result<std::result::Result<(), Status>> {
    let mut client = CustomerFileServiceClient::new(replica.channel(Service::Profile)?);
    let name = "files/00000000-0000-7000-8000-000000000001".to_owned();
    let request = GetCustomerFileRequest { name, purpose: "customer_service".into(), ..Default::default() };
    Ok(client.get_customer_file(carried(fleet, subject, request).await?).await.map(drop))
}

/// Where each service of a fleet is, as `--connect` takes it.
pub(crate) fn connect(fleet: &Fleet) -> String {
    let first = |service: Service| fleet.of(service).first().map(|at| &fleet.replicas[*at]);
    let address = |service: Service| Some(format!("{}=http://{}", service.name(), first(service)?.addresses[&service]));
    Service::ALL.into_iter().filter_map(address).collect::<Vec<_>>().join(",")
}

/// A call of `subject`, with a token.
pub(crate) async fn carried<M>(fleet: &Fleet, subject: &str, message: M) -> Result<Request<M>> {
    let token = format!("Bearer {}", fleet.token("demo", subject).await?);
    let mut request = Request::new(message);
    let token = token.parse().map_err(|_| Fault::new("a token is no header"))?;
    request.metadata_mut().insert("authorization", token);
    request.set_timeout(Duration::from_secs(12));
    Ok(request)
}

/// Refuses to go on unless it holds.
pub(crate) fn require(holds: bool, words: impl std::fmt::Display) -> Result<()> {
    if holds { Ok(()) } else { Err(Fault::new(words)) }
}
