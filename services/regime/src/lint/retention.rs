//! Checks of retention classes.

use super::{Context, Paper, pack};
use crate::model::{FieldType, FileKind, Pack, RetentionStart, Sensitivity, Template};

/// Every class, and the days that its years are counted from.
pub(super) fn classes(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    let retention = &pack.retention;
    context.ids("retention.classes", "id", "class", retention.classes.iter().map(|one| one.id.as_str()));
    let known = retention.classes.iter().any(|one| one.id == retention.default);
    context.refers("retention.default", "retention class", &retention.default, known);
    for (at, class) in retention.classes.iter().enumerate() {
        let path = format!("retention.classes[{at}]");
        if class.years == Some(0) && !context.is_faulty(&format!("{path}.years")) {
            context.fault(format!("{path}.years"), "a file is kept at least a year; for ever has no years");
        }
        let from = format!("{path}.from");
        if class.years.is_none() && class.from != RetentionStart::Closed {
            context.fault(&from, "what is kept for ever counts from no day");
        }
        let RetentionStart::Field(key) = &class.from else { continue };
        let uses = |kind: &&FileKind| kind.retention.as_ref() == Some(&class.id);
        for kind in pack.files.iter().filter(uses) {
            days(kind, (key.as_str(), from.as_str()), templates.unwrap_or_default(), context);
        }
    }
}

// The day stands in every form of the kind, and in clear: the journal tells until when a file is kept.
fn days(kind: &FileKind, (key, path): (&str, &str), templates: &[Paper<Template>], context: &mut Context<'_>) {
    for form in kind.named_templates().filter_map(|id| pack::template(templates, id)) {
        let what = format!("field with a day (`type: date`) in template `{}` of `{}` called", form.id, kind.id);
        let field = form.field(key).filter(|field| field.kind == FieldType::Date);
        context.refers(path, &what, key, field.is_some());
        if field.is_some_and(|field| field.sensitivity > Sensitivity::Internal) {
            let sentence =
                format!("`{key}` of template `{}` is sealed, and the day until which a file is kept is not", form.id);
            context.fault(path, sentence);
        }
    }
}
