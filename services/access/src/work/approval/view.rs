//! Who sees which approval.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_regime::{Action, Pack};
use uuid::Uuid;

use crate::domain::approval::Approval;
use crate::domain::candidate::Case;
use crate::domain::directory_snapshot::DirectorySnapshot;
use crate::store;
use crate::work::caller::Caller;

/// An approval together with the people of the moment.
pub(crate) struct ApprovalView {
    /// It.
    pub approval: Approval,
    snapshot: DirectorySnapshot,
    delegable_to: Vec<String>,
    now: i64,
}

/// How close somebody has to be to an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closeness {
    /// May see it: its requester, its signers, its possible approvers, whoever reads all of them.
    Sees,
    /// May also be told why they may not sign, for instance because their letter has run out.
    Knows,
}

// === impl ApprovalView ===

impl ApprovalView {
    /// The approval `resource`, if the caller is close enough; for everybody else it does not exist.
    ///
    /// # Errors
    /// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
    pub(crate) async fn of(
        base: &Base,
        tx: &mut Tx,
        call: &Call,
        caller: &Caller,
        resource: &str,
        closeness: Closeness,
    ) -> Result<Self> {
        let id = name::id("name", "approvals", resource)?;
        let pack = base.pack(&call.org)?;
        let missing = || Error::missing(Missing::Approval, resource);
        let approval = store::approval::lookup(tx, &call.org, id).await?.ok_or_else(missing)?;
        let view = Self::with(tx, call, pack, approval).await?;
        let close = match caller {
            // A service reads everything in the journal anyway.
            Caller::Service(_) => true,
            Caller::Person(principal) => view.opens(tx, call, pack, principal, closeness).await?,
        };
        if close { Ok(view) } else { Err(missing()) }
    }

    /// The approval with the people who matter to it.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub(crate) async fn with(tx: &mut Tx, call: &Call, pack: &Pack, approval: Approval) -> Result<Self> {
        let now = call.micros();
        let snapshot =
            store::directory_snapshot::load(tx, &call.org, pack, &approval.plan.posts(), approval.created_at, now)
                .await?;
        let delegable_to = pack.matter(&approval.matter).map(|matter| matter.delegable_to.clone()).unwrap_or_default();
        Ok(Self { approval, snapshot, delegable_to, now })
    }

    /// The approval before those people.
    pub(crate) fn case(&self) -> Case<'_> {
        self.approval.case(&self.snapshot, &self.delegable_to, self.now)
    }

    // Who takes part has known the file; for everybody else an approval is not there once its file has risen above them.
    async fn opens(
        &self,
        tx: &mut Tx,
        call: &Call,
        pack: &Pack,
        principal: &Principal,
        closeness: Closeness,
    ) -> Result<bool> {
        if self.takes_part(principal.person) || self.decides_an_act(principal.person) {
            return Ok(true);
        }
        let cleared = store::approval::cleared(tx, &call.org, principal.person, self.now, self.approval.id).await?;
        Ok(cleared && self.close(pack, principal, closeness))
    }

    /// Whether the person is close enough.
    pub(crate) fn close(&self, pack: &Pack, principal: &Principal, closeness: Closeness) -> bool {
        let person = principal.person;
        let all = principal.can(pack, Action::ApprovalReadAll) && !self.approval.is_closed(pack);
        self.takes_part(person) || all || {
            let case = self.case();
            case.concerns(person) || (closeness == Closeness::Knows && case.knows(person))
        }
    }

    // An act on a file is decided by its number and register line alone, so that who decides needs no clearance for it.
    fn decides_an_act(&self, person: Uuid) -> bool {
        self.approval.act.is_some() && self.case().concerns(person)
    }

    fn takes_part(&self, person: Uuid) -> bool {
        self.approval.requester == person || self.approval.decisions.iter().any(|one| one.signer == person)
    }
}

/// Whether `person` takes part in an approval, or may: as requester, signer or possible approver.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(crate) async fn concerns(base: &Base, tx: &mut Tx, call: &Call, person: Uuid, approval: Uuid) -> Result<bool> {
    let Some(approval) = store::approval::lookup(tx, &call.org, approval).await? else { return Ok(false) };
    let view = ApprovalView::with(tx, call, base.pack(&call.org)?, approval).await?;
    if view.takes_part(person) || view.decides_an_act(person) {
        return Ok(true);
    }
    let cleared = store::approval::cleared(tx, &call.org, person, view.now, view.approval.id).await?;
    Ok(cleared && view.case().concerns(person))
}
