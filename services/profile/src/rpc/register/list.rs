//! `ListRegisters`: what the caller's posts open, in order of name.

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::list::List;
use dossier_proto::profile::v1::{ListRegistersRequest, ListRegistersResponse};

use super::{rule, told};
use crate::work::customer_file::session::Session;

const REGISTERS: List = List { fields: &[], orders: &["name"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListRegistersRequest) -> Result<ListRegistersResponse> {
    let session = Session::enter(base, &mut base.db.read().await?, call).await?;
    let (_, page) = REGISTERS.read(call, &asked!(request))?;
    let opens = |posts: &[String]| posts.iter().any(|post| session.principal.holds(post, None));
    let wanted = usize::try_from(page.size).unwrap_or(usize::MAX).saturating_add(1);
    let pack = session.pack();
    let mut found: Vec<_> = pack.registers.iter().filter(|one| opens(&one.posts) && one.id > page.after).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.truncate(wanted);
    let next_page_token = page.cut(&mut found, |one| one.id.clone());
    let counted = pack.statistics.iter().filter(|one| page.after.is_empty() && opens(&one.posts));
    Ok(ListRegistersResponse {
        registers: found.into_iter().map(told).collect(),
        next_page_token,
        statistics: counted.map(rule).collect(),
    })
}
