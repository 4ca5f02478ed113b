//! What every rpc of this service begins and ends with.

use dossier_authority::store::file::{self, FileCopy};
use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_proto::profile::v1::CustomerFileState;
use dossier_proto::types::{self, CustomerType};
use dossier_regime::Action;
use uuid::Uuid;

use crate::domain::money::Money;
use crate::work::wire::no_file;

pub(crate) use crate::work::wire::{file_name, money, person_name};

/// The caller, who must hold a post that gives one of `actions`.
///
/// # Errors
/// `ORG_UNKNOWN`, `PERSON_UNKNOWN`, `PERMISSION_DENIED` for the first of them.
pub(crate) async fn authorise_any(base: &Base, tx: &mut Tx, call: &Call, actions: &[Action]) -> Result<Principal> {
    let pack = base.pack(&call.org)?;
    let principal = base.principal(tx, call).await?;
    match actions {
        [first, rest @ ..] if !rest.iter().any(|action| principal.can(pack, *action)) => {
            principal.require(pack, *first)?;
        }
        _ => {}
    }
    Ok(principal)
}

/// The file of the customer `id`, if the caller may see it.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, the same whether it does not exist or is invisible (I10).
pub(crate) async fn customer(tx: &mut Tx, call: &Call, principal: &Principal, id: Uuid) -> Result<FileCopy> {
    let found = file::visible(tx, &call.org, principal.person, call.micros(), id).await?;
    found.ok_or_else(|| no_file(id))
}

/// Demands that a file is active, and about a customer: nobody is rated or has a limit for a room (P-68).
///
/// # Errors
/// `WRONG_STATE`; a violation of `customer`.
pub(crate) fn require_active(file: &FileCopy) -> Result<()> {
    let active = CustomerFileState::Active.as_str_name();
    if file.state != active {
        return Err(Error::wrong_state(file_name(file.id), &file.state, &[active]));
    }
    if file.customer_type == i64::from(CustomerType::Unspecified as i32) {
        return Err(Error::violation("customer", "is a file about no customer"));
    }
    Ok(())
}

/// The id of a filter that may be empty.
///
/// # Errors
/// A violation of `field`.
pub(crate) fn filter_id(field: &str, collection: &str, text: &str) -> Result<Option<Uuid>> {
    if text.is_empty() { Ok(None) } else { name::id(field, collection, text).map(Some) }
}

/// A required amount above zero.
///
/// # Errors
/// Violations of `field`.
pub(crate) fn amount(field: &str, given: Option<&types::Money>) -> Result<Money> {
    let given = given.ok_or_else(|| Error::violation(field, "is required"))?;
    Money::positive(field, given.minor_units, &given.currency_code)
}
