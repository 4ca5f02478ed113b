//! The demonstration: the whole road by real calls, in plain words, with the time each step took.
//!
//! It starts the three services in this process (or uses those that run elsewhere), shows one customer at a glance, imports and
//! scores the 1,000 applicants of the German credit set, walks one file from its creation to a proven loan and a guarded limit, and
//! verifies the three journals offline. Whatever differs from what it must be ends it with an error.
//!
//! # To add a step
//! Write an async function that takes the [`Stage`] and checks what it sees with [`must`]; call it from [`walk`] through
//! [`Stage::step`].

mod applicants;
mod books;
mod client;
mod credit;
mod document;
mod file;
mod glance;
mod loan;
mod proof;
mod record;
mod stage;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::server::Stop;

pub use client::People;
pub use stage::{Stage, must};

use crate::Failure;
use crate::folder::Folder;
use crate::serve::{self, Ground, Running, Which};

/// What the demonstration was asked for.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// Where everything is kept; a fresh temporary directory when absent.
    pub data: Option<PathBuf>,
    /// Leave the services running at the end, until the process is asked to stop.
    pub keep: bool,
    /// Services that run elsewhere, by uri; empty: start them here.
    pub connect: BTreeMap<Which, String>,
    /// The configuration for services that run elsewhere: keys and the development issuer are taken from it.
    pub config: Option<Config>,
}

/// The org that the demonstration works in.
pub const ORG: &str = "demo";

/// Walks the whole road.
///
/// # Errors
/// The first thing that differs from what it must be, in words.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let folder = folder(&arguments)?;
    let config = match &arguments.config {
        Some(config) if !arguments.connect.is_empty() => config.clone(),
        _ => Config::embedded(&folder.path).map_err(Failure::config)?,
    };
    let here: &[Which] = if arguments.connect.is_empty() { &Which::ALL } else { &[] };
    serve::migrate(&config, here).await?;
    let ground = Ground::lay(config, here, Providers::system()).await?;
    let stop = Stop::on_signals(std::time::Duration::ZERO).map_err(Failure::config)?;
    let told = stop.clone();
    // A terminal that is closed ends the demonstration; only a server has files to read again.
    tokio::spawn(async move {
        told.reload().await;
        told.request();
    });
    let mut stage = Stage::new();
    stage.say(words::OPENING);
    let running = match arguments.connect.is_empty() {
        true => {
            let started = Box::pin(embedded(&ground, &stop));
            Some(stage.step("three services started in this process", started).await?)
        }
        false => None,
    };
    let uris = uris(&arguments, running.as_ref());
    let people = People::connect(&ground, &uris)?;
    let here = arguments.connect.is_empty();
    let road = Box::pin(async {
        Box::pin(walk(&mut stage, &ground, &people, &folder.path)).await?;
        // Where the services run elsewhere, nothing is started beside them.
        if here { books::run(&mut stage).await } else { Ok(()) }
    });
    let walked = stop.soft().run_until_cancelled(road).await;
    walked.unwrap_or_else(|| Err(Failure::differs("stopped before the end")))?;
    words::closing(&mut stage, &uris, &folder.path, arguments.data.is_some() || arguments.keep);
    if let Some(running) = running {
        if arguments.keep {
            stage.say("The services go on until you stop them (Ctrl-C).");
            stop.soft().cancelled().await;
        }
        running.stop().await;
    }
    Ok(())
}

async fn embedded(ground: &Ground, stop: &Stop) -> Result<Running, Failure> {
    serve::start(ground, &Which::ALL, stop.clone()).await
}

async fn walk(stage: &mut Stage, ground: &Ground, people: &People, folder: &std::path::Path) -> Result<(), Failure> {
    people.settled().await?;
    glance::run(stage, people).await?;
    applicants::run(stage, people).await?;
    let file = Box::pin(file::run(stage, people)).await?;
    loan::run(stage, people, &file).await?;
    credit::run(stage, people, &file).await?;
    proof::run(stage, ground, people, folder).await
}

fn uris(arguments: &Arguments, running: Option<&Running>) -> BTreeMap<Which, String> {
    let mut uris = arguments.connect.clone();
    if let Some(running) = running {
        uris.extend(running.addresses().iter().map(|(which, address)| (*which, format!("http://{address}"))));
    }
    uris
}

// The folder of the demonstration; a fresh one goes away with it unless it is to be kept.
fn folder(arguments: &Arguments) -> Result<Folder, Failure> {
    if let Some(path) = &arguments.data {
        return Ok(Folder::lasting(path.clone()));
    }
    let fresh = Folder::temporary("dossier-demo")?;
    Ok(if arguments.keep { fresh.kept() } else { fresh })
}
