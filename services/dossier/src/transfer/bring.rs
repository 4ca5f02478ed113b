//! `dossier transfer in`: files in batches, each batch by one stream, with what became of every file on the disk as it is known.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use dossier_kernel::config::Config;
use dossier_proto::profile::v1::import_customer_files_request::Message;
use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::profile::v1::transfer_service_client::TransferServiceClient;
use dossier_proto::profile::v1::{CustomerFile, ImportBatch, ImportBegin, ImportCustomerFilesRequest, TransferPart};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

pub use super::results::Counted;

use super::InArgs;
use super::archive::Archive;
use super::carried::Reader;
use super::results::{Results, Unsent};
use crate::client::connection::Connection;
use crate::client::{LARGEST_ANSWER, fault};
use crate::import::interrupted;
use crate::import::plan::following;
use crate::out::Ticker;
use crate::serve::Which;
use crate::{Failure, out};

/// Files of one batch: what a service takes back in one act.
const BATCH: u64 = 10_000;
/// Bytes of one message with content.
const MESSAGE: usize = 1 << 20;
/// Messages that are read ahead of the service.
const AHEAD: usize = 16;

/// The next of what is to be brought.
#[expect(clippy::large_enum_variant, reason = "a few of them are on their way at a time")]
pub(super) enum Item {
    /// A part of a file.
    Part(Part),
    /// The bytes of this file are the content of the document before.
    Bytes(PathBuf),
    /// A file that cannot be sent.
    Unsent(Vec<Unsent>),
}

/// Where files come from, part by part.
pub(super) trait Source: Send {
    /// The next item; nothing at the end.
    fn next(&mut self) -> Result<Option<Item>, Failure>;
    /// How far it is, of how much.
    fn place(&self) -> (u64, u64);
}

type Sources = Box<dyn Source>;

/// Brings them in.
///
/// # Errors
/// What profile refuses; when it cannot be reached, or what is brought cannot be read; when files were refused.
pub async fn run(args: &InArgs, config: &Config) -> Result<(), Failure> {
    let connection = args.given.access()?.connect(Which::Profile, config)?;
    let source: Sources = match &args.mapping {
        Some(mapping) => Box::new(Archive::open(&args.from, mapping, &connection).await?),
        None => Box::new(Carried::open(&args.from, args.custodian.clone().unwrap_or_default())?),
    };
    let prefix = args.results.clone().unwrap_or_else(|| beside(&args.from));
    let client = TransferServiceClient::new(connection).max_decoding_message_size(LARGEST_ANSWER);
    let over = CancellationToken::new();
    let listening = tokio::spawn(interrupted(over.clone(), "no other file is begun; waiting for what was sent"));
    let mut bringing = Bringing {
        client,
        args: args.clone(),
        results: Results::begin(&prefix)?,
        ticker: Ticker::default(),
        begun: Instant::now(),
        over: over.clone(),
        place: Arc::default(),
    };
    let ended = bringing.all(source).await;
    bringing.ticker.clear();
    listening.abort();
    bringing.told(ended, over.is_cancelled())
}

fn beside(from: &Path) -> PathBuf {
    let text = from.as_os_str().to_string_lossy();
    PathBuf::from(text.trim_end_matches('/'))
}

struct Bringing {
    client: TransferServiceClient<Connection>,
    args: InArgs,
    results: Results,
    ticker: Ticker,
    begun: Instant,
    over: CancellationToken,
    // How far the source is, of how much.
    place: Arc<(AtomicU64, AtomicU64)>,
}

// === impl Bringing ===

impl Bringing {
    async fn all(&mut self, mut source: Sources) -> Result<(), Failure> {
        for number in 0.. {
            let (rest, more) = self.batch(source, number).await?;
            if !more || self.over.is_cancelled() {
                break;
            }
            source = rest;
        }
        Ok(())
    }

    // One stream; gives the source back, and whether there is more in it.
    async fn batch(&mut self, source: Sources, number: u64) -> Result<(Sources, bool), Failure> {
        let (messages, stream) = mpsc::channel(AHEAD);
        let (unsent, mut turned_away) = mpsc::unbounded_channel();
        let begin = ImportBegin {
            batch: Some(self.named(number)),
            validate_only: self.args.check,
            reason: self.args.reason.clone(),
        };
        let (over, place) = (self.over.clone(), Arc::clone(&self.place));
        let sender = tokio::task::spawn_blocking(move || pump(source, begin, &messages, &unsent, (&over, &place)));
        let answers = self.client.import_customer_files(ReceiverStream::new(stream)).await;
        let mut fault = None;
        match answers.map(tonic::Response::into_inner) {
            Ok(mut answers) => loop {
                match answers.message().await {
                    Ok(Some(one)) => self.results.answered(&one)?,
                    Ok(None) => break,
                    Err(status) => {
                        fault = Some(status);
                        break;
                    }
                }
                self.tick();
            },
            Err(status) => fault = Some(status),
        }
        let sent = sender.await.map_err(|fault| Failure::call(fault.to_string()))?;
        while let Ok(all) = turned_away.try_recv() {
            self.results.unsent(&all)?;
        }
        // What was wrong with what lies here is told before what became of the stream by it.
        let sent = sent?;
        match fault {
            Some(status) => Err(fault::refused(&status)),
            None => Ok(sent),
        }
    }

    // The same batch whenever the same is brought again: what is there already is found there.
    fn named(&self, number: u64) -> ImportBatch {
        let parts = ["dossier/transfer/v1", &self.args.source, &self.args.batch, &number.to_string()];
        ImportBatch {
            name: format!("importBatches/{}", following(&parts, b"")),
            label: self.args.batch.clone(),
            source: self.args.source.clone(),
            ..ImportBatch::default()
        }
    }

    fn tick(&mut self) {
        let (counted, begun, place) = (self.results.counted, self.begun, &self.place);
        self.ticker.tick(|| {
            let seconds = begun.elapsed().as_secs_f64().max(0.001);
            let (at, of) = (place.0.load(Ordering::Relaxed), place.1.load(Ordering::Relaxed));
            let share = at as f64 / of.max(1) as f64;
            let left = if share > 0.0 { seconds / share - seconds } else { 0.0 };
            format!("{counted}; {:.0} a second, {}", counted.all() as f64 / seconds, in_words(left))
        });
    }

    fn told(&self, ended: Result<(), Failure>, cut: bool) -> Result<(), Failure> {
        let counted = self.results.counted;
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let tried = if self.args.check { "; nothing was kept" } else { "" };
        out::line(format!("{counted}; {:.0} a second{tried}", counted.all() as f64 / seconds))?;
        ended.map_err(|fault| fault.within("it stopped; run it again to go on"))?;
        if cut {
            return Err(Failure::differs("interrupted; run it again to go on"));
        }
        match counted.refused {
            0 => Ok(()),
            _ => Err(Failure::differs(format!("every refused file: {}", self.results.refused().display()))),
        }
    }
}

fn in_words(seconds: f64) -> String {
    match seconds {
        left if left < 60.0 => format!("{left:.0} s left"),
        left if left < 5_400.0 => format!("{:.0} min left", left / 60.0),
        left => format!("{:.1} h left", left / 3_600.0),
    }
}

type Messages = mpsc::Sender<ImportCustomerFilesRequest>;

// Sends one batch; gives the source back, and whether there is more in it.
fn pump(
    mut source: Sources,
    begin: ImportBegin,
    messages: &Messages,
    unsent: &mpsc::UnboundedSender<Vec<Unsent>>,
    (over, place): (&CancellationToken, &(AtomicU64, AtomicU64)),
) -> Result<(Sources, bool), Failure> {
    if !send(messages, Message::Begin(begin)) {
        return Ok((source, false));
    }
    let mut files = 0;
    loop {
        let (at, of) = source.place();
        place.0.store(at, Ordering::Relaxed);
        place.1.store(of, Ordering::Relaxed);
        let Some(item) = source.next()? else { return Ok((source, false)) };
        let ends = matches!(item, Item::Part(Part::End(_)) | Item::Unsent(_));
        let sent = match item {
            Item::Part(part) => send(messages, part_of(part)),
            Item::Bytes(path) => bytes(messages, &path)?,
            Item::Unsent(all) => unsent.send(all).is_ok(),
        };
        files += u64::from(ends);
        if !sent || (ends && over.is_cancelled()) {
            return Ok((source, false));
        }
        if files == BATCH {
            return Ok((source, true));
        }
    }
}

fn part_of(part: Part) -> Message {
    Message::Part(TransferPart { part: Some(part) })
}

// False when nobody takes any more.
fn send(messages: &Messages, message: Message) -> bool {
    messages.blocking_send(ImportCustomerFilesRequest { message: Some(message) }).is_ok()
}

fn bytes(messages: &Messages, path: &Path) -> Result<bool, Failure> {
    use std::io::Read as _;
    let told = |fault: std::io::Error| Failure::file(path, &fault);
    let mut file = std::fs::File::open(path).map_err(told)?;
    loop {
        let mut data = Vec::with_capacity(MESSAGE);
        let length = (&mut file).take(MESSAGE as u64).read_to_end(&mut data).map_err(told)?;
        if length == 0 {
            return Ok(true);
        }
        if !send(messages, part_of(Part::Content(data))) {
            return Ok(false);
        }
    }
}

/// Files that `transfer out` took out.
struct Carried {
    reader: Reader<std::io::BufReader<std::fs::File>>,
    size: u64,
    path: PathBuf,
    custodian: String,
}

// === impl Carried ===

impl Carried {
    fn open(folder: &Path, custodian: String) -> Result<Self, Failure> {
        let (reader, size) = Reader::open(folder)?;
        Ok(Self { reader, size, path: super::carried::path(folder), custodian })
    }
}

impl Source for Carried {
    fn next(&mut self) -> Result<Option<Item>, Failure> {
        let part = self.reader.next().map_err(|fault| Failure::file(&self.path, &fault))?;
        // Who kept it there is nobody here.
        let settled = |part| match part {
            Part::File(file) => Part::File(CustomerFile { custodian: self.custodian.clone(), ..file }),
            other => other,
        };
        Ok(part.map(|part| Item::Part(settled(part))))
    }

    fn place(&self) -> (u64, u64) {
        (self.reader.at, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_as_people_do() {
        assert_eq!([12.0, 125.0, 9_000.0].map(in_words), ["12 s left", "2 min left", "2.5 h left"]);
    }

    #[test]
    fn results_lie_beside_what_was_brought() {
        assert_eq!(beside(Path::new("moving/")), PathBuf::from("moving"));
        assert_eq!(beside(Path::new("a/archive.csv")), PathBuf::from("a/archive.csv"));
    }
}
