//! `GetCustomerFile`: one file with the fields its reader may see.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::profile::v1::{CustomerFile, GetCustomerFileRequest};
use dossier_regime::Action;

use super::desk::{Desk, file_id, place, purpose};
use super::reading;
use crate::domain::fault::Faults;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetCustomerFileRequest) -> Result<CustomerFile> {
    let mut tx = base.db.read().await?;
    let desk = Desk::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(desk.pack(), &request.purpose, &mut faults);
    place(desk.pack(), &request.reading_place, &mut faults);
    let id = file_id("name", &request.name, &mut faults);
    faults.finish()?;
    let loaded = desk.load(&mut tx, id.unwrap_or_default()).await?;
    let ground = reading::require_ground(&desk, &mut tx, &loaded, &request.purpose, &request.reading_place).await?;
    tx.commit().await?;
    reading::release_one(&desk, reading::open(&desk, &loaded, ground)?, &request.purpose).await
}
