//! `UpdateCustomerFile`: the named parts of a draft or an active file; the previous version stays (P-46, P-48).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name};
use dossier_proto::profile::v1::{CustomerFile as Message, UpdateCustomerFileRequest};
use dossier_regime::{Action, Template};

use super::view;
use crate::domain::changed::{Rules, of_update};
use crate::domain::customer_file::{Act, CustomerFile, State};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::header::{self, Path, unwritable};
use crate::domain::kind;
use crate::domain::text;
use crate::domain::ties::given as links_given;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::again::again;
use crate::work::customer_file::save::{Change, save};
use crate::work::customer_file::session::Session;
use crate::work::customer_file::ties;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: UpdateCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileUpdate).await?;
        Box::pin(update(&session, tx, &request)).await
    }, kept => again(base, tx, call, Action::FileUpdate, kept).await)
}

async fn update(session: &Session<'_>, tx: &mut Tx, request: &UpdateCustomerFileRequest) -> Result<Message> {
    let nothing = Message::default();
    let given = request.customer_file.as_ref().unwrap_or(&nothing);
    let paths = request.update_mask.as_ref().map(|mask| mask.paths.as_slice()).unwrap_or_default();
    let mask = header::mask(paths)?;
    if mask.contains(&Path::Unit) {
        // Another unit reads it then.
        session.principal.require(session.pack(), Action::FileHandOver)?;
    }
    let mut faults = Faults::default();
    let id = faults.absorb(name::id("customer_file.name", "files", &given.name));
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    faults.finish()?;
    let loaded = session.load_to_change(tx, id.unwrap_or_default(), Action::FileUpdate).await?;
    if mask.iter().any(|path| *path != Path::Unit) {
        session.require_writer(session.kind(&loaded.file)?, &loaded.file.unit, Action::FileUpdate)?;
    }
    let template = session.template(&loaded.file.template)?;
    let mut change = decided(session, &loaded, template, given, &mask, reason, &request.request_id)?;
    if mask.contains(&Path::Links) {
        let (kind, mut faults) = (session.kind(&loaded.file)?, Faults::default());
        let links = links_given(kind, &given.links, &mut faults);
        faults.finish()?;
        change.after.ties.links = ties::links(session, tx, kind, &loaded.file, links).await?;
    }
    if mask.contains(&Path::Unit) {
        header::require_unit(session.tenant, &change.after.unit)?;
    }
    let seal = session.seal(&loaded)?;
    Ok(view::saved(&save(session, tx, &seal, template, change).await?, template))
}

fn decided<'a>(
    session: &Session<'_>,
    loaded: &'a Loaded,
    template: &Template,
    given: &Message,
    mask: &BTreeSet<Path>,
    reason: String,
    request_id: &'a str,
) -> Result<Change<'a>> {
    let mut faults = Faults::default();
    let mut after = loaded.file.clone();
    rewrite(session, &mut after, given, mask, &mut faults)?;
    let rules = Rules { origin: session.origin(), template, customer: after.customer_type, own: true };
    let visibility = FieldVisibility::standing(session.grade());
    let present = loaded.content.keys();
    let writing = of_update(rules, mask, &given.fields, &present, &visibility, &mut faults)?.checked(faults)?;
    // What is wrong with the request is told before what is wrong with the state.
    loaded.file.require_etag(&given.etag)?;
    let moved = loaded.file.after(Act::Update, session.call.now)?;
    after = CustomerFile { revision: moved.revision, updated: moved.updated, ..after };
    Ok(Change { writing, ..Change::of(Act::Update, loaded, after, reason, request_id) })
}

fn rewrite(
    session: &Session<'_>,
    file: &mut CustomerFile,
    given: &Message,
    mask: &BTreeSet<Path>,
    faults: &mut Faults,
) -> Result<()> {
    for path in mask {
        match path {
            Path::Field(_) | Path::Fields | Path::Links => {}
            Path::Unit => file.unit = header::unit(&given.unit, faults),
            Path::FirstContact => {
                let first = given.first_contact_time.as_ref();
                file.first_contact =
                    header::first_contact(session.tenant, session.kind(file)?, first, session.call.now, faults);
            }
            Path::ContractEffect => {
                let effect = given.contract_effect_time.as_ref();
                file.contract_effect = header::contract_effect(session.kind(file)?, effect, faults);
            }
            // Number and documents hang on the type, so it is fixed with them.
            Path::CustomerType if file.state == State::Active => return Err(unwritable("customer_type")),
            // It comes from another file, or there is none.
            Path::CustomerType if !session.kind(file)?.has_own_customer() => return Err(unwritable("customer_type")),
            Path::CustomerType => {
                if let Some(customer) = header::customer_type(session.tenant, given.customer_type, faults) {
                    kind::fits(session.kind(file)?, Some(customer), &file.template, faults);
                    file.customer_type = Some(customer);
                }
            }
        }
    }
    Ok(())
}
