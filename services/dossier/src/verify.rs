//! `dossier verify` and `dossier export`: journals, receipts and checkpoints, offline.
//!
//! | what | how the key is known |
//! |---|---|
//! | the stores of a data directory (or those the configuration names) | from the keyring |
//! | `--export FILE` | `--key`, else the keyring if there is one, else the export's own word, which is said |
//! | `receipt FILE`, `consistency OLDER NEWER` | `--key`, else the keyring |
//!
//! With the stores their copies of each other's journals are compared: a store that was put back from a backup does not
//! contain what its siblings have applied of it.
//!
//! Beside the journals of stores the rows of their tables are compared with what the entries say ([`State`]), and the journals
//! with what a witness kept of their checkpoints.
//!
//! Every fault names its entry. The exit code is 0 only if everything verified.

mod certificate;
pub(crate) mod contents;
mod copies;
mod keys;
mod paper;
mod readable;
mod state;
pub(crate) mod stores;
#[cfg(test)]
mod tests;
mod told;
mod witness;

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;

use dossier_journal::checkpoint::Checkpoint;
use dossier_journal::export::ExportFault;
use dossier_journal::verify::Trust;
use dossier_kernel::config::Config;

pub use contents::contents;
pub use copies::copies;
pub use keys::Keys;
pub use state::State;
pub use stores::{Verified, stores};

use crate::globals::Globals;
use crate::serve::Which;
pub(crate) use told::told;

use crate::{Failure, out};

/// What `verify` takes.
#[derive(clap::Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// The services whose stores are verified; without any, all three
    #[arg(value_name = "SERVICE", conflicts_with = "export")]
    services: Vec<Which>,
    /// Only the journals of this organisation
    #[arg(long)]
    org: Option<String>,
    /// An exported journal instead of the stores
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Write there what the entries of the export say, in plain JSON, once it has verified
    #[arg(long, value_name = "FILE", requires = "export")]
    readable: Option<PathBuf>,
    /// The key the journal must be signed with: a verifier key, or a file with one
    #[arg(long, value_name = "KEY-or-FILE", requires = "export")]
    key: Option<String>,
    /// A checkpoint kept elsewhere (a signed note) that the journal must agree with; may be repeated
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Also read every content of a document whole, and hold it against what the journal promises
    #[arg(long, conflicts_with = "export")]
    content: bool,
    /// What a witness kept (JSON lines); otherwise the file that the configuration names, if there is one
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    witness: Option<PathBuf>,
}

/// What else can be verified.
#[derive(clap::Subcommand, Clone, Debug)]
enum What {
    /// One entry with its proof: the JSON answer of `get-inclusion-proof` or of `get-disposal-certificate`, or a receipt
    Receipt {
        /// The receipt
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The key of the journal: a verifier key, or a file with one; otherwise from the keyring
        #[arg(long, value_name = "KEY-or-FILE")]
        key: Option<String>,
    },
    /// Two checkpoints: that the newer journal begins with the older one
    Consistency {
        /// The earlier signed note, or the JSON answer of `get-checkpoint`
        #[arg(value_name = "OLDER")]
        older: PathBuf,
        /// The later signed note, or the JSON answer of `get-checkpoint`
        #[arg(value_name = "NEWER")]
        newer: PathBuf,
        /// The JSON answer of `get-consistency-proof`; not needed for equal checkpoints
        #[arg(long, value_name = "FILE")]
        proof: Option<PathBuf>,
        /// The key of the journal: a verifier key, or a file with one; otherwise from the keyring
        #[arg(long, value_name = "KEY-or-FILE")]
        key: Option<String>,
    },
}

/// What `export` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct ExportArgs {
    /// profile, access or credit
    service: Which,
    /// The organisation
    #[arg(long)]
    org: String,
    /// Where it goes; otherwise to standard output
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// For reading: what the entries say in plain JSON instead of their bytes; it proves nothing
    #[arg(long)]
    readable: bool,
}

/// Verifies what is asked for and prints what it found.
///
/// # Errors
/// When anything does not verify or cannot be read.
pub async fn run(args: &Args, globals: &Globals) -> Result<(), Failure> {
    match &args.what {
        Some(What::Receipt { file, key }) => return paper::receipt(file, key.as_deref(), globals),
        Some(What::Consistency { older, newer, proof, key }) => {
            return paper::consistency(older, newer, proof.as_deref(), key.as_deref(), globals);
        }
        None => {}
    }
    let known = args.checkpoint.iter().map(|path| paper::checkpoint(path)).collect::<Result<Vec<_>, _>>()?;
    match &args.export {
        Some(path) => {
            exported(path, args.key.as_deref(), known, globals)?;
            args.readable.as_ref().map_or(Ok(()), |into| readable::copy(path, into))
        }
        None => {
            let services = if args.services.is_empty() { Which::ALL.to_vec() } else { args.services.clone() };
            let (config, org) = (globals.load()?, args.org.as_deref());
            let kept = witness::read(args.witness.as_deref(), &config, &services, org)?;
            let known = known.into_iter().chain(kept.known).collect();
            let mut verified = stores(&config, &services, org, known).await?;
            if args.content {
                contents(&config, &mut verified).await?;
            }
            verified.extend(copies(&config, &services, org).await);
            verified.extend(kept.faults);
            told(&verified)
        }
    }
}

/// Writes a journal of a store as JSON lines, up to its latest checkpoint.
///
/// # Errors
/// When store, keyring or file cannot be used.
pub async fn export(args: &ExportArgs, config: &Config) -> Result<(), Failure> {
    let mut keys = Keys::open(config)?.of(&args.org, args.service.name())?;
    let key = keys.swap_remove(0);
    let db = stores::open(config, args.service).await.map_err(Failure::config)?;
    stores::require_known(&[(&db, args.service)], &args.org).await?;
    let mut tx = db.read().await.map_err(Failure::from)?;
    let told = |fault: io::Error| match &args.file {
        Some(path) => Failure::file(path, &fault),
        None => Failure::from(fault),
    };
    let out: Box<dyn Write + Send> = match &args.file {
        Some(path) => Box::new(File::create(path).map_err(told)?),
        None => Box::new(io::stdout()),
    };
    let mut out = io::BufWriter::new(out);
    let written = match args.readable {
        true => dossier_journal::export::export(&mut tx, &key, &mut readable::Readable::new(&mut out)).await,
        false => dossier_journal::export::export(&mut tx, &key, &mut out).await,
    };
    written.map_err(|fault| match fault {
        ExportFault::Store(fault) => Failure::from(fault),
        ExportFault::Write(fault) => told(fault),
    })?;
    out.flush().map_err(told)
}

fn exported(path: &PathBuf, key: Option<&str>, known: Vec<Checkpoint>, globals: &Globals) -> Result<(), Failure> {
    let open = || File::open(path).map(BufReader::new).map_err(|fault| Failure::file(path, &fault));
    let keys = match key {
        Some(text) => vec![keys::parse(text)?],
        None => keys::trusted(keys::named(open()?), globals)?,
    };
    let mut keys = keys.into_iter();
    let trust = Trust { key: keys.next(), also: keys.collect(), known };
    if trust.key.is_none() {
        out::note("no key is given and there is no keyring: the export's own key is taken");
    }
    let report = dossier_journal::verify::export(open()?, &trust).map_err(|fault| Failure::file(path, &fault))?;
    let witnessed = trust.reach(&report.origin);
    told(&[Verified { name: path.display().to_string(), outcome: Ok(report), state: None, witnessed }])
}
