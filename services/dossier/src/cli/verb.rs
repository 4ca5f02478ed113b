//! The commands that are not rpcs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dossier_kernel::config::Config;

use crate::globals::{Chosen, Globals, chosen, pair};
use crate::serve::{self, Which};
use crate::{
    Failure, backup, content, demo, health, import, keyring, lint, out, print, recover, register, scenario, show,
    token, transfer, verify,
};

/// The commands.
#[derive(clap::Subcommand, Debug)]
pub enum Verb {
    /// Run the services: all of them in this process, or one
    Serve {
        /// all, profile, access or credit
        #[arg(value_parser = chosen)]
        which: Chosen,
    },
    /// Bring the stores up to this program's tables; safe to run twice
    Migrate {
        /// all, profile, access or credit
        #[arg(value_parser = chosen, default_value = "all")]
        which: Chosen,
        /// Write the list of destroyed files anew from the stores; only where it is lost for good
        #[arg(long)]
        rebuild_tombstones: bool,
    },
    /// Ask running services whether they are well (gRPC health v1); exits with 1 if one is not
    Healthcheck(health::Args),
    /// Walk the whole road with real calls, check every answer, verify the journals
    Demo(DemoArgs),
    /// Play scripts of rule books, check every answer, compare with their golden texts
    Scenario(scenario::Args),
    /// Print a token of the development issuer
    Token(token::Args),
    /// Tell every fault of packs, templates, calendars and organisation files
    Lint(lint::Args),
    /// Verify journals, receipts and checkpoints, offline
    Verify(verify::Args),
    /// Go on after a store was restored to an earlier state; offline, safe to run twice
    Recover(recover::Args),
    /// Copy the embedded stores of one moment, the contents and what belongs to them, while the services run
    Backup(backup::Args),
    /// Look whether a backup can be put back, or put it back
    Restore(backup::restore::Args),
    /// Replace and retire the key that wraps the keys of files
    Keyring(keyring::Args),
    /// Take a journal away as JSON lines, for `verify --export`
    Export(verify::ExportArgs),
    /// Show one customer at a glance: all that you may see of them, on the screen or as a page for printing
    Show(Box<show::Args>),
    /// Print a record as it was filled in and signed, or the empty form of a template
    Print(Box<print::Args>),
    /// Show a register of the rule book, on the screen, as a page for printing, or as CSV or JSON lines
    Register(Box<register::Args>),
    /// Send a file as the content of a document; goes on where a broken connection left it
    Upload(Box<content::UploadArgs>),
    /// Receive the content of a document into a file
    Download(Box<content::DownloadArgs>),
    /// Take whole customer files out, and bring such files or those of an archive in
    Transfer(Box<transfer::Args>),
    /// Make customer files of the lines of a CSV or JSON lines file
    Import(Box<import::Args>),
    /// Print the completion of this program's commands and flags for a shell
    Completion {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

/// Where the three services run.
pub type Connect = BTreeMap<Which, String>;

/// What `demo` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct DemoArgs {
    /// Keep everything in this folder; otherwise a fresh temporary one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Leave the services running at the end
    #[arg(long)]
    pub keep: bool,
    /// Walk on services that run elsewhere
    #[arg(long, value_name = "profile=URI,access=URI,credit=URI", value_parser = uris, conflicts_with_all = ["data", "keep"])]
    pub connect: Option<Connect>,
}

// === impl Verb ===

impl Verb {
    pub(super) async fn run(self, globals: &Globals) -> Result<(), Failure> {
        match self {
            Self::Serve { which } => serve::run(globals.load()?, &which.0).await,
            Self::Migrate { which, rebuild_tombstones } => {
                migrate(&globals.load()?, &which.0, rebuild_tombstones).await
            }
            Self::Healthcheck(args) => health::run(&args, &globals.load()?).await,
            Self::Demo(args) => Box::pin(demo::run(args.arguments(globals)?)).await,
            Self::Scenario(args) => Box::pin(scenario::command(&args)).await,
            Self::Token(args) => token::run(&args, &globals.load()?),
            Self::Lint(args) => lint::run(&args, globals),
            Self::Verify(args) => verify::run(&args, globals).await,
            Self::Recover(args) => Box::pin(recover::run(&args, globals.load()?)).await,
            Self::Backup(args) => Box::pin(backup::run(&args, globals.load()?)).await,
            Self::Restore(args) => Box::pin(backup::restore::run(&args, globals.load()?)).await,
            Self::Keyring(args) => Box::pin(keyring::run(&args, globals.load()?)).await,
            Self::Export(args) => verify::export(&args, &globals.load()?).await,
            Self::Show(args) => Box::pin(show::run(&args, &globals.load()?)).await,
            Self::Print(args) => Box::pin(print::run(&args, &globals.load()?)).await,
            Self::Register(args) => Box::pin(register::run(&args, &globals.load()?)).await,
            Self::Upload(args) => Box::pin(content::upload(&args, &globals.load()?)).await,
            Self::Download(args) => Box::pin(content::download(&args, &globals.load()?)).await,
            Self::Transfer(args) => Box::pin(transfer::command(&args, &globals.load()?)).await,
            Self::Import(args) => import::command(&args, &globals.load()?).await,
            Self::Completion { shell } => Ok(out::text(&completion(shell))?),
        }
    }
}

// === impl DemoArgs ===

impl DemoArgs {
    // Services that run elsewhere have a configuration of their own, which says where keys and tokens come from.
    fn arguments(self, globals: &Globals) -> Result<demo::Arguments, Failure> {
        let config = self.connect.as_ref().map(|_| globals.load()).transpose()?;
        let connect = self.connect.unwrap_or_default();
        Ok(demo::Arguments { data: self.data, keep: self.keep, connect, config })
    }
}

// Every rpc is a command, so that its flags are completed too.
fn completion(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "dossier", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

async fn migrate(config: &Config, which: &[Which], rebuild_tombstones: bool) -> Result<(), Failure> {
    if rebuild_tombstones {
        let added = serve::rebuild_tombstones(config, which).await?;
        out::note(format!("{added} destroyed files were added to the list"));
    }
    serve::migrate(config, which).await
}

fn uris(text: &str) -> Result<Connect, String> {
    let mut found = Connect::new();
    for part in text.split(',') {
        let (name, uri) = pair(part)?;
        let which: Which = name.parse()?;
        if found.insert(which, uri).is_some() {
            return Err(format!("{which} is given twice"));
        }
    }
    match Which::ALL.into_iter().find(|which| !found.contains_key(which)) {
        Some(missing) => Err(format!("{missing} is missing")),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_completed_in_every_shell() {
        for shell in [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish] {
            let script = completion(shell);
            for word in ["healthcheck", "get-customer-file", "as-of-time", "create-score-model"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }

    #[test]
    fn connect_needs_each_service_once() {
        let three = uris("credit=http://c:3,profile=http://a:1,access=http://b:2").unwrap();
        assert_eq!((three[&Which::Profile].as_str(), three[&Which::Credit].as_str()), ("http://a:1", "http://c:3"));
        assert_eq!(uris("profile=x,access=y").unwrap_err(), "credit is missing");
        assert_eq!(uris("profile=x,profile=y").unwrap_err(), "profile is given twice");
        assert!(uris("elsewhere=x").unwrap_err().contains("is no service"));
    }
}
