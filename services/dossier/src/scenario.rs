//! `dossier scenario`: stories of rule books as data, played against the services.
//!
//! A script says who does what, when, and what the rule book says must happen, in plain words. The runner calls the public rpcs in the
//! names of the people, moves the clock, compares each answer, and tells the story as a text that an archivist can read; the golden
//! text beside the script says what it must read like. [docs/scenarios.md](../../../../docs/scenarios.md) has the format.
//!
//! | module | what it is for |
//! |---|---|
//! | [`script`], `check` | the script as it is written; what can be known of it before it runs |
//! | [`company`] | the company of a script as an organisation file |
//! | [`house`] | the services that it is played on, with their clock |
//! | [`run`](mod@run), `pass` | step by step, moment by moment |
//! | `ask`, `method`, `fit`, `reference`, `free`, `seen`, `people` | a request: which rpc, in whose name, and what the script leaves out |
//! | `expect`, `refusal` | whether an answer is what it must be |
//! | [`say`], `labels`, `shows`, [`golden`] | the text, in the words of the pack |
//!
//! # To add an rpc
//! Nothing is needed: an rpc and its messages are known from the contract.

mod ask;
mod check;
pub mod company;
mod content;
mod expect;
mod fit;
mod free;
pub mod golden;
pub mod house;
mod labels;
mod method;
mod pass;
mod people;
mod reference;
mod refusal;
pub mod run;
pub mod say;
pub mod script;
mod seen;
mod shows;

use std::path::{Path, PathBuf};

pub use house::House;
pub use run::{Story, play};
pub use script::Script;

use crate::folder::Folder;
use crate::{Failure, out};

/// What `scenario` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Scripts; the packs are those of `regimes` beside their folder, or those that are compiled in
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write the golden text of each script instead of comparing with it
    #[arg(long)]
    update: bool,
}

/// Plays scripts, each in a house of its own, and prints their texts.
///
/// # Errors
/// The faults of scripts; the first thing that differs from what a script or its golden text says, with file and line.
pub async fn command(args: &Args) -> Result<(), Failure> {
    for file in &args.files {
        one(file, args.update).await?;
    }
    Ok(())
}

async fn one(file: &Path, update: bool) -> Result<(), Failure> {
    let script = Script::open(file).map_err(Failure::config)?;
    let (text, failure) = told(file, script).await?;
    out::text(&text.to_string())?;
    failure.map_or(Ok(()), Err)?;
    match update {
        true => golden::update(file, &text),
        false if golden::path(file).exists() => golden::compare(file, &text),
        false => {
            out::note(format!("{}: there is no golden text; --update writes it", file.display()));
            Ok(())
        }
    }
}

/// Plays a script, as it was read from `file`, in a house of its own; gives its text as far as it came, and what differed.
///
/// # Errors
/// When its company or the services cannot be set up.
pub async fn told(file: &Path, script: Script) -> Result<(say::Text, Option<Failure>), Failure> {
    let home = Folder::temporary("dossier-scenario")?;
    let scripts = [(file.to_owned(), script)];
    let rules = company::Rules::lay(&home.path, &scripts)?;
    let start = rules.start(&scripts)?;
    let own = house::Own::start(&home.path, &rules, start).await?;
    let mut stories = [Story::new(own.open(), &scripts[0].1, &file.display().to_string())?];
    let failure = Box::pin(play(&mut stories)).await.pop();
    let text = stories[0].text().clone();
    drop(stories);
    own.stop().await;
    Ok((text, failure))
}
