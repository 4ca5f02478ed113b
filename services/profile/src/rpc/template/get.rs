//! `GetTemplate`: one form (P-30).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_proto::profile::v1::{GetTemplateRequest, Template};

use super::view;
use crate::domain::header::{template_id, template_name};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetTemplateRequest) -> Result<Template> {
    let tenant = base.tenant(&call.org)?;
    base.principal(&mut base.db.read().await?, call).await?;
    let id = template_id("name", &request.name)?;
    if request.version < 0 {
        return Err(Error::violation("version", "must not be negative"));
    }
    let found = tenant.form(&id);
    let found = found.filter(|one| request.version == 0 || i64::from(one.version) == i64::from(request.version));
    let found = found.ok_or_else(|| Error::missing(Missing::Template, template_name(&id)))?;
    Ok(view::template(tenant, found))
}
