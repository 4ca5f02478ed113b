//! `CreateVolume`: a volume of documents that lie in none, as it was proposed or otherwise with a reason (P-92 to P-94).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::CreateVolumeRequest;
use dossier_regime::Action;
use uuid::Uuid;

use super::{binding, shown};
use crate::domain::document::ids;
use crate::domain::text;
use crate::work::customer_file::session::Session;
use crate::work::volume::gather::gather;
use crate::work::volume::{Said, form};

/// Most documents that one call lays into a volume.
const MOST: usize = 1_000;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CreateVolumeRequest) -> Result<wire::Volume> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::VolumeCompose).await?;
        Box::pin(create(&session, tx, &request)).await
    }, kept => Session::open(base, tx, call, Action::VolumeCompose).await.map(|_| kept))
}

async fn create(session: &Session<'_>, tx: &mut Tx, request: &CreateVolumeRequest) -> Result<wire::Volume> {
    let given = request.volume.as_ref().ok_or_else(|| Error::violation("volume", "is required"))?;
    let mut faults = Faults::default();
    let file = faults.absorb(name::id("parent", "files", &request.parent));
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    let wanted = documents(file, given, &mut faults);
    let file = faults.finish_with(file)?;
    let loaded = binding(session, tx, file).await?;
    let gathered = gather(session, tx, &loaded, "parent").await?;
    let said = Said { reason: &reason, request_id: &request.request_id };
    let one = form(session, tx, &gathered, &wanted, said).await?;
    Ok(shown(session, &loaded, &one))
}

fn documents(file: Option<Uuid>, given: &wire::Volume, faults: &mut Faults) -> BTreeSet<Uuid> {
    if !(1..=MOST).contains(&given.documents.len()) {
        faults.add("volume.documents", format!("must be 1 to {MOST}"));
        return BTreeSet::new();
    }
    let mut wanted = BTreeSet::new();
    for (at, one) in given.documents.iter().enumerate() {
        let field = format!("volume.documents.{at}.document");
        let Some((above, id)) = faults.absorb(ids(&field, &one.document)) else { continue };
        if file.is_some_and(|file| file != above) {
            faults.add(field, "must name something in the same file");
        } else if !wanted.insert(id) {
            faults.add(field, "names one document twice");
        }
    }
    wanted
}
