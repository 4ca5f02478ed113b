//! Every reading rpc of the three services, as bytes.

use dossier_proto::access::v1 as access;
use dossier_proto::credit::v1 as credit;
use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::journal::v1::ListEntriesRequest;
use dossier_proto::profile::v1 as profile;
use dossier_proto::types::{AccessKind, FileLink, Scope};
use dossier_tests::raw::Raw;
use dossier_tests::scene::{company, paper, talk, to_close};
use prost::Message;
use prost_types::FieldMask;

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

/// What can be asked by name, changes that are only tried included.
pub(crate) fn by_name(names: &Names, visible: &str, rating: &str) -> Vec<Question> {
    let mut all = Vec::new();
    profile_by_name(&mut all, names, visible);
    documents_by_name(&mut all, names);
    access_by_name(&mut all, names);
    credit_by_name(&mut all, names, rating);
    let subject = |subject: &str| format!("subject = \"{subject}\"");
    let about = |which, name: &str| ListEntriesRequest {
        parent: home(which),
        filter: subject(name),
        ..ListEntriesRequest::default()
    };
    let duties = |which| ListDutiesRequest { parent: home(which), filter: subject(&names.file), ..Default::default() };
    for which in Which::ALL {
        all.push(of(which, "dossier.duty.v1.DutyService/ListDuties", &duties(which)));
    }
    for (which, name) in [
        (Which::Profile, &names.file),
        (Which::Credit, &names.rating),
        (Which::Credit, &names.limit),
        (Which::Credit, &names.reservation),
    ] {
        all.push(of(which, "dossier.journal.v1.JournalService/ListEntries", &about(which, name)));
    }
    all
}

fn profile_by_name(all: &mut Vec<Question>, names: &Names, visible: &str) {
    let (name, purpose, validate_only) = (names.file.clone(), PURPOSE.to_owned(), true);
    let changed = profile::CustomerFile { name: name.clone(), ..company(2) };
    let linked = profile::CustomerFile {
        name: visible.to_owned(),
        links: vec![FileLink { link: "guarantor".into(), file: name.clone() }],
        ..Default::default()
    };
    let beneath = profile::CustomerFile { of: name.clone(), ..company(9) };
    let record = talk(jiff::Timestamp::UNIX_EPOCH, "x");
    let revision = |n: &str, as_of_time| profile::GetCustomerFileRevisionRequest {
        name: format!("{name}/revisions/{n}"),
        as_of_time,
        purpose: PURPOSE.into(),
        ..Default::default()
    };
    let then = Some(prost_types::Timestamp { seconds: 1_900_000_000, nanos: 0 });
    asks!(all, Profile, "profile",
        "CustomerFileService/GetCustomerFile":
            profile::GetCustomerFileRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
        "CustomerFileService/GetCustomerOverview": profile::GetCustomerOverviewRequest {
            name: name.clone(), purpose: purpose.clone(), ..Default::default() };
        "CustomerFileService/FindDuplicates":
            profile::FindDuplicatesRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
        "CustomerFileService/BatchGetCustomerFiles": profile::BatchGetCustomerFilesRequest {
            names: vec![visible.to_owned(), name.clone()], purpose, ..Default::default() };
        "CustomerFileService/ListCustomerFileRevisions":
            profile::ListCustomerFileRevisionsRequest { parent: name.clone(), ..Default::default() };
        "CustomerFileService/GetCustomerFileRevision": revision("1", None);
        "CustomerFileService/GetCustomerFileRevision": revision("99", None);
        "CustomerFileService/GetCustomerFileRevision": revision("-", then);
        "CustomerFileService/ListFileEvents":
            profile::ListFileEventsRequest { parent: name.clone(), ..Default::default() };
        "CustomerFileService/CheckCompleteness":
            profile::CheckCompletenessRequest { name: name.clone(), purpose: String::new() };
        "CustomerFileService/UpdateCustomerFile": profile::UpdateCustomerFileRequest {
            customer_file: Some(changed), update_mask: Some(FieldMask { paths: vec!["fields.name".into()] }),
            validate_only, ..Default::default() };
        "CustomerFileService/UpdateCustomerFile": profile::UpdateCustomerFileRequest {
            customer_file: Some(linked), update_mask: Some(FieldMask { paths: vec!["links".into()] }),
            validate_only, ..Default::default() };
        "CustomerFileService/CreateCustomerFile": profile::CreateCustomerFileRequest {
            customer_file: Some(beneath), validate_only, ..Default::default() };
        "CustomerFileService/ListCustomerFiles":
            profile::ListCustomerFilesRequest { filter: format!("of = \"{name}\""), ..Default::default() };
        "CustomerFileService/SubmitCustomerFile":
            profile::SubmitCustomerFileRequest { name: name.clone(), validate_only, ..Default::default() };
        "CustomerFileService/ClassifyCustomerFile": profile::ClassifyCustomerFileRequest {
            name: name.clone(), level: "none".into(), validate_only, ..Default::default() };
        "CustomerFileService/HandOverCustomerFile": profile::HandOverCustomerFileRequest {
            name: name.clone(), custodian: format!("persons/{}", Uuid::from_u128(5)), reason: "x".into(), validate_only,
            ..Default::default() };
        "CustomerFileService/CloseCustomerFile":
            profile::CloseCustomerFileRequest { name: name.clone(), reason: "x".into(), validate_only, ..Default::default() };
        "CustomerFileService/PreviewMerge": profile::PreviewMergeRequest {
            name: visible.to_owned(), merged: name.clone(), purpose: PURPOSE.into(), ..Default::default() };
        "CustomerFileService/MergeCustomerFiles": profile::MergeCustomerFilesRequest {
            name: name.clone(), merged: visible.to_owned(), etag: "r1".into(), merged_etag: "r1".into(), reason: "x".into(),
            validate_only, ..Default::default() };
        "CustomerFileService/UnmergeCustomerFiles":
            profile::UnmergeCustomerFilesRequest { name: name.clone(), reason: "x".into(), validate_only, ..Default::default() };
        "DispositionService/EvaluateDisposition": profile::EvaluateDispositionRequest { name: name.clone() };
        "DispositionService/ListHolds": profile::ListHoldsRequest { parent: name.clone(), ..Default::default() };
        "DispositionService/GetHold":
            profile::GetHoldRequest { name: format!("{name}/holds/{}", Uuid::from_u128(0x7777)) };
        "DispositionService/GetDisposal":
            profile::GetDisposalRequest { name: format!("disposals/{}", Uuid::from_u128(0x7777)) };
        "DispositionService/ListDisposals":
            profile::ListDisposalsRequest { filter: format!("list = \"{name}\""), ..Default::default() };
        "RecordService/GetRecord":
            profile::GetRecordRequest { name: names.record.clone(), purpose: PURPOSE.into(), ..Default::default() };
        "RecordService/RenderRecord":
            profile::RenderRecordRequest { name: names.record.clone(), purpose: PURPOSE.into(), ..Default::default() };
        "RecordService/BatchGetRecords": profile::BatchGetRecordsRequest {
            parent: "files/-".into(), names: vec![names.record.clone()], purpose: PURPOSE.into(), ..Default::default() };
        "RecordService/ListRecords": profile::ListRecordsRequest { parent: name.clone(), ..Default::default() };
        "RecordService/CreateRecord": profile::CreateRecordRequest {
            parent: name.clone(), record: Some(record.clone()), validate_only, ..Default::default() };
        "RecordService/ListRecordRevisions":
            profile::ListRecordRevisionsRequest { parent: names.record.clone(), ..Default::default() };
        "RecordService/GetRecordRevision": profile::GetRecordRevisionRequest {
            name: format!("{}/revisions/1", names.record), purpose: PURPOSE.into(), ..Default::default() };
        "RecordService/ExplainRecord": profile::ExplainRecordRequest { name: names.record.clone() };
        "RecordService/SignRecord": profile::SignRecordRequest {
            name: names.record.clone(), etag: "v1".into(), validate_only, ..Default::default() };
        "RecordService/AdvanceRecord":
            profile::AdvanceRecordRequest { name: names.record.clone(), validate_only, ..Default::default() };
        "RecordService/ReturnRecord": profile::ReturnRecordRequest {
            name: names.record.clone(), reason: "x".into(), validate_only, ..Default::default() };
        "RecordService/AmendRecord": profile::AmendRecordRequest {
            record: Some(profile::FileRecord { name: names.record.clone(), ..record.clone() }), reason: "x".into(),
            update_mask: Some(FieldMask { paths: vec!["fields.needs".into()] }), validate_only, ..Default::default() };
        "RecordService/VoidRecord": profile::VoidRecordRequest {
            name: names.record.clone(), reason: "x".into(), validate_only, ..Default::default() };
        "RecordService/UpdateRecord": profile::UpdateRecordRequest {
            record: Some(profile::FileRecord { name: names.record.clone(), ..record }),
            update_mask: Some(FieldMask { paths: vec!["fields.needs".into()] }), validate_only, ..Default::default() };
    );
}

fn volume(document: &str) -> profile::Volume {
    let line = profile::VolumeDocument { document: document.to_owned(), ..Default::default() };
    profile::Volume { documents: vec![line], ..Default::default() }
}

fn documents_by_name(all: &mut Vec<Question>, names: &Names) {
    let (name, validate_only) = (names.document.clone(), true);
    let upload = format!("{name}/uploads/{}", names.upload);
    let one = paper("other", profile::DocumentCarrier::Scan, "x");
    let beside = profile::Document {
        relations: vec![profile::DocumentRelation {
            kind: profile::DocumentRelationKind::CopyOf.into(),
            document: name.clone(),
        }],
        ..one.clone()
    };
    asks!(all, Profile, "profile",
        "DocumentService/GetDocument":
            profile::GetDocumentRequest { name: name.clone(), purpose: PURPOSE.into(), ..Default::default() };
        "CustodyService/ListItems": profile::ListItemsRequest { parent: names.file.clone(), ..Default::default() };
        "CustodyService/GetItem":
            profile::GetItemRequest { name: name.replace("/documents/", "/items/") };
        "VolumeService/ListVolumes": profile::ListVolumesRequest { parent: names.file.clone(), ..Default::default() };
        "VolumeService/GetVolume":
            profile::GetVolumeRequest { name: name.replace("/documents/", "/volumes/") };
        "VolumeService/RenderVolume": profile::RenderVolumeRequest {
            name: name.replace("/documents/", "/volumes/"), sheet: profile::VolumeSheet::Catalogue.into(),
            purpose: PURPOSE.into(), ..Default::default() };
        "VolumeService/ComposeVolume": profile::ComposeVolumeRequest { parent: names.file.clone() };
        "VolumeService/CreateVolume": profile::CreateVolumeRequest {
            parent: names.file.clone(), volume: Some(volume(&name)), validate_only, ..Default::default() };
        "VolumeService/MoveDocument": profile::MoveDocumentRequest {
            document: name.clone(), reason: "x".into(), validate_only, ..Default::default() };
        "DocumentService/ListDocuments":
            profile::ListDocumentsRequest { parent: names.file.clone(), ..Default::default() };
        "DocumentService/ListDocumentRevisions":
            profile::ListDocumentRevisionsRequest { parent: name.clone(), ..Default::default() };
        "DocumentService/CreateDocument": profile::CreateDocumentRequest {
            parent: names.file.clone(), document: Some(beside), validate_only, ..Default::default() };
        "DocumentService/UpdateDocument": profile::UpdateDocumentRequest {
            document: Some(profile::Document { name: name.clone(), ..one }),
            update_mask: Some(FieldMask { paths: vec!["fields.title".into()] }), validate_only, ..Default::default() };
        "DocumentService/VoidDocument": profile::VoidDocumentRequest {
            name: name.clone(), reason: "x".into(), validate_only, ..Default::default() };
        "DocumentService/GetDocumentUpload": profile::GetDocumentUploadRequest { name: upload.clone() };
        "DocumentService/AttachDocumentContent": profile::AttachDocumentContentRequest {
            name: upload, validate_only, ..Default::default() };
        "DocumentService/DownloadDocumentContent":
            profile::DownloadDocumentContentRequest { name: name.clone(), purpose: PURPOSE.into(), ..Default::default() };
        "TransferService/GetImportMark":
            profile::GetImportMarkRequest { name, purpose: PURPOSE.into(), ..Default::default() };
        "TransferService/GetImportMark":
            profile::GetImportMarkRequest { name: names.file.clone(), purpose: PURPOSE.into(), ..Default::default() };
        "TransferService/ExportCustomerFiles": profile::ExportCustomerFilesRequest {
            names: vec![names.file.clone()], purpose: PURPOSE.into(), ..Default::default() };
    );
}

fn access_by_name(all: &mut Vec<Question>, names: &Names) {
    let (file, validate_only, reason) = (names.file.clone(), true, "处理客户的售后服务申请".to_owned());
    let ask = |kind: AccessKind| access::RequestAccessRequest {
        scope: Some(Scope::whole_file()),
        file: file.clone(),
        kind: kind.into(),
        purpose: PURPOSE.into(),
        justification: reason.clone(),
        validate_only,
        ..Default::default()
    };
    asks!(all, Access, "access",
        "AccessService/RequestAccess": ask(AccessKind::View);
        "AccessService/RequestAccess": ask(AccessKind::Original);
        "AccessService/CheckAccess": checking(&file);
        "AccessService/BatchCheckAccess": access::BatchCheckAccessRequest { checks: vec![checking(&file)] };
        "AccessService/ListAccessRequests": access::ListAccessRequestsRequest { filter: format!("file = \"{file}\""), ..Default::default() };
        "LoanService/RenewLoan": access::RenewLoanRequest {
            name: names.loan.clone(), duration: Some(hours(2)), reason: reason.clone(), validate_only, ..Default::default() };
        "AccessService/CancelAccessRequest":
            access::CancelAccessRequestRequest { name: names.request.clone(), validate_only, ..Default::default() };
        "AccessService/CompleteGrant":
            access::CompleteGrantRequest { name: names.grant.clone(), validate_only, ..Default::default() };
        "ApprovalService/CreateApproval": access::CreateApprovalRequest {
            approval: Some(access::Approval { act: Some(to_close(&file)), ..Default::default() }), validate_only,
            reason: reason.clone(), ..Default::default() };
        "ApprovalService/ApproveStep": access::ApproveStepRequest {
            name: names.approval.clone(), content_digest: vec![0; 32], validate_only, ..Default::default() };
    );
}

fn credit_by_name(all: &mut Vec<Question>, names: &Names, rating: &str) {
    let (customer, validate_only) = (names.file.clone(), true);
    let filter = format!("customer = \"{customer}\"");
    let inputs = [("years".to_owned(), "7".to_owned()), ("trade".to_owned(), "steel".to_owned())].into_iter().collect();
    let valid_until = Some(prost_types::Timestamp { seconds: 1_780_000_000, nanos: 0 });
    asks!(all, Credit, "credit",
        "RatingService/EvaluateCustomer":
            credit::EvaluateCustomerRequest { customer: customer.clone(), inputs, validate_only, ..Default::default() };
        "RatingService/GetRating": credit::GetRatingRequest { name: names.rating.clone() };
        "RatingService/ListRatings": credit::ListRatingsRequest { filter: filter.clone(), ..Default::default() };
        "LimitService/ProposeLimit": credit::ProposeLimitRequest {
            customer: customer.clone(), amount: Some(money(5)), payment_terms: "x".into(), valid_until, rating: rating.into(),
            justification: "x".into(), validate_only, ..Default::default() };
        "LimitService/GetLimit": credit::GetLimitRequest { name: names.limit.clone() };
        "LimitService/UpdateLimit": credit::UpdateLimitRequest {
            limit: Some(credit::Limit { name: names.limit.clone(), payment_terms: "x".into(), ..Default::default() }),
            update_mask: Some(FieldMask { paths: vec!["payment_terms".into()] }), validate_only, ..Default::default() };
        "LimitService/SubmitLimit":
            credit::SubmitLimitRequest { name: names.limit.clone(), validate_only, ..Default::default() };
        "LimitService/ListLimits": credit::ListLimitsRequest { filter: filter.clone(), ..Default::default() };
        "ExposureService/GetExposure": credit::GetExposureRequest { customer: customer.clone() };
        "ExposureService/CheckCredit":
            credit::CheckCreditRequest { customer: customer.clone(), amount: Some(money(5)) };
        "ExposureService/ReserveCredit": credit::ReserveCreditRequest {
            customer, amount: Some(money(5)), reference: "x".into(), validate_only, ..Default::default() };
        "ExposureService/GetReservation": credit::GetReservationRequest { name: names.reservation.clone() };
        "ExposureService/CommitReservation":
            credit::CommitReservationRequest { name: names.reservation.clone(), validate_only, ..Default::default() };
        "ExposureService/ReleaseReservation":
            credit::ReleaseReservationRequest { name: names.reservation.clone(), validate_only, ..Default::default() };
        "ExposureService/ListReservations":
            credit::ListReservationsRequest { filter, ..Default::default() };
    );
}
