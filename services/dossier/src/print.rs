//! `dossier print`: a record as it was filled in and signed, or an empty form of the same template, for paper (P-30, P-47).
//!
//! ```text
//! dossier print files/0193.../records/0193... --purpose audit --html complaint.html
//! dossier print templates/complaint_record --html form.html
//! ```
//! A record is read by GetRecord, which is one disclosure in the journal; a form without values discloses nothing.

use dossier_kernel::config::Config;
use dossier_kernel::printed::Printout;
use dossier_kernel::printed::paper::{Called, Language, Paper, empty};
use dossier_proto::profile::v1::record_service_client::RecordServiceClient;
use dossier_proto::profile::v1::template_service_client::TemplateServiceClient;
use dossier_proto::profile::v1::{GetRecordRequest, GetTemplateRequest, Template};
use jiff::tz::TimeZone;

use crate::Failure;
use crate::client::connection::{Connection, Given};
use crate::client::{fault, reference};
use crate::reading::Reading;
use crate::serve::Which;

/// What `print` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A record, files/{uuid}/records/{uuid}, or for its empty form a template, templates/{id}
    #[arg(value_name = "NAME")]
    name: String,
    /// The language of what the page says besides the company's own words
    #[arg(long, value_name = "LANGUAGE", default_value = "zh", value_parser = ["zh", "en"])]
    language: String,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
}

// === impl Args ===

impl Args {
    fn language(&self) -> Language {
        Language::of(&self.language).unwrap_or_default()
    }
}

/// Prints it.
///
/// # Errors
/// What profile refuses; when it cannot be reached or the page not be written.
pub async fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    let way = args.given.access()?;
    let access = way.also(Which::Access, config)?;
    let profile = way.connect(Which::Profile, config)?;
    let page = if args.name.starts_with("templates/") {
        empty(&template(&profile, &args.name).await?, "", std::iter::empty(), args.language())
    } else {
        filled(args, &profile, access).await?
    };
    args.reading.write(&page)
}

async fn filled(args: &Args, profile: &Connection, access: Connection) -> Result<Printout, Failure> {
    let (purpose, reading_place) = (args.reading.purpose(access.clone()).await?, args.reading.place().to_owned());
    let request = GetRecordRequest { name: args.name.clone(), purpose, reading_place };
    let answer = RecordServiceClient::new(profile.clone()).get_record(request).await;
    let record = answer.map_err(|status| fault::refused(&status))?.into_inner();
    let template = template(profile, &record.template).await?;
    let signers = record.signatures.iter().map(|one| one.signer.clone());
    let people = reference::named(&signers.chain([record.creator.clone()]).collect(), access).await;
    let called = |called: Called<'_>| match called {
        Called::Person(name) => people.get(name).cloned(),
        Called::Stage(_) | Called::Post(_) | Called::Level(_) => None,
    };
    let (title, number) = ("", record.number.as_str());
    let (called, zone) = (&called, &TimeZone::system());
    let paper = Paper { record: &record, template: &template, title, number, called, zone, language: args.language() };
    Ok(paper.page())
}

async fn template(profile: &Connection, name: &str) -> Result<Template, Failure> {
    let request = GetTemplateRequest { name: name.to_owned(), version: 0 };
    let answer = TemplateServiceClient::new(profile.clone()).get_template(request).await;
    Ok(answer.map_err(|status| fault::refused(&status))?.into_inner())
}
