//! What is demanded of a file before anything is asked or lent of it.

use dossier_authority::store::file::FileCopy;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_proto::profile::v1::CustomerFileState;

/// That a file of this state has gone through activation, so that there is something to consult or to lend.
///
/// # Errors
/// `WRONG_STATE`.
pub(crate) fn require_filed(file: &str, state: &str) -> Result<()> {
    if is_filed(state) {
        return Ok(());
    }
    let allowed = [CustomerFileState::Active, CustomerFileState::Closed].map(|state| state.as_str_name());
    Err(Error::wrong_state(file, state, &allowed))
}

/// That the revision which the caller has seen is known here; 0 demands nothing. Only for a file that the caller may know of.
///
/// # Errors
/// `NOT_KNOWN_YET`.
pub(crate) fn require_known(file: &str, found: &FileCopy, seen: i64) -> Result<()> {
    if seen <= found.revision {
        return Ok(());
    }
    Err(Error::new(Reason::NotKnownYet).with("file", file).with("revision", found.revision.to_string()))
}

/// Whether a file of this state is active or closed.
pub(crate) fn is_filed(state: &str) -> bool {
    let state = CustomerFileState::from_str_name(state);
    matches!(state, Some(CustomerFileState::Active | CustomerFileState::Closed))
}

/// There is no such file for this caller: one answer for missing, closed, above clearance (A-23, I10).
pub(crate) fn no_file(file: &str) -> Error {
    Error::missing(Missing::CustomerFile, file)
}
