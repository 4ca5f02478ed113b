//! The calls of an import: a bounded number at a time, repeated while a service is busy, each line for itself.

use std::collections::BTreeSet;
use std::fmt;
use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::error::{Reason, reason_of};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::template_service_client::TemplateServiceClient;
use dossier_proto::profile::v1::{CustomerFile, GetTemplateRequest};
use futures::{StreamExt, stream};
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
    /// Lines refused.
    pub refused: u64,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines done.
    pub lines: u64,
    /// Line and name of every file that was created (or, with `check`, would be), by line.
    pub files: Vec<(u64, String)>,
    /// Everything that was refused, by line.
    pub refused: Vec<Refused>,
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
    Done(u64, String),
    Refused(u64, Option<String>, Vec<Refused>),
    Stop(Failure),
}

struct Importer {
    plan: Plan,
    files: CustomerFileServiceClient<Connection>,
    submit: bool,
}

/// Imports every line of `input`; `progress` is told after each.
///
/// # Errors
/// When nothing was begun: the template is unknown, or a named column or field does not exist. What stops a running
/// import is in the report, beside what was done until then.
pub async fn run(
    connection: Connection,
    options: &Options,
    input: impl BufRead + Send + 'static,
    mut progress: impl FnMut(&Progress),
) -> Result<Report, Failure> {
    let lines = Lines::open(input, options.format.unwrap_or(Format::Csv))?;
    let plan = plan(&connection, options, &lines.columns).await?;
    let mut report = Report { unused: plan.unused(&lines.columns), ..Report::default() };
    let files = CustomerFileServiceClient::new(connection);
    let importer = Importer { plan, files, submit: options.submit };
    let mut calls =
        stream::iter(lines.records).map(|record| importer.line(record)).buffer_unordered(options.concurrency);
    let mut reached = Progress::default();
    while let Some(line) = calls.next().await {
        if !report.take(line, &mut reached) {
            break;
        }
        progress(&reached);
    }
    report.files.sort_unstable();
    report.refused.sort_unstable();
    Ok(report)
}

async fn plan(connection: &Connection, options: &Options, columns: &[Arc<str>]) -> Result<Plan, Failure> {
    let name = options.template.strip_prefix("templates/").unwrap_or(&options.template);
    let request = GetTemplateRequest { name: format!("templates/{name}"), version: 0 };
    let mut client = TemplateServiceClient::new(connection.clone());
    let template = client.get_template(request).await?.into_inner();
    Plan::new(options, &template, columns)
}

// === impl Importer ===

impl Importer {
    async fn line(&self, record: Result<Record, Broken>) -> Line {
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
        let name = match created.await {
            Ok(CustomerFile { name, .. }) => name,
            Err(status) => return outcome(line, None, &status),
        };
        if self.submit { self.hand_in(line, name).await } else { Line::Done(line, name) }
    }

    async fn hand_in(&self, line: u64, name: String) -> Line {
        let request = self.plan.submit(line, &name);
        let submitted = repeated(|| {
            let (mut files, request) = (self.files.clone(), within(request.clone()));
            async move { files.submit_customer_file(request).await }
        });
        match submitted.await {
            Ok(_) => Line::Done(line, name),
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
async fn repeated<T, F>(call: impl Fn() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        match call().await {
            Err(status) if is_passing(&status) => tokio::time::sleep(pause).await,
            answer => return answer.map(Response::into_inner),
        }
        pause *= 2;
    }
    call().await.map(Response::into_inner)
}

fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => true,
        Code::Aborted => reason_of(status) == Some(Reason::ConflictRetry),
        _ => false,
    }
}

fn outcome(line: u64, name: Option<String>, status: &Status) -> Line {
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

/// Whether every other line would fare the same.
fn stops(status: &Status) -> bool {
    let everywhere = [Reason::TemplateNotFound, Reason::UnitNotFound];
    is_passing(status)
        || matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented)
        || reason_of(status).is_some_and(|reason| everywhere.contains(&reason))
}

// === impl Report ===

impl Report {
    /// How many lines were refused.
    pub fn refused_lines(&self) -> usize {
        self.refused.iter().map(|one| one.line).collect::<BTreeSet<_>>().len()
    }

    /// Takes in what became of a line; `false` ends the import.
    fn take(&mut self, line: Line, reached: &mut Progress) -> bool {
        let (done, refused) = match line {
            Line::Done(line, name) => (Some((line, name)), Vec::new()),
            Line::Refused(line, name, refused) => (name.map(|name| (line, name)), refused),
            Line::Stop(failure) => {
                self.stopped = Some(failure);
                return false;
            }
        };
        reached.lines += 1;
        reached.created += u64::from(done.is_some());
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
        write!(f, "{lines}, {files}, {} refused", count(self.refused, "line"))
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::Error;

    use super::*;

    fn take(status: Status) -> (bool, Report) {
        let mut report = Report::default();
        let goes_on = report.take(outcome(7, None, &status), &mut Progress::default());
        (goes_on, report)
    }

    #[test]
    fn a_refused_line_is_told_by_reason_and_field() {
        let fault = Error::violation("customer_file.fields.age", "is over its limit").and_violation("reason", "x");
        let (goes_on, report) = take(fault.into());
        assert!(goes_on);
        assert_eq!(report.refused_lines(), 1);
        let told: Vec<_> = report.refused.iter().map(|one| (one.reason.as_str(), one.field.as_str())).collect();
        assert_eq!(told, [("FIELD_VIOLATION", "fields.age"), ("FIELD_VIOLATION", "reason")]);
        let (goes_on, report) = take(Error::new(Reason::FileUnitTaken).into());
        assert!(goes_on && report.refused[0].reason == "FILE_UNIT_TAKEN" && !report.refused[0].why.is_empty());
    }

    #[test]
    fn what_every_line_would_suffer_stops_the_import() {
        for reason in [Reason::TokenExpired, Reason::PermissionDenied, Reason::UnitNotFound, Reason::StoreUnavailable] {
            let (goes_on, report) = take(Error::new(reason).into());
            assert!(!goes_on && report.stopped.is_some(), "{reason:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_service_is_asked_again_but_not_for_ever() {
        let asked = std::cell::Cell::new(0);
        let call = |until: u32| {
            asked.set(asked.get() + 1);
            let busy = asked.get() < until;
            async move { if busy { Err(Status::unavailable("busy")) } else { Ok(Response::new(asked_enough())) } }
        };
        assert!(repeated(|| call(3)).await.is_ok());
        assert_eq!(asked.replace(0), 3);
        assert!(repeated(|| call(100)).await.is_err());
        assert_eq!(asked.get(), ATTEMPTS);
    }

    fn asked_enough() -> u8 {
        1
    }
}
