//! Who may read the journals: services all of it, people with `journal.read` what they may know of, and with a post that has
//! `journal: org` also that there is the rest, without its content.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use dossier_journal::rpc::{Parts, Showing};
use dossier_journal::{Gate, JournalRpc, Reader};
use dossier_kernel::call::{Call, Providers};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_kernel::session::Way;
use dossier_regime::{Action, JournalReach};
use dossier_vault::sign::Signer;
use tokio_util::sync::CancellationToken;

use crate::base::Base;
use crate::principal::HeldPost;
use crate::promise::Opener;
use crate::store;
use crate::store::file::Named;

/// Who may see what rests on the journals of these services.
pub const COPIES: [&str; 2] = ["access", "profile"];

/// The gate before one service's journals.
#[derive(Clone, Debug)]
pub struct JournalGate(pub Base);

/// The rpc of `base`'s journals behind that gate; watches end when `stop` is cancelled.
pub fn journal_rpc(base: &Base, stop: CancellationToken) -> JournalRpc {
    // Without a key nothing was signed that could be verified.
    let signers = Signer::journals(base.vault.provider().as_ref(), base.service).unwrap_or_default();
    JournalRpc::new(Parts {
        service: base.service,
        db: base.db.clone(),
        bus: Arc::clone(&base.bus),
        gate: Arc::new(JournalGate(base.clone())),
        doubts: base.doubts.clone(),
        keys: signers.iter().map(Signer::verifying_key).collect(),
        stop,
    })
}

#[async_trait]
impl Way for JournalGate {
    fn providers(&self) -> &Providers {
        &self.0.providers
    }

    // The journal says itself whom it believes: services read it to find out.
    async fn ready(&self, _: &Call) -> Result<()> {
        Ok(())
    }

    async fn refused(&self, call: &Call, about: &str, action: &str, fault: Error) -> Error {
        self.0.refused(call, about, action, fault).await
    }

    fn changed(&self) {
        self.0.changed();
    }
}

#[async_trait]
impl Gate for JournalGate {
    async fn admit(&self, tx: &mut Tx, call: &Call) -> Result<Reader> {
        if call.service {
            self.0.pack(&call.org)?;
            return Ok(Reader::Service);
        }
        self.0.require_believed(&call.org, &COPIES)?;
        let principal = self.0.authorise(tx, call, Action::JournalRead).await?;
        let pack = self.0.pack(&call.org)?;
        let whole = |held: &HeldPost| pack.post(&held.post).is_some_and(|post| post.journal == JournalReach::Org);
        let reader = if principal.posts.iter().any(whole) { Reader::Auditor } else { Reader::Person };
        Ok(reader(principal.name()))
    }

    async fn author(&self, tx: &mut Tx, call: &Call) -> Result<String> {
        self.0.require_believed(&call.org, &COPIES)?;
        Ok(self.0.principal(tx, call).await?.name())
    }

    fn showing<'g>(&'g self, call: &'g Call) -> Box<dyn Showing + 'g> {
        Box::new(Opener::new(&self.0, call))
    }

    fn knows(&self, org: &str) -> bool {
        self.0.pack(org).is_ok()
    }

    async fn visible(&self, tx: &mut Tx, call: &Call, files: &[String]) -> Result<HashSet<String>> {
        let principal = self.0.principal(tx, call).await?;
        let mut seen = HashSet::new();
        for file in files {
            let id = match Named::read("file", file) {
                Ok(Named::File(id)) => Some(id),
                Ok(Named::Number(number)) => store::file::numbered(tx, &call.org, &number).await?,
                // Entries of earlier versions name a number as it is written.
                Err(_) => match file.strip_prefix("fileNumbers/") {
                    Some(number) => store::file::numbered(tx, &call.org, number).await?,
                    None => None,
                },
            };
            // `files/-` stands for none that anybody may see; of a number its own list says whether it was issued.
            let Some(id) = id else { continue };
            if store::file::visible(tx, &call.org, principal.person, call.micros(), id).await?.is_some() {
                seen.insert(file.clone());
            }
        }
        Ok(seen)
    }

    async fn number(&self, tx: &mut Tx, call: &Call, file: &str) -> Result<Option<String>> {
        let Ok(Named::File(id)) = Named::read("file", file) else { return Ok(None) };
        let known = store::file::lookup(tx, &call.org, id).await?;
        let number = known.map(|file| file.number).filter(|number| !number.is_empty());
        Ok(number.map(|number| name::of_number(&number)))
    }
}
