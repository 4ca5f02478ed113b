//! CheckOutItems: the administrator hands originals out.

use dossier_authority::Base;
use dossier_authority::store::file;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::mutate;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::message::message;
use super::{again, order};
use crate::work::cause::Cause;
use crate::work::file::{no_file, require_known};
use crate::work::loan::hand_out;

/// Hands the original of a file out, or other items of it: on a grant, or to an executive who borrows directly.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `NOT_KNOWN_YET`, `BORROWER_INVOLVED`, `WRONG_STATE`,
/// `ACCESS_KIND_NOT_ALLOWED`, `GRANT_NOT_CURRENT`, `APPROVAL_MISSING`, `CUSTODY_REFUSED`, `LOAN_TOO_LONG`,
/// `DUTIES_NOT_ACCEPTED`, `ORIGINAL_OUT`.
pub(crate) async fn check_out(base: &Base, call: &Call, request: pb::CheckOutItemsRequest) -> Result<pb::Loan> {
    mutate!(base.mutations, call, request, tx => {
        let administrator = base.authorise(tx, call, Action::LoanCheckOut).await?;
        let order = order::read(&request, &base.pack(&call.org)?.loans)?;
        let found = file::askable(tx, &call.org, administrator.person, call.micros(), order.file).await?;
        let found = found.ok_or_else(|| no_file(&request.file))?;
        require_known(&request.file, &found, request.file_revision)?;
        let actor = administrator.name();
        let cause = Cause::of(base, call, &actor, &request.request_id);
        let loan = hand_out(&cause, tx, administrator.person, &found, (order, &request.reason)).await?;
        Ok(message(base.tenant(&call.org)?, &loan, call.micros()))
    }, kept => again(base, tx, call, Action::LoanCheckOut, kept).await)
}
