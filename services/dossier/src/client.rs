//! Every rpc of every service as a command, made from the contracts at run time.
//!
//! ```text
//! dossier <service> <rpc> [--field VALUE]... [--json '{...}' | --json @FILE] [--output json|table] [--raw]
//! dossier profile get-customer-file --name files/0193... --purpose credit_review --output table
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | [`catalogue`] | which rpcs there are, what they are called, what their comments say |
//! | [`flags`] | the flags of a request, and the request they make |
//! | [`value`] | one flag's text as a value of its field: `CNY 100.00`, `4h`, `ACTIVE` |
//! | [`json`], [`shape`] | protobuf JSON in and out, short enum names and amounts understood; what is wrong, by its path |
//! | [`example`] | the JSON that the help of a flag shows |
//! | [`reference`] | files by their numbers and people by their subjects, in and out |
//! | [`shown`] | an answer as JSON for people |
//! | [`table`] | an answer as a table |
//! | [`connection`], [`codec`] | the way to a service, and messages on it that no generated code knows |
//! | [`fault`] | a refusal in plain words |

pub mod catalogue;
pub mod codec;
pub mod connection;
pub mod example;
pub mod fault;
pub mod flags;
pub mod json;
pub mod reference;
pub mod shape;
pub mod shown;
pub mod table;
pub mod value;

use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, FromArgMatches as _};
use dossier_kernel::call::Providers;
use dossier_kernel::config::duration;
use futures::StreamExt;
use prost_reflect::DynamicMessage;
use tonic::client::Grpc;
use tonic::{Request, Status};

use crate::failure::CALL;
use crate::globals::Globals;
use crate::serve::Which;
use crate::{Failure, backtest, out, scorecard};
use catalogue::Rpc;
use codec::Dynamic;
use connection::{Access, Connection};
use reference::Registers;
use table::Look;

/// The command that is no rpc: it needs no service.
const BACKTEST: &str = "backtest";

/// The most bytes of one answer; pages of content may be larger than what a request may be.
pub(crate) const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How long one answer is waited for where nobody says.
const PATIENCE: Duration = Duration::from_secs(10);

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// JSON, one document for each message.
    Json,
    /// A table of the answer's list, or a row for each field.
    Table,
    /// Canonical protobuf JSON (`--raw`): stored bytes as they are, in base64, and nothing that is not set.
    #[value(skip)]
    Raw,
}

/// The command of a service, with a command for each of its rpcs.
pub fn command(which: Which) -> Command {
    let about = match which {
        Which::Profile => "Customer files: every rpc of the profile service",
        Which::Access => "People, approvals, grants, loans: every rpc of the access service",
        Which::Credit => "Scores, limits, reservations: every rpc of the credit service, and backtest",
    };
    // The rpcs are looked up only when they are asked for: a server needs none of them.
    Access::of(which, Command::new(which.name()).about(about)).subcommand_required(true).defer(with_rpcs)
}

fn with_rpcs(command: Command) -> Command {
    let Ok(which) = command.get_name().parse::<Which>() else { return command };
    let command =
        catalogue::rpcs(which).into_iter().fold(command, |command, rpc| command.subcommand(rpc_command(&rpc)));
    if which == Which::Credit { command.subcommand(backtest_command()) } else { command }
}

fn rpc_command(rpc: &Rpc) -> Command {
    let command = Command::new(rpc.command.clone()).about(rpc.about()).long_about(rpc.long_about());
    let command = flags::of(rpc.method.input()).into_iter().fold(command, Command::arg);
    let command = if rpc.command == scorecard::CREATE { scorecard::flags(command) } else { command };
    command
        .arg(
            Arg::new("json")
                .long("json")
                .value_name("JSON or @FILE")
                .help("The request as JSON; flags win over it. @- reads standard input"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("FORMAT")
                .value_parser(clap::value_parser!(Output))
                .default_value("json")
                .env("DOSSIER_OUTPUT")
                .help("How the answer is printed"),
        )
        .arg(
            Arg::new("raw")
                .long("raw")
                .action(ArgAction::SetTrue)
                .help("Print canonical protobuf JSON: bytes in base64, entries of the journal undecoded, no defaults"),
        )
        .arg(
            Arg::new("columns")
                .long("columns")
                .value_name("PATH,...")
                .value_delimiter(',')
                .action(ArgAction::Append)
                .help("The columns of a list's table, such as number,fields.name; makes the output a table"),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("DURATION")
                .value_parser(duration::parse)
                .help("How long to wait for the answer; 10s unless told, a stream waits for ever"),
        )
}

fn backtest_command() -> Command {
    backtest::Args::augment_args(
        Command::new(BACKTEST)
            .about("Score applicants whose outcome is known, offline; print AUC, KS and the distribution"),
    )
}

/// Runs one command of a service.
///
/// # Errors
/// What is wrong with the flags; what the service refuses; when it cannot be reached.
pub async fn run(which: Which, matches: &ArgMatches, globals: &Globals) -> Result<(), Failure> {
    let Some((name, flags)) = matches.subcommand() else { return Ok(()) };
    if which == Which::Credit && name == BACKTEST {
        return backtest::run(&backtest::Args::from_arg_matches(flags).map_err(Failure::config)?);
    }
    let rpc = catalogue::rpcs(which).into_iter().find(|rpc| rpc.command == name);
    let rpc = rpc.ok_or_else(|| Failure::config(format!("there is no rpc `{name}`")))?;
    let mut request = flags::request(rpc.method.input(), flags, &Providers::system()).map_err(Failure::config)?;
    reference::at_home(&mut request, which);
    if rpc.command == scorecard::CREATE {
        scorecard::fill(&mut request, flags)?;
    }
    let config = globals.load()?;
    let access = Access::read(matches)?;
    let uri = access.uri(which, &config)?;
    let way = |to: Which| if to == which { access.clone().connect(to, &config) } else { access.also(to, &config) };
    let registers = || Ok(Registers { profile: way(Which::Profile)?, access: way(Which::Access)? });
    reference::resolve(&mut request, registers).await?;
    let connection = access.clone().connect(which, &config)?;
    let look = Look { columns: columns(flags), ..Look::default() };
    let output = output(flags);
    let timeout = flags.get_one::<Duration>("timeout").copied();
    let mut answers = Vec::new();
    let called = call(connection, &rpc, request, timeout, |answer| match output {
        // A table waits for the names of people; a stream has no end to wait for.
        Output::Table if !rpc.method.is_server_streaming() => {
            answers.push(answer);
            Ok(())
        }
        Output::Table => tabled(&answer, &look),
        Output::Json => Ok(out::line(shown::text(&answer).map_err(Failure::differs)?)?),
        Output::Raw => Ok(out::line(json::text(&answer).map_err(Failure::differs)?)?),
    })
    .await;
    // A service that cannot be reached is told with where it was looked for.
    called.map_err(|failure| match failure.code() {
        CALL => failure.within(&format!("{which} at {uri}")),
        _ => failure,
    })?;
    if answers.is_empty() {
        return Ok(());
    }
    let people = match way(Which::Access) {
        Ok(access) => reference::people(&answers, access).await,
        Err(_) => reference::People::new(),
    };
    let look = Look { people, ..look };
    answers.iter().try_for_each(|answer| tabled(answer, &look))
}

fn columns(flags: &ArgMatches) -> Vec<String> {
    let named = flags.get_many::<String>("columns").into_iter().flatten();
    named.map(|column| column.trim().to_owned()).filter(|column| !column.is_empty()).collect()
}

// Who names columns wants a table.
fn output(flags: &ArgMatches) -> Output {
    if flags.get_flag("raw") {
        return Output::Raw;
    }
    let told = flags.get_one::<Output>("output").copied().unwrap_or(Output::Json);
    let chosen = flags.value_source("output") != Some(ValueSource::DefaultValue);
    if chosen || columns(flags).is_empty() { told } else { Output::Table }
}

/// Calls an rpc that has one answer.
///
/// # Errors
/// The refusal as it came.
pub async fn ask(
    connection: Connection,
    rpc: &Rpc,
    message: DynamicMessage,
    timeout: Duration,
) -> Result<DynamicMessage, Status> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    let path = rpc.path().map_err(|fault| Status::internal(fault.to_string()))?;
    let mut grpc = Grpc::new(connection).max_decoding_message_size(LARGEST_ANSWER);
    grpc.ready().await.map_err(|fault| Status::unavailable(fault.to_string()))?;
    Ok(grpc.unary(request, path, Dynamic::new(rpc.method.output())).await?.into_inner())
}

/// Calls an rpc and hands over each message of its answer.
///
/// # Errors
/// What the service refuses; when it cannot be reached; whatever `each` says.
pub async fn call(
    connection: Connection,
    rpc: &Rpc,
    message: DynamicMessage,
    timeout: Option<Duration>,
    mut each: impl FnMut(DynamicMessage) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if !rpc.method.is_server_streaming() {
        let timeout = timeout.unwrap_or(PATIENCE);
        let answer = ask(connection, rpc, message, timeout).await;
        return each(answer.map_err(|status| fault::refused(&status))?);
    }
    let mut request = Request::new(message);
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    let (path, codec) = (rpc.path()?, Dynamic::new(rpc.method.output()));
    let mut grpc = Grpc::new(connection).max_decoding_message_size(LARGEST_ANSWER);
    grpc.ready().await.map_err(|fault| fault::unreachable(&fault))?;
    let answer = grpc.server_streaming(request, path, codec).await.map_err(|status| fault::refused(&status))?;
    let mut messages = answer.into_inner();
    while let Some(message) = messages.next().await {
        each(message.map_err(|status| fault::refused(&status))?)?;
    }
    Ok(())
}

fn tabled(answer: &DynamicMessage, look: &Look) -> Result<(), Failure> {
    Ok(out::text(&table::render(answer, look).map_err(Failure::config)?)?)
}
