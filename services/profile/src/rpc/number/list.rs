//! `ListFileNumbers`: the register, by series and sequence (I11).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::time::micros_to_proto;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1 as wire;
use dossier_regime::Action;

use crate::store::file_number::{self, FileNumber, ISSUED, VOID};
use crate::work::customer_file::session::Session;

const NUMBERS: List =
    List { fields: &[Field::text("series"), Field::state("state", &[ISSUED, VOID])], orders: &["series, sequence"] };

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
    let session = Session::open(base, &mut tx, call, Action::NumberList).await?;
    let (found, page) = NUMBERS.read(call, &asked!(request))?;
    let state = found.state("state");
    let mut rows = file_number::list(&mut tx, session.viewer(), found.text("series"), state, &page).await?;
    let next_page_token = page.cut(&mut rows, file_number::key);
    Ok(wire::ListFileNumbersResponse { file_numbers: rows.iter().map(message).collect(), next_page_token })
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
        holder: row.holder(),
        create_time: Some(micros_to_proto(row.at)),
        creator: name::name("persons", row.who),
        void_reason: row.why.clone(),
    }
}
