//! The copy of profile's files made anew, and what follows from it: what a file's level ends, and how often a grant was used.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use dossier_authority::Base;
use dossier_authority::rebuild::Files;
use dossier_authority::store::grant;
use dossier_journal::recover::Rebuild;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileChanged};
use uuid::Uuid;

use super::follow::{ProfileFeed, id};

/// What access does to make its copy of profile's journal anew.
#[derive(Debug)]
pub(crate) struct ProfileRebuild {
    files: Files,
    feed: ProfileFeed,
    told: Mutex<Told>,
}

// The last that was told of each file, and how often each grant was used to read.
#[derive(Debug, Default)]
struct Told {
    files: BTreeMap<Uuid, FileChanged>,
    readings: BTreeMap<Uuid, i64>,
}

// === impl ProfileRebuild ===

impl ProfileRebuild {
    /// The copy that `base`'s store keeps.
    pub(crate) fn new(base: &Base) -> Self {
        Self { files: Files::new(base.clone()), feed: ProfileFeed(base.clone()), told: Mutex::default() }
    }

    fn note(&self, entry: &EntryBody) -> Result<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::FileChanged(one)) => {
                // What follows needs file, level and template alone.
                let (file, level, template) = (one.file.clone(), one.level.clone(), one.template.clone());
                let kept = FileChanged { file, level, template, ..FileChanged::default() };
                told.files.insert(id("files", &one.file)?, kept);
            }
            Some(Kind::FileDisclosed(one)) if !one.grant.is_empty() => {
                *told.readings.entry(id("grants", &one.grant)?).or_default() += 1;
            }
            _ => {}
        }
        Ok(())
    }

    fn take(&self) -> Told {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Rebuild for ProfileRebuild {
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()> {
        self.take();
        self.files.forget(tx, org).await
    }

    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()> {
        self.note(entry)?;
        self.files.retell(tx, entry).await
    }

    async fn conclude(&self, tx: &mut Tx, org: &str) -> Result<()> {
        let told = self.take();
        for (id, readings) in &told.readings {
            grant::carry(tx, org, *id, *readings).await?;
        }
        for event in told.files.values() {
            self.feed.changed(tx, org, event).await?;
        }
        self.files.conclude(tx, org).await
    }

    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>> {
        self.files.said(tx, org).await
    }
}
