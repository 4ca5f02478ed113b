//! Single acts that workers, probes and controls share.

use dossier_fire::ground::Service;
use dossier_fire::history::Call;
use dossier_fire::scene::money;
use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
use dossier_proto::access::v1::{
    CheckOutItemsRequest, DutyAcceptance, ItemInspection, Loan, LoanedItem, ReturnCondition, ReturnLoanRequest,
};
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::{ReleaseReservationRequest, Reservation, ReserveCreditRequest};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{CustomerFile, GetCustomerFileRequest};

use crate::calls::{Answer, Ask, Callers};
use crate::chance::Chance;
use crate::{change, look};

fn place(ask: Ask, at: Option<usize>) -> Ask {
    match at {
        Some(at) => ask.at(at),
        None => ask,
    }
}

/// Reads a file; the answer leaves only after its entry is durable.
pub(crate) async fn read(
    callers: &Callers,
    chance: &mut Chance,
    who: &'static str,
    file: &str,
    at: Option<usize>,
) -> Answer<CustomerFile> {
    let ask = place(Ask::new(Service::Profile, who, Call::Read { file: file.to_owned() }), at);
    let request =
        GetCustomerFileRequest { name: file.to_owned(), purpose: "customer_service".into(), ..Default::default() };
    look!(callers, chance, ask, CustomerFileServiceClient.get_customer_file, request)
}

/// Hands an original out to somebody who needs no approval.
pub(crate) async fn check_out(
    callers: &Callers,
    chance: &mut Chance,
    file: &str,
    borrower: &str,
    at: Option<usize>,
) -> Answer<Loan> {
    let duties = ["keep_clean", "no_marking", "no_copying", "no_sublending", "no_loss"];
    let request = CheckOutItemsRequest {
        file: file.to_owned(),
        borrower: borrower.to_owned(),
        items: vec![LoanedItem {
            description: "signed offer, one volume".into(),
            copies: 1,
            pages: Some(42),
            ..LoanedItem::default()
        }],
        acceptance: Some(DutyAcceptance {
            duties: duties.map(str::to_owned).to_vec(),
            signature_reference: "slip 1".into(),
        }),
        justification: "by direct borrowing".into(),
        ..Default::default()
    };
    let ask = place(Ask::new(Service::Access, "archivist", Call::CheckOut { file: file.to_owned() }), at);
    change!(callers, chance, ask, LoanServiceClient.check_out_items, request)
}

/// Takes an original back.
pub(crate) async fn give_back(
    callers: &Callers,
    chance: &mut Chance,
    loan: &str,
    file: &str,
    at: Option<usize>,
) -> Answer<Loan> {
    let points = ["pages_complete", "undamaged", "unmarked", "same_material"];
    let inspection = ItemInspection {
        condition: ReturnCondition::Sound.into(),
        copies: Some(1),
        pages: Some(42),
        inspected: points.map(str::to_owned).to_vec(),
        restored_location: "archive room, cabinet 3".into(),
        ..Default::default()
    };
    let request = ReturnLoanRequest {
        name: loan.to_owned(),
        inspections: vec![inspection],
        reason: "done with it".into(),
        ..Default::default()
    };
    let call = Call::Return { loan: loan.to_owned(), file: file.to_owned() };
    let ask = place(Ask::new(Service::Access, "archivist", call), at);
    change!(callers, chance, ask, LoanServiceClient.return_loan, request)
}

/// Sets a part of a limit aside for an hour.
pub(crate) async fn reserve(
    callers: &Callers,
    chance: &mut Chance,
    customer: &str,
    amount: i64,
    at: Option<usize>,
) -> Answer<Reservation> {
    let request = ReserveCreditRequest {
        customer: customer.to_owned(),
        amount: Some(money(amount)),
        ttl: Some(prost_types::Duration { seconds: 3600, nanos: 0 }),
        reference: "order 1".into(),
        reason: "an order".into(),
        ..Default::default()
    };
    let ask = place(Ask::new(Service::Credit, "analyst", Call::Reserve { customer: customer.to_owned(), amount }), at);
    change!(callers, chance, ask, ExposureServiceClient.reserve_credit, request)
}

/// Lets a reservation go.
pub(crate) async fn release(
    callers: &Callers,
    chance: &mut Chance,
    reservation: &str,
    customer: &str,
    at: Option<usize>,
) -> Answer<Reservation> {
    let request = ReleaseReservationRequest {
        name: reservation.to_owned(),
        reason: "no longer wanted".into(),
        ..Default::default()
    };
    let call = Call::Release { reservation: reservation.to_owned(), customer: customer.to_owned() };
    let ask = place(Ask::new(Service::Credit, "analyst", call), at);
    change!(callers, chance, ask, ExposureServiceClient.release_reservation, request)
}
