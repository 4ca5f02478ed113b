//! What credit learns from the journals of access and profile: people, posts, grants, files, and what became of the
//! approvals it asked for. Each entry is applied once, in one transaction with the consumer's cursor (I4).

use async_trait::async_trait;
use dossier_authority::approvals::{self, News};
use dossier_authority::{Base, disposal, feed};
use dossier_journal::Apply;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};
use jiff::Timestamp;

use super::disposal::Owing;
use super::limit::save;
use super::submission;
use crate::domain::limit::{Limit, Moved};
use crate::store::{exposure, limit};

/// Applies the entries of access and of profile.
#[derive(Clone, Debug)]
pub(crate) struct Feed(pub(crate) Base);

#[async_trait]
impl Apply for Feed {
    async fn apply(&self, tx: &mut Tx, _seq: i64, entry: &EntryBody) -> Result<()> {
        let base = &self.0;
        feed::apply(tx, base.pack(&entry.org)?, entry).await?;
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::ApprovalChanged(moved)) => approval(base, tx, entry, moved).await,
            Some(Kind::DisposalChanged(_)) => disposal::follow(base, tx, &Owing, entry).await,
            _ => Ok(()),
        }
    }
}

pub(crate) async fn approval(base: &Base, tx: &mut Tx, entry: &EntryBody, moved: &ApprovalChanged) -> Result<()> {
    let org = &entry.org;
    // Approvals of other matters and of other services are none of ours.
    if moved.matter != base.pack(org)?.credit.limit_matter {
        return Ok(());
    }
    let Ok(id) = name::id("subject", "limits", &moved.subject) else { return Ok(()) };
    let Some(news) = News::of(entry, moved)? else { return Ok(()) };
    submission::adopt(base, tx, org, id, news.at).await?;
    let Some((mut found, mut submission)) = submission::with_limit(base, tx, org, id).await? else { return Ok(()) };
    let heard = approvals::follow(&base.vault, tx, org, &mut submission, &found.digest, &news).await?;
    let Some(moved) = found.hear(heard, &submission, news.at) else { return Ok(()) };
    let action = match moved {
        Moved::GivenUp => return limit::lock(tx, org, &found).await,
        Moved::Approved => return in_force(base, tx, org, found, news.at).await,
        Moved::Submitted => "limit.submitted",
        Moved::Returned => "limit.returned",
        Moved::Rejected => "limit.rejected",
        Moved::ApprovedTooLate => "limit.expired",
    };
    save(base, tx, org, &mut found, news.at, action).await
}

/// The limit takes the place of the one before: in the same moment that one ends (C-14).
async fn in_force(base: &Base, tx: &mut Tx, org: &str, mut new: Limit, at: Timestamp) -> Result<()> {
    if let Some(mut before) = limit::approved(tx, org, new.customer).await? {
        let action = if before.expire(at) {
            "limit.expired"
        } else {
            before.supersede();
            new.supersedes = Some(before.id);
            "limit.superseded"
        };
        save(base, tx, org, &mut before, at, action).await?;
    }
    save(base, tx, org, &mut new, at, "limit.approved").await?;
    exposure::put_limit(tx, org, &new).await
}
