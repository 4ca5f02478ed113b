//! The command line: what may be said, and who does it.
//!
//! Configuration, stores and keys are named the same way for every command: `--config`, `--data-dir`, `--set`, and the
//! environment (`DOSSIER__SECTION__KEY`).

mod verb;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, Args as _, Command, FromArgMatches as _, Subcommand as _};

pub use verb::{DemoArgs, Verb};

use crate::client;
use crate::globals::Globals;
use crate::serve::Which;
use crate::{Failure, failure, out};

/// The version, and whether this build can be made to fail.
const VERSION: &str = if dossier_kernel::fault::BUILT_IN {
    concat!(env!("CARGO_PKG_VERSION"), " with fault points: for tests/crash, never for use")
} else {
    env!("CARGO_PKG_VERSION")
};

const CODES: &str = "Exit codes:
  0  done
  1  something was found that must not be: a journal that does not verify, faulty packs, refused lines
  2  the command line, the configuration, a file named in it or a key cannot be used
  3  a service refused the call; the reason says why
  4  a service or a store cannot be reached, or failed
  5  a process was told a second time to end, and calls that were at work were cut";

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    match run(std::env::args_os()) {
        Ok(code) => code,
        Err(failure) => {
            if failure.code() != 0 {
                out::note(&failure);
            }
            ExitCode::from(failure.code())
        }
    }
}

/// Runs the program with these arguments; the first is its name.
///
/// # Errors
/// Whatever the command says.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<ExitCode, Failure> {
    let arguments = gathered(arguments.into_iter().collect())?;
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(told) => {
            // Help and version are results too; clap knows where each text belongs.
            told.print()?;
            return Ok(ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(failure::CONFIG)));
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Failure::config(format!("the runtime cannot start: {fault}")))?;
    let done = runtime.block_on(Box::pin(dispatch(&matches)));
    // A job that blocks must not keep a command that has ended.
    runtime.shutdown_background();
    done.map(|()| ExitCode::SUCCESS)
}

// What stands before a command and after it is one list: the parser would take the one behind alone, in silence.
fn gathered(arguments: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let is = |argument: &OsString, name: &str| {
        let text = argument.to_string_lossy();
        text == name || text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
    };
    let own = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    for name in ["--config", "--data-dir"] {
        if arguments[..own].iter().filter(|argument| is(argument, name)).count() > 1 {
            return Err(Failure::config(format!("{name} is given twice")));
        }
    }
    let (mut sets, mut rest, mut at) = (Vec::new(), Vec::new(), 0);
    let mut words = arguments[..own].iter().cloned();
    while let Some(word) = words.next() {
        if !is(&word, "--set") {
            rest.push(word);
            continue;
        }
        // Where the last one stands, the parser finds them all.
        at = rest.len();
        let value = if word == "--set" { words.next() } else { None };
        sets.extend([word].into_iter().chain(value));
    }
    rest.splice(at..at, sets);
    rest.extend_from_slice(&arguments[own..]);
    Ok(rest)
}

/// The whole command line.
pub fn command() -> Command {
    let root = Verb::augment_subcommands(Globals::augment_args(Command::new("dossier")))
        .version(VERSION)
        .about("Customer files, access to them, and credit: three services, their client, and their verifier")
        .after_help(CODES)
        .arg_required_else_help(true)
        .subcommand_required(true);
    Which::ALL.into_iter().fold(root, |root, which| root.subcommand(client::command(which)))
}

async fn dispatch(matches: &ArgMatches) -> Result<(), Failure> {
    let globals = Globals::from_arg_matches(matches).map_err(Failure::config)?;
    let Some((name, inner)) = matches.subcommand() else { return Ok(()) };
    match name.parse::<Which>() {
        Ok(which) => client::run(which, inner, &globals).await,
        Err(_) => {
            let verb = Verb::from_arg_matches(matches).map_err(Failure::config)?;
            Box::pin(verb.run(&globals)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(line: &str) -> Result<ArgMatches, clap::Error> {
        command().try_get_matches_from(line.split(' '))
    }

    #[test]
    fn options_before_a_command_and_after_it_are_one_list() {
        let told = |line: &str| {
            gathered(line.split(' ').map(OsString::from).collect())
                .map(|words| words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" "))
        };
        for (said, meant) in [
            ("dossier --set a.b=1 serve profile", "dossier --set a.b=1 serve profile"),
            ("dossier --set a.b=1 serve profile --set c.d=2", "dossier serve profile --set a.b=1 --set c.d=2"),
            ("dossier --config f --set=a.b=1 serve --set c.d=2", "dossier --config f serve --set=a.b=1 --set c.d=2"),
            ("dossier serve -- --set x", "dossier serve -- --set x"),
        ] {
            assert_eq!(told(said).unwrap(), meant);
        }
        for twice in ["dossier --config a serve --config b", "dossier --data-dir=a serve --data-dir b"] {
            assert!(told(twice).is_err(), "{twice}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        // Checks every command, those of the rpcs too: names twice, defaults that cannot be, positions.
        let mut command = command();
        command.build();
        command.debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_behind_the_command() {
        for line in ["dossier --data-dir d migrate", "dossier migrate --data-dir d"] {
            let globals = Globals::from_arg_matches(&matches(line).unwrap()).unwrap();
            assert_eq!(globals.sources().flags, [("data_dir".to_owned(), "d".to_owned())]);
        }
    }

    #[test]
    fn the_commands_of_the_issue_are_understood() {
        for line in [
            "dossier serve all",
            "dossier serve credit --config x.toml --set database.attempts=3",
            "dossier migrate profile",
            "dossier healthcheck",
            "dossier healthcheck --alive",
            "dossier healthcheck profile --address http://localhost:1",
            "dossier demo --data d --keep",
            "dossier demo --connect profile=http://a:1,access=http://b:2,credit=http://c:3",
            "dossier scenario deploy/scenarios/R36.yaml --update",
            "dossier token --org demo --subject gm --ttl 30m",
            "dossier lint deploy/regimes/R36.yaml deploy/organisations",
            "dossier verify",
            "dossier recover --by gm",
            "dossier recover --org demo --by gm --reason restored",
            "dossier verify profile --org demo",
            "dossier verify access --witness w.jsonl",
            "dossier verify --export j.jsonl --key k",
            "dossier verify receipt r.json",
            "dossier verify consistency a b --proof p.json",
            "dossier export profile --org demo --file j.jsonl",
            "dossier import a.csv --template t --unit sales --customer-type individual --name-from name",
            "dossier show KH-2026-00001",
            "dossier show 海岳 --purpose audit --html page.html",
            "dossier register complaints --csv complaints.csv",
            "dossier register complaints --purpose audit --html",
            "dossier show 021-55501234 --html",
            "dossier print files/x/records/y --html",
            "dossier print templates/complaint_record --html form.html",
            "dossier completion bash",
            "dossier credit backtest --model m --input i --outcome c=bad --output o",
            "dossier credit create-score-model --model m --card c",
            "dossier profile create-customer-file --raw",
            "dossier profile list-entries --filter seq>3 --output table",
            "dossier profile get-customer-file --name files/x --purpose p --output table",
        ] {
            assert!(matches(line).is_ok(), "{line}: {}", matches(line).unwrap_err());
        }
        for line in [
            "dossier",
            "dossier recover",
            "dossier serve",
            "dossier serve both",
            "dossier demo --connect profile=x",
            "dossier import",
            "dossier show",
        ] {
            assert!(matches(line).is_err(), "{line}");
        }
    }
}
