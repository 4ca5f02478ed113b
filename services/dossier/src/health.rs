//! Asking running services whether they are well, and why one is not.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use dossier_kernel::config::Config;
use dossier_kernel::server::ALIVE;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::client::connection;
use crate::globals::{Chosen, chosen};
use crate::{Failure, out};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `healthcheck` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// all, profile, access or credit
    #[arg(value_parser = chosen, default_value = "all")]
    which: Chosen,
    /// Where to ask instead of the configured addresses
    #[arg(long, value_name = "URI")]
    address: Option<String>,
    /// Whether the process answers at all, ready or not: for what restarts it
    #[arg(long)]
    alive: bool,
}

/// What a service says of itself, or why it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Serving,
    Alive,
    NotServing,
    /// Nobody listens at the address.
    Refused,
    /// The two sides do not agree on a connection.
    Tls(String),
    TimedOut,
    /// Somebody listens and does not speak as we do, as a port of TLS to a caller without.
    Foreign,
    /// Somebody answers, and as no service does.
    Other(Code),
    Unreached(String),
}

/// Asks, prints a line for each, and fails unless all are well.
///
/// # Errors
/// Those that are not well; an address that cannot be one.
pub async fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    let mut ill = Vec::new();
    for (name, uri) in asked(args, config)? {
        let channel = connection::channel(&uri, &config.peers)?;
        let state = state(channel, args.alive, PATIENCE).await;
        out::line(format!("{name} at {uri}: {state}"))?;
        if !matches!(state, State::Serving | State::Alive) {
            ill.push(name);
        }
    }
    let wanted = if args.alive { "alive" } else { "serving" };
    if ill.is_empty() { Ok(()) } else { Err(Failure::differs(format!("not {wanted}: {}", ill.join(", ")))) }
}

// Names and addresses.
fn asked(args: &Args, config: &Config) -> Result<Vec<(String, String)>, Failure> {
    if let Some(uri) = &args.address {
        return Ok(vec![("service".to_owned(), uri.clone())]);
    }
    args.which.0.iter().map(|which| Ok((which.to_string(), connection::address(config, *which)?))).collect()
}

async fn state(channel: Channel, alive: bool, patience: Duration) -> State {
    let service = if alive { ALIVE.to_owned() } else { String::new() };
    let mut client = HealthClient::new(channel);
    match tokio::time::timeout(patience, client.check(HealthCheckRequest { service })).await {
        Err(_) => State::TimedOut,
        Ok(Err(status)) => State::of(&status),
        Ok(Ok(answer)) => match (answer.into_inner().status(), alive) {
            (ServingStatus::Serving, true) => State::Alive,
            (ServingStatus::Serving, false) => State::Serving,
            _ => State::NotServing,
        },
    }
}

// === impl State ===

impl State {
    // What the transport wraps up says more than its own words.
    fn of(status: &Status) -> Self {
        let Some(source) = status.source() else { return Self::Other(status.code()) };
        let (mut next, mut last) = (Some(source), source);
        while let Some(fault) = next {
            if let Some(known) = fault.downcast_ref::<io::Error>().and_then(Self::of_io) {
                return known;
            }
            (last, next) = (fault, fault.source());
        }
        let words = last.to_string();
        let foreign = ["protocol error", "frame with invalid", "closed", "broken pipe", "unexpected end"];
        if foreign.iter().any(|part| words.contains(part)) { Self::Foreign } else { Self::Unreached(words) }
    }

    fn of_io(fault: &io::Error) -> Option<Self> {
        match fault.kind() {
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            io::ErrorKind::TimedOut => Some(Self::TimedOut),
            // The library of TLS gives its own faults and the alerts of the other side as such.
            io::ErrorKind::InvalidData => Some(Self::Tls(fault.to_string())),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                Some(Self::Foreign)
            }
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serving => f.write_str("serving"),
            Self::Alive => f.write_str("alive"),
            Self::NotServing => f.write_str("not serving"),
            Self::Refused => f.write_str("connection refused: nothing listens there"),
            Self::Tls(why) => write!(f, "TLS refused: {why}"),
            Self::TimedOut => f.write_str("timed out: no answer"),
            Self::Foreign => {
                f.write_str("no gRPC there: does the port speak TLS, and should the address begin with https?")
            }
            Self::Other(code) => write!(f, "answers, and not as a service does: {code:?}"),
            Self::Unreached(why) => write!(f, "cannot be reached: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use dossier_kernel::config::Sources;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tonic_health::ServingStatus::NotServing;
    use tonic_health::server::health_reporter;

    use super::*;

    fn config(flags: &[(&str, &str)]) -> Config {
        let flags = flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Config::load(&Sources { flags, ..Sources::default() }).unwrap()
    }

    async fn told(uri: &str, alive: bool, flags: &[(&str, &str)]) -> State {
        let patience = Duration::from_secs(2);
        state(connection::channel(uri, &config(flags).peers).unwrap(), alive, patience).await
    }

    async fn listener() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (listener, address)
    }

    #[tokio::test]
    async fn a_service_that_lives_and_is_not_ready_says_both() {
        let (listener, address) = listener().await;
        let (mut reporter, health) = health_reporter();
        reporter.set_service_status("", NotServing).await;
        reporter.set_service_status(ALIVE, tonic_health::ServingStatus::Serving).await;
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        tokio::spawn(tonic::transport::Server::builder().add_service(health).serve_with_incoming(incoming));
        let uri = format!("http://{address}");
        assert_eq!(told(&uri, false, &[]).await, State::NotServing);
        assert_eq!(told(&uri, true, &[]).await, State::Alive);
        reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
        assert_eq!(told(&uri, false, &[]).await, State::Serving);
        // One that is no service of ours does not know the name.
        reporter.clear_service_status(ALIVE).await;
        assert_eq!(told(&uri, true, &[]).await, State::Other(Code::NotFound));
    }

    #[tokio::test]
    async fn each_cause_has_words_of_its_own() {
        let (closed, address) = listener().await;
        drop(closed);
        assert_eq!(told(&format!("http://{address}"), false, &[]).await, State::Refused);
        let (silent, address) = listener().await;
        assert_eq!(told(&format!("http://{address}"), false, &[]).await, State::TimedOut);
        drop(silent);
        let ca = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernel/src/server/fixtures/ca.pem");
        let flags = [("peers.ca_file", ca.to_str().unwrap())];
        // As a port without TLS answers a handshake, and one of TLS a caller without.
        for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x15\x03\x03\x00\x02\x02\x0a"] {
            let (foreign, address) = listener().await;
            tokio::spawn(async move {
                while let Ok((mut caller, _)) = foreign.accept().await {
                    let _ = caller.read(&mut [0; 1024]).await;
                    let _ = caller.write_all(answer).await;
                }
            });
            let secure = told(&format!("https://{address}"), false, &flags).await;
            assert!(matches!(&secure, State::Tls(why) if !why.is_empty()), "{secure:?}");
            assert_eq!(told(&format!("http://{address}"), false, &[]).await, State::Foreign);
        }
    }
}
