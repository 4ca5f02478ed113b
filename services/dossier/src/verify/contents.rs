//! The contents of documents beside what the journals promise: every one is read whole.

use dossier_kernel::config::{Config, Documents};
use dossier_kernel::objects::Objects;

use super::state;
use super::stores::{Verified, open};
use crate::Failure;
use crate::serve::Which;

/// Reads the contents of every organisation whose profile was verified, and adds what is wrong to what was found there.
///
/// # Errors
/// When the store of contents cannot be opened.
pub async fn contents(config: &Config, verified: &mut [Verified]) -> Result<(), Failure> {
    let profiles = verified.iter().filter(|one| org(&one.name).is_some()).count();
    if profiles == 0 {
        return Err(Failure::config("--content: no journal of profile is verified, and contents are profile's"));
    }
    let (objects, vault) = (opened(&config.documents).await?, state::vault(config)?);
    let db = open(config, Which::Profile).await.map_err(Failure::config)?;
    for one in verified {
        let (Some(org), Some(Ok(state))) = (org(&one.name).map(str::to_owned), one.state.as_mut()) else { continue };
        let found = dossier_profile::audit::contents(&vault, &objects, &db, &org).await;
        state.findings.absorb(found.map_err(|fault| Failure::store(Which::Profile.name(), fault))?);
    }
    db.close().await;
    Ok(())
}

/// The store of contents, which must be there: one that is not would make every content look lost.
///
/// # Errors
/// When its folder is not there, or it lets nobody in.
pub(crate) async fn opened(documents: &Documents) -> Result<Objects, Failure> {
    let folder = &documents.dir;
    if documents.bucket().is_none() && !folder.exists() {
        return Err(Failure::config(format!("documents.dir `{}` is not there", folder.display())));
    }
    let told = |fault| Failure::store(documents.key(), fault);
    let objects = Objects::open(documents).map_err(told)?;
    objects.reach().await.map_err(told)?;
    Ok(objects)
}

fn org(name: &str) -> Option<&str> {
    name.strip_prefix("dossier/").and_then(|rest| rest.strip_suffix("/profile"))
}
