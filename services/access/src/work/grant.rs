//! Grants: how they come, and what the one question about them is answered by. What ends them is
//! [`ending`](super::ending).

mod event;
mod facts;
mod give;

pub(crate) use facts::{Case, judge_all};
pub(crate) use give::{complete, give, publish};

use dossier_kernel::error::{Error, Missing};

/// There is no such grant for this caller.
pub(crate) fn no_grant(grant: &str) -> Error {
    Error::missing(Missing::Grant, grant)
}
