//! All processes of one plan: started, found ready, stopped.

use std::collections::BTreeMap;
use std::process::Output;
use std::time::Duration;

use super::{Fault, Plan, Relay, Replica, Result, Scratch, Service, Store};

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
                let (name, uri) = (service.option("PEERS"), format!("{}://{}", plan.scheme(), relay.address()));
                plan.environment.insert(name.clone(), uri.clone());
                for replica in &mut replicas {
                    replica.tell(&name, &uri);
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
