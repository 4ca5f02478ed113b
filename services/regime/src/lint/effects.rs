//! Checks of effects: each has what it works with, and its guard.

use super::Context;
use crate::lint::Paper;
use crate::model::{
    Column, CountFinding, DIFFERENCE_PARTS, EffectKind, Field, FieldType, FileKind, Pack, RecordKind, StageEffect,
    Target, Template, When,
};

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
            let (rows, own): (When, When) =
                effect.when.clone().into_iter().partition(|(fact, _)| effect.of_row(fact).is_some());
            super::facts::check(pack, kind, form, &own, &format!("{path}.when"), context);
            of_rows(form, effect, &rows, &format!("{path}.when"), context);
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

// Columns that decide about each row.
fn of_rows(form: &Template, effect: &StageEffect, when: &When, path: &str, context: &mut Context<'_>) {
    let group = effect.moved().and_then(|(group, _)| form.field(group));
    for (fact, expected) in when {
        let at = format!("{path}.{fact}");
        let column = effect.of_row(fact).unwrap_or_default();
        let found = group.and_then(|group| group.columns.iter().find(|one| one.id == column));
        match found {
            Some(column) => super::facts::of_field(form, &column.field(), expected, &at, context),
            None => context.refers(&at, "column", column, false),
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
        let counts = does == EffectKind::CustodyCount;
        let records =
            counts || matches!(does, EffectKind::RecordOpen | EffectKind::RecordVoid) || self.releases_others();
        let sets = counts || does == EffectKind::FileAmend;
        let people = matches!(does, EffectKind::FileAllocate | EffectKind::CustodyRelease);
        for (key, given, needed, allowed) in [
            ("to", one.to.is_some(), people, people),
            ("set", !one.set.is_empty(), sets, sets),
            ("kind", one.kind.is_some(), records, records || does == EffectKind::HoldRelease),
            ("duty", one.duty.is_some(), does == EffectKind::DutyExtend, does == EffectKind::DutyExtend),
            ("until", one.until.is_some(), does == EffectKind::DutyExtend, does == EffectKind::DutyExtend),
            (
                "each",
                one.each.is_some(),
                counts || does.is_disposal(),
                does.is_custody() || does.is_disposal() || does == EffectKind::VolumeClose,
            ),
            ("at", one.at.is_some(), counts || does == EffectKind::CustodyPlace, does.is_custody() && !people),
        ] {
            if !given && needed {
                self.context.fault(self.path, format!("`{does}` needs key `{key}`"));
            }
            if given && !allowed {
                self.context.fault(format!("{}.{key}", self.path), format!("`{does}` takes no `{key}`"));
            }
        }
    }

    // What moves stands in a field or in the rows of a group, and so may the place of each.
    fn moved(&mut self) {
        let effect = self.effect;
        if self.pack.places.is_empty() {
            self.context.fault(self.path, format!("`{}` moves nothing: the pack has no `places`", effect.does));
        }
        if let Some(each) = &effect.each {
            let what = "field or column that names documents, volumes or items (`type: ref`, `to: document`, `volume` or `item`)";
            let targets = [Target::Document, Target::Volume, Target::Item];
            let known = effect.moved().is_some_and(|at| self.names(at, &targets));
            self.context.refers(format!("{}.each", self.path), what, each, known);
        }
        if let Some(at) = &effect.at {
            let what = "field, or column of the same group, that names a place (`type: ref`, `to: place`)";
            let rows = effect.does != EffectKind::CustodyCount;
            let same =
                |group: &str| group.is_empty() || (rows && effect.moved().is_some_and(|(moved, _)| moved == group));
            let known = effect.place().is_some_and(|at| same(at.0) && self.names(at, &[Target::Place]));
            self.context.refers(format!("{}.at", self.path), what, at, known);
        }
    }

    // Volumes of the files that hold such records.
    fn closes(&mut self) {
        if self.files().iter().all(|file| self.pack.volume_of(&file.id).is_none()) {
            let sentence = format!("`{}` closes nothing: those files have no `volumes`", self.effect.does);
            self.context.fault(self.path, sentence);
        }
        if let Some(each) = &self.effect.each {
            let what = "field or column that names volumes (`type: ref`, `to: volume`)";
            let known = self.effect.moved().is_some_and(|at| self.names(at, &[Target::Volume]));
            self.context.refers(format!("{}.each", self.path), what, each, known);
        }
    }

    // A field of the case that can say this of a difference.
    fn told(&mut self, key: &str, part: &str) {
        let path = format!("{}.set.{key}", self.path);
        self.context.refers(&path, "part of a difference", part, DIFFERENCE_PARTS.contains(&part));
        let kind = self.effect.kind.as_deref().and_then(|kind| self.pack.record(kind));
        let form = kind.and_then(|kind| super::pack::template(self.templates, &kind.template));
        let Some(form) = form else { return };
        let words: Vec<_> = CountFinding::ALL.iter().map(|one| one.as_str()).collect();
        let fits = |field: &Field| match part {
            "item" => field.kind == FieldType::Ref && field.to == Some(Target::Item),
            _ => {
                let has = |word: &&str| field.values.iter().any(|one| one.value == *word);
                field.kind == FieldType::Enum && words.iter().all(has)
            }
        };
        let what = match part {
            "item" => "field of the case that names an item (`type: ref`, `to: item`)".to_owned(),
            _ => format!("field of the case with the values {} (`type: enum`)", words.join(", ")),
        };
        self.context.refers(&path, &what, key, form.field(key).is_some_and(fits));
    }

    fn names(&self, (group, key): (&str, &str), targets: &[Target]) -> bool {
        let fits = |to: Option<Target>| to.is_some_and(|to| targets.contains(&to));
        match group {
            "" => self.form.field(key).is_some_and(|one| one.kind == FieldType::Ref && fits(one.to)),
            _ => {
                let group = self.form.field(group).filter(|field| field.kind == FieldType::Group);
                let column = group.and_then(|group| group.columns.iter().find(|one| one.id == key));
                column.is_some_and(|one| one.kind == FieldType::Ref && fits(one.to))
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
            EffectKind::VolumeClose => self.closes(),
            EffectKind::DisposalAnnounce => self.decided(),
            EffectKind::DisposalKeep | EffectKind::DisposalDestroy => self.announced(),
            _ => {}
        }
        if one.does.is_custody() {
            self.moved();
        }
        if one.does.is_disposal() {
            self.destroyed();
        }
        for (key, from) in &one.set {
            match one.does {
                EffectKind::CustodyCount => self.told(key, from),
                _ => self.amended(key, from, form),
            }
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

    // What is destroyed stands in a field or in the rows of a group, and the list does not go with it.
    fn destroyed(&mut self) {
        let effect = self.effect;
        if let Some(each) = &effect.each {
            let what = "field or column that names files or their paper (`type: ref`, `to: file` or `to: item`)";
            let known = effect.moved().is_some_and(|at| self.names(at, &[Target::File, Target::Item]));
            self.context.refers(format!("{}.each", self.path), what, each, known);
        }
        if let Some(file) = self.files().iter().find(|file| !file.internal) {
            let sentence =
                format!("a list in file kind `{}` would end with its file: lists lie in internal files", file.id);
            self.context.fault(self.path, sentence);
        }
    }

    // That what it announces ends one way and the other.
    fn decided(&mut self) {
        let id = self.kind.id.as_str();
        let near = |kind: &&RecordKind| kind.id == id || kind.of.as_deref() == Some(id);
        for ending in [EffectKind::DisposalDestroy, EffectKind::DisposalKeep] {
            if !self.pack.records.iter().filter(near).any(|kind| kind.does(ending)) {
                self.context.warn(self.path, format!("what records of `{id}` announce no stage ends with `{ending}`"));
            }
        }
    }

    // That it was announced by this kind or by that which it belongs to.
    fn announced(&mut self) {
        let above = self.kind.of.as_deref().and_then(|of| self.pack.record(of));
        if !std::iter::once(self.kind).chain(above).any(|kind| kind.does(EffectKind::DisposalAnnounce)) {
            self.context.fault(self.path, format!("`{}` ends what nothing announces", self.effect.does));
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
