//! Who may read the journals: services all of it, people with `journal.read` what they may know of.

use std::collections::HashSet;

use async_trait::async_trait;
use dossier_journal::{Gate, Reader};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_regime::Action;

use crate::base::Base;
use crate::store;

/// The gate before one service's journals.
#[derive(Clone, Debug)]
pub struct JournalGate(pub Base);

#[async_trait]
impl Gate for JournalGate {
    async fn admit(&self, tx: &mut Tx, call: &Call) -> Result<Reader> {
        if call.service {
            self.0.pack(&call.org)?;
            return Ok(Reader::Service);
        }
        let principal = self.0.authorise(tx, call, Action::JournalRead).await?;
        Ok(Reader::Person(principal.name()))
    }

    async fn visible(&self, tx: &mut Tx, call: &Call, files: &[String]) -> Result<HashSet<String>> {
        let principal = self.0.principal(tx, call).await?;
        let mut seen = HashSet::new();
        for file in files {
            let Ok(id) = name::id("file", "files", file) else { continue };
            if store::file::visible(tx, &call.org, principal.person, call.micros(), id).await?.is_some() {
                seen.insert(file.clone());
            }
        }
        Ok(seen)
    }
}
