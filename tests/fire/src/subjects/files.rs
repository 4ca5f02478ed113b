//! The calls about files, rights and limits: what each asks, and how it is sent.

use std::sync::Arc;

use dossier_proto::access::v1::access_service_client::AccessServiceClient;
use dossier_proto::access::v1::{CheckAccessRequest, CheckAccessResponse};
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::{Reservation, ReserveCreditRequest};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{
    CreateCustomerFileRequest, CustomerFile, GetCustomerFileRequest, ListCustomerFilesRequest,
    ListCustomerFilesResponse,
};
use dossier_proto::types::{AccessKind, Scope};
use tonic::Status;

use super::{Answered, Cast, Outcome, PURPOSE};
use crate::ground::Service;
use crate::scene::{company, fresh_id, money};

pub(super) fn checking(cast: &Cast, n: u64) -> CheckAccessRequest {
    CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: cast.any_file(n),
        kind: AccessKind::View.into(),
        ..Default::default()
    }
}

pub(super) async fn checked(cast: &Arc<Cast>, at: u64, n: u64) -> Answered<CheckAccessResponse> {
    let mut client = AccessServiceClient::new(cast.line(Service::Access, at));
    client.check_access(cast.say(at, checking(cast, n))).await
}

// A "no" would be an answer to another question than the one that is measured.
pub(super) async fn check_access(cast: Arc<Cast>, at: u64, n: u64) -> Outcome<()> {
    let answer = checked(&cast, at, n).await?.into_inner();
    if answer.allowed { Ok(()) } else { Err(Status::internal("the answer is no")) }
}

pub(super) fn getting(cast: &Cast, n: u64) -> GetCustomerFileRequest {
    GetCustomerFileRequest { name: cast.any_file(n), purpose: PURPOSE.to_owned(), ..Default::default() }
}

pub(super) async fn get_file(cast: Arc<Cast>, at: u64, n: u64) -> Answered<CustomerFile> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.get_customer_file(cast.say(at, getting(&cast, n))).await
}

pub(super) fn reserving(cast: &Cast, n: u64) -> ReserveCreditRequest {
    ReserveCreditRequest {
        customer: cast.hot.clone(),
        amount: Some(money(1)),
        ttl: Some(prost_types::Duration { seconds: 3600, nanos: 0 }),
        reference: format!("order {n}"),
        request_id: fresh_id(),
        ..Default::default()
    }
}

pub(super) async fn reserve(cast: Arc<Cast>, at: u64, n: u64) -> Answered<Reservation> {
    let mut client = ExposureServiceClient::new(cast.line(Service::Credit, at));
    client.reserve_credit(cast.say(at, reserving(&cast, n))).await
}

pub(super) fn creating(n: u64) -> CreateCustomerFileRequest {
    let mark = format!("{n:016x}");
    CreateCustomerFileRequest {
        customer_file: Some(company(&mark)),
        reason: "首次接触".to_owned(),
        request_id: fresh_id(),
        ..Default::default()
    }
}

pub(super) async fn create(cast: Arc<Cast>, at: u64, n: u64) -> Answered<CustomerFile> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.create_customer_file(cast.say(at, creating(n))).await
}

pub(super) fn listing() -> ListCustomerFilesRequest {
    ListCustomerFilesRequest { page_size: 50, ..Default::default() }
}

pub(super) async fn list(cast: Arc<Cast>, at: u64, _: u64) -> Answered<ListCustomerFilesResponse> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.list_customer_files(cast.say(at, listing())).await
}
