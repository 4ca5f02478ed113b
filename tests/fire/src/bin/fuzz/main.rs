//! Throws mutated inputs at everything that reads what strangers write: nothing may panic, and what is accepted must come back as
//! it was written.
//!
//! # To add a decoder
//! Write `fn(&[u8]) -> Outcome` in [`decoders`], put it into [`DECODERS`], and its first inputs into a file of its name in
//! `tests/corpus/`, one a line; inputs of several lines lie as files in a folder of its name.
#![expect(clippy::print_stdout, reason = "a program that tells what it finds")]

mod decoders;
mod made;
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use decoders::{Outcome, Reader};
use mutate::Mutator;

/// What reads, how often in a thousand it is tried, and by which function.
const DECODERS: [(&str, u64, Reader); 10] = [
    ("filters", 1_000, decoders::filter),
    ("orders", 1_000, decoders::order),
    ("paths", 1_000, decoders::path),
    ("tokens", 1_000, decoders::token),
    ("names", 1_000, decoders::name),
    ("checkpoints", 1_000, decoders::checkpoint),
    ("keys", 1_000, decoders::key),
    ("receipts", 1_000, decoders::receipt),
    ("extensions", 1_000, decoders::extension),
    // A pack is read and checked whole, with calendars and templates: a thousandth is tried.
    ("packs", 1, decoders::pack),
];

/// Tries the decoders.
#[derive(Parser, Debug)]
#[command(name = "tests/fuzz")]
struct Arguments {
    /// Only those with this in their names
    name: Option<String>,
    /// Inputs for each decoder
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
    /// Where the mutations begin; the same seed makes the same inputs
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// The first inputs
    #[arg(long, default_value = "tests/corpus")]
    corpus: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // An input that makes a decoder panic is told with the input, once.
    std::panic::set_hook(Box::new(|_| {}));
    let wanted = |name: &str| arguments.name.as_ref().is_none_or(|part| name.contains(part.as_str()));
    let mut sound = true;
    for (name, share, read) in DECODERS.into_iter().filter(|(name, ..)| wanted(name)) {
        let told = first(&arguments.corpus, name)
            .and_then(|corpus| tried(corpus, (arguments.inputs * share / 1_000).max(1), arguments.seed, read));
        match told {
            Ok(told) => println!("{name:<12} {told}"),
            Err(fault) => {
                println!("{name:<12} FAILED: {fault}");
                sound = false;
            }
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

// The inputs that the mutations of a decoder begin with: lines of its file, files of its folder, and what is made here.
fn first(corpus: &Path, name: &str) -> Result<Vec<Vec<u8>>, String> {
    let fault = |fault: std::io::Error| format!("the corpus: {fault}");
    let (lines, folder) = (corpus.join(format!("{name}.txt")), corpus.join(name));
    let mut inputs = made::of(name);
    if lines.exists() {
        inputs.extend(std::fs::read_to_string(lines).map_err(fault)?.lines().map(|line| line.as_bytes().to_vec()));
    }
    if folder.exists() {
        let mut files: Vec<_> = std::fs::read_dir(folder).map_err(fault)?.filter_map(Result::ok).collect();
        files.sort_by_key(std::fs::DirEntry::path);
        for file in files {
            inputs.push(std::fs::read(file.path()).map_err(fault)?);
        }
    }
    if inputs.is_empty() { Err("the corpus has no inputs".to_owned()) } else { Ok(inputs) }
}

fn tried(corpus: Vec<Vec<u8>>, inputs: u64, seed: u64, read: Reader) -> Result<String, String> {
    let (begun, mut taken, mut mutator) = (Instant::now(), 0_u64, Mutator::new(corpus, seed));
    for _ in 0..inputs {
        let input = mutator.input();
        match catch_unwind(AssertUnwindSafe(|| read(&input))) {
            Ok(Outcome::Refused) => {}
            Ok(Outcome::Taken) => {
                taken += 1;
                mutator.keep(&input);
            }
            Ok(Outcome::Differs) => {
                return Err(format!("comes back as another: {:?}", String::from_utf8_lossy(&input)));
            }
            Err(_) => return Err(format!("panics: {:?}", String::from_utf8_lossy(&input))),
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(format!("{inputs:>10} inputs, {taken:>9} taken, none panicked or came back as another, {seconds:.1} s"))
}
