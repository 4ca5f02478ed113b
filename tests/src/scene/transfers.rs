//! Whole files on their way from one house to another.

use dossier_proto::profile::v1::import_customer_files_request::Message;
use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileRevision, ExportCustomerFilesRequest, ImportBatch, ImportBegin,
    ImportCustomerFilesRequest, ImportCustomerFilesResponse, TransferEnd, TransferPart,
};
use tonic::Status;
use uuid::Uuid;

use super::company;
use crate::World;
use crate::world::Bearer;

/// The parts of one file that says no more than what it is: the company `n` under `key`, with its end.
pub fn parcel(n: u32, key: &str) -> Vec<Part> {
    let file = company(n);
    let fields = file.fields.clone();
    let head = CustomerFile { name: key.to_owned(), fields: Default::default(), ..file };
    let first = CustomerFileRevision {
        customer_file: Some(CustomerFile { fields, ..CustomerFile::default() }),
        author: "张馆员".into(),
        reason: "建档".into(),
        ..CustomerFileRevision::default()
    };
    ended(vec![Part::File(head), Part::Revision(first)])
}

/// The same parts with the end that they need.
pub fn ended(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|part| !matches!(part, Part::End(_)));
    let counted = parts.iter().filter(|part| !matches!(part, Part::Content(_))).count();
    parts.push(Part::End(TransferEnd { parts: i64::try_from(counted).expect("few") }));
    parts
}

// === impl World ===

impl World {
    /// A batch that nobody has begun.
    pub fn a_batch(&self, label: &str) -> ImportBatch {
        let id = Uuid::parse_str(&self.request_id()).expect("an id");
        let name = format!("importBatches/{id}");
        ImportBatch { name, label: label.into(), source: "old-house".into(), ..ImportBatch::default() }
    }

    /// Takes files out, in the name of `who`.
    ///
    /// # Errors
    /// The refusal, before the stream or in it.
    pub async fn take_out(&self, who: Bearer, names: &[&str]) -> Result<Vec<Part>, Status> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let request = ExportCustomerFilesRequest { names, purpose: "audit".into(), ..Default::default() };
        let mut stream = self.profile_as(who).transfers.export_customer_files(request).await?.into_inner();
        let mut parts = Vec::new();
        while let Some(one) = stream.message().await? {
            parts.extend(one.part.and_then(|part| part.part));
        }
        Ok(parts)
    }

    /// Brings parts in, in the name of `who`; gives what became of each file, and the fault that ended the stream.
    pub async fn bring_in(
        &self,
        who: Bearer,
        batch: &ImportBatch,
        parts: Vec<Part>,
        validate_only: bool,
    ) -> (Vec<ImportCustomerFilesResponse>, Option<Status>) {
        let begin = ImportBegin { batch: Some(batch.clone()), validate_only, reason: "迁入旧馆档案".into() };
        let part = |part| Message::Part(TransferPart { part: Some(part) });
        let messages: Vec<_> = std::iter::once(Message::Begin(begin))
            .chain(parts.into_iter().map(part))
            .map(|message| ImportCustomerFilesRequest { message: Some(message) })
            .collect();
        let asked = futures::stream::iter(messages);
        let mut answers = match self.profile_as(who).transfers.import_customer_files(asked).await {
            Ok(answers) => answers.into_inner(),
            Err(status) => return (Vec::new(), Some(status)),
        };
        let mut told = Vec::new();
        loop {
            match answers.message().await {
                Ok(Some(one)) => told.push(one),
                Ok(None) => return (told, None),
                Err(status) => return (told, Some(status)),
            }
        }
    }
}
