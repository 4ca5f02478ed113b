//! How calls are received: one stack of layers, health, reflection, limits, deadlines, and a stop that ends.
//!
//! # To serve
//! ```ignore
//! let server = Server::builder(&config.server, auth.layer())
//!     .tls(Inbound::open(&config.server, &clock)?)
//!     .add(CustomerFileServiceServer::new(files))
//!     .build()
//!     .await?;
//! let door = server.door();                        // for the links inside this process
//! let bound = server.bind(config.profile.listen)?; // the port is open now: no call is lost from here on
//! println!("{}", bound.address());
//! bound.serve(&stop).await?;
//! ```
//!
//! # To add a layer
//! Write one async function ([`Wrap::around`]) and put it into the list in `server/stack.rs`, with a sentence.

mod admit;
mod bound;
mod catch;
mod crowd;
pub(crate) mod deadline;
mod elements;
mod frames;
mod guarded;
mod incoming;
mod names;
mod rates;
mod replay;
mod secure;
mod stack;
mod stop;
#[cfg(test)]
mod tests;
mod texts;
mod typed;
mod wrap;

pub use bound::{Bound, ServeError};
pub(crate) use crowd::Guest;
pub use deadline::Deadline;
pub use stack::Door;
pub use stop::Stop;
pub use wrap::{Inner, Next, Wrap, refuse};

use std::convert::Infallible;
use std::net::SocketAddr;

use admit::Admit;
use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tonic_reflection::server::v1::{ServerReflection, ServerReflectionServer};
use tonic_reflection::server::v1alpha;
use tower::Service;

use crate::auth::Authenticate;
use crate::config;
use crate::ready::Ready;
use crate::tls::Inbound;

/// A server in the making: add services, then [`ServerBuilder::build`].
#[derive(Debug)]
pub struct ServerBuilder {
    settings: config::Server,
    authenticate: Authenticate,
    routes: RoutesBuilder,
    names: Vec<&'static str>,
    tls: Option<Inbound>,
}

/// A server with all its services and layers, not yet bound to a port.
#[derive(Debug)]
pub struct Server {
    settings: config::Server,
    door: Door,
    admit: Admit,
    health: Health,
    tls: Option<Inbound>,
}

/// The name under which gRPC health says that the process lives, ready or not.
pub const ALIVE: &str = "alive";

/// The health of a server's services; cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    names: Vec<&'static str>,
}

// === impl Server ===

impl Server {
    /// Begins a server whose calls are authenticated by `authenticate`.
    pub fn builder(settings: &config::Server, authenticate: Authenticate) -> ServerBuilder {
        ServerBuilder {
            settings: settings.clone(),
            authenticate,
            routes: Routes::builder(),
            names: vec![""],
            tls: None,
        }
    }

    /// Begins a server with `routes`, whose services are called `names`.
    pub fn over(
        settings: &config::Server,
        authenticate: Authenticate,
        routes: Routes,
        names: &[&'static str],
    ) -> ServerBuilder {
        let names = [""].iter().chain(names).copied().collect();
        ServerBuilder { settings: settings.clone(), authenticate, routes: routes.into(), names, tls: None }
    }

    /// The services behind all their layers, for links inside this process.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// What this server says about its health.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Opens the port; port 0 takes a free one. Calls wait in the queue of the port until [`Bound::serve`].
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub fn bind(self, address: SocketAddr) -> Result<Bound, ServeError> {
        Bound::open(self, address)
    }
}

// === impl ServerBuilder ===

impl ServerBuilder {
    /// Adds one service.
    #[expect(clippy::should_implement_trait, reason = "a builder adds; nobody expects a sum of servers")]
    #[must_use]
    pub fn add<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Receives connections by `tls`; without it they are plain.
    #[must_use]
    pub fn tls(mut self, tls: Option<Inbound>) -> Self {
        self.tls = tls;
        self
    }

    /// Puts health, reflection and all layers around the services.
    ///
    /// # Errors
    /// When the descriptors cannot be read, or the settings ask for TLS and there is none.
    pub async fn build(mut self) -> Result<Server, ServeError> {
        // Nobody who asked for TLS is served in the clear because somebody forgot to open it.
        if self.settings.certificate_file.is_some() && self.tls.is_none() {
            return Err(ServeError::Clear);
        }
        let (reporter, health) = tonic_health::server::health_reporter();
        self.routes.add_service(health);
        self.routes.add_service(reflection(&self.names)?);
        self.routes.add_service(older_reflection(&self.names)?);
        reporter.set_service_status(ALIVE, ServingStatus::Serving).await;
        let health = Health { reporter, names: self.names };
        health.set(true).await;
        let admit = Admit::new(self.settings.max_concurrent_calls);
        let door = stack::around(self.routes.routes(), &self.settings, self.authenticate, admit.clone());
        Ok(Server { settings: self.settings, door, admit, health, tls: self.tls })
    }
}

// === impl Health ===

impl Health {
    /// Says of every service whether it serves.
    pub async fn set(&self, serving: bool) {
        let state = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        for name in &self.names {
            self.reporter.set_service_status(*name, state).await;
        }
    }

    /// Says what `ready` says, until `stop` is announced; from then on that nothing is served.
    pub async fn follow(self, ready: Ready, stop: Stop) {
        let mut watch = ready.watch();
        while !stop.leaving().is_cancelled() {
            let serving = watch.borrow_and_update().is_empty();
            self.set(serving).await;
            let _ = stop.leaving().run_until_cancelled(watch.changed()).await;
        }
        self.set(false).await;
    }

    /// Ends every open watch, so that a stop need not wait for its watchers.
    pub(crate) async fn end_watches(&mut self) {
        for name in self.names.iter().chain([&ALIVE]) {
            self.reporter.clear_service_status(name).await;
        }
    }
}

// A port tells of what it serves: its own services, health, and reflection in both versions.
fn descriptors(names: &[&'static str]) -> tonic_reflection::server::Builder<'static> {
    const REFLECTION: [&str; 2] = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
    let builder = tonic_reflection::server::Builder::configure()
        .include_reflection_service(false)
        .register_encoded_file_descriptor_set(dossier_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET);
    let served = names.iter().copied().filter(|name| !name.is_empty());
    served.chain(["grpc.health.v1.Health"]).chain(REFLECTION).fold(builder, |all, name| all.with_service_name(name))
}

fn reflection(names: &[&'static str]) -> Result<ServerReflectionServer<impl ServerReflection>, ServeError> {
    descriptors(names).build_v1().map_err(|_| ServeError::Descriptors)
}

// The version that older tools still speak, among them the Python package.
fn older_reflection(
    names: &[&'static str],
) -> Result<v1alpha::ServerReflectionServer<impl v1alpha::ServerReflection>, ServeError> {
    descriptors(names).build_v1alpha().map_err(|_| ServeError::Descriptors)
}
