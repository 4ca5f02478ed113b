//! `EvaluateDisposition`: whether a file may be erased today, and every ground on which it may not (X-09, X-10, C-06).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::{name, states};
use dossier_proto::profile::v1::{Disposition, DispositionGround, DispositionVerdict, EvaluateDispositionRequest};
use dossier_regime::Action;

use crate::domain::arbiter::Ground;
use crate::rpc::customer_file::reading;
use crate::work::customer_file::retention;
use crate::work::customer_file::session::{Session, not_found};
use crate::work::disposition;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: EvaluateDispositionRequest) -> Result<Disposition> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let file = name::id("name", "files", &request.name)?;
    let loaded = session.load(&mut tx, file).await?;
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Err(not_found(file));
    }
    let ruling = disposition::evaluate(&session, &mut tx, &loaded).await?;
    let ground = |one: Ground| i32::from(states::wire::<DispositionGround>(one));
    Ok(Disposition {
        file: loaded.file.name(),
        verdict: states::wire::<DispositionVerdict>(ruling.verdict).into(),
        keep_until_date: ruling.keep_until.map(|day| day.to_string()).unwrap_or_default(),
        grounds: ruling.grounds.into_iter().map(ground).collect(),
        retention_class: retention::class(&session, &loaded.file).map(|class| class.id.clone()).unwrap_or_default(),
        evaluate_date: session.today(),
    })
}
