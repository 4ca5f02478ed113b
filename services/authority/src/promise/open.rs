//! What an entry promised, shown: not before it is durable in the journal to whom, and for what (I3, I9, A-42).

use std::collections::BTreeSet;

use async_trait::async_trait;
use dossier_journal::entry::topic;
use dossier_journal::rpc::Showing;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, OpenPromisesRequest, OpenedPromise, PromisesOpened};
use uuid::Uuid;

use super::{about, kept};
use crate::base::{Base, actor};
use crate::{reading, store};

/// Opens promises for one call.
#[derive(Debug)]
pub(crate) struct Opener<'a> {
    base: &'a Base,
    call: &'a Call,
    fresh: bool,
}

// === impl Opener ===

impl<'a> Opener<'a> {
    /// One whose freshness is asked now.
    pub fn new(base: &'a Base, call: &'a Call) -> Self {
        Self { base, call, fresh: base.freshness.is_fresh(&call.org) }
    }

    fn require_purpose(&self, purpose: &str) -> Result<()> {
        let mut faults = Faults::default();
        reading::purpose(self.base.pack(&self.call.org)?, purpose, &mut faults);
        faults.finish()
    }

    /// What is read of a file is read where its level says, by rights that are as fresh as it demands.
    async fn require_place(&self, tx: &mut Tx, file: Uuid, place: &str) -> Result<()> {
        let org = &self.call.org;
        let Some(copy) = store::file::lookup(tx, org, file).await? else { return Ok(()) };
        self.base.require_fresh(self.fresh, org, &copy.level)?;
        let pack = self.base.pack(org)?;
        match pack.is_read_in(&copy.level, place) {
            true => Ok(()),
            false => Err(Error::violation("reading_place", reading::elsewhere(pack, &copy.level))),
        }
    }

    /// That these fields of `entry` are shown.
    fn entry(&self, reader: String, entry: &EntryBody, fields: Vec<String>, asked: &OpenPromisesRequest) -> EntryBody {
        let (subject, file) = (topic(entry), about(&topic(entry)));
        let event = PromisesOpened {
            entry: entry.id.clone(),
            reader: reader.clone(),
            purpose: asked.purpose.clone(),
            fields,
            file: if file.is_nil() { String::new() } else { name::name("files", file) },
            reading_place: asked.reading_place.clone(),
        };
        let draft = self.base.recorder.entry(self.call, &reader, "promises.opened", &subject);
        draft.event(Kind::PromisesOpened(event)).body()
    }
}

#[async_trait]
impl Showing for Opener<'_> {
    async fn open(
        &self,
        mut tx: Tx,
        entry: &EntryBody,
        own: bool,
        request: &OpenPromisesRequest,
    ) -> Result<Vec<OpenedPromise>> {
        self.require_purpose(&request.purpose)?;
        if !own {
            self.require_place(&mut tx, about(&topic(entry)), &request.reading_place).await?;
        }
        let id = Uuid::try_parse(&entry.id).unwrap_or_default();
        let mut kept = kept(&self.base.vault, &mut tx, &self.call.org, &BTreeSet::from([id])).await?;
        let shown: Vec<_> = entry.commitments.iter().map(|one| kept.show(entry, one)).collect::<Result<_>>()?;
        let reader = actor(&mut tx, self.call).await?;
        tx.commit().await?;
        let fields: Vec<_> = shown.iter().filter(|one| !one.salt.is_empty()).map(|one| one.field.clone()).collect();
        if !fields.is_empty() {
            self.base.disclosures.record(self.entry(reader, entry, fields, request)).await?;
        }
        Ok(shown)
    }
}
