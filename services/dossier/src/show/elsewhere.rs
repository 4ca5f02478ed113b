//! What access and credit say of a customer, in the caller's name.

use dossier_kernel::filter::quoted;
use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
use dossier_proto::access::v1::{ListLoansRequest, Loan, LoanState};
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::rating_service_client::RatingServiceClient;
use dossier_proto::credit::v1::{Exposure, GetExposureRequest, ListRatingsRequest, Rating};
use dossier_proto::profile::v1::{CustomerOverview, OverviewPart};
use tonic::{Code, Status};

use super::Ways;

/// Loans that are looked at, the newest first: an original is out once at a time.
const LOANS: i32 = 50;

/// A part, or why it is left out.
pub type Told<T> = Result<T, String>;

/// What other services say.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Loans of the original that are not back.
    pub loans: Told<Vec<Loan>>,
    /// Limit and use.
    pub exposure: Told<Exposure>,
    /// The newest rating; `None`: there is none.
    pub rating: Told<Option<Rating>>,
}

// === impl Elsewhere ===

impl Elsewhere {
    /// Asks for what the caller's posts open; each part by itself, so that one that does not answer takes no other with it.
    pub async fn ask(ways: &Ways, overview: &CustomerOverview) -> Self {
        let file = overview.customer_file.as_ref().map(|file| file.name.clone()).unwrap_or_default();
        let (loans, exposure, rating) =
            futures::join!(loans(ways, &file), exposure(ways, overview, &file), rating(ways, overview, &file));
        Self { loans, exposure, rating }
    }
}

async fn loans(ways: &Ways, file: &str) -> Told<Vec<Loan>> {
    let filter = format!("file = {}", quoted(file));
    let request = ListLoansRequest { filter, page_size: LOANS, ..ListLoansRequest::default() };
    let answer = LoanServiceClient::new(ways.access.clone()).list_loans(request).await;
    let mut loans = answer.map_err(|status| why("access", &status))?.into_inner().loans;
    loans.retain(|loan| matches!(loan.state(), LoanState::Out | LoanState::Recalled));
    Ok(loans)
}

async fn exposure(ways: &Ways, overview: &CustomerOverview, file: &str) -> Told<Exposure> {
    require(overview, OverviewPart::Exposure)?;
    let request = GetExposureRequest { customer: file.to_owned() };
    let answer = ExposureServiceClient::new(ways.credit.clone()).get_exposure(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| why("credit", &status))
}

async fn rating(ways: &Ways, overview: &CustomerOverview, file: &str) -> Told<Option<Rating>> {
    require(overview, OverviewPart::Ratings)?;
    let filter = format!("customer = {}", quoted(file));
    let request = ListRatingsRequest { filter, page_size: 1, ..ListRatingsRequest::default() };
    let answer = RatingServiceClient::new(ways.credit.clone()).list_ratings(request).await;
    Ok(answer.map_err(|status| why("credit", &status))?.into_inner().ratings.into_iter().next())
}

/// Why a part is left out that the caller's right does not open.
pub fn closed(part: OverviewPart) -> &'static str {
    match part {
        OverviewPart::Records => "left out: your right is one to some fields of the file",
        OverviewPart::Duties => "left out: your right or your posts do not open duties",
        OverviewPart::OtherLoans => "your own loans alone: your posts do not open those of others",
        OverviewPart::Exposure | OverviewPart::Ratings | OverviewPart::Unspecified => {
            "left out: your posts do not open it"
        }
    }
}

fn require(overview: &CustomerOverview, part: OverviewPart) -> Told<()> {
    if overview.left_out.contains(&part.into()) { Err(closed(part).to_owned()) } else { Ok(()) }
}

/// Why what `service` would tell is left out.
pub fn why(service: &str, status: &Status) -> String {
    match status.code() {
        Code::PermissionDenied => closed(OverviewPart::Unspecified).to_owned(),
        Code::NotFound => format!("left out: {service} does not know the file for you"),
        _ => format!("left out: {service} does not answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told_with_its_reason() {
        assert!(why("credit", &Status::unavailable("x")).contains("credit does not answer"));
        assert!(why("credit", &Status::permission_denied("x")).contains("posts"));
        let overview = CustomerOverview { left_out: vec![OverviewPart::Exposure.into()], ..Default::default() };
        assert!(
            require(&overview, OverviewPart::Exposure).is_err() && require(&overview, OverviewPart::Ratings).is_ok()
        );
    }
}
