//! What is not found: the kinds of resource, as `google.rpc.ResourceInfo` names them.

/// A kind of resource, or of label, that a request may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the message of the contracts of the same name, or a label of the pack")]
pub enum Missing {
    CustomerFile,
    CustomerFileRevision,
    FileRecord,
    FileRecordRevision,
    Document,
    DocumentRevision,
    DocumentUpload,
    Item,
    Volume,
    Place,
    Hold,
    Disposal,
    ImportBatch,
    ImportMark,
    Template,
    Register,
    Statistics,
    Series,
    Person,
    Post,
    Unit,
    Appointment,
    Delegation,
    Approval,
    AccessRequest,
    Grant,
    Loan,
    Regime,
    ScoreModel,
    Rating,
    Limit,
    Reservation,
    Duty,
    Entry,
    Checkpoint,
}

// === impl Missing ===

impl Missing {
    /// The `resource_type` of `google.rpc.ResourceInfo`, for example `dossier/CustomerFile`.
    pub fn resource_type(self) -> String {
        format!("dossier/{self:?}")
    }
}
