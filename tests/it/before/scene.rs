//! A life in which every table of every service gets a row, and what can be asked afterwards.

use dossier_proto::access::v1 as access;
use dossier_proto::credit::v1 as credit;
use dossier_proto::profile::v1 as profile;
use dossier_proto::types::{AccessKind, Scope};
use prost::Message;

use crate::prelude::*;
use crate::unseen::questions::{Question, collections};

/// The people who ask afterwards.
pub(super) const READERS: [&str; 8] =
    ["sales-1", "sales-2", "sales-manager", "gm", "office-director", "archivist", "analyst", "auditor"];

/// Lives it, and gives what each of [`READERS`] can ask.
pub(super) async fn lived(world: &World) -> Vec<(String, Question)> {
    let customer = world.customer(1, 100_000).await;
    let reservation = world.reserve(&customer, 40_000).await.good().name;
    let drawn = credit::CommitReservationRequest {
        name: reservation.clone(),
        amount: Some(money(15_000)),
        request_id: world.request_id(),
        ..credit::CommitReservationRequest::default()
    };
    world.credit("sales-1").exposure.commit_reservation(drawn).await.good();
    let lent = world.at_level(2, "confidential").await.name;
    let grant = world.granted("sales-2", &lent, AccessKind::Original, &["gm"]).await.name;
    let loan = world.check_out(&lent, "sales-2", &grant).await.good().name;
    let draft = world.draft(3).await.name;
    let reviewed = world.reviewed(4).await.name;
    let secret = world.at_level(6, "secret").await.name;
    let closed = world.active(5).await.name;
    let close = profile::CloseCustomerFileRequest {
        name: closed.clone(),
        request_id: world.request_id(),
        reason: "合同终止".into(),
        ..profile::CloseCustomerFileRequest::default()
    };
    world.profile("archivist").files.close_customer_file(close).await.good();
    let letter = world.letter("office-director").await.good().name;
    let waiting = world.at_level(7, "confidential").await.name;
    let request = world.ask("sales-2", &waiting, AccessKind::View).await.good().access_request.unwrap();
    let pending = world.submitted_limit(&waiting_customer(world).await, 70_000).await;
    world.settle().await;
    let files = [customer.clone(), lent, draft, reviewed, closed, secret, waiting];
    let mut named = Vec::new();
    for name in files {
        named.extend(about_file(name));
    }
    named.extend(by_name(&reservation, &grant, &loan, &request, &letter, &pending));
    let mut all = Vec::new();
    for reader in READERS {
        let questions = collections(reader, &customer).into_iter().chain(named.clone());
        all.extend(questions.map(|question| (reader.to_owned(), question)));
    }
    all
}

async fn waiting_customer(world: &World) -> String {
    world.active(8).await.name
}

fn of(which: Which, method: &'static str, message: &impl Message) -> Question {
    Question { which, method, message: message.encode_to_vec() }
}

fn about_file(name: String) -> Vec<Question> {
    let read = profile::GetCustomerFileRequest {
        name: name.clone(),
        purpose: "customer_service".into(),
        ..profile::GetCustomerFileRequest::default()
    };
    let revisions = profile::ListCustomerFileRevisionsRequest { parent: name.clone(), ..Default::default() };
    let first = profile::GetCustomerFileRevisionRequest {
        name: format!("{name}/revisions/1"),
        purpose: "customer_service".into(),
        ..Default::default()
    };
    let check = access::CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: name,
        kind: AccessKind::View.into(),
        ..Default::default()
    };
    vec![
        of(Which::Profile, "dossier.profile.v1.CustomerFileService/GetCustomerFile", &read),
        of(Which::Profile, "dossier.profile.v1.CustomerFileService/ListCustomerFileRevisions", &revisions),
        of(Which::Profile, "dossier.profile.v1.CustomerFileService/GetCustomerFileRevision", &first),
        of(Which::Access, "dossier.access.v1.AccessService/CheckAccess", &check),
    ]
}

fn by_name(
    reservation: &str,
    grant: &str,
    loan: &str,
    request: &access::AccessRequest,
    letter: &str,
    pending: &credit::Limit,
) -> Vec<Question> {
    let get = |which, method, name: &str| {
        // Every `Get` begins with its name.
        of(which, method, &access::GetLoanRequest { name: name.to_owned() })
    };
    let (access, credit) = (Which::Access, Which::Credit);
    vec![
        get(access, "dossier.access.v1.LoanService/GetLoan", loan),
        get(access, "dossier.access.v1.AccessService/GetGrant", grant),
        get(access, "dossier.access.v1.AccessService/GetAccessRequest", &request.name),
        get(access, "dossier.access.v1.ApprovalService/GetApproval", &request.approval),
        get(access, "dossier.access.v1.ApprovalService/GetApproval", &pending.approval),
        get(access, "dossier.access.v1.DirectoryService/GetDelegation", letter),
        get(access, "dossier.access.v1.DirectoryService/GetPerson", "persons/me"),
        get(credit, "dossier.credit.v1.ExposureService/GetReservation", reservation),
        get(credit, "dossier.credit.v1.LimitService/GetLimit", &pending.name),
        get(credit, "dossier.credit.v1.RatingService/GetRating", &pending.rating),
    ]
}
