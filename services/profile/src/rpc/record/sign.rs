//! `SignRecord`: a signature under what a record says now, for a stage to come (P-21, A-39, A-40).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{FileRecord, SignRecordRequest};
use dossier_regime::Stage;

use super::act::{Acting, Asked};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::record::Record;
use crate::domain::record::facts::refused;
use crate::domain::record::signing::require_another;
use crate::work::customer_file::session::Session;
use crate::work::record::Signing;
use crate::work::record::again::again;
use crate::work::record::around::goal;
use crate::work::record::right::SIGN;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: SignRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        SIGN.require_some(&session)?;
        Box::pin(sign(&session, tx, &request)).await
    }, kept => again(base, tx, call, SIGN, kept).await)
}

async fn sign(session: &Session<'_>, tx: &mut Tx, request: &SignRecordRequest) -> Result<FileRecord> {
    let asked = Asked {
        right: SIGN,
        name: &request.name,
        etag: &request.etag,
        reason: &request.reason,
        must_say: false,
        stands: Record::require_idle,
    };
    if request.etag.is_empty() {
        return Err(Error::violation("etag", "is required: nobody signs what they were not shown"));
    }
    let acting = asked.open(session, tx).await?;
    let rest = acting.around.rest(session, tx, &acting.opened, session.grade()).await?;
    let facts = acting.around.facts(session, &acting.opened, &rest);
    let stage = goal(&facts, &request.stage)?;
    let slot = slot(&acting, stage, &facts.to_sign(stage), &request.slot)?;
    require_another(&acting.opened.record, acting.around.signatures(), &slot, session.principal.person)?;
    require_cleared(session, &acting)?;
    let unready = facts.unready(stage);
    if !unready.is_empty() {
        return Err(refused(&acting.opened.record, stage, unready));
    }
    let post = acting.part.slots.get(&slot).cloned().unwrap_or_default();
    let signing = Signing { stage: stage.id.clone(), slot, post, id: session.base.providers.ids.uuid() };
    let mut reply = acting.save(session, tx, ("record.signed", &request.request_id), Some(signing)).await?;
    if request.validate_only {
        // What is only tried promises nothing.
        reply.signatures.iter_mut().for_each(|one| one.digest = Vec::new());
    }
    Ok(reply)
}

// The slot that a call names, or the only one that is open and the caller's.
fn slot(acting: &Acting<'_>, stage: &Stage, open: &[&str], named: &str) -> Result<String> {
    let mine: Vec<_> = stage.sign.iter().filter(|slot| acting.part.slots.contains_key(*slot)).collect();
    if !named.is_empty() && !stage.sign.iter().any(|slot| slot == named) {
        return Err(Error::violation("slot", one_of(stage.sign.iter().map(String::as_str))));
    }
    let wanted: Vec<_> = mine.into_iter().filter(|slot| named.is_empty() || *slot == named).collect();
    if wanted.is_empty() {
        return Err(SIGN.denied());
    }
    let free: Vec<_> = wanted.into_iter().filter(|slot| open.contains(&slot.as_str())).collect();
    match free.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(Error::new(Reason::AlreadyExists).with("resource", acting.opened.record.name())),
        several => Err(Error::violation("slot", one_of(several.iter().map(|slot| slot.as_str())))),
    }
}

// Nobody signs what they are not shown.
fn require_cleared(session: &Session<'_>, acting: &Acting<'_>) -> Result<()> {
    let visibility = FieldVisibility::standing(session.grade());
    let hidden = |key: &&String| !visibility.shows(acting.template(), key);
    // Who reads the record is told the names of what is masked, too.
    acting.opened.content.keys().iter().find(hidden).map_or(Ok(()), |key| Err(SIGN.denied().with("field", key)))
}
