//! `GetRecord`: one record with the fields its reader may see, once the journal has it (A-42, I3).

use dossier_authority::approvals::Approvals;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{FileRecord, GetRecordRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::staged;
use crate::domain::completeness::whole;
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::record::{PART, ids};
use crate::rpc::customer_file::reading::{self, Ground, Outgoing};
use crate::rpc::customer_file::view;
use crate::rpc::record_service::RecordRpc;
use crate::work::customer_file::session::{Session, place};
use crate::work::record::{self, Opened, approver};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(rpc: &RecordRpc, call: &Call, request: GetRecordRequest) -> Result<FileRecord> {
    let asked = Asked { purpose: &request.purpose, place: &request.reading_place };
    read(rpc, call, (&asked, &request.name), |_| {}, |_, _, record| Ok(record)).await
}

/// Reads the record of this name, and gives what `make` makes of it once the journal has the reading; `more` notes what else is wrong
/// with the request.
///
/// # Errors
/// What `more` notes, and as [`Asked::open`].
pub(super) async fn read<T>(
    rpc: &RecordRpc,
    call: &Call,
    (asked, name): (&Asked<'_>, &str),
    more: impl FnOnce(&mut Faults) + Send,
    make: impl FnOnce(&Session<'_>, &Opened<'_>, FileRecord) -> Result<T> + Send,
) -> Result<T> {
    let base = &rpc.base;
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let ids = asked.named(&session, |faults| {
        more(faults);
        faults.absorb(ids("name", name))
    })?;
    let (opened, ground) = match asked.reach(&session, &mut tx, ids).await {
        Ok(found) => found,
        Err(fault) => {
            // Nothing is held while access is asked.
            tx.commit().await?;
            let found = asked.reach_as_approver(&session, &rpc.approvals, ids, fault).await?;
            tx = base.db.read().await?;
            found
        }
    };
    let (message, fields) = shown(&session, &mut tx, &opened, &ground.visibility).await?;
    tx.commit().await?;
    let message = make(&session, &opened, message)?;
    let (resource, revision, file) = (opened.record.name(), opened.record.version, opened.loaded.file.id);
    let leaving = Outgoing { message, resource, file, revision, fields, records: Vec::new(), ground };
    reading::release_one(&session, leaving, asked.purpose).await
}

/// A record as its reader sees it, and the keys of what is given in clear.
///
/// # Errors
/// `SEAL_BROKEN`, `STORE_UNAVAILABLE`.
pub(super) async fn shown(
    session: &Session<'_>,
    tx: &mut Tx,
    opened: &Opened<'_>,
    visibility: &FieldVisibility,
) -> Result<(FileRecord, Vec<String>)> {
    let template = record::template(session, &opened.record.template)?;
    let staged = staged(session, tx, opened, template).await?;
    let filling = opened.content.filling(template, &opened.seal)?.shown(|key| visibility.shows(template, key));
    let measured = whole(template, opened.loaded.file.customer_type, |key| filling.of(key));
    let (fields, shown, masked) = view::opened(template, &opened.content, &opened.seal, visibility)?;
    let completeness = Some(view::detailed(&measured));
    Ok((FileRecord { fields, masked_fields: masked, completeness, ..staged }, shown))
}

/// What a reading of a record says besides its name.
pub(super) struct Asked<'r> {
    pub(super) purpose: &'r str,
    pub(super) place: &'r str,
}

// === impl Asked ===

impl Asked<'_> {
    /// Opens the record that `named` reads, and gives the ground on which its reader has it.
    ///
    /// # Errors
    /// A violation of the name, `purpose` or `reading_place`, `RESOURCE_NOT_FOUND`, `AUTHORITY_STALE`.
    pub(super) async fn open<'a>(
        &self,
        session: &Session<'a>,
        tx: &mut Tx,
        named: impl FnOnce(&mut Faults) -> Option<(Uuid, Uuid)> + Send,
    ) -> Result<(Opened<'a>, Ground)> {
        let ids = self.named(session, named)?;
        self.reach(session, tx, ids).await
    }

    // What is read, once everything that the request says of it is well-formed.
    fn named(
        &self,
        session: &Session<'_>,
        named: impl FnOnce(&mut Faults) -> Option<(Uuid, Uuid)>,
    ) -> Result<(Uuid, Uuid)> {
        let mut faults = Faults::default();
        purpose(session.pack(), self.purpose, &mut faults);
        place(session.pack(), self.place, &mut faults);
        let ids = named(&mut faults);
        faults.finish()?;
        Ok(ids.unwrap_or_default())
    }

    async fn reach<'a>(&self, session: &Session<'a>, tx: &mut Tx, ids: (Uuid, Uuid)) -> Result<(Opened<'a>, Ground)> {
        let opened = record::load(session, tx, ids).await?;
        let ground = reading::require_ground(session, tx, &opened.loaded, self.purpose, self.place).await?;
        Ok((opened, ground.whole(PART)?))
    }

    // The record that waits for the caller's decision, who was refused it by `fault` as everybody else is.
    async fn reach_as_approver<'a>(
        &self,
        session: &Session<'a>,
        approvals: &Approvals,
        ids: (Uuid, Uuid),
        fault: Error,
    ) -> Result<(Opened<'a>, Ground)> {
        // Who sees some fields by a grant, or holds one for another purpose, decides on no less than who holds none.
        let scant = fault.violations().iter().any(|one| one.field == "purpose");
        if fault.is_missing().is_none() && !scant {
            return Err(fault);
        }
        let Some((opened, approval)) = approver::open(session, approvals, ids).await? else { return Err(fault) };
        let ground = reading::of_approver(session, &opened.loaded, approval, self.place)?;
        Ok((opened, ground))
    }
}
