//! One process of the services: started, found ready, spoken to, stopped.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::{Fault, Plan, Process, Result, Service, Signal, free_port};

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
    scheme: &'static str,
    tls: Option<ClientTlsConfig>,
}

// === impl Replica ===

impl Replica {
    /// A process of `plan` that runs `services`; it is not started.
    pub(super) fn new(plan: &Plan, scratch: &Path, services: &[Service], number: usize) -> Result<Self> {
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
        let (scheme, authority) = (plan.scheme(), plan.authority.as_ref().map(std::fs::read).transpose()?);
        let tls = authority.map(|pem| ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)));
        Ok(Self { name, services, addresses, process: None, program, environment, log, scheme, tls })
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

    /// Another variable, from the next start on.
    pub(super) fn tell(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
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
        let mut endpoint = Endpoint::from_shared(format!("{}://{address}", self.scheme))?;
        if let Some(tls) = &self.tls {
            endpoint = endpoint.tls_config(tls.clone())?;
        }
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
