//! Two files of one customer: looked at side by side, merged, taken apart again.

use dossier_proto::profile::v1::{
    CustomerFile, MergeCustomerFilesRequest, MergePreview, PreviewMergeRequest, ReviewDecision,
    UnmergeCustomerFilesRequest,
};
use tonic::{Response, Status};

use super::{company, text};
use crate::answer::Answer;
use crate::world::World;

// === impl World ===

impl World {
    /// `company(n)` with these texts beside its own, effective, known to the other services.
    pub async fn like(&self, n: u32, fields: &[(&str, &str)]) -> CustomerFile {
        let draft = self.drafted(n, fields).await;
        let submitted = self.submit(&draft.name).await.good();
        let reviewed = self.review("sales-manager", &submitted, ReviewDecision::Accept).await.good();
        let active = self.activate(&reviewed.name).await.good();
        self.settle().await;
        active
    }

    /// As [`like`](Self::like), a draft.
    pub async fn drafted(&self, n: u32, fields: &[(&str, &str)]) -> CustomerFile {
        let mut file = company(n);
        file.fields.extend(fields.iter().map(|(key, value)| ((*key).to_owned(), text(value))));
        self.create(&mut self.profile("sales-1"), file).await.good()
    }

    /// The request that merges `merged` into `kept`.
    pub fn merging(&self, kept: &CustomerFile, merged: &CustomerFile, take: &[&str]) -> MergeCustomerFilesRequest {
        MergeCustomerFilesRequest {
            name: kept.name.clone(),
            merged: merged.name.clone(),
            etag: kept.etag.clone(),
            merged_etag: merged.etag.clone(),
            take: take.iter().map(|&key| key.to_owned()).collect(),
            request_id: self.request_id(),
            reason: "同一客户重复建档".into(),
            ..MergeCustomerFilesRequest::default()
        }
    }

    /// Merges `merged` into `kept`, by the archivist.
    ///
    /// # Errors
    /// The refusal.
    pub async fn merge(
        &self,
        kept: &CustomerFile,
        merged: &CustomerFile,
        take: &[&str],
    ) -> Result<Response<CustomerFile>, Status> {
        self.profile("archivist").files.merge_customer_files(self.merging(kept, merged, take)).await
    }

    /// Takes the merge of `name` back, by the archivist.
    ///
    /// # Errors
    /// The refusal.
    pub async fn unmerge(&self, name: &str) -> Result<Response<CustomerFile>, Status> {
        let request = UnmergeCustomerFilesRequest {
            name: name.to_owned(),
            request_id: self.request_id(),
            reason: "并非同一客户".into(),
            ..UnmergeCustomerFilesRequest::default()
        };
        self.profile("archivist").files.unmerge_customer_files(request).await
    }

    /// Two files side by side, for `subject`.
    ///
    /// # Errors
    /// The refusal.
    pub async fn side_by_side(
        &self,
        subject: &str,
        kept: &str,
        merged: &str,
    ) -> Result<Response<MergePreview>, Status> {
        let request = PreviewMergeRequest {
            name: kept.to_owned(),
            merged: merged.to_owned(),
            purpose: "archive_work".into(),
            ..PreviewMergeRequest::default()
        };
        self.profile(subject).files.preview_merge(request).await
    }
}
