//! Checks of rules of volumes: what they name is there, something fits them, and what is composed can be closed.

use super::{Context, Paper, pack::template};
use crate::model::{
    Carrier, DocumentKind, EffectKind, FieldType, OTHER, OrderKey, Pack, RecordKind, Sensitivity, Stage, Template,
    VolumeDivision, VolumeRule, YearRule,
};

/// The field of a form that says of which period a document is.
const PERIOD: &str = "period";

/// Every rule.
pub(super) fn rules(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("volumes", "id", "rule of volumes", pack.volumes.iter().map(|one| one.id.as_str()));
    for (at, rule) in pack.volumes.iter().enumerate() {
        let mut one = Rule { pack, rule, path: format!("volumes[{at}]"), context };
        one.files(at);
        one.divisions(templates);
        one.apart();
        one.order();
        one.kinds("unpaged", &rule.unpaged);
        one.catalogue();
        one.closing();
    }
    for (at, kind) in pack.documents.iter().enumerate() {
        let Some(class) = &kind.retention else { continue };
        let known = pack.retention.classes.iter().any(|one| one.id == *class);
        context.refers(format!("documents[{at}].retention"), "retention class", class, known);
    }
}

struct Rule<'a, 'c> {
    pack: &'a Pack,
    rule: &'a VolumeRule,
    path: String,
    context: &'a mut Context<'c>,
}

// === impl Rule ===

impl<'a> Rule<'a, '_> {
    fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    // The kinds of paper that lie in the files it is for.
    fn fitting(&self) -> impl Iterator<Item = &'a DocumentKind> + use<'a> {
        let (pack, rule) = (self.pack, self.rule);
        let paper = |kind: &&DocumentKind| !kind.valuable && (kind.carriers.is_empty() || on_paper(&kind.carriers));
        let held =
            move |kind: &&DocumentKind| pack.files.iter().any(|file| rule.is_in(&file.id) && kind.is_in(&file.id));
        pack.documents.iter().filter(paper).filter(held)
    }

    fn files(&mut self, at: usize) {
        for (place, file) in self.rule.files.iter().enumerate() {
            let path = self.at(&format!("in[{place}]"));
            self.context.refers(path, "kind of file", file, self.pack.file_kind(file).is_some());
        }
        let earlier = &self.pack.volumes[..at];
        let both = |file: &&str| earlier.iter().any(|one| one.is_in(file)) && self.rule.is_in(file);
        if let Some(file) = self.pack.files.iter().map(|file| file.id.as_str()).find(both) {
            self.context.fault(self.at("in"), format!("files of kind `{file}` have a rule of volumes already"));
        }
        if self.fitting().next().is_none() {
            self.context.fault(&self.path, format!("nothing fits `{}`: those files hold no paper", self.rule.id));
        }
    }

    fn divisions(&mut self, templates: Option<&[Paper<Template>]>) {
        let rule = self.rule;
        self.context.ids(&self.at("per"), "", "division", rule.per.iter().map(|one| one.as_str()));
        self.context.ids(&self.at("together"), "", "relation", rule.together.iter().map(|one| one.as_str()));
        if !rule.is_per(VolumeDivision::File) {
            self.context.fault(self.at("per"), "a volume lies in one file: `per` has `file`");
        }
        if !rule.year.is_empty() && !rule.is_per(VolumeDivision::Year) {
            self.context.fault(self.at("year"), "volumes are not formed by `year`: it says something of `per`");
        }
        for (id, year) in rule.year.iter().filter(|(id, _)| *id != OTHER) {
            let path = self.at(&format!("year.{id}"));
            let kind = self.fitting().find(|kind| kind.id == *id);
            self.context.refers(&path, "kind of paper in those files", id, kind.is_some());
            let dated = |form: &Template| {
                form.field(PERIOD)
                    .is_some_and(|one| one.kind == FieldType::DateRange && one.sensitivity <= Sensitivity::Internal)
            };
            let form = kind.zip(templates).and_then(|(kind, templates)| template(templates, &kind.template));
            if matches!(year, YearRule::First | YearRule::Last) && form.is_some_and(|form| !dated(form)) {
                let sentence = format!("`{id}` says no period: its form has no `{PERIOD}` (`date_range`) in clear");
                self.context.fault(path, sentence);
            }
        }
    }

    fn apart(&mut self) {
        let Some(apart) = &self.rule.apart else { return };
        let rank = self.pack.rank(&apart.level);
        self.context.refers(self.at("apart.level"), "level", &apart.level, rank.is_some());
        if rank == Some(0) {
            self.context.fault(self.at("apart.level"), "it is the lowest level: nothing would lie with anything else");
        }
        self.kinds("apart.kinds", &apart.kinds);
    }

    fn order(&mut self) {
        let rule = self.rule;
        self.context.filled(&self.at("order"), &rule.order, "a volume has an order (P-95)");
        for (place, one) in rule.order.iter().enumerate() {
            let path = self.at(&format!("order[{place}]"));
            if rule.order[..place].iter().any(|earlier| earlier.by == one.by) {
                self.context.fault(&path, format!("`{one}` is ordered by already"));
            }
            if one.by == OrderKey::Position && self.fitting().all(|kind| kind.position.is_none()) {
                self.context.fault(path, "no kind of paper in those files says its `position`");
            }
        }
    }

    fn kinds(&mut self, key: &str, kinds: &[String]) {
        self.context.ids(&self.at(key), "", "document kind", kinds.iter().map(String::as_str));
        for (place, id) in kinds.iter().enumerate() {
            let path = self.at(&format!("{key}[{place}]"));
            let known = self.fitting().any(|kind| kind.id == *id);
            self.context.refers(path, "kind of paper in those files", id, known);
        }
    }

    fn catalogue(&mut self) {
        for (place, class) in self.rule.catalogue.iter().enumerate() {
            let path = self.at(&format!("catalogue[{place}]"));
            let known = self.pack.retention.classes.iter().any(|one| one.id == *class);
            self.context.refers(path, "retention class", class, known);
        }
    }

    // That a record closes them, and each stage that does asks for the gate.
    fn closing(&mut self) {
        let gate = &self.rule.gate;
        if let Some(gate) = gate {
            let known = self.pack.completeness.gate(gate).is_some();
            self.context.refers(self.at("gate"), "gate", gate, known);
        }
        let mut closed = false;
        for (kind, stage) in closing(self.pack) {
            let files = self.pack.files.iter().filter(|file| self.rule.is_in(&file.id));
            if files.filter(|file| kind.is_in(&file.id)).count() == 0 {
                continue;
            }
            closed = true;
            if gate.is_some() && stage.gate != *gate {
                let (gate, stage) = (gate.as_deref().unwrap_or_default(), &stage.id);
                let sentence =
                    format!("stage `{stage}` of `{}` closes such volumes without asking for `{gate}`", kind.id);
                self.context.fault(self.at("gate"), sentence);
            }
        }
        if !closed {
            let sentence = format!("what `{}` forms is never closed: no stage does `volume.close` there", self.rule.id);
            self.context.warn(&self.path, sentence);
        }
    }
}

fn closing(pack: &Pack) -> impl Iterator<Item = (&RecordKind, &Stage)> {
    let closes = |stage: &&Stage| stage.effects.iter().any(|effect| effect.does == EffectKind::VolumeClose);
    pack.records.iter().flat_map(move |kind| kind.stages.iter().filter(closes).map(move |stage| (kind, stage)))
}

fn on_paper(carriers: &[Carrier]) -> bool {
    carriers.iter().any(|one| one.is_paper())
}
