//! Tokens of the blind index, by which sealed values are found.
//!
//! `customer_file_search` has a row for each token of a file, and no other index: it is read by token alone. What a file has, and
//! for which field, stands in one row of `customer_file_index`, so that a change takes away exactly what it replaces. Files of an
//! older version have theirs in `customer_file_token` until they change or the job comes to them.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{sql, sql_rows};
use prost::Message;
use uuid::Uuid;

use crate::content::FieldToken;

/// Rows of one statement; three values each stay far below what the stores take.
const CHUNK: usize = 1000;

/// The tokens of one file by field.
#[derive(Clone, PartialEq, Message)]
pub struct Tokens {
    #[prost(btree_map = "string, message", tag = "1")]
    fields: BTreeMap<String, Field>,
}

#[derive(Clone, PartialEq, Message)]
struct Field {
    #[prost(bytes = "vec", repeated, tag = "1")]
    tokens: Vec<Vec<u8>>,
}

// === impl Tokens ===

impl Tokens {
    /// These tokens, each once and in no order of the value.
    pub fn of(found: &[FieldToken]) -> Self {
        let mut fields: BTreeMap<String, Field> = BTreeMap::new();
        for (token, field) in found {
            fields.entry(field.clone()).or_default().tokens.push(token.clone());
        }
        for field in fields.values_mut() {
            field.tokens.sort_unstable();
            field.tokens.dedup();
        }
        Self { fields }
    }

    // With those of `fields` taken away, and those of `newer` in place of what there was.
    fn changed<'a>(mut self, fields: impl Iterator<Item = &'a String>, newer: Self) -> Self {
        for field in fields {
            self.fields.remove(field);
        }
        self.fields.extend(newer.fields);
        self
    }

    /// Each of them once, whatever fields have it.
    pub fn distinct(&self) -> BTreeSet<&[u8]> {
        self.fields.values().flat_map(|field| &field.tokens).map(Vec::as_slice).collect()
    }
}

/// Keeps the tokens of a new file.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn create(tx: &mut Tx, org: &str, file: Uuid, found: &[FieldToken]) -> Result<()> {
    write(tx, org, file, &Tokens::default(), &Tokens::of(found), &BTreeSet::new()).await
}

/// Forgets the tokens of `fields` and keeps `found`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn change<'a>(
    tx: &mut Tx,
    org: &str,
    file: Uuid,
    fields: impl Iterator<Item = &'a String>,
    found: &[FieldToken],
) -> Result<()> {
    let (before, carried) = kept(tx, org, file).await?;
    let after = before.clone().changed(fields, Tokens::of(found));
    match (carried, before == after) {
        (false, true) => Ok(()),
        (false, false) => write(tx, org, file, &before, &after, &before.distinct()).await,
        // What an older version kept may have been written after it was carried over.
        (true, _) => write(tx, org, file, &before, &after, &BTreeSet::new()).await,
    }
}

/// Keeps `found` in place of every token of the file, whether or not what is noted of it is true.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn replace(tx: &mut Tx, org: &str, file: Uuid, found: &[FieldToken]) -> Result<()> {
    let (before, _) = kept(tx, org, file).await?;
    write(tx, org, file, &before, &Tokens::of(found), &BTreeSet::new()).await
}

// `there` are those that need not be written.
async fn write(
    tx: &mut Tx,
    org: &str,
    file: Uuid,
    before: &Tokens,
    after: &Tokens,
    there: &BTreeSet<&[u8]>,
) -> Result<()> {
    let (old, new) = (before.distinct(), after.distinct());
    let gone: Vec<_> = old.difference(&new).copied().collect();
    let head = "WITH gone (org, token, file) AS (";
    let tail = ") DELETE FROM customer_file_search WHERE (org, token, file) IN (SELECT org, token, file FROM gone)";
    for chunk in gone.chunks(CHUNK) {
        sql_rows!(tx, head, chunk, token => [org, token.to_vec(), file], tail)?;
    }
    let fresh: Vec<_> = new.difference(there).copied().collect();
    let head = "INSERT INTO customer_file_search (org, token, file) ";
    for chunk in fresh.chunks(CHUNK) {
        sql_rows!(tx, head, chunk, token => [org, token.to_vec(), file], " ON CONFLICT DO NOTHING")?;
    }
    let text = "INSERT INTO customer_file_index (org, file, tokens) VALUES ($1, $2, $3)
                ON CONFLICT (org, file) DO UPDATE SET tokens = $3";
    sql!(tx, execute, text, org, file, after.encode_to_vec())?;
    Ok(())
}

// What the file has, and whether it was taken over from where an older version kept it.
async fn kept(tx: &mut Tx, org: &str, file: Uuid) -> Result<(Tokens, bool)> {
    let text = "SELECT tokens FROM customer_file_index WHERE org = $1 AND file = $2";
    if let Some((tokens,)) = sql!(tx, fetch_optional as (Vec<u8>,), text, org, file)? {
        let wrong = || Error::new(Reason::StoreInconsistent).with("table", "customer_file_index");
        let tokens = Tokens::decode(tokens.as_slice()).map_err(|_| wrong().with("column", "tokens"))?;
        return Ok((tokens, false));
    }
    // In the order of the index by file: SQLite would read the tokens of all files in that by token, which has all columns.
    let text = "SELECT token, field FROM customer_file_token WHERE org = $1 AND file = $2 ORDER BY field";
    let found = sql!(tx, fetch_all as FieldToken, text, org, file)?;
    sql!(tx, execute, "DELETE FROM customer_file_token WHERE org = $1 AND file = $2", org, file)?;
    Ok((Tokens::of(&found), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_changes_leaves_what_other_fields_have() {
        let token = |token: u8, field: &str| (vec![token], field.to_owned());
        let before = Tokens::of(&[token(1, "name"), token(2, "name"), token(2, "alias"), token(3, "phone")]);
        let (name, phone) = ("name".to_owned(), "phone".to_owned());
        let after = before.changed([&name, &phone].into_iter(), Tokens::of(&[token(4, "name")]));
        assert_eq!(after.distinct().into_iter().collect::<Vec<_>>(), [[2], [4]]);
        assert_eq!(Tokens::decode(after.encode_to_vec().as_slice()).unwrap(), after);
    }
}
