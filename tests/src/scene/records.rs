//! Records: a talk with a customer, noted.

use dossier::serve::Which;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileDisclosed, ListEntriesRequest};
use dossier_proto::profile::v1::{CreateRecordRequest, FileRecord, GetRecordRequest, UpdateRecordRequest};
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use prost::Message as _;
use prost_types::FieldMask;
use tonic::{Response, Status};

use super::{choice, home, stamp, text};
use crate::answer::Answer as _;
use crate::world::World;

/// A talk by telephone at `held`, about what the customer needs.
pub fn talk(held: jiff::Timestamp, needs: &str) -> FileRecord {
    let held = FieldValue { value: Some(Value::Timestamp(stamp(held))), provenance: None };
    let fields = [
        ("held_at", held),
        ("channel", choice("telephone")),
        ("contact_person", text("王经理")),
        ("needs", text(needs)),
    ];
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    FileRecord { kind: "communication".into(), fields, ..FileRecord::default() }
}

impl World {
    /// Makes a record in `file`.
    ///
    /// # Errors
    /// The refusal.
    pub async fn note(&self, subject: &str, file: &str, record: FileRecord) -> Result<Response<FileRecord>, Status> {
        let request = CreateRecordRequest {
            parent: file.to_owned(),
            record: Some(record),
            request_id: self.request_id(),
            reason: "电话记录".into(),
            ..CreateRecordRequest::default()
        };
        self.profile(subject).records.create_record(request).await
    }

    /// The disclosures of `file` that profile's journal has, the newest last.
    ///
    /// # Panics
    /// When the archivist is not told, or an entry does not decode.
    pub async fn disclosures(&self, file: &str) -> Vec<FileDisclosed> {
        self.settle().await;
        let (parent, filter) = (home(Which::Profile), format!("subject = \"{file}\""));
        let request = ListEntriesRequest { parent, filter, page_size: 500, ..ListEntriesRequest::default() };
        let entries = self.profile("archivist").journal.list_entries(request).await.good().entries;
        let kind = |body: EntryBody| match body.event.and_then(|event| event.kind) {
            Some(Kind::FileDisclosed(one)) => Some(one),
            _ => None,
        };
        entries.iter().filter_map(|entry| kind(EntryBody::decode(&entry.body[..]).expect("an entry"))).collect()
    }

    /// Reads a record for the service of its customer.
    ///
    /// # Errors
    /// The refusal.
    pub async fn read_record(&self, subject: &str, name: &str) -> Result<Response<FileRecord>, Status> {
        let request =
            GetRecordRequest { name: name.to_owned(), purpose: "customer_service".into(), ..Default::default() };
        self.profile(subject).records.get_record(request).await
    }

    /// Writes one field of a record; nothing empties it.
    ///
    /// # Errors
    /// The refusal.
    pub async fn rewrite(
        &self,
        subject: &str,
        record: &FileRecord,
        key: &str,
        value: Option<FieldValue>,
    ) -> Result<Response<FileRecord>, Status> {
        let fields = value.into_iter().map(|value| (key.to_owned(), value)).collect();
        let (name, etag) = (record.name.clone(), record.etag.clone());
        let request = UpdateRecordRequest {
            record: Some(FileRecord { name, etag, fields, ..FileRecord::default() }),
            update_mask: Some(FieldMask { paths: vec![format!("fields.{key}")] }),
            request_id: self.request_id(),
            ..UpdateRecordRequest::default()
        };
        self.profile(subject).records.update_record(request).await
    }
}
