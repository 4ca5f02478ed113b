//! `GetRecord`: one record with the fields its reader may see, once the journal has it (A-42, I3).

use dossier_authority::Base;
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
use crate::domain::record::ids;
use crate::rpc::customer_file::reading::{self, Ground, Outgoing};
use crate::rpc::customer_file::view;
use crate::work::customer_file::session::{Session, place};
use crate::work::record::{self, Opened};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetRecordRequest) -> Result<FileRecord> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let asked = Asked { purpose: &request.purpose, place: &request.reading_place };
    let (opened, ground) = asked.open(&session, &mut tx, |faults| faults.absorb(ids("name", &request.name))).await?;
    let template = record::template(&session, &opened.record.template)?;
    let staged = staged(&session, &mut tx, &opened, template).await?;
    tx.commit().await?;
    let filling = opened.content.filling(template, &opened.seal)?;
    let filling = filling.shown(|key| ground.visibility.shows(template, key));
    let measured = whole(template, opened.loaded.file.customer_type, |key| filling.of(key));
    let (fields, shown, masked) = view::opened(template, &opened.content, &opened.seal, &ground.visibility)?;
    let message = FileRecord { fields, masked_fields: masked, completeness: Some(view::detailed(&measured)), ..staged };
    let (resource, revision, file) = (opened.record.name(), opened.record.version, opened.loaded.file.id);
    let leaving = Outgoing { message, resource, file, revision, fields: shown, records: Vec::new(), ground };
    reading::release_one(&session, leaving, &request.purpose).await
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
        let mut faults = Faults::default();
        purpose(session.pack(), self.purpose, &mut faults);
        place(session.pack(), self.place, &mut faults);
        let ids = named(&mut faults);
        faults.finish()?;
        let opened = record::load(session, tx, ids.unwrap_or_default()).await?;
        let ground = reading::require_ground(session, tx, &opened.loaded, self.purpose, self.place).await?;
        if !ground.is_whole() {
            let why = "is that of a right to fields of the file, which opens none of its records";
            return Err(Error::violation("purpose", why));
        }
        Ok((opened, ground))
    }
}
