//! Every reading rpc of the three services, as bytes; those that ask by name in [`named`].

use dossier_proto::access::v1 as access;
use dossier_proto::credit::v1 as credit;
use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::journal::v1::ListEntriesRequest;
use dossier_proto::profile::v1 as profile;
use dossier_proto::types::{AccessKind, Scope};
use dossier_tests::raw::Raw;
use dossier_tests::scene::company;
use prost::Message;

use crate::prelude::*;

const PURPOSE: &str = "customer_service";

/// One call.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) which: Which,
    pub(crate) method: &'static str,
    pub(crate) message: Vec<u8>,
}

/// A file and all that hangs on it, by name.
pub(crate) struct Names {
    pub(crate) file: String,
    pub(crate) rating: String,
    pub(crate) limit: String,
    pub(crate) reservation: String,
    pub(crate) loan: String,
    pub(crate) request: String,
    pub(crate) grant: String,
    pub(crate) approval: String,
    pub(crate) record: String,
    pub(crate) document: String,
    pub(crate) upload: String,
}

// === impl Names ===

impl Names {
    /// Names of nothing.
    pub(crate) fn missing() -> Self {
        let name = |collection: &str, n: u128| format!("{collection}/{}", Uuid::from_u128(0x7777 + n));
        Self {
            file: name("files", 1),
            rating: name("ratings", 2),
            limit: name("limits", 3),
            reservation: name("reservations", 4),
            loan: name("loans", 5),
            request: name("accessRequests", 6),
            grant: name("grants", 7),
            approval: name("approvals", 8),
            record: format!("{}/records/{}", name("files", 1), Uuid::from_u128(0x7777 + 9)),
            document: format!("{}/documents/{}", name("files", 1), Uuid::from_u128(0x7777 + 10)),
            upload: Uuid::from_u128(0x7777 + 11).to_string(),
        }
    }

    /// The answer as it would be if the other names had been asked for. Names are equally long, so nothing moves.
    pub(crate) fn as_if(&self, other: &Self, answer: Raw) -> Raw {
        let swap = |mut bytes: Vec<u8>| {
            for (from, to) in self.ids().into_iter().zip(other.ids()) {
                while let Some(at) = bytes.windows(from.len()).position(|part| part == from.as_bytes()) {
                    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
                }
            }
            bytes
        };
        match answer {
            Raw::Message(bytes) => Raw::Message(swap(bytes)),
            Raw::Refusal(code, sentence, details) => Raw::Refusal(code, sentence, swap(details)),
        }
    }

    fn ids(&self) -> [&str; 11] {
        let names = [
            &self.file,
            &self.rating,
            &self.limit,
            &self.reservation,
            &self.loan,
            &self.request,
            &self.grant,
            &self.approval,
            &self.record,
            &self.document,
            &self.upload,
        ];
        names.map(|name| name.rsplit('/').next().unwrap())
    }
}

fn of(which: Which, method: &'static str, message: &impl Message) -> Question {
    Question { which, method, message: message.encode_to_vec() }
}

macro_rules! asks {
    ($list:ident, $which:ident, $package:literal, $($method:literal: $message:expr;)+) => {
        $($list.push(of(Which::$which, concat!("dossier.", $package, ".v1.", $method), &$message));)+
    };
}

/// Those that name a resource.
mod named;

pub(crate) use named::by_name;

/// What can be asked without naming a resource, or about the visible file.
pub(crate) fn collections(reader: &str, visible: &str) -> Vec<Question> {
    let (mut all, name, customer) = (Vec::new(), visible.to_owned(), visible.to_owned());
    // The auditor's refusals are entries of their own, which they may read: they are asked what they may ask.
    let auditor = reader == "auditor";
    if !auditor {
        let purpose = PURPOSE.to_owned();
        let search = |name_contains: &str, conditions| profile::SearchCustomerFilesRequest {
            conditions,
            name_contains: name_contains.into(),
            purpose: PURPOSE.into(),
            ..Default::default()
        };
        let phone = profile::FieldCondition { field: "phone".into(), value: "021-55550002".into() };
        let unit = profile::FieldCondition { field: "unit_ref".into(), value: "REF-000002".into() };
        let filter = "state = ACTIVE AND level = \"secret\"".to_owned();
        let due = "due_time < \"2100-01-01T00:00:00Z\"";
        let which = |filter: String| profile::ListCustomerFilesRequest { filter, ..Default::default() };
        asks!(all, Profile, "profile",
            "CustomerFileService/ListCustomerFiles": profile::ListCustomerFilesRequest::default();
            "CustomerFileService/ListCustomerFiles": profile::ListCustomerFilesRequest { page_size: 1, ..Default::default() };
            "CustomerFileService/ListCustomerFiles":
                profile::ListCustomerFilesRequest { view: 2, purpose: purpose.clone(), ..Default::default() };
            "CustomerFileService/ListCustomerFiles": profile::ListCustomerFilesRequest { filter, ..Default::default() };
            "CustomerFileService/ListCustomerFiles": which(format!("of = \"{name}\""));
            "CustomerFileService/ListCustomerFiles": which("file_kind = \"customer\"".to_owned());
            "CustomerFileService/ListCustomerFiles": which("document_kind = \"other\"".to_owned());
            "CustomerFileService/ListCustomerFiles": which(due.to_owned());
            "CustomerFileService/ListCustomerFiles":
                which("create_time > \"2020-01-01T00:00:00Z\" AND activate_time > \"2020-01-01T00:00:00Z\"".to_owned());
            "CustomerFileService/SearchCustomerFiles": profile::SearchCustomerFilesRequest {
                filter: "document_kind = \"other\" AND level = \"secret\"".into(), ..search("有限公司", Vec::new()) };
            "CustomerFileService/SearchCustomerFiles":
                profile::SearchCustomerFilesRequest { filter: due.into(), ..search("客户00", Vec::new()) };
            "CustodyService/ListItems": profile::ListItemsRequest { parent: "files/-".into(), ..Default::default() };
            "CustodyService/ListPlaces": profile::ListPlacesRequest::default();
            "RegisterService/ListRegisters": profile::ListRegistersRequest::default();
            "RegisterService/ListRegisterRows": profile::ListRegisterRowsRequest {
                parent: "registers/scans".into(), ..Default::default() };
            "CustomerFileService/SearchCustomerFiles": search("有限公司", Vec::new());
            "CustomerFileService/SearchCustomerFiles": search("客户002", Vec::new());
            "CustomerFileService/SearchCustomerFiles": search("", vec![phone]);
            "CustomerFileService/SearchCustomerFiles": search("", vec![unit]);
            "CustomerFileService/SearchCustomerFiles": search("kehu", Vec::new());
            "CustomerFileService/SearchCustomerFiles":
                profile::SearchCustomerFilesRequest { telephone: "+86 21 5555 0002".into(), ..search("", Vec::new()) };
            "CustomerFileService/FindDuplicates":
                profile::FindDuplicatesRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
            "CustomerFileService/FindDuplicates": profile::FindDuplicatesRequest {
                customer_file: Some(company(2)), purpose: purpose.clone(), ..Default::default() };
            "CustomerFileService/GetCustomerFile":
                profile::GetCustomerFileRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
            "CustomerFileService/GetCustomerOverview": profile::GetCustomerOverviewRequest {
                name: name.clone(), purpose: purpose.clone(), ..Default::default() };
            "CustomerFileService/BatchGetCustomerFiles":
                profile::BatchGetCustomerFilesRequest { names: vec![name.clone()], purpose: purpose.clone(), ..Default::default() };
            "CustomerFileService/ListCustomerFileRevisions":
                profile::ListCustomerFileRevisionsRequest { parent: name.clone(), ..Default::default() };
            "CustomerFileService/GetCustomerFileRevision": profile::GetCustomerFileRevisionRequest {
                name: format!("{name}/revisions/1"), purpose, ..Default::default() };
            "CustomerFileService/ListFileEvents":
                profile::ListFileEventsRequest { parent: name.clone(), ..Default::default() };
            "CustomerFileService/CheckCompleteness":
                profile::CheckCompletenessRequest { name: name.clone(), purpose: String::new() };
            "DispositionService/EvaluateDisposition": profile::EvaluateDispositionRequest { name: name.clone() };
            "RecordService/ListRecords": profile::ListRecordsRequest { parent: name.clone(), ..Default::default() };
            "DocumentService/ListDocuments":
                profile::ListDocumentsRequest { parent: name.clone(), ..Default::default() };
        );
        asks!(all, Access, "access",
            "AccessService/CheckAccess": checking(&name);
            "ApprovalService/ListPendingApprovals": access::ListPendingApprovalsRequest::default();
        );
        asks!(all, Credit, "credit",
            "RatingService/ListRatings": credit::ListRatingsRequest::default();
            "RatingService/ListScoreModels": credit::ListScoreModelsRequest::default();
        );
    }
    asks!(all, Profile, "profile",
        "DispositionService/ListDueFiles": profile::ListDueFilesRequest::default();
        "DispositionService/ListHolds": profile::ListHoldsRequest { parent: "files/-".into(), ..Default::default() };
        "DispositionService/ListDisposals": profile::ListDisposalsRequest::default();
    );
    asks!(all, Access, "access",
        "AccessService/ListAccessRequests": access::ListAccessRequestsRequest::default();
        "AccessService/ListGrants": access::ListGrantsRequest::default();
        "DirectoryService/ListPersons": access::ListPersonsRequest::default();
        "DirectoryService/ListDelegations": access::ListDelegationsRequest::default();
    );
    // Action `loan.read_all`, `access.check`, `approval.read_all` show the auditor whole ledgers: that is their work.
    if auditor {
        all.retain(|one| !one.method.contains("ListAccessRequests") && !one.method.contains("ListGrants"));
    } else {
        asks!(all, Access, "access",
            "LoanService/ListLoans": access::ListLoansRequest::default();
            "LoanService/ListOverdueLoans": access::ListOverdueLoansRequest::default();
            "ApprovalService/ListApprovals": access::ListApprovalsRequest::default();
        );
    }
    asks!(all, Credit, "credit",
        "LimitService/ListLimits": credit::ListLimitsRequest::default();
        "ExposureService/ListReservations": credit::ListReservationsRequest::default();
        "ExposureService/GetExposure": credit::GetExposureRequest { customer: customer.clone() };
        "ExposureService/CheckCredit": credit::CheckCreditRequest { customer, amount: Some(money(50)) };
    );
    for which in Which::ALL {
        all.push(of(
            which,
            "dossier.duty.v1.DutyService/ListDuties",
            &ListDutiesRequest { parent: home(which), ..Default::default() },
        ));
    }
    if auditor {
        // A customer that they may not see is a refusal, and an entry.
        all.retain(|one| !one.method.contains("ExposureService/GetExposure") && !one.method.contains("CheckCredit"));
    }
    all
}

/// The journals of all three services.
pub(crate) fn journals() -> Vec<Question> {
    let list = |which| ListEntriesRequest { parent: home(which), page_size: 500, ..ListEntriesRequest::default() };
    Which::ALL.map(|which| of(which, "dossier.journal.v1.JournalService/ListEntries", &list(which))).to_vec()
}

fn checking(file: &str) -> access::CheckAccessRequest {
    access::CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: file.to_owned(),
        kind: AccessKind::View.into(),
        ..Default::default()
    }
}
