//! Files, from the draft to the active one.

use std::collections::BTreeMap;

use dossier_proto::credit::v1::GetExposureRequest;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, CreateCustomerFileRequest, CustomerFile, ListCustomerFilesRequest,
    ReviewCustomerFileRequest, ReviewDecision, SubmitCustomerFileRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, CustomerType, FieldValue};
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::{Scene, fresh_id, given, until};
use crate::ground::{Result, Service};
use crate::measure::mixed;

/// A file that is not there.
const NOBODY: &str = "files/00000000-0000-7000-8000-000000000000";

// Whoever is not known is denied; everything else is an answer to somebody.
fn is_known<T>(answer: std::result::Result<tonic::Response<T>, Status>) -> Option<()> {
    (!answer.is_err_and(|status| status.code() == Code::PermissionDenied)).then_some(())
}

/// A company with everything that R36 requires, in a unit of its own by `mark`.
pub fn company(mark: &str) -> CustomerFile {
    // Each with a number and an address of its own: that all customers share one would be found as duplicates.
    let own = mark.bytes().fold(0_u64, |own, byte| mixed(own ^ u64::from(byte))) % 100_000_000;
    let texts = [
        ("name", format!("客户{mark}有限公司")),
        ("phone", format!("020-{own:08}")),
        ("address", format!("上海市黄浦区中山东路 {own} 号")),
        ("industry", "机械制造".to_owned()),
    ];
    let mut fields: BTreeMap<_, _> = texts.into_iter().map(|(key, text)| (key.to_owned(), self::text(text))).collect();
    fields.insert("cooperation_stage".to_owned(), choice("signed"));
    CustomerFile {
        customer_type: CustomerType::Company.into(),
        unit: "sales".to_owned(),
        unit_ref: format!("REF-{mark}"),
        template: "templates/customer_core".to_owned(),
        fields,
        ..CustomerFile::default()
    }
}

/// One of a field's choices.
pub fn choice(id: &str) -> FieldValue {
    let choice = Choice { id: id.to_owned(), label: String::new() };
    FieldValue { value: Some(Value::Choice(choice)), provenance: None }
}

/// A text as the value of a field.
pub fn text(text: String) -> FieldValue {
    FieldValue { value: Some(Value::Text(text)), provenance: None }
}

// === impl Scene ===

impl Scene {
    /// The customer files, over the first connection.
    pub fn files(&self) -> CustomerFileServiceClient<Channel> {
        CustomerFileServiceClient::new(self.line(Service::Profile, 0))
    }

    /// Waits until profile and credit know the people of the [cast](super::CAST): access tells them by its journal.
    ///
    /// # Errors
    /// When they do not within a minute.
    pub async fn known(&self) -> Result<()> {
        for subject in super::CAST {
            until("profile knows everybody", || async {
                let list = ListCustomerFilesRequest { page_size: 1, ..Default::default() };
                Ok(is_known(self.files().list_customer_files(self.say(subject, list)).await))
            })
            .await?;
        }
        for subject in ["sales-1", "sales-2", "analyst"] {
            until("credit knows everybody", || async {
                let get = GetExposureRequest { customer: NOBODY.to_owned() };
                Ok(is_known(self.exposures().get_exposure(self.say(subject, get)).await))
            })
            .await?;
        }
        Ok(())
    }

    /// A draft of `company(mark)` by sales-1.
    ///
    /// # Errors
    /// The refusal.
    pub async fn draft(&self, mark: &str) -> Result<CustomerFile> {
        let request = CreateCustomerFileRequest {
            customer_file: Some(company(mark)),
            reason: "首次接触".to_owned(),
            request_id: fresh_id(),
            ..CreateCustomerFileRequest::default()
        };
        given("create a file", self.files().create_customer_file(self.say("sales-1", request)).await)
    }

    /// An effective file of `company(mark)`; gives its name.
    ///
    /// # Errors
    /// The refusal.
    pub async fn active(&self, mark: &str) -> Result<String> {
        let name = self.draft(mark).await?.name;
        let submit = SubmitCustomerFileRequest { name: name.clone(), request_id: fresh_id(), ..Default::default() };
        let file = given("submit a file", self.files().submit_customer_file(self.say("sales-1", submit)).await)?;
        let review = ReviewCustomerFileRequest {
            name: name.clone(),
            etag: file.etag,
            decision: ReviewDecision::Accept.into(),
            request_id: fresh_id(),
            ..Default::default()
        };
        given("review a file", self.files().review_customer_file(self.say("sales-manager", review)).await)?;
        let activate = ActivateCustomerFileRequest { name: name.clone(), request_id: fresh_id(), ..Default::default() };
        given("activate a file", self.files().activate_customer_file(self.say("archivist", activate)).await)?;
        Ok(name)
    }
}
