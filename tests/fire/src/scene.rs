//! The scene: people with tokens, connections, files and limits, all by the public calls.
//!
//! # To set a scene
//! ```ignore
//! let scene = Scene::enter(&fleet, 8, &CAST).await?;
//! scene.known().await?;
//! let model = scene.model().await?;
//! let customer = scene.customer("hot", 1_000_000).await?;
//! ```
//! Who does what is the division of work of the organisation `demo` under R36: salesmen write files and set credit
//! aside, their manager reviews, the archivist activates, the analyst rates and proposes, two directors approve.

mod credit;
mod files;

use std::collections::BTreeMap;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::ground::{Fault, Fleet, Result, Service};

pub use credit::{card, evaluation, money, proposal, units};
pub use files::{choice, company, text};

/// A new `request_id`: each change has one of its own.
pub fn fresh_id() -> String {
    dossier_kernel::id::System::shared().uuid().to_string()
}

/// The organisation that everything happens in.
pub const ORG: &str = "demo";

/// Who is needed to bring a customer with a limit about.
pub const CAST: [&str; 7] =
    ["sales-1", "sales-2", "sales-manager", "archivist", "analyst", "finance-director", "deputy"];

/// People and ways to the services.
#[derive(Clone, Debug)]
pub struct Scene {
    lines: BTreeMap<Service, Vec<Channel>>,
    tokens: BTreeMap<&'static str, MetadataValue<Ascii>>,
}

// === impl Scene ===

impl Scene {
    /// Tokens for `cast`, and as many connections to each service as `connections` says.
    ///
    /// # Errors
    /// When the fleet gives no tokens.
    pub async fn enter(fleet: &Fleet, connections: usize, cast: &[&'static str]) -> Result<Self> {
        let (mut lines, mut tokens) = (BTreeMap::new(), BTreeMap::new());
        for service in Service::ALL {
            let replicas = fleet.of(service);
            let lined = (0..connections.max(1)).map(|n| fleet.replicas[replicas[n % replicas.len()]].channel(service));
            lines.insert(service, lined.collect::<Result<Vec<_>>>()?);
        }
        for subject in cast {
            let token = fleet.token(ORG, subject).await?;
            let header = format!("Bearer {token}").parse().map_err(|_| Fault::new("the token is no header"))?;
            tokens.insert(*subject, header);
        }
        Ok(Self { lines, tokens })
    }

    /// The connection of caller number `n` to `service`.
    ///
    /// # Panics
    /// Never: every service has at least one.
    pub fn line(&self, service: Service, n: usize) -> Channel {
        let lines = &self.lines[&service];
        lines[n % lines.len()].clone()
    }

    /// `message` in the name of `subject`; without a token if nobody is called that.
    pub fn say<T>(&self, subject: &str, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = self.tokens.get(subject) {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request
    }
}

/// The message of an answer.
///
/// # Errors
/// The refusal, with what was asked in front.
pub fn given<T>(what: &str, answer: std::result::Result<Response<T>, Status>) -> Result<T> {
    answer.map(Response::into_inner).map_err(|status| Fault::from(status).within(what))
}

/// Asks every 20 ms, at most a minute, until `holds` gives something: effects reach other services by the journal.
///
/// # Errors
/// When it never does, or `holds` fails.
pub async fn until<T>(what: &str, mut holds: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let end = tokio::time::Instant::now() + Duration::from_secs(60);
    while tokio::time::Instant::now() < end {
        if let Some(found) = holds().await? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(Fault::new(format!("still not so after a minute: {what}")))
}
