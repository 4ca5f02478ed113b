//! The stack of layers, in one list, from the outside to the inside.

use std::convert::Infallible;

use http::{Request, Response};
use tonic::body::Body;
use tonic::service::Routes;
use tower::ServiceBuilder;
use tower::util::BoxCloneSyncService;

use super::admit::Admit;
use super::catch::Catch;
use super::deadline::Deadlines;
use super::frames::MessageSize;
use super::incoming::Greet;
use super::names::Names;
use super::rates::Rates;
use super::replay::Replays;
use super::texts::Texts;
use super::typed::Typed;
use super::wrap::Around;
use crate::auth::Authenticate;
use crate::config;
use crate::telemetry::RpcTelemetry;

/// All services of a server behind all their layers; the same for a socket and for a link inside the process.
pub type Door = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

pub(super) fn around(routes: Routes, settings: &config::Server, authenticate: Authenticate, admit: Admit) -> Door {
    let stack = ServiceBuilder::new()
        // Every layer above the telemetry speaks of one body type.
        .map_response(|response: Response<_>| response.map(Body::new))
        // Outermost: a span, a duration and a code for every call, those refused below included.
        .layer(RpcTelemetry::default())
        // The connection has spoken: it is not cut for its silence.
        .layer(Around(Greet))
        // A panic becomes INTERNAL with a reason, and ends neither the connection nor the process.
        .layer(Around(Catch))
        // More calls than the process can work on are refused at once, before anything is read.
        .layer(Around(admit))
        // Every call ends: at its caller's deadline, at the longest one allowed, or at the default.
        .layer(Around(Deadlines::new(settings.default_deadline, settings.max_deadline)))
        // Errors of the transport and of the generated code get a reason like all others.
        .layer(Around(Typed))
        // No message is larger than allowed, refused by its announced size before it is read; none has more elements than
        // allowed, refused before they are made.
        .layer(Around(MessageSize::new(settings.max_message_bytes)))
        // Who calls. Nothing below runs without a caller, save health and reflection.
        .layer(Around(authenticate))
        // Whether they may say so over this connection.
        .layer(Around(Names::new(&settings.client_names)))
        // How often they may.
        .layer(Around(Rates::new(&settings.rates)))
        // Says of an answer that an earlier call with the same `request_id` got it.
        .layer(Around(Replays))
        // Innermost: no handler sees a text that holds what nobody can see.
        .layer(Around(Texts));
    BoxCloneSyncService::new(stack.service(routes.prepare()))
}
