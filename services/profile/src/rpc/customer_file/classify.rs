//! `ClassifyCustomerFile`: level and classification (P-16, A-22). It reads no content and shows none.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Result, one_of};
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{ClassifyCustomerFileRequest, CustomerFile as Message};
use dossier_regime::{Action, Pack};

use super::desk::{Desk, denied, file_id, not_found};
use super::save::{Change, save};
use super::view;
use crate::domain::changed::{Rules, of_labels};
use crate::domain::customer_file::{Act, CustomerFile};
use crate::domain::fault::Faults;
use crate::domain::text;
use crate::store::customer_file::{self, Loaded};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ClassifyCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let desk = Desk::open(base, tx, call, Action::FileClassify).await?;
        Box::pin(classify(&desk, tx, &request)).await
    }, kept => {
        // The caller's own act may have hidden the file from him; what he was told of it holds no content.
        Desk::open(base, tx, call, Action::FileClassify).await.map(|_| kept)
    })
}

async fn classify(desk: &Desk<'_>, tx: &mut Tx, request: &ClassifyCustomerFileRequest) -> Result<Message> {
    let pack = desk.pack();
    let mut faults = Faults::default();
    let id = file_id("name", &request.name, &mut faults).unwrap_or_default();
    if !request.level.is_empty() && pack.level(&request.level).is_none() {
        faults.add("level", one_of(pack.levels.iter().map(|one| one.id.as_str())));
    }
    if request.level.is_empty() && request.classification.is_empty() {
        faults.add("level", "is required where no classification is given");
    }
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    faults.finish()?;
    let lowers = desk.principal.can(pack, Action::FileDeclassify);
    let loaded = customer_file::classifiable(tx, desk.viewer(), id, lowers).await?.ok_or_else(|| not_found(id))?;
    desk.require_fresh(&loaded.file.level)?;
    let level = if request.level.is_empty() { loaded.file.level.clone() } else { request.level.clone() };
    require_rights(pack, &loaded, &level, lowers)?;
    let template = desk.template(&loaded.file.template)?;
    let rules = Rules { origin: desk.origin(), template, customer: loaded.file.customer_type };
    let writing = of_labels(rules, &request.classification, &reason)?;
    loaded.file.require_etag(&request.etag)?;
    let after = CustomerFile { level, ..loaded.file.after(Act::Classify, desk.call.now)? };
    let change = Change::of(Act::Classify, &loaded, after.clone(), reason, &request.request_id);
    let seal = desk.seal(&loaded)?;
    let reply = save(desk, tx, &seal, template, Change { writing, ..change }).await?;
    // The caller may not see the file any more, or never have seen it.
    Ok(Message { classification: reply.classification, ..view::basic(&after) })
}

// A file at a closed level is there only for who may bring it down; whoever else reads through a grant changes nothing.
fn require_rights(pack: &Pack, loaded: &Loaded, level: &str, lowers: bool) -> Result<()> {
    let from = pack.level(&loaded.file.level);
    let closed = from.is_some_and(|from| from.closed);
    let down = pack.rank(level) < pack.rank(&loaded.file.level) || (closed && level != loaded.file.level);
    if down && !lowers {
        return Err(denied(Action::FileDeclassify));
    }
    if loaded.standing || closed { Ok(()) } else { Err(denied(Action::FileClassify)) }
}
