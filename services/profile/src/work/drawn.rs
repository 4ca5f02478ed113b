//! What is drawn for a unit by lot: a digest of its blind token under the organisation's key.
//!
//! Nobody without the key foresees it, and it is the same whenever it is drawn, whatever files the unit had before. So it
//! tells nothing of them (I10).

use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::Pack;
use dossier_vault::Vault;
use dossier_vault::normal::Kind;

use crate::domain::file_number::{CUSTOMER_NUMBERS, customer_number};

/// Whether the custodian examines the file of this unit before it becomes effective. A file that waits for them says nothing
/// of why it waits.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn is_examined(vault: &Vault, org: &str, pack: &Pack, unit_token: &[u8]) -> Result<bool> {
    let lot = lot(vault, org, "examined", unit_token, 0)?;
    Ok(lot % 100 < u64::from(pack.review.examined))
}

/// The customer number that a unit gets at the `attempt`-th draw, from 0; an earlier one may belong to another customer. It
/// does not count: who sees the number of a new file learns neither how many customers there are, nor whether this one had a
/// file before that they may not see.
///
/// # Errors
/// `KEY_UNAVAILABLE`.
pub fn number(vault: &Vault, org: &str, kind: &str, unit_token: &[u8], attempt: u32) -> Result<String> {
    let lot = lot(vault, org, &format!("customer_number/{kind}"), unit_token, attempt)?;
    Ok(customer_number(i64::try_from(lot % CUSTOMER_NUMBERS).unwrap_or_default()))
}

fn lot(vault: &Vault, org: &str, what: &str, unit_token: &[u8], attempt: u32) -> Result<u64> {
    let text = format!("{}/{attempt}", hex::encode(unit_token));
    let token = vault.index().exact(org, what, Kind::Text, &text)?.ok_or_else(|| Error::new(Reason::Internal))?;
    let mut head = [0; 8];
    head.copy_from_slice(&token[..8]);
    Ok(u64::from_be_bytes(head))
}
