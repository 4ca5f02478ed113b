//! What names a resource, and changes that are only tried.

use dossier_proto::access::v1 as access;
use dossier_proto::credit::v1 as credit;
use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::journal::v1::ListEntriesRequest;
use dossier_proto::profile::v1 as profile;
use dossier_proto::types::{AccessKind, FileLink, Scope};
use dossier_tests::scene::{company, paper, talk, to_close};
use prost_types::FieldMask;

use super::{Names, PURPOSE, Question, checking, of};
use crate::prelude::*;

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
        "DispositionService/GetDisposalCertificate":
            profile::GetDisposalCertificateRequest { name: format!("disposals/{}", Uuid::from_u128(0x7777)) };
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
