//! The calls of an import: a bounded number at a time, repeated while a service is busy, each line for itself.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::call::REPLAYED;
use dossier_kernel::error::{Missing, Reason, reason_of};
use dossier_kernel::sheet::{Encoding, decode};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::template_service_client::TemplateServiceClient;
use dossier_proto::profile::v1::{CustomerFile, GetTemplateRequest, ListTemplatesRequest, Template};
use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use super::lines::{Broken, Lines, Record};
use super::plan::Plan;
use super::{Format, Options};
use crate::Failure;
use crate::client::connection::Connection;
use crate::out::count;

/// How often one call is made at most.
const ATTEMPTS: u32 = 7;

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause after the first attempt; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines done.
    pub lines: u64,
    /// Files created, or with `check` in order.
    pub created: u64,
    /// Files that an earlier run of this import created.
    pub existing: u64,
    /// Lines refused.
    pub refused: u64,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines done.
    pub lines: u64,
    /// Line and name of every file that is there now (or, with `check`, would be), by line.
    pub files: Vec<(u64, String)>,
    /// How many of these an earlier run of this import had created.
    pub existing: u64,
    /// Everything that was refused, by line.
    pub refused: Vec<Refused>,
    /// Lines that were sent and not answered: their files may or may not be there. Another run of the import tells.
    pub unknown: Vec<u64>,
    /// Lines without any value, which were left out.
    pub empty: u64,
    /// What the file is written in.
    pub encoding: Option<Encoding>,
    /// Columns that fill nothing.
    pub unused: Vec<String>,
    /// Why the import did not come to its end.
    pub stopped: Option<Failure>,
}

/// One thing for which a line was refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The line of the file, from 1.
    pub line: u64,
    /// The reason, as the services give it; `LINE_BROKEN` for a line that cannot be read.
    pub reason: String,
    /// The field at fault; empty when none is.
    pub field: String,
    /// What is wrong; never a value.
    pub why: String,
}

/// What became of one line.
enum Line {
    /// Its file is there; whether it was before.
    Done(u64, String, bool),
    Refused(u64, Option<String>, Vec<Refused>),
    /// Sent and not answered.
    Unknown(u64, Failure),
    /// Refused for a reason that every other line would meet.
    Stop(Failure),
    /// Not sent: the import was over.
    Left,
}

struct Importer {
    plan: Plan,
    files: CustomerFileServiceClient<Connection>,
    submit: bool,
    /// Cancelled when no other line is to be begun.
    over: CancellationToken,
}

/// Imports every line of `input`; `progress` is told after each.
///
/// # Errors
/// When nothing was begun: the template is unknown, or a named column or field does not exist. What stops a running
/// import is in the report, beside what was done until then.
pub async fn run(
    connection: Connection,
    options: &Options,
    input: impl Read,
    progress: impl FnMut(&Progress),
) -> Result<Report, Failure> {
    run_until(connection, options, input, CancellationToken::new(), progress).await
}

/// As [`run`]; once `over` is cancelled no other line is begun, and what was sent is waited for.
///
/// # Errors
/// As [`run`].
pub async fn run_until(
    connection: Connection,
    options: &Options,
    mut input: impl Read,
    over: CancellationToken,
    mut progress: impl FnMut(&Progress),
) -> Result<Report, Failure> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|fault| Failure::config(format!("the file cannot be read: {fault}")))?;
    let file = decode(bytes, options.encoding).map_err(|fault| Failure::config(fault.to_string()))?;
    let encoding = Some(file.encoding);
    let lines = Lines::open(file, options.format.unwrap_or(Format::Csv))?;
    let plan = plan(&connection, options, &lines.columns).await?;
    let mut report = Report { unused: plan.unused(&lines.columns), encoding, ..Report::default() };
    let files = CustomerFileServiceClient::new(connection);
    let importer = Importer { plan, files, submit: options.submit, over: over.clone() };
    let records = stream::iter(lines.records.take_while(|_| !over.is_cancelled()));
    let mut calls = records.map(|record| importer.line(record)).buffer_unordered(options.concurrency);
    let mut reached = Progress::default();
    while let Some(line) = calls.next().await {
        if !report.take(line, &mut reached) {
            over.cancel();
        }
        progress(&reached);
    }
    drop(calls);
    report.empty = lines.empty.count();
    report.files.sort_unstable();
    report.refused.sort_unstable();
    report.unknown.sort_unstable();
    Ok(report)
}

/// The plan for the template that the options name, or that the pack gives.
///
/// # Errors
/// When there is no such template, or a column or a field that is named does not exist.
pub(crate) async fn plan(connection: &Connection, options: &Options, columns: &[Arc<str>]) -> Result<Plan, Failure> {
    let mut client = TemplateServiceClient::new(connection.clone());
    let template = match &options.template {
        None => usual(&mut client, options).await?,
        Some(name) => {
            let name = name.strip_prefix("templates/").unwrap_or(name);
            let request = GetTemplateRequest { name: format!("templates/{name}"), version: 0 };
            client.get_template(request).await?.into_inner()
        }
    };
    Plan::new(options, &template, columns)
}

/// The template that the pack gives for the customer type.
async fn usual(client: &mut TemplateServiceClient<Connection>, options: &Options) -> Result<Template, Failure> {
    let request = ListTemplatesRequest { page_size: 500, ..ListTemplatesRequest::default() };
    let mut templates = client.list_templates(request).await?.into_inner().templates;
    let names: Vec<_> = templates.iter().map(|one| one.name.trim_start_matches("templates/").to_owned()).collect();
    templates.retain(|one| one.customer_types().any(|customer| customer == options.customer_type));
    let none = || {
        Failure::config(format!("--template: the pack names none for this customer type; it has {}", names.join(", ")))
    };
    templates.pop().ok_or_else(none)
}

// === impl Importer ===

impl Importer {
    async fn line(&self, record: Result<Record, Broken>) -> Line {
        if self.over.is_cancelled() {
            return Line::Left;
        }
        let record = match record {
            Ok(record) => record,
            Err(Broken::Line { line, why }) => {
                let refused = Refused { line, reason: "LINE_BROKEN".to_owned(), field: String::new(), why };
                return Line::Refused(line, None, vec![refused]);
            }
            Err(Broken::End(fault)) => return Line::Stop(Failure::config(format!("the file cannot be read: {fault}"))),
        };
        let line = record.line;
        let request = match self.plan.create(&record) {
            Ok(request) => request,
            Err(refused) => return Line::Refused(line, None, refused),
        };
        let created = repeated(|| {
            let (mut files, request) = (self.files.clone(), within(request.clone()));
            async move { files.create_customer_file(request).await }
        });
        let (name, existing) = match created.await {
            Ok(answer) => {
                let existing = answer.metadata().contains_key(REPLAYED);
                let CustomerFile { name, .. } = answer.into_inner();
                (name, existing)
            }
            Err(status) => return outcome(line, None, &status),
        };
        if self.submit { self.hand_in(line, name, existing).await } else { Line::Done(line, name, existing) }
    }

    async fn hand_in(&self, line: u64, name: String, existing: bool) -> Line {
        let request = self.plan.submit(&name);
        let submitted = repeated(|| {
            let (mut files, request) = (self.files.clone(), within(request.clone()));
            async move { files.submit_customer_file(request).await }
        });
        match submitted.await {
            Ok(_) => Line::Done(line, name, existing),
            Err(status) => outcome(line, Some(name), &status),
        }
    }
}

fn within<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}

/// Makes a call until it is answered; every attempt is the same call to the service (I8).
async fn repeated<T, F>(call: impl Fn() -> F) -> Result<Response<T>, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        match call().await {
            Err(status) if is_passing(&status) => tokio::time::sleep(pause).await,
            answer => return answer,
        }
        pause *= 2;
    }
    call().await
}

fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded => true,
        // A line that is too large stays so.
        Code::ResourceExhausted => reason_of(status) == Some(Reason::RateLimited),
        Code::Aborted => reason_of(status) == Some(Reason::ConflictRetry),
        _ => false,
    }
}

fn outcome(line: u64, name: Option<String>, status: &Status) -> Line {
    if is_unanswered(status) {
        return Line::Unknown(line, Failure::from(status.clone()));
    }
    if stops(status) {
        return Line::Stop(Failure::from(status.clone()));
    }
    let details = status.get_error_details();
    let reason = details.error_info().map_or_else(|| format!("{:?}", status.code()), |info| info.reason.clone());
    let refused = |field: &str, why: &str| Refused {
        line,
        reason: reason.clone(),
        field: field.strip_prefix("customer_file.").unwrap_or(field).to_owned(),
        why: why.to_owned(),
    };
    let violations = details.bad_request().map(|request| request.field_violations.as_slice()).unwrap_or_default();
    let mut all: Vec<_> = violations.iter().map(|one| refused(&one.field, &one.description)).collect();
    if all.is_empty() {
        all.push(refused("", status.message()));
    }
    Line::Refused(line, name, all)
}

/// Whether the call may have had its effect although nobody says so.
fn is_unanswered(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Internal => true,
        code => code == Code::Aborted && is_passing(status),
    }
}

/// Whether every other line would fare the same.
fn stops(status: &Status) -> bool {
    let everywhere = [Missing::Template, Missing::Unit].map(Missing::resource_type);
    let details = status.get_error_details();
    let missing = details.resource_info();
    is_passing(status)
        || matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented)
        || missing.is_some_and(|missing| everywhere.contains(&missing.resource_type))
}

// === impl Report ===

impl Report {
    /// How many lines were refused.
    pub fn refused_lines(&self) -> usize {
        self.refused.iter().map(|one| one.line).collect::<BTreeSet<_>>().len()
    }

    /// Takes in what became of a line; `false` ends the import.
    fn take(&mut self, line: Line, reached: &mut Progress) -> bool {
        let (done, existing, refused) = match line {
            Line::Done(line, name, existing) => (Some((line, name)), existing, Vec::new()),
            Line::Refused(line, name, refused) => (name.map(|name| (line, name)), false, refused),
            Line::Unknown(line, failure) => {
                self.unknown.push(line);
                self.stopped.get_or_insert(failure);
                return false;
            }
            Line::Stop(failure) => {
                self.stopped.get_or_insert(failure);
                return false;
            }
            Line::Left => return true,
        };
        reached.lines += 1;
        reached.created += u64::from(done.is_some() && !existing);
        reached.existing += u64::from(existing);
        self.existing = reached.existing;
        reached.refused += u64::from(!refused.is_empty());
        self.lines = reached.lines;
        self.files.extend(done);
        self.refused.extend(refused);
        true
    }
}

// === impl Refused ===

impl Refused {
    /// A value that does not have the type of its field.
    pub(super) fn value(line: u64, field: &str, why: &str) -> Self {
        Self { line, reason: "FIELD_VIOLATION".to_owned(), field: field.to_owned(), why: why.to_owned() }
    }
}

// === impl Progress ===

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, files) = (count(self.lines, "line"), count(self.created, "file"));
        let existing = count(self.existing, "file");
        write!(f, "{lines}, {files}, {existing} there already, {} refused", count(self.refused, "line"))
    }
}

#[cfg(test)]
mod tests;
