//! `ListFileNumbers`: the register, by series and sequence (I11).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::page::Page;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::profile::v1 as wire;
use dossier_regime::Action;

use crate::domain::fault::Faults;
use crate::rpc::customer_file::desk::Desk;
use crate::store::file_number::{self, FileNumber, ISSUED, VOID};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: wire::ListFileNumbersRequest,
) -> Result<wire::ListFileNumbersResponse> {
    let mut tx = base.db.read().await?;
    let desk = Desk::open(base, &mut tx, call, Action::NumberList).await?;
    let mut faults = Faults::default();
    let state = state(request.state, &mut faults);
    faults.finish()?;
    let filters = [request.series.as_str(), state.unwrap_or_default()];
    let page = Page::of(call, request.page_size, &request.page_token, &filters)?;
    let series = Some(request.series.as_str()).filter(|series| !series.is_empty());
    let mut rows = file_number::list(&mut tx, desk.viewer(), series, state, &page).await?;
    let next_page_token = page.cut(&mut rows, file_number::key);
    Ok(wire::ListFileNumbersResponse { file_numbers: rows.iter().map(message).collect(), next_page_token })
}

fn state(given: i32, faults: &mut Faults) -> Option<&'static str> {
    match wire::FileNumberState::try_from(given) {
        Ok(wire::FileNumberState::Unspecified) => None,
        Ok(wire::FileNumberState::Issued) => Some(ISSUED),
        Ok(wire::FileNumberState::Void) => Some(VOID),
        Err(_) => {
            faults.add("state", "is unknown");
            None
        }
    }
}

/// A number of the register in the words of the contract.
pub fn message(row: &FileNumber) -> wire::FileNumber {
    let state = if row.state == VOID { wire::FileNumberState::Void } else { wire::FileNumberState::Issued };
    wire::FileNumber {
        name: name::of_number(&row.number),
        number: row.number.clone(),
        series: row.series.clone(),
        sequence: row.sequence,
        state: state.into(),
        holder: row.file.map(|id| name::name("files", id)).unwrap_or_default(),
        create_time: Some(micros_to_proto(row.at)),
        creator: name::name("persons", row.who),
        void_reason: row.why.clone(),
    }
}
