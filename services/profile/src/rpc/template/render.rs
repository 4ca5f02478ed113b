//! `RenderTemplate`: an empty form as a page for printing (P-30).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::printed::html;
use dossier_kernel::printed::paper::{Language, empty};
use dossier_proto::profile::v1::{RenderTemplateRequest, RenderTemplateResponse};
use dossier_regime::RecordKind;

use super::view;
use crate::domain::header::{template_id, template_name};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: RenderTemplateRequest) -> Result<RenderTemplateResponse> {
    let tenant = base.tenant(&call.org)?;
    base.principal(&mut base.db.read().await?, call).await?;
    let mut faults = Faults::default();
    let id = faults.absorb(template_id("name", &request.name));
    let language = Language::asked(&request.language, &mut faults);
    let (id, language) = faults.finish_with(id.zip(language))?;
    let form = tenant.form(&id).ok_or_else(|| Error::missing(Missing::Template, template_name(&id)))?;
    let kind = kind(&tenant.pack().records, &id, &request.kind)?;
    // Kinds are named in the company's language alone.
    let title = kind.filter(|_| language == Language::Chinese).map(|kind| kind.label.as_str());
    let slots = kind.map(|kind| &kind.slots);
    let slots = slots.into_iter().flatten().map(|(slot, _)| slot.as_str());
    let page = empty(&view::template(tenant, form), title.unwrap_or_default(), slots, language);
    Ok(RenderTemplateResponse { html: html(&page) })
}

// The kind of record that is named, one with this form.
fn kind<'p>(kinds: &'p [RecordKind], template: &str, named: &str) -> Result<Option<&'p RecordKind>> {
    if named.is_empty() {
        return Ok(None);
    }
    let with = || kinds.iter().filter(|kind| kind.template == template);
    let found = with().find(|kind| kind.id == named);
    found.map(Some).ok_or_else(|| Error::violation("kind", one_of(with().map(|kind| kind.id.as_str()))))
}
