//! Rows of customer files.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::{Error, Result};
use dossier_kernel::states::State as _;
use dossier_kernel::time::from_micros;
use dossier_regime::CustomerType;
use dossier_vault::store::KeyRow;
use jiff::civil::Date;
use sqlx::types::Json;
use uuid::Uuid;

use super::inconsistent;
use crate::domain::custody::Custody;
use crate::domain::customer_file::{CustomerFile, State, Weights};
use crate::domain::ties::{Link, Ties};

#[derive(sqlx::FromRow)]
pub(super) struct HeaderRow {
    id: Uuid,
    number: Option<String>,
    customer_number: Option<String>,
    customer_type: String,
    unit_kind: String,
    template: String,
    template_version: i64,
    level: String,
    unit: String,
    custodian: Uuid,
    custody: String,
    state: String,
    classification: Json<BTreeMap<String, String>>,
    first_contact_at: Option<i64>,
    contract_effect_at: Option<i64>,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    creator: Uuid,
    activated_at: Option<i64>,
    closed_at: Option<i64>,
    filled_weight: i64,
    applicable_weight: i64,
    complete: bool,
    parent: Option<Uuid>,
    links: Json<BTreeSet<Link>>,
    merged_into: Option<Uuid>,
    merged: Json<BTreeSet<Uuid>>,
    keep_until: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct FullRow {
    #[sqlx(flatten)]
    pub(super) header: HeaderRow,
    pub(super) unit_ref: Vec<u8>,
    pub(super) unit_ref_token: Vec<u8>,
    #[sqlx(flatten)]
    pub(super) key: KeyRow,
    pub(super) content: Vec<u8>,
    pub(super) standing: bool,
}

fn day(text: &str) -> Result<Date> {
    text.parse().map_err(|_| inconsistent("customer_file", "keep_until"))
}

/// The customer type that a column holds; the empty word is that of a file about no customer.
pub(super) fn customer_type(word: &str) -> Result<Option<CustomerType>> {
    let found = CustomerType::parse(word);
    if found.is_none() && !word.is_empty() {
        return Err(inconsistent("customer_file", "customer_type"));
    }
    Ok(found)
}

impl TryFrom<HeaderRow> for CustomerFile {
    type Error = Error;

    fn try_from(row: HeaderRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            number: row.number,
            customer_number: row.customer_number,
            customer_type: customer_type(&row.customer_type)?,
            unit_kind: row.unit_kind,
            ties: Ties { of: row.parent, links: row.links.0, into: row.merged_into, merged: row.merged.0 },
            template: row.template,
            template_version: row.template_version,
            level: row.level,
            unit: row.unit,
            // The column holds a person; that of nobody is nil.
            custodian: Some(row.custodian).filter(|person| !person.is_nil()),
            custody: Custody::parse("custody", &row.custody)?,
            state: State::parse("state", &row.state)?,
            classification: row.classification.0,
            first_contact: row.first_contact_at.map(from_micros),
            contract_effect: row.contract_effect_at.map(from_micros),
            revision: row.revision,
            created: from_micros(row.created_at),
            updated: from_micros(row.updated_at),
            creator: row.creator,
            activated: row.activated_at.map(from_micros),
            closed: row.closed_at.map(from_micros),
            keep_until: row.keep_until.as_deref().map(day).transpose()?,
            weights: Weights { filled: row.filled_weight, applicable: row.applicable_weight, complete: row.complete },
        })
    }
}
