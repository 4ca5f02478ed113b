//! `ReviewCustomerFile`: accepts a submitted file or sends it back (P-40).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{CustomerFile as Message, ReviewCustomerFileRequest, ReviewDecision};
use dossier_regime::{Action, Scope};

use super::view;
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::text;
use crate::store::{customer_file, revision};
use crate::work::activation::require_filed;
use crate::work::customer_file::again::again;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::{Session, denied, file_id};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ReviewCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileReview).await?;
        Box::pin(review(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileReview, kept).await)
}

async fn review(session: &Session<'_>, tx: &mut Tx, request: &ReviewCustomerFileRequest) -> Result<Message> {
    let mut faults = Faults::default();
    let id = file_id("name", &request.name, &mut faults);
    let act = decision(request.decision, &mut faults);
    if request.etag.is_empty() {
        faults.add("etag", "is required");
    }
    let reason = faults.absorb(text::reason(&request.reason, act == Act::SendBack)).unwrap_or_default();
    faults.finish()?;
    let loaded = session.load_to_change(tx, id.unwrap_or_default(), Action::FileReview).await?;
    require_reviewer(session, tx, &loaded.file).await?;
    loaded.file.require_etag(&request.etag)?;
    let after = loaded.file.after(act, session.call.now)?;
    if act == Act::Accept {
        customer_file::lock(tx, &session.call.org, &loaded.file).await?;
        require_filed(session, tx, &loaded).await?;
    }
    let template = session.template(&after.template)?;
    let change = Change::of(act, &loaded, after, reason, &request.request_id);
    let seal = session.seal(&loaded)?;
    Ok(view::saved(&save(session, tx, &seal, template, change).await?, template))
}

fn decision(given: i32, faults: &mut Faults) -> Act {
    match ReviewDecision::try_from(given) {
        Ok(ReviewDecision::Accept) => return Act::Accept,
        Ok(ReviewDecision::SendBack) => return Act::SendBack,
        Ok(ReviewDecision::Unspecified) => faults.add("decision", "is required"),
        Err(_) => faults.add("decision", "is unknown"),
    }
    Act::Accept
}

// Whom the pack names, and never who has a part in the file.
async fn require_reviewer(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<()> {
    let rule = &session.pack().review;
    let unit = (rule.scope == Scope::Unit).then_some(file.unit.as_str());
    if !rule.posts.iter().any(|post| session.principal.holds(post, unit)) {
        return Err(denied(Action::FileReview));
    }
    if revision::is_involved(tx, &session.call.org, file.id, session.principal.person).await? {
        return Err(Error::new(Reason::ReviewerInvolved).with("file", file.name()));
    }
    Ok(())
}
