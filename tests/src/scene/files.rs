//! Files: a draft, an active one, one of a level.

use std::collections::BTreeMap;

use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, ClassifyCustomerFileRequest, CreateCustomerFileRequest, CustomerFile,
    GetCustomerFileRequest, ReviewCustomerFileRequest, ReviewDecision, SubmitCustomerFileRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, CustomerType, FieldValue, TextList};
use tonic::{Response, Status};

use crate::answer::Answer;
use crate::world::{ProfileCalls, World};

/// A text value without a source note.
pub fn text(value: &str) -> FieldValue {
    FieldValue { value: Some(Value::Text(value.to_owned())), provenance: None }
}

/// One of a field's choices, without a source note.
pub fn choice(id: &str) -> FieldValue {
    let choice = Choice { id: id.to_owned(), label: String::new() };
    FieldValue { value: Some(Value::Choice(choice)), provenance: None }
}

/// A list value without a source note.
pub fn list(items: &[&str]) -> FieldValue {
    let items = items.iter().map(|&item| item.to_owned()).collect();
    FieldValue { value: Some(Value::List(TextList { items })), provenance: None }
}

/// A company with everything that R36 requires, number `n` of its kind.
pub fn company(n: u32) -> CustomerFile {
    let fields = [
        ("name", format!("客户{n:03}有限公司")),
        ("phone", format!("021-5555{n:04}")),
        ("address", format!("上海市黄浦区中山东路{n}号")),
        ("industry", "机械制造".to_owned()),
    ];
    let mut fields: BTreeMap<_, _> = fields.into_iter().map(|(key, value)| (key.to_owned(), text(&value))).collect();
    fields.insert("cooperation_stage".to_owned(), choice("signed"));
    CustomerFile {
        customer_type: CustomerType::Company.into(),
        unit_ref: format!("REF-{n:06}"),
        template: "templates/customer_core".into(),
        unit: "sales".into(),
        fields,
        ..CustomerFile::default()
    }
}

// === impl World ===

impl World {
    /// A draft of `company(n)` by sales-1.
    pub async fn draft(&self, n: u32) -> CustomerFile {
        self.create(&mut self.profile("sales-1"), company(n)).await.good()
    }

    /// Creates `file`.
    ///
    /// # Errors
    /// The refusal.
    pub async fn create(&self, calls: &mut ProfileCalls, file: CustomerFile) -> Result<Response<CustomerFile>, Status> {
        let request = CreateCustomerFileRequest {
            customer_file: Some(file),
            request_id: self.request_id(),
            reason: "首次接触".into(),
            ..CreateCustomerFileRequest::default()
        };
        calls.files.create_customer_file(request).await
    }

    /// Hands a draft in, by sales-1.
    ///
    /// # Errors
    /// The refusal.
    pub async fn submit(&self, name: &str) -> Result<Response<CustomerFile>, Status> {
        let (name, request_id) = (name.to_owned(), self.request_id());
        let request = SubmitCustomerFileRequest { name, request_id, ..SubmitCustomerFileRequest::default() };
        self.profile("sales-1").files.submit_customer_file(request).await
    }

    /// Decides about a submitted file.
    ///
    /// # Errors
    /// The refusal.
    pub async fn review(
        &self,
        subject: &str,
        file: &CustomerFile,
        decision: ReviewDecision,
    ) -> Result<Response<CustomerFile>, Status> {
        let request = ReviewCustomerFileRequest {
            name: file.name.clone(),
            decision: decision.into(),
            etag: file.etag.clone(),
            request_id: self.request_id(),
            reason: "已核对".into(),
            ..ReviewCustomerFileRequest::default()
        };
        self.profile(subject).files.review_customer_file(request).await
    }

    /// Makes a reviewed file effective, by the archivist.
    ///
    /// # Errors
    /// The refusal.
    pub async fn activate(&self, name: &str) -> Result<Response<CustomerFile>, Status> {
        let (name, request_id) = (name.to_owned(), self.request_id());
        let request = ActivateCustomerFileRequest { name, request_id, ..ActivateCustomerFileRequest::default() };
        self.profile("archivist").files.activate_customer_file(request).await
    }

    /// `company(n)`, submitted by sales-1 and reviewed by the sales manager.
    pub async fn reviewed(&self, n: u32) -> CustomerFile {
        let draft = self.draft(n).await;
        let submitted = self.submit(&draft.name).await.good();
        self.review("sales-manager", &submitted, ReviewDecision::Accept).await.good()
    }

    /// `company(n)`, effective, known to the other services.
    pub async fn active(&self, n: u32) -> CustomerFile {
        let reviewed = self.reviewed(n).await;
        let active = self.activate(&reviewed.name).await.good();
        self.settle().await;
        active
    }

    /// `company(n)`, effective, at `level`, known to the other services.
    pub async fn at_level(&self, n: u32, level: &str) -> CustomerFile {
        let file = self.active(n).await;
        // Who raises to a closed level without an approval is named by the pack.
        let who = if level == "top_secret" { "gm" } else { "archivist" };
        let file = self.classify(who, &file.name, level).await.good();
        self.settle().await;
        file
    }

    /// Sets a level.
    ///
    /// # Errors
    /// The refusal.
    pub async fn classify(&self, subject: &str, name: &str, level: &str) -> Result<Response<CustomerFile>, Status> {
        let request = ClassifyCustomerFileRequest {
            name: name.to_owned(),
            level: level.to_owned(),
            request_id: self.request_id(),
            reason: "定密".into(),
            ..ClassifyCustomerFileRequest::default()
        };
        self.profile(subject).files.classify_customer_file(request).await
    }

    /// Reads a file for the service of its customer.
    ///
    /// # Errors
    /// The refusal.
    pub async fn read(&self, subject: &str, name: &str) -> Result<Response<CustomerFile>, Status> {
        self.read_in(subject, name, "").await
    }

    /// As [`read`](Self::read), in a place.
    ///
    /// # Errors
    /// The refusal.
    pub async fn read_in(&self, subject: &str, name: &str, place: &str) -> Result<Response<CustomerFile>, Status> {
        let (name, purpose, reading_place) = (name.to_owned(), "customer_service".to_owned(), place.to_owned());
        let request = GetCustomerFileRequest { name, purpose, reading_place };
        self.profile(subject).files.get_customer_file(request).await
    }
}
