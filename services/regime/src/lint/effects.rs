//! Checks of effects: each has what it works with, and its guard.

use super::Context;
use crate::lint::Paper;
use crate::model::{Column, EffectKind, Field, FieldType, FileKind, Pack, RecordKind, StageEffect, Target, Template};

/// Every effect of the stages of `kind`, whose form is `form`.
pub(super) fn check(
    pack: &Pack,
    kind: &RecordKind,
    (form, templates): (&Template, &[Paper<Template>]),
    path: &str,
    context: &mut Context<'_>,
) {
    for (at, stage) in kind.stages.iter().enumerate() {
        for (place, effect) in stage.effects.iter().enumerate() {
            let path = format!("{path}.stages[{at}].effects[{place}]");
            super::facts::check(pack, kind, form, &effect.when, &format!("{path}.when"), context);
            let mut one = Effect { pack, kind, form, templates, effect, path: &path, context };
            one.keys();
            one.objects();
            let last = stage.is_final && place + 1 == stage.effects.len();
            if effect.does == EffectKind::FileClose && !last {
                one.context
                    .fault(&path, "nothing follows in a closed file: `file.close` is the last effect of a final stage");
            }
        }
    }
}

/// That what establishes the files of a kind is there and does so.
pub(super) fn establishing(pack: &Pack, context: &mut Context<'_>) {
    for (at, file) in pack.files.iter().enumerate() {
        let Some(id) = &file.establish else { continue };
        let path = format!("files[{at}].establish");
        let kind = pack.record(id);
        context.refers(&path, "record kind", id, kind.is_some());
        let Some(kind) = kind else { continue };
        if !kind.does(EffectKind::FileActivate) || !kind.is_in(&file.id) {
            let sentence = format!(
                "records of `{id}` make no file of `{}` effective: no stage does `file.activate` there",
                file.id
            );
            context.fault(&path, sentence);
        }
    }
}

struct Effect<'a, 'c> {
    pack: &'a Pack,
    kind: &'a RecordKind,
    form: &'a Template,
    templates: &'a [Paper<Template>],
    effect: &'a StageEffect,
    path: &'a str,
    context: &'a mut Context<'c>,
}

// === impl Effect ===

impl<'a> Effect<'a, '_> {
    // Each key belongs to one kind of effect, which needs it.
    fn keys(&mut self) {
        let (one, does) = (self.effect, self.effect.does);
        let records = matches!(does, EffectKind::RecordOpen | EffectKind::RecordVoid) || self.releases_others();
        for (key, given, wanted) in [
            ("to", one.to.is_some(), does == EffectKind::FileAllocate),
            ("set", !one.set.is_empty(), does == EffectKind::FileAmend),
            ("kind", one.kind.is_some(), records),
            ("duty", one.duty.is_some(), does == EffectKind::DutyExtend),
            ("until", one.until.is_some(), does == EffectKind::DutyExtend),
        ] {
            match (given, wanted) {
                (false, true) => self.context.fault(self.path, format!("`{does}` needs key `{key}`")),
                (true, false) if does == EffectKind::HoldRelease && key == "kind" => {}
                (true, false) => {
                    self.context.fault(format!("{}.{key}", self.path), format!("`{does}` takes no `{key}`"))
                }
                _ => {}
            }
        }
    }

    fn objects(&mut self) {
        let (one, form) = (self.effect, self.form);
        if let Some(to) = &one.to {
            let fits = |field: &Field| field.kind == FieldType::Ref && field.to == Some(Target::Person);
            self.field("to", to, "field that names a person (`type: ref`, `to: person`)", fits);
        }
        if let Some(until) = &one.until {
            self.field("until", until, "field with a day (`type: date`)", |field| field.kind == FieldType::Date);
        }
        if let Some(kind) = &one.kind {
            let other = self.pack.record(kind);
            self.context.refers(format!("{}.kind", self.path), "record kind", kind, other.is_some());
            other.into_iter().for_each(|other| self.other(other));
        }
        if let Some(duty) = &one.duty {
            let known = self.pack.duties.iter().any(|rule| rule.kind == *duty);
            self.context.refers(format!("{}.duty", self.path), "duty", duty, known);
        }
        match one.does {
            EffectKind::FileActivate => self.establishes(),
            EffectKind::HoldPlace => self.ends(),
            EffectKind::HoldRelease => self.placed(),
            _ => {}
        }
        for (key, from) in &one.set {
            self.amended(key, from, form);
        }
    }

    fn field(&mut self, key: &str, id: &str, what: &str, fits: impl Fn(&Field) -> bool) {
        let known = self.form.field(id).is_some_and(fits);
        self.context.refers(format!("{}.{key}", self.path), what, id, known);
    }

    // What is made belongs to this record or to the file alone; a record ends no other that is not near to it, nor itself.
    fn other(&mut self, other: &RecordKind) {
        let path = format!("{}.kind", self.path);
        let below = other.of.as_deref() == Some(self.kind.id.as_str());
        if self.effect.does == EffectKind::RecordOpen && other.of.is_some() && !below {
            self.context.fault(&path, format!("records of `{}` belong to others than these", other.id));
        }
        if other.id == self.kind.id && self.effect.does != EffectKind::HoldRelease {
            self.context.fault(&path, format!("`{}` would act on itself", other.id));
        }
        let homeless = self.files().iter().any(|file| !other.is_in(&file.id));
        if homeless {
            self.context.fault(&path, format!("not every kind of file with `{}` holds `{}`", self.kind.id, other.id));
        }
    }

    // Whether what it releases was placed neither by its own record nor by that which this belongs to.
    fn releases_others(&self) -> bool {
        let above = self.kind.of.as_deref().and_then(|of| self.pack.record(of));
        let mut near = std::iter::once(self.kind).chain(above);
        self.effect.does == EffectKind::HoldRelease && !near.any(|kind| kind.does(EffectKind::HoldPlace))
    }

    // That records of the kind whose holds it releases place some.
    fn placed(&mut self) {
        let Some(other) = self.effect.kind.as_deref().and_then(|kind| self.pack.record(kind)) else { return };
        if !other.does(EffectKind::HoldPlace) {
            self.context.fault(format!("{}.kind", self.path), format!("records of `{}` hold nothing", other.id));
        }
    }

    // That something releases what it holds.
    fn ends(&mut self) {
        let id = self.kind.id.as_str();
        let releases = |kind: &RecordKind| {
            let near = kind.id == id || kind.of.as_deref() == Some(id);
            let effects = kind.stages.iter().flat_map(|stage| &stage.effects);
            effects.filter(|effect| effect.does == EffectKind::HoldRelease).any(|effect| match &effect.kind {
                Some(kind) => kind == id,
                None => near,
            })
        };
        if !self.pack.records.iter().any(releases) {
            self.context.warn(self.path, format!("what records of `{id}` hold is held for ever: no stage releases it"));
        }
    }

    fn establishes(&mut self) {
        if let Some(file) = self.files().iter().find(|file| file.establish.as_ref() != Some(&self.kind.id)) {
            let sentence = format!("file kind `{}` does not say `establish: {}`", file.id, self.kind.id);
            self.context.fault(self.path, sentence);
        }
    }

    // The same type, and no value comes to where more people read it.
    fn amended(&mut self, key: &str, from: &str, form: &Template) {
        let path = format!("{}.set.{key}", self.path);
        let source = form.field(from);
        self.context.refers(&path, "field", from, source.is_some());
        let (files, templates) = (self.files(), self.templates);
        let forms = files.into_iter().flat_map(FileKind::given_templates);
        for form in forms.filter_map(|id| super::pack::template(templates, id)) {
            let target = form.field(key);
            let what = format!("field in template `{}` called", form.id);
            self.context.refers(&path, &what, key, target.is_some());
            let Some((target, source)) = target.zip(source) else { continue };
            if target.kind != source.kind || target.identifier != source.identifier {
                self.context
                    .fault(&path, format!("`{key}` of template `{}` is of another type than `{from}`", form.id));
            }
            if target.sensitivity < source.sensitivity {
                self.context.fault(&path, format!("`{from}` is more sensitive than `{key}` of template `{}`", form.id));
            }
            if let Some(part) = untaken(source, target) {
                self.context
                    .fault(&path, format!("`{key}` of template `{}` does not take `{part}` of `{from}`", form.id));
            }
        }
    }

    // The kinds of file that hold such records.
    fn files(&self) -> Vec<&'a FileKind> {
        let kind = self.kind;
        self.pack.files.iter().filter(|file| kind.is_in(&file.id)).collect()
    }
}

// The first choice or column of a field that another has not.
fn untaken(source: &Field, target: &Field) -> Option<String> {
    let chosen = source.values.iter().find(|one| !target.values.iter().any(|known| known.value == one.value));
    let column = |one: &Column| match target.columns.iter().find(|known| known.id == one.id && known.kind == one.kind) {
        Some(known) => untaken(&one.field(), &known.field()),
        None => Some(one.id.clone()),
    };
    chosen.map(|one| one.value.clone()).or_else(|| source.columns.iter().find_map(column))
}
