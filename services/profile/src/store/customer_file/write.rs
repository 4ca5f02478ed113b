//! Writing customer files.

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_rows, stamp};
use dossier_regime::CustomerType;
use sqlx::types::Json;

use crate::domain::customer_file::CustomerFile;

/// Keeps a new file. Where its unit has an open one already it is kept as contested (P-02); [`claim`](super::contest::claim)
/// says so.
///
/// # Errors
/// `CONFLICT_RETRY` when another file took the unit meanwhile; the transaction is repeated.
pub async fn insert(tx: &mut Tx, org: &str, file: &CustomerFile, unit_ref: &[u8], token: &[u8]) -> Result<()> {
    let text = "INSERT INTO customer_file (org, id, customer_type, unit_kind, unit_ref, unit_ref_token, template,
                    template_version, level, unit, custodian, state, classification, first_contact_at,
                    contract_effect_at, revision, created_at, updated_at, creator, filled_weight, applicable_weight,
                    complete, contested, custody, customer_number, parent, links, number, activated_at, closed_at, keep_until)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18, $19,
                    $20, $21, $12 <> 'closed' AND EXISTS (SELECT 1 FROM customer_file o WHERE o.org = $1
                        AND o.unit_kind = $4 AND o.unit_ref_token = $6 AND o.state <> 'closed' AND NOT o.contested),
                    $22, $23, $24, $25, $26, $27, $28, $29)
                ON CONFLICT DO NOTHING";
    let (customer, kind, template) = (customer_type(file), &file.unit_kind, &file.template);
    let (customer_number, parent, links) = (&file.customer_number, file.ties.of, Json(&file.ties.links));
    let (number, activated, closed) = (&file.number, file.activated.map(micros), file.closed.map(micros));
    let (level, unit, state) = (&file.level, &file.unit, file.state.as_str());
    let (labels, created) = (Json(&file.classification), micros(file.created));
    let (contact, effect) = (file.first_contact.map(micros), file.contract_effect.map(micros));
    let weights = file.weights;
    let (custodian, custody) = (file.custodian.unwrap_or_default(), file.custody.as_str());
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        file.id,
        customer,
        kind,
        unit_ref,
        token,
        template,
        file.template_version,
        level,
        unit,
        custodian,
        state,
        labels,
        contact,
        effect,
        file.revision,
        created,
        file.creator,
        weights.filled,
        weights.applicable,
        weights.complete,
        custody,
        customer_number,
        parent,
        links,
        number,
        activated,
        closed,
        file.keep_until.map(|day| day.to_string())
    )?;
    require_rows(rows, 1)?;
    write_labels(tx, org, file).await
}

/// Writes a file back that was read at `file.revision - 1`. One that says it was merged must look at a file that is open.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, also in taking its unit; the transaction is repeated.
pub async fn update(tx: &mut Tx, org: &str, file: &CustomerFile) -> Result<()> {
    let text = "UPDATE customer_file SET number = $3, customer_number = $4, customer_type = $5, level = $6, unit = $7,
                    custodian = $8, state = $9, classification = $10, first_contact_at = $11, contract_effect_at = $12,
                    revision = $13, updated_at = $14, activated_at = $15, closed_at = $16, filled_weight = $17,
                    applicable_weight = $18, complete = $19, custody = $20, links = $21, merged_into = $22, merged = $23,
                    keep_until = $24
                WHERE org = $1 AND id = $2 AND revision = $13 - 1 AND (CAST($22 AS UUID) IS NULL OR EXISTS (
                    SELECT 1 FROM customer_file k WHERE k.org = $1 AND k.id = $22 AND k.state <> 'closed'))";
    let (number, customer_number, customer) = (&file.number, &file.customer_number, customer_type(file));
    let (links, into, merged) = (Json(&file.ties.links), file.ties.into, Json(&file.ties.merged));
    let (level, unit, state, labels) = (&file.level, &file.unit, file.state.as_str(), Json(&file.classification));
    let (contact, effect) = (file.first_contact.map(micros), file.contract_effect.map(micros));
    let (updated, activated, closed) = (micros(file.updated), file.activated.map(micros), file.closed.map(micros));
    let weights = file.weights;
    let (custodian, custody) = (file.custodian.unwrap_or_default(), file.custody.as_str());
    let rows = sql!(
        tx,
        execute,
        text,
        org,
        file.id,
        number,
        customer_number,
        customer,
        level,
        unit,
        custodian,
        state,
        labels,
        contact,
        effect,
        file.revision,
        updated,
        activated,
        closed,
        weights.filled,
        weights.applicable,
        weights.complete,
        custody,
        links,
        into,
        merged,
        file.keep_until.map(|day| day.to_string())
    )
    .map_err(faster)?;
    require_rows(rows, 1)?;
    sql!(tx, execute, "DELETE FROM customer_file_label WHERE org = $1 AND file = $2", org, file.id)?;
    write_labels(tx, org, file).await?;
    stamp::touch(tx, org, file.id).await
}

/// Keeps everybody else from changing `file` until the transaction ends, for what is written into it and not into its row.
///
/// # Errors
/// `CONFLICT_RETRY` when it is another revision than the one that was read: whoever closed it made one.
pub async fn lock(tx: &mut Tx, org: &str, file: &CustomerFile) -> Result<()> {
    let text = "UPDATE customer_file SET revision = revision
                WHERE org = $1 AND id = $2 AND revision = $3";
    require_rows(sql!(tx, execute, text, org, file.id, file.revision)?, 1)
}

// A file that stands again, and another that was made for its unit at the same time: the transaction sees it when it is repeated.
fn faster(fault: Error) -> Error {
    if fault.reason() == Reason::AlreadyExists { Error::new(Reason::ConflictRetry).transient() } else { fault }
}

// A file about no customer has the empty word.
fn customer_type(file: &CustomerFile) -> &'static str {
    file.customer_type.map_or("", CustomerType::as_str)
}

async fn write_labels(tx: &mut Tx, org: &str, file: &CustomerFile) -> Result<()> {
    if file.classification.is_empty() {
        return Ok(());
    }
    let head = "INSERT INTO customer_file_label (org, file, axis, label) ";
    sql_rows!(tx, head, &file.classification, (axis, label) => [org, file.id, axis, label])?;
    Ok(())
}
