//! The rows of generated files, column by column.

use dossier_kernel::time::micros;
use dossier_profile::content::Content;
use dossier_profile::domain::changed::Writing;
use dossier_profile::domain::customer_file::CustomerFile;
use dossier_profile::rpc::customer_file::view;
use dossier_profile::store::token::Tokens;
use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::made::id;
use super::papers::Papers;
use super::rows::{Cell, Rows};
use super::uuid;
use crate::scene::ORG;

/// The tables of profile that get rows.
pub(super) const TABLES: [&str; 11] = [
    "file_key",
    "customer_file",
    "customer_file_revision",
    "customer_file_label",
    "customer_file_search",
    "customer_file_index",
    "file_number",
    "customer_number",
    "record",
    "record_revision",
    "file_copy",
];

/// The series of the numbers that generated files carry, apart from those that the service issues.
pub(super) const SERIES: &str = "generated";

/// A token of the blind index: at most 16 bytes and their number, the file's number.
pub(super) type Token = ([u8; 16], u8, u64);

/// Everything of some files.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) rows: Vec<Rows>,
    pub(super) copies: Rows,
    pub(super) tokens: Vec<Token>,
}

/// Rows of the blind index.
pub(super) fn token_rows(tokens: &[Token]) -> Rows {
    let mut rows = Rows::of("customer_file_search", &["org", "token", "file"]);
    rows.rows = tokens
        .iter()
        .map(|(token, size, n)| {
            let token = token[..usize::from(*size)].to_vec();
            vec![Cell::text(ORG), Cell::Bytes(token), uuid(id(*n))]
        })
        .collect();
    rows
}

/// The rows of some files, by table.
pub(super) struct Tables {
    key: Rows,
    file: Rows,
    revision: Rows,
    label: Rows,
    number: Rows,
    customer: Rows,
    index: Rows,
    copies: Rows,
    tokens: Vec<Token>,
    /// The records of the files.
    pub(super) papers: Papers,
}

// === impl Tables ===

impl Tables {
    /// No rows yet.
    pub(super) fn new() -> Self {
        Self {
            key: Rows::of("file_key", KEY),
            file: Rows::of("customer_file", FILE),
            revision: Rows::of("customer_file_revision", REVISION),
            label: Rows::of("customer_file_label", &["org", "file", "axis", "label"]),
            number: Rows::of("file_number", NUMBER),
            customer: Rows::of("customer_number", &["org", "unit_kind", "token", "number", "sequence", "at"]),
            index: Rows::of("customer_file_index", &["org", "file", "tokens"]),
            copies: Rows::of("file_copy", COPY),
            tokens: Vec::new(),
            papers: Papers::new(),
        }
    }

    /// All of it, as it is written.
    pub(super) fn batch(self) -> Batch {
        let Self { key, file, revision, label, number, customer, index, copies, tokens, papers } = self;
        let [record, version] = papers.rows();
        Batch { rows: vec![key, file, revision, label, number, customer, index, record, version], copies, tokens }
    }

    /// The wrapped key of a file.
    pub(super) fn push_key(&mut self, file: Uuid, key: Uuid, root: Uuid, wrapped: Vec<u8>, at: Timestamp) {
        self.key.rows.push(vec![
            Cell::text(ORG),
            uuid(file),
            uuid(key),
            uuid(root),
            Cell::Bytes(wrapped),
            Cell::Int(micros(at)),
            Cell::Null,
        ]);
    }

    /// A file and its labels.
    pub(super) fn push_file(&mut self, file: &CustomerFile, unit_ref: Vec<u8>, token: Vec<u8>) {
        let at = || Cell::Int(micros(file.created));
        let labels = serde_json::to_string(&file.classification).unwrap_or_default();
        self.file.rows.push(vec![
            Cell::text(ORG),
            uuid(file.id),
            Cell::text(file.number.clone().unwrap_or_default()),
            Cell::text(file.customer_number.clone().unwrap_or_default()),
            Cell::text(file.customer_type.map_or("", |customer| customer.as_str())),
            Cell::text(&file.unit_kind),
            Cell::Bytes(unit_ref),
            Cell::Bytes(token),
            Cell::text(&file.template),
            Cell::Int(file.template_version),
            Cell::text(&file.level),
            Cell::text(&file.unit),
            uuid(file.custodian.unwrap_or_default()),
            Cell::text(file.state.as_str()),
            Cell::Text(labels),
            Cell::Int(file.revision),
            at(),
            at(),
            uuid(file.creator),
            at(),
            Cell::Int(file.weights.filled),
            Cell::Int(file.weights.applicable),
            Cell::Bool(file.weights.complete),
        ]);
        let labels = file.classification.iter();
        self.label.rows.extend(
            labels.map(|(axis, label)| vec![Cell::text(ORG), uuid(file.id), Cell::text(axis), Cell::text(label)]),
        );
    }

    /// The only revision of a file, and the copies that the other services have of it.
    pub(super) fn push_revision(&mut self, file: &CustomerFile, writing: &Writing, content: &Content) {
        let changed = serde_json::to_string(&writing.paths()).unwrap_or_default();
        self.revision.rows.push(vec![
            Cell::text(ORG),
            uuid(file.id),
            Cell::Int(1),
            Cell::Int(micros(file.updated)),
            uuid(file.creator),
            Cell::text("create"),
            Cell::Text(changed),
            Cell::Bytes(view::basic(file).encode_to_vec()),
            Cell::Bytes(content.encode_to_vec()),
            Cell::Null,
            Cell::Null,
        ]);
        self.copies.rows.push(vec![
            Cell::text(ORG),
            uuid(file.id),
            Cell::text(file.number.clone().unwrap_or_default()),
            Cell::text(&file.level),
            Cell::text(&file.unit),
            uuid(file.custodian.unwrap_or_default()),
            Cell::text(
                dossier_kernel::states::wire::<dossier_proto::profile::v1::CustomerFileState>(file.state).as_str_name(),
            ),
            Cell::Int(i64::from(view::basic(file).customer_type)),
            Cell::Int(file.revision),
            Cell::Bool(file.weights.complete),
        ]);
    }

    /// The numbers that a file carries.
    pub(super) fn push_numbers(&mut self, n: u64, file: &CustomerFile, token: Vec<u8>) {
        let sequence = || Cell::Int(i64::try_from(n + 1).unwrap_or(i64::MAX));
        let at = || Cell::Int(micros(file.created));
        self.number.rows.push(vec![
            Cell::text(ORG),
            Cell::text(file.number.clone().unwrap_or_default()),
            Cell::text(SERIES),
            sequence(),
            Cell::text("issued"),
            uuid(file.id),
            uuid(file.creator),
            Cell::text(""),
            at(),
        ]);
        self.customer.rows.push(vec![
            Cell::text(ORG),
            Cell::text(&file.unit_kind),
            Cell::Bytes(token),
            Cell::text(file.customer_number.clone().unwrap_or_default()),
            sequence(),
            at(),
        ]);
    }

    /// What file number `n` is found by.
    pub(super) fn push_tokens(&mut self, n: u64, found: &Tokens) {
        self.index.rows.push(vec![Cell::text(ORG), uuid(id(n)), Cell::Bytes(found.encode_to_vec())]);
        for token in found.distinct() {
            let (mut bytes, size) = ([0; 16], token.len().min(16));
            bytes[..size].copy_from_slice(&token[..size]);
            self.tokens.push((bytes, u8::try_from(size).unwrap_or(u8::MAX), n));
        }
    }
}

const FILE: &[&str] = &[
    "org",
    "id",
    "number",
    "customer_number",
    "customer_type",
    "unit_kind",
    "unit_ref",
    "unit_ref_token",
    "template",
    "template_version",
    "level",
    "unit",
    "custodian",
    "state",
    "classification",
    "revision",
    "created_at",
    "updated_at",
    "creator",
    "activated_at",
    "filled_weight",
    "applicable_weight",
    "complete",
];
const KEY: &[&str] = &["org", "file", "key_id", "root", "wrapped", "created_at", "destroyed_at"];
const REVISION: &[&str] =
    &["org", "file", "revision", "at", "author", "act", "changed", "header", "content", "reason", "salts"];
const NUMBER: &[&str] = &["org", "number", "series", "sequence", "state", "file", "who", "why", "at"];
const COPY: &[&str] =
    &["org", "id", "number", "level", "unit", "custodian", "state", "customer_type", "revision", "complete"];
