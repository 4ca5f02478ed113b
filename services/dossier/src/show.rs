//! `dossier show`: one customer at a glance.
//!
//! ```text
//! dossier show KH-2026-00001
//! dossier show 海岳 --purpose contract_performance
//! dossier show 021-55501234 --html customer.html
//! dossier show KH-2026-00001 --timeline
//! ```
//! The file is found by its name, its number, the customer's number, a part of the customer's name, a telephone number or its unit.
//! profile tells what it keeps in one call, which is one disclosure in its journal; loans are asked of access and credit of credit, in
//! the caller's name. What the caller's posts do not open is left out, and the page says so; a service that does not answer takes away
//! its part alone. With `--timeline` it is what happened that is told, newest first, and no content.
//!
//! | module | what it is for |
//! |---|---|
//! | [`find`] | which file is meant |
//! | [`elsewhere`] | what access and credit say of it |
//! | [`page`] | all of it as a page |
//! | [`timeline`] | what happened, newest first, as a page |

pub mod elsewhere;
pub mod find;
pub mod page;
pub mod timeline;

use dossier_kernel::config::Config;
use dossier_kernel::printed::Printout;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{CustomerOverview, GetCustomerOverviewRequest};
use jiff::tz::TimeZone;

use crate::Failure;
use crate::client::connection::{Connection, Given};
use crate::client::{LARGEST_ANSWER, fault, reference};
use crate::reading::Reading;
use crate::serve::Which;
use elsewhere::Elsewhere;
use find::Sought;

/// What `show` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A file or customer number, a part of the customer's name, a telephone number, or the unit of the file
    #[arg(value_name = "QUERY")]
    query: String,
    /// What happened to the customer in place of what is known: the newest 50 events, with what the journals of access and credit tell
    /// the caller
    #[arg(long)]
    timeline: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
}

/// The ways to the services, in the name of one caller.
#[derive(Clone, Debug)]
pub struct Ways {
    /// profile.
    pub profile: Connection,
    /// access.
    pub access: Connection,
    /// credit.
    pub credit: Connection,
}

/// Finds the file and prints what the caller may see.
///
/// # Errors
/// When nothing, or more than one file, is found; what profile refuses; when it cannot be reached or the page not be written.
pub async fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    let access = args.given.access()?;
    let ways = Ways {
        access: access.also(Which::Access, config)?,
        credit: access.also(Which::Credit, config)?,
        profile: access.connect(Which::Profile, config)?,
    };
    let purpose = args.reading.purpose(ways.access.clone()).await?;
    let sought = Sought { query: args.query.trim(), purpose: &purpose, place: args.reading.place() };
    let file = find::file(&ways.profile, &sought).await?;
    let page = match args.timeline {
        true => timeline::timeline(&ways, &file, sought.query).await?,
        false => overview(&ways, &file, &purpose, args.reading.place()).await?,
    };
    args.reading.write(&page)
}

/// All that the caller may see of one customer, as a page.
///
/// # Errors
/// What profile refuses, or when it cannot be reached.
pub async fn overview(ways: &Ways, file: &str, purpose: &str, place: &str) -> Result<Printout, Failure> {
    let request = GetCustomerOverviewRequest {
        name: file.to_owned(),
        purpose: purpose.to_owned(),
        reading_place: place.to_owned(),
    };
    let mut client = CustomerFileServiceClient::new(ways.profile.clone()).max_decoding_message_size(LARGEST_ANSWER);
    let answer = client.get_customer_overview(request).await.map_err(|status| fault::refused(&status))?;
    let overview = answer.into_inner();
    let elsewhere = Elsewhere::ask(ways, &overview).await;
    let people = reference::named(&people(&overview, &elsewhere), ways.access.clone()).await;
    let zone = TimeZone::system();
    Ok(page::Seen { overview: &overview, elsewhere: &elsewhere, people: &people, zone: &zone, purpose }.page())
}

// Everybody whom the page names.
fn people(overview: &CustomerOverview, elsewhere: &Elsewhere) -> std::collections::BTreeSet<String> {
    let file = overview.customer_file.iter().flat_map(|file| [&file.custodian, &file.creator]);
    let records = overview.last_contact.iter().chain(&overview.open_records).chain(&overview.newest_records);
    let creators = records.filter_map(|one| one.record.as_ref()).map(|record| &record.creator);
    let owing = overview.duties.iter().filter_map(|one| one.duty.as_ref()).map(|duty| &duty.assignee);
    let borrowers = elsewhere.loans.iter().flatten().map(|loan| &loan.borrower);
    let raters = elsewhere.rating.iter().flatten().map(|rating| &rating.evaluator);
    let kept = overview.customer_file.iter().filter_map(|file| file.whereabouts.as_ref()).map(|at| &at.holder);
    let all = file.chain(creators).chain(owing).chain(borrowers).chain(raters).chain(kept);
    all.filter(|name| !name.is_empty()).cloned().collect()
}
