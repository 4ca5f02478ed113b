//! `ListTemplates`: the newest version of every form, in order of name (P-30).

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::list::List;
use dossier_proto::profile::v1::{ListTemplatesRequest, ListTemplatesResponse};

use super::view;

const TEMPLATES: List = List { fields: &[], orders: &["name"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListTemplatesRequest) -> Result<ListTemplatesResponse> {
    let tenant = base.tenant(&call.org)?;
    base.principal(&mut base.db.read().await?, call).await?;
    let (_, page) = TEMPLATES.read(call, &asked!(request))?;
    let wanted = usize::try_from(page.size).unwrap_or(usize::MAX).saturating_add(1);
    let mut found: Vec<_> = tenant.all_forms().filter(|one| one.id > page.after).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.truncate(wanted);
    let next_page_token = page.cut(&mut found, |one| one.id.clone());
    let templates = found.into_iter().map(|one| view::template(tenant, one)).collect();
    Ok(ListTemplatesResponse { templates, next_page_token })
}
