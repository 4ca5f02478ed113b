//! Checks of registers and statistics: every column, condition and group is there, and none tells what must not be told.

use super::authority::check_posts;
use super::facts::{named, of_field};
use super::records::readers;
use super::{Context, Paper};
use crate::model::{
    Carrier, DOCUMENT_PARTS, DocumentKind, Expected, FILE_PARTS, Field, FieldType, FileKind, ITEM_PARTS, Over, Pack,
    RecordKind, Register, Sensitivity, Statistic, Template, Told, When,
};

/// Parts that groups may be made by: few values, and nobody's name.
const GROUPS: [&str; 8] = ["customer_type", "level", "unit", "state", "stage", "kind", "carrier", "content"];
/// Parts of documents that are numbers.
const NUMBERS: [&str; 2] = ["sheets", "pages"];
/// Parts that are moments or days.
const DAYS: [&str; 5] = ["create_time", "activate_time", "close_time", "document_date", "expire_date"];

/// Every register.
pub(super) fn registers(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("registers", "id", "register", pack.registers.iter().map(|one| one.id.as_str()));
    for (at, one) in pack.registers.iter().enumerate() {
        let path = format!("registers[{at}]");
        let view = View { pack, templates, over: one.over, kind: &one.kind };
        view.begin(&one.posts, &path, context);
        readers(pack, &format!("{path}.posts"), &one.posts, context);
        columns(&view, one, &path, context);
        view.conditions(&one.filter, &one.posts, &format!("{path}.where"), context);
    }
}

/// Every statistic, and that no two of them tell by their difference what each holds back.
pub(super) fn statistics(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("statistics", "id", "statistic", pack.statistics.iter().map(|one| one.id.as_str()));
    for (at, one) in pack.statistics.iter().enumerate() {
        let path = format!("statistics[{at}]");
        let view = View { pack, templates, over: one.over, kind: &one.kind };
        view.begin(&one.posts, &path, context);
        view.conditions(&one.filter, &[], &format!("{path}.where"), context);
        let kept = one.filter.keys().chain(&one.by).chain([&one.on]);
        for told in kept.filter(|name| matches!(Told::read(one.over, name), Told::Item(_))) {
            context.fault(&path, format!("`{told}` is told by registers alone"));
        }
        for (place, by) in one.by.iter().enumerate() {
            group(&view, by, &format!("{path}.by[{place}]"), context);
        }
        for (place, sum) in one.sum.iter().enumerate() {
            addend(&view, sum, &format!("{path}.sum[{place}]"), context);
        }
        day(&view, &one.on, &format!("{path}.on"), context);
        let rival = pack.statistics[..at].iter().find(|other| tells_on(other, one));
        if let Some(rival) = rival {
            let sentence = format!(
                "it counts what `{}` counts: a difference of the two would tell what either holds back (X-26)",
                rival.id
            );
            context.fault(&path, sentence);
        }
    }
}

// Two statistics of one kind are safe beside each other where they count the same in the same periods and neither is a finer form of the
// other.
fn tells_on(one: &Statistic, other: &Statistic) -> bool {
    let finer = |one: &Statistic, other: &Statistic| other.by.iter().all(|by| one.by.contains(by));
    let alike = (one.on.as_str(), one.each, &one.filter) == (other.on.as_str(), other.each, &other.filter);
    let alike = alike && one.kind == other.kind;
    // Documents of every kind are also those of one.
    let every = one.over == Over::Documents && (one.kind.is_empty() || other.kind.is_empty());
    let same = one.over == other.over && (one.kind == other.kind || every);
    same && (!alike || finer(one, other) || finer(other, one))
}

// What a register or a statistic goes over, with the forms that may be met there.
struct View<'a> {
    pack: &'a Pack,
    templates: Option<&'a [Paper<Template>]>,
    over: Over,
    kind: &'a str,
}

// What a name means.
enum Known<'a> {
    Part,
    // One for each form that has it.
    Fields(Vec<(&'a Template, &'a Field)>),
    Nothing,
}

// === impl View ===

impl<'a> View<'a> {
    fn begin(&self, posts: &[String], path: &str, context: &mut Context<'_>) {
        let (what, known) = match self.over {
            Over::Files => ("kind of file", self.pack.file_kind(self.kind).is_some()),
            Over::Records => ("record kind", self.pack.record(self.kind).is_some()),
            Over::Documents => ("document kind", self.kind.is_empty() || self.pack.document(self.kind).is_some()),
        };
        if self.kind.is_empty() && self.over != Over::Documents {
            context.fault(format!("{path}.kind"), "only documents may be of every kind");
        } else {
            context.refers(format!("{path}.kind"), what, self.kind, known);
        }
        check_posts(self.pack, &format!("{path}.posts"), posts, context);
        context.filled(&format!("{path}.posts"), posts, "somebody reads it");
    }

    // A reader whose grade is too low would learn a field from which lines there are.
    fn conditions(&self, when: &When, posts: &[String], path: &str, context: &mut Context<'_>) {
        let grades = posts.iter().filter_map(|id| self.pack.post(id)).map(|post| post.grade);
        let least = grades.min().unwrap_or(Sensitivity::Internal);
        for (name, expected) in when {
            let at = format!("{path}.{name}");
            let told = Told::read(self.over, name);
            if let Told::Latest { .. } = told {
                context.fault(&at, "the newest record of another kind decides on no line");
                continue;
            }
            match self.known(told) {
                Known::Part => self.value(told, expected, &at, context),
                Known::Nothing => context.refers(&at, "part or field", name, false),
                Known::Fields(fields) => {
                    for (form, field) in &fields {
                        of_field(form, field, expected, &at, context);
                    }
                    let hidden = fields.iter().find(|(_, field)| field.sensitivity > least);
                    if let Some((_, field)) = hidden.filter(|(_, field)| field.sensitivity <= Sensitivity::Internal) {
                        let sentence =
                            format!("field `{}` is {}: not every post here sees it", field.id, field.sensitivity);
                        context.fault(&at, sentence);
                    }
                }
            }
        }
    }

    // Parts that the pack names, or the format itself.
    fn value(&self, told: Told<'_>, expected: &Expected, at: &str, context: &mut Context<'_>) {
        match told {
            Told::Document("kind") => {
                named(expected, "document kind", |id| self.pack.document(id).is_some(), at, context);
            }
            Told::Document("carrier") => {
                named(expected, "carrier", |word| Carrier::parse(word).is_some(), at, context);
            }
            _ => {}
        }
    }

    fn known(&self, told: Told<'a>) -> Known<'a> {
        let there = match self.over {
            Over::Files => self.pack.file_kind(self.kind).is_some(),
            Over::Records => self.pack.record(self.kind).is_some(),
            Over::Documents => self.document_kinds().next().is_some(),
        };
        // That the kind is missing has been said; what hangs on it cannot be judged.
        if !there {
            return Known::Part;
        }
        if told.is_part() {
            return if self.has_part(told) { Known::Part } else { Known::Nothing };
        }
        let Some(templates) = self.templates else { return Known::Part };
        let forms: Vec<&str> = match told {
            Told::File(_) => self.file_kinds().flat_map(FileKind::named_templates).collect(),
            Told::Record(_) => self.pack.record(self.kind).map(|kind| kind.template.as_str()).into_iter().collect(),
            Told::Document(_) => self.document_kinds().map(|kind| kind.template.as_str()).collect(),
            Told::Latest { kind, .. } => self.record_of(kind).map(|kind| kind.template.as_str()).into_iter().collect(),
            Told::Item(_) => Vec::new(),
        };
        let forms = templates.iter().map(|one| &one.content).filter(|one| forms.contains(&one.id.as_str()));
        let fields: Vec<_> = forms.filter_map(|form| Some((form, form.field(told.name())?))).collect();
        if fields.is_empty() { Known::Nothing } else { Known::Fields(fields) }
    }

    fn has_part(&self, told: Told<'_>) -> bool {
        let kind = match told {
            Told::File(of) => {
                let axis = of.strip_prefix("class.");
                return axis.map_or(FILE_PARTS.contains(&of), |axis| {
                    self.pack.classification.axes.iter().any(|one| one.field == axis)
                });
            }
            Told::Document(of) => return DOCUMENT_PARTS.contains(&of),
            Told::Item(of) => return ITEM_PARTS.contains(&of) && !self.pack.places.is_empty(),
            Told::Record(_) => self.pack.record(self.kind),
            Told::Latest { kind, .. } => self.record_of(kind),
        };
        let Some(kind) = kind else { return false };
        told.name().strip_prefix("entered.").is_none_or(|stage| kind.stage(stage).is_some())
    }

    // A kind of record that some file here holds.
    fn record_of(&self, id: &str) -> Option<&'a RecordKind> {
        let kind = self.pack.record(id)?;
        self.file_kinds().any(|file| kind.is_in(&file.id)).then_some(kind)
    }

    // Those that a view of documents is over.
    fn document_kinds(&self) -> impl Iterator<Item = &'a DocumentKind> {
        let wanted = self.kind;
        self.pack.documents.iter().filter(move |one| wanted.is_empty() || one.id == wanted)
    }

    fn file_kinds(&self) -> impl Iterator<Item = &'a FileKind> {
        let (over, wanted, record) = (self.over, self.kind, self.pack.record(self.kind));
        let documents: Vec<_> = self.document_kinds().collect();
        self.pack.files.iter().filter(move |file| match over {
            Over::Files => file.id == wanted,
            Over::Records => record.is_none_or(|record| record.is_in(&file.id)),
            Over::Documents => documents.iter().any(|one| one.is_in(&file.id)),
        })
    }
}

fn columns(view: &View<'_>, one: &Register, path: &str, context: &mut Context<'_>) {
    context.filled(&format!("{path}.columns"), &one.columns, "a register has at least one column");
    for (at, column) in one.columns.iter().enumerate() {
        let path = format!("{path}.columns[{at}].value");
        if one.columns[..at].iter().any(|other| other.value == column.value) {
            context.fault(&path, format!("`{}` is told twice", column.value));
        }
        match view.known(Told::read(one.over, &column.value)) {
            Known::Part => {}
            Known::Nothing => context.refers(&path, "part or field", &column.value, false),
            Known::Fields(fields) => {
                for (_, field) in fields.iter().filter(|(_, field)| !field.is_written()) {
                    context
                        .fault(&path, format!("field `{}` is kept elsewhere: name the part that it shows", field.id));
                }
            }
        }
    }
}

fn group(view: &View<'_>, by: &str, path: &str, context: &mut Context<'_>) {
    let told = Told::read(view.over, by);
    match (told, view.known(told)) {
        (Told::Latest { .. }, _) => context.fault(path, "a group is made by the row itself"),
        (_, Known::Part) if told.is_part() && !GROUPS.contains(&told.name()) && !told.name().starts_with("class.") => {
            context.fault(path, format!("`{by}` makes no groups: {}, class.AXIS, or a field", GROUPS.join(", ")));
        }
        (_, Known::Part) => {}
        (_, Known::Nothing) => context.refers(path, "part or field", by, false),
        (_, Known::Fields(fields)) => {
            for (_, field) in fields {
                if !open(field, path, context) {
                    continue;
                }
                if matches!(field.kind, FieldType::Group | FieldType::Shown | FieldType::LongText) {
                    context.fault(path, format!("a `{}` makes no groups", field.kind));
                }
            }
        }
    }
}

fn addend(view: &View<'_>, sum: &str, path: &str, context: &mut Context<'_>) {
    let told = Told::read(view.over, sum);
    match view.known(told) {
        Known::Fields(fields) if !matches!(told, Told::Latest { .. }) => {
            for (_, field) in fields {
                if open(field, path, context)
                    && !matches!(field.kind, FieldType::Int | FieldType::Decimal | FieldType::Money)
                {
                    context.fault(path, format!("a `{}` is not added up", field.kind));
                }
            }
        }
        Known::Part if !told.is_part() || matches!(told, Told::Document(of) if NUMBERS.contains(&of)) => {}
        _ => context.refers(path, "field", sum, false),
    }
}

fn day(view: &View<'_>, on: &str, path: &str, context: &mut Context<'_>) {
    let told = Told::read(view.over, on);
    let moment = DAYS.contains(&on) || on.starts_with("entered.");
    match view.known(told) {
        Known::Part if moment || !told.is_part() => {}
        Known::Fields(fields) if !matches!(told, Told::Latest { .. }) => {
            for (_, field) in fields {
                if open(field, path, context)
                    && !matches!(field.kind, FieldType::Date | FieldType::Datetime | FieldType::YearMonth)
                {
                    context.fault(path, format!("a `{}` is no day", field.kind));
                }
            }
        }
        _ => context.refers(path, "moment or field with a day", on, false),
    }
}

// What is sealed is not opened to be counted.
fn open(field: &Field, path: &str, context: &mut Context<'_>) -> bool {
    let open = field.sensitivity <= Sensitivity::Internal;
    if !open {
        let sentence = format!("field `{}` is {}: it is neither counted nor added up", field.id, field.sensitivity);
        context.fault(path, sentence);
    }
    open
}
