//! Rights: requests, approvals, grants, letters, loans.

use dossier_proto::access::v1::{
    Approval, ApproveStepRequest, CheckOutItemsRequest, CreateDelegationRequest, Delegation, DutyAcceptance,
    GetAccessRequestRequest, GetApprovalRequest, GetGrantRequest, Grant, ItemInspection, Loan, LoanedItem,
    RejectApprovalRequest, RequestAccessRequest, RequestAccessResponse, ReturnCondition, ReturnLoanRequest,
};
use dossier_proto::types::{AccessKind, Scope};
use jiff::SignedDuration;
use prost_types::Duration;
use tonic::{Response, Status};

use super::stamp;
use crate::answer::Answer;
use crate::world::World;

/// A length in hours as contracts carry it.
pub fn hours(count: i64) -> Duration {
    Duration { seconds: count * 3600, nanos: 0 }
}

/// What the administrator finds when nothing differs from `loan`, which is of one thing.
pub fn sound(loan: &Loan) -> ItemInspection {
    let points = ["pages_complete", "undamaged", "unmarked", "same_material"];
    ItemInspection {
        condition: ReturnCondition::Sound.into(),
        item: loan.file.clone(),
        copies: loan.items.first().map(|item| item.copies),
        pages: loan.items.first().and_then(|item| item.pages),
        inspected: points.map(str::to_owned).to_vec(),
        restored_location: "一号库房 3 柜 2 层".into(),
        ..ItemInspection::default()
    }
}

// === impl World ===

impl World {
    /// A request as R36 wants it, for the service of the customer.
    pub fn asking(&self, file: &str, kind: AccessKind) -> RequestAccessRequest {
        RequestAccessRequest {
            scope: Some(Scope::whole_file()),
            file: file.to_owned(),
            kind: kind.into(),
            purpose: "customer_service".into(),
            justification: "处理客户的售后服务申请".into(),
            request_id: self.request_id(),
            ..RequestAccessRequest::default()
        }
    }

    /// Asks for a right to a file.
    ///
    /// # Errors
    /// The refusal.
    pub async fn ask(
        &self,
        subject: &str,
        file: &str,
        kind: AccessKind,
    ) -> Result<Response<RequestAccessResponse>, Status> {
        self.access(subject).requests.request_access(self.asking(file, kind)).await
    }

    /// An approval as its reader sees it.
    ///
    /// # Errors
    /// The refusal.
    pub async fn approval(&self, subject: &str, name: &str) -> Result<Response<Approval>, Status> {
        self.access(subject).approvals.get_approval(GetApprovalRequest { name: name.to_owned() }).await
    }

    /// Signs an approval with yes, on what the general manager sees of it.
    ///
    /// # Errors
    /// The refusal.
    pub async fn approve(&self, subject: &str, name: &str) -> Result<Response<Approval>, Status> {
        let request = ApproveStepRequest {
            name: name.to_owned(),
            content_digest: self.approval("gm", name).await?.into_inner().content_digest,
            request_id: self.request_id(),
            reason: "同意".into(),
            ..ApproveStepRequest::default()
        };
        self.access(subject).approvals.approve_step(request).await
    }

    /// Signs an approval with no.
    ///
    /// # Errors
    /// The refusal.
    pub async fn reject(&self, subject: &str, name: &str) -> Result<Response<Approval>, Status> {
        let request = RejectApprovalRequest {
            name: name.to_owned(),
            content_digest: self.approval("gm", name).await?.into_inner().content_digest,
            request_id: self.request_id(),
            reason: "不符合工作需要".into(),
            ..RejectApprovalRequest::default()
        };
        self.access(subject).approvals.reject_approval(request).await
    }

    /// A right to `file` for `subject`, asked for and approved by `approvers` in turn; profile knows it.
    pub async fn granted(&self, subject: &str, file: &str, kind: AccessKind, approvers: &[&str]) -> Grant {
        let request = self.ask(subject, file, kind).await.good().access_request.expect("a request");
        for approver in approvers {
            self.approve(approver, &request.approval).await.good();
        }
        let mut calls = self.access(subject).requests;
        let name = request.name;
        let request = calls.get_access_request(GetAccessRequestRequest { name }).await.good();
        assert!(!request.grant.is_empty(), "no grant came of it: {request:?}");
        let grant = calls.get_grant(GetGrantRequest { name: request.grant }).await.good();
        self.settle().await;
        grant
    }

    /// Rights to read `file`, given by the general manager and known to profile: `sales-2` the whole, `analyst` its name alone.
    pub async fn rights(&self, file: &str) {
        let asking = || self.asking(file, AccessKind::View);
        let part = RequestAccessRequest { scope: Some(Scope::field_set(["name"])), ..asking() };
        for (subject, request) in [("sales-2", asking()), ("analyst", part)] {
            let asked = self.access(subject).requests.request_access(request).await.good().access_request;
            self.approve("gm", &asked.expect("a request").approval).await.good();
        }
        self.settle().await;
    }

    /// A letter of the general manager for confidential loans, valid for three days.
    ///
    /// # Errors
    /// The refusal.
    pub async fn letter(&self, delegate: &str) -> Result<Response<Delegation>, Status> {
        let delegation = Delegation {
            delegate: self.who(delegate).await,
            matters: vec!["loan.confidential".into()],
            max_level: "confidential".into(),
            valid_until: Some(stamp(self.now() + SignedDuration::from_hours(72))),
            letter_reference: "委托书 2026-001".into(),
            ..Delegation::default()
        };
        self.delegate("gm", delegation).await
    }

    /// Enters a letter.
    ///
    /// # Errors
    /// The refusal.
    pub async fn delegate(&self, subject: &str, delegation: Delegation) -> Result<Response<Delegation>, Status> {
        let request = CreateDelegationRequest {
            delegation: Some(delegation),
            request_id: self.request_id(),
            ..CreateDelegationRequest::default()
        };
        self.access(subject).directory.create_delegation(request).await
    }

    /// The hand-out of a file on a grant, or to an executive when `grant` is empty.
    pub async fn handing_out(&self, file: &str, borrower: &str, grant: &str) -> CheckOutItemsRequest {
        let duties = ["keep_clean", "no_marking", "no_copying", "no_sublending", "no_loss"];
        CheckOutItemsRequest {
            file: file.to_owned(),
            borrower: self.who(borrower).await,
            grant: grant.to_owned(),
            items: vec![LoanedItem {
                description: "第一卷".into(),
                copies: 1,
                pages: Some(20),
                ..LoanedItem::default()
            }],
            acceptance: Some(DutyAcceptance {
                duties: duties.map(str::to_owned).to_vec(),
                signature_reference: "借档单 17".into(),
            }),
            request_id: self.request_id(),
            justification: "处理客户的售后服务申请".into(),
            ..CheckOutItemsRequest::default()
        }
    }

    /// Hands the original out, by the archivist.
    ///
    /// # Errors
    /// The refusal.
    pub async fn check_out(&self, file: &str, borrower: &str, grant: &str) -> Result<Response<Loan>, Status> {
        let request = self.handing_out(file, borrower, grant).await;
        self.access("archivist").loans.check_out_items(request).await
    }

    /// Takes an original back, by the archivist.
    ///
    /// # Errors
    /// The refusal.
    pub async fn take_back(&self, loan: &Loan, inspection: ItemInspection) -> Result<Response<Loan>, Status> {
        let request = ReturnLoanRequest {
            name: loan.name.clone(),
            inspections: vec![inspection],
            request_id: self.request_id(),
            ..ReturnLoanRequest::default()
        };
        self.access("archivist").loans.return_loan(request).await
    }
}
