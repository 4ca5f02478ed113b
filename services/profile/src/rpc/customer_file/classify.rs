//! `ClassifyCustomerFile`: level and classification (P-16, A-22, A-23). It reads no content and shows none.

use dossier_authority::Base;
use dossier_authority::act::{OnFile, unneeded};
use dossier_authority::store::file::Named;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{ClassifyCustomerFileRequest, CustomerFile as Message};
use dossier_regime::Action;
use uuid::Uuid;

use super::view;
use crate::domain::changed::{Rules, of_labels};
use crate::domain::custody::Custody;
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::text;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::{Session, denied, named};
use crate::work::record::approval::leave_all;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ClassifyCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileClassify).await?;
        Box::pin(classify(&session, tx, &request)).await
    }, kept => {
        // The caller's own act may have hidden the file from them; what they were told of it holds no content.
        Session::open(base, tx, call, Action::FileClassify).await.map(|_| kept)
    })
}

async fn classify(session: &Session<'_>, tx: &mut Tx, request: &ClassifyCustomerFileRequest) -> Result<Message> {
    let pack = session.pack();
    let mut faults = Faults::default();
    let file = named("name", &request.name, &mut faults).unwrap_or_else(|| Named::File(Uuid::nil()));
    if !request.level.is_empty() && pack.level(&request.level).is_none() {
        faults.add("level", one_of(pack.levels.iter().map(|one| one.id.as_str())));
    }
    if request.level.is_empty() && request.classification.is_empty() {
        faults.add("level", "is required where no classification is given");
    }
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    faults.finish()?;
    let loaded = session.load_to_act(tx, &file, Action::FileClassify, Action::FileDeclassify).await?;
    let level = if request.level.is_empty() { loaded.file.level.clone() } else { request.level.clone() };
    let shut = pack.is_closed(&loaded.file.level);
    require_rights(session, &loaded, &level)?;
    if shut && !request.classification.is_empty() {
        // Only what the register line shows is decided on.
        return Err(Error::new(Reason::LevelClosed).with("level", &loaded.file.level));
    }
    let template = session.template(&loaded.file.template)?;
    let rules = Rules { origin: session.origin(), template, customer: loaded.file.customer_type, own: true };
    let writing = of_labels(rules, &request.classification, &reason)?;
    loaded.file.require_etag(&request.etag)?;
    let moved = loaded.file.after(Act::Classify, session.call.now)?;
    let after = examined(session, tx, CustomerFile { level, ..moved }, &loaded.file.level).await?;
    let approval = match after.level == loaded.file.level && !shut {
        true => unneeded(&request.approval)?,
        false => session.approved(tx, &loaded.file, OnFile::Classify(&after.level), &request.approval).await?,
    };
    let change = Change::of(Act::Classify, &loaded, after.clone(), reason, &request.request_id);
    let seal = session.seal(&loaded)?;
    let saved = save(session, tx, &seal, template, Change { writing, approval, ..change }).await?;
    if pack.rank(&after.level) > pack.rank(&loaded.file.level) {
        leave_all(session, tx, after.id).await?;
    }
    let reply = view::saved(&saved, template);
    if shut {
        return Ok(view::register(&after));
    }
    // The caller may not see the file any more.
    Ok(Message { classification: reply.classification, ..view::basic(&after) })
}

// Bringing a file down needs more than raising it; at a closed level nothing but bringing it down is left.
fn require_rights(session: &Session<'_>, loaded: &Loaded, level: &str) -> Result<()> {
    let (pack, from) = (session.pack(), &loaded.file.level);
    let down = pack.rank(level) < pack.rank(from) || pack.is_closed(from);
    if down && !session.principal.can(pack, Action::FileDeclassify) {
        return Err(denied(Action::FileDeclassify));
    }
    Ok(())
}

// At a level whose files their custodians read, who keeps the file must be cleared for it, may keep files there, and came to
// it by their own work or by approval. Otherwise it is left to the pack's custodian post.
async fn examined(session: &Session<'_>, tx: &mut Tx, after: CustomerFile, before: &str) -> Result<CustomerFile> {
    let Some(person) = after.custodian.filter(|_| after.level != before && session.pack().is_kept(&after.level)) else {
        return Ok(after);
    };
    let stays = after.custody.reads() && session.may_keep(tx, person, &after.level, &after.unit).await?;
    Ok(if stays { after } else { CustomerFile { custodian: None, custody: Custody::Given, ..after } })
}
