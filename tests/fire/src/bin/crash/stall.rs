//! Clients that ask for much and never read.

use std::time::Duration;

use dossier_fire::ground::{Fault, Result, Signal};
use dossier_proto::journal::v1::{ListEntriesRequest, WatchEntriesRequest};
use prost::Message;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::world::World;

/// The drain deadline of the services here, and a margin.
const DRAIN: Duration = Duration::from_secs(6);

/// How many such clients there are at each process.
const CLIENTS: usize = 8;

/// Opens connections that subscribe to the journal and list it, by raw HTTP/2 frames, and never reads a byte; the service
/// must go on answering others. The connections are dropped at the end.
pub(crate) async fn run(world: &mut World) -> Result<String> {
    let token = world.fleet.token("demo", "archivist").await?;
    let mut open = Vec::new();
    for replica in &world.fleet.replicas {
        for service in &replica.services {
            let address = replica.addresses.get(service).ok_or_else(|| Fault::new("no address"))?;
            for number in 0..CLIENTS {
                let mut connection = TcpStream::connect(address).await?;
                connection.write_all(&greeting(&token, service.name(), number % 2 == 0)?).await?;
                open.push(connection);
            }
        }
    }
    let count = open.len();
    tokio::time::sleep(Duration::from_millis(600)).await;
    // They are still there while one process is asked to end: it drains in time all the same.
    let replica = world.fleet.replicas.last_mut().ok_or_else(|| Fault::new("no process"))?;
    replica.signal(Signal::Terminate)?;
    let asked = Instant::now();
    let ended = match replica.process.as_mut() {
        Some(process) => process.ended(DRAIN).await?,
        None => true,
    };
    if !ended {
        return Err(Fault::new(format!("{} does not end within {DRAIN:?} while clients do not read", replica.name)));
    }
    let took = asked.elapsed().as_secs_f64();
    let mut alive = 0;
    for connection in &open {
        // What came lies unread in the buffer of the socket; a piece of an entry shows that the server took the call.
        let mut piece = [0; 4096];
        let came = connection.try_read(&mut piece).unwrap_or(0);
        alive += usize::from(holds_data(&piece[..came]));
    }
    drop(open);
    replica.start(&[])?;
    if alive == 0 {
        return Err(Fault::new("no process ever answered the clients that do not read"));
    }
    Ok(format!("{count} clients, {alive} were being served, {} drained in {took:.1} s", replica.name))
}

/// Preface, settings with a tiny window, and two calls that ask for the journal of this service from its beginning.
fn greeting(token: &str, service: &str, watch: bool) -> Result<Vec<u8>> {
    let parent = format!("services/{service}");
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS_INITIAL_WINDOW_SIZE = 16: the server has room for almost nothing.
    frame(&mut bytes, 4, 0, 0, &[0, 4, 0, 0, 0, 16]);
    let (method, asked) = if watch {
        ("WatchEntries", message(&WatchEntriesRequest { parent, ..WatchEntriesRequest::default() })?)
    } else {
        ("ListEntries", message(&ListEntriesRequest { parent, ..ListEntriesRequest::default() })?)
    };
    for stream in [1_u32, 3] {
        let mut headers = Vec::new();
        for (name, value) in [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", &format!("/dossier.journal.v1.JournalService/{method}")),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("authorization", &format!("Bearer {token}")),
        ] {
            literal(&mut headers, name, value);
        }
        frame(&mut bytes, 1, 4, stream, &headers);
        frame(&mut bytes, 0, 1, stream, &asked);
    }
    Ok(bytes)
}

/// A message as gRPC frames it: not compressed, its length, its bytes.
fn message(asked: &impl Message) -> Result<Vec<u8>> {
    let content = asked.encode_to_vec();
    let length = u32::try_from(content.len()).map_err(|_| Fault::new("a message of 4 GiB"))?;
    Ok([&[0], length.to_be_bytes().as_slice(), &content].concat())
}

/// Whether a frame of data with something in it is among these whole frames.
fn holds_data(mut bytes: &[u8]) -> bool {
    while let [a, b, c, kind, ..] = *bytes {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        if kind == 0 && length > 0 {
            return true;
        }
        bytes = bytes.get(9 + length..).unwrap_or_default();
    }
    false
}

fn frame(to: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    to.extend_from_slice(&length[1..]);
    to.extend_from_slice(&[kind, flags]);
    to.extend_from_slice(&stream.to_be_bytes());
    to.extend_from_slice(payload);
}

/// A header field that is not indexed, name and value as they are (RFC 7541, section 6.2.2).
fn literal(to: &mut Vec<u8>, name: &str, value: &str) {
    to.push(0);
    for text in [name, value] {
        if text.len() < 127 {
            to.push(u8::try_from(text.len()).unwrap_or(0));
        } else {
            // An integer with a prefix of seven bits.
            to.push(127);
            let mut rest = text.len() - 127;
            while rest >= 128 {
                to.push(u8::try_from(rest % 128).unwrap_or(0) | 128);
                rest /= 128;
            }
            to.push(u8::try_from(rest).unwrap_or(0));
        }
        to.extend_from_slice(text.as_bytes());
    }
}
