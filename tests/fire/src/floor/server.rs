//! The process that serves the floors: tonic as it comes, no layers, no checks.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::client::Kind;
use super::files::Files;
use super::store::Store;
use super::{Answer, Ask};

type Boxed<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

#[derive(Clone, Debug)]
struct Floors(Store, Files);

struct One(Floors, Kind);

/// Serves the floors until the process ends.
///
/// # Errors
/// When the socket breaks.
pub async fn serve(listener: TcpListener, store: Store, files: Files) -> Result<(), tonic::transport::Error> {
    // As tonic does for sockets that it opens itself; without it every call waits for an acknowledgement.
    let incoming = TcpListenerStream::new(listener);
    let incoming = tokio_stream::StreamExt::map(incoming, |socket| {
        socket.and_then(|socket| socket.set_nodelay(true).map(|()| socket))
    });
    Server::builder().add_service(Floors(store, files)).serve_with_incoming(incoming).await
}

// === impl Floors ===

impl NamedService for Floors {
    const NAME: &'static str = "dossier.floor.Floor";
}

impl Service<http::Request<Body>> for Floors {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Boxed<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let Some(kind) = Kind::of(request.uri().path()) else {
            return Box::pin(ready(Ok(Status::unimplemented("no such floor").into_http())));
        };
        let one = One(self.clone(), kind);
        let codec = ProstCodec::<Answer, Ask>::default();
        Box::pin(async move { Ok(Grpc::new(codec).unary(one, request).await) })
    }
}

// === impl One ===

impl UnaryService<Ask> for One {
    type Response = Answer;
    type Future = Boxed<Response<Answer>, Status>;

    fn call(&mut self, request: Request<Ask>) -> Self::Future {
        let (Floors(store, files), kind, ask) = (self.0.clone(), self.1, request.into_inner());
        Box::pin(async move {
            let lost = |fault: std::io::Error| Status::unavailable(fault.to_string());
            let body = match kind {
                Kind::FileWritten => {
                    let small = vec![7; ask.want as usize];
                    files.write(ask).await.map(|()| small).map_err(lost)?
                }
                Kind::FileRead => files.read(&ask).await.map_err(lost)?,
                _ => store.answer(kind, &ask).await.map_err(|fault| Status::unavailable(fault.to_string()))?,
            };
            Ok(Response::new(Answer { body }))
        })
    }
}
