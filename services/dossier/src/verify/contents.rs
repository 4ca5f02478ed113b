//! The contents of documents beside what the journals promise: every one is read whole.

use dossier_kernel::config::Config;
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
    // A folder that was never made holds nothing, and lacks nothing where no document has content.
    std::fs::create_dir_all(&config.documents.dir).map_err(|fault| Failure::file(&config.documents.dir, &fault))?;
    let told = |fault| Failure::store("documents.dir", fault);
    let (objects, vault) = (Objects::in_folder(&config.documents.dir).map_err(told)?, state::vault(config)?);
    let Ok(db) = open(config, Which::Profile).await else { return Ok(()) };
    for one in verified {
        let org = one.name.strip_prefix("dossier/").and_then(|rest| rest.strip_suffix("/profile"));
        let (Some(org), Some(Ok(state))) = (org, one.state.as_mut()) else { continue };
        let found = dossier_profile::audit::contents(&vault, &objects, &db, org).await;
        state.findings.absorb(found.map_err(|fault| Failure::store(Which::Profile.name(), fault))?);
    }
    db.close().await;
    Ok(())
}
