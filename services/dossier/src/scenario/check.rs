//! What can be known of a script before it runs: each name is one, each rpc and each key is one of the contract.

use std::collections::BTreeMap;

use dossier_kernel::error::Reason;
use dossier_regime::Fault;
use prost_reflect::MessageDescriptor;

use super::expect;
use super::method::{self, Method};
use super::pass::Length;
use super::reference::{ALWAYS, Reference};
use super::script::{At, Free, Script, Step, at};
use super::shows;

/// Every fault of a script.
pub(super) fn faults(file: &str, script: &Script) -> Vec<Fault> {
    let mut check = Check { file, script, faults: Vec::new(), kept: BTreeMap::new() };
    check.people();
    for step in &script.steps {
        check.step(step);
    }
    check.faults
}

struct Check<'a> {
    file: &'a str,
    script: &'a Script,
    faults: Vec<Fault>,
    /// Replies that were kept so far.
    kept: BTreeMap<&'a str, MessageDescriptor>,
}

// === impl Check ===

impl<'a> Check<'a> {
    fn note(&mut self, line: usize, sentence: impl Into<String>) {
        self.faults.push(at(self.file, line, sentence.into()));
    }

    fn people(&mut self) {
        let (script, units) = (self.script, self.script.all_units());
        for (place, one) in script.people.iter().enumerate() {
            let (line, id) = (one.line, &one.it.id);
            if ALWAYS.contains(&id.as_str()) || script.people.iter().take(place).any(|other| other.it.id == *id) {
                self.note(line, format!("`{id}` is taken; a person needs an id of their own"));
            }
            for post in &one.it.posts {
                match &post.unit {
                    Some(unit) if !units.iter().any(|known| known.id == *unit) => {
                        self.note(line, format!("there is no unit `{unit}`"));
                    }
                    None if units.len() > 1 => self.note(line, format!("say the unit of the post `{}`", post.post)),
                    _ => {}
                }
            }
        }
    }

    fn step(&mut self, step: &'a At<Step>) {
        let (line, it) = (step.line, &step.it);
        let passes = it.pass.is_some() || it.until.is_some();
        match (it.call.is_some(), passes) {
            (true, true) => self.note(line, "a step calls an rpc or lets time pass, not both"),
            (true, false) => self.call(step),
            (false, _) => self.quiet(step),
        }
        if let Some(Err(why)) = it.pass.as_deref().map(Length::parse) {
            self.note(line, why);
        }
        if it.pass.is_some() && it.until.is_some() {
            self.note(line, "give `pass` or `until`, not both");
        }
        if !passes && it.call.is_none() && it.rule.is_none() && it.say.is_none() {
            self.note(line, "nothing happens in this step: give `call`, `pass`, `until`, `rule` or `say`");
        }
    }

    // A step without a call has nothing of one.
    fn quiet(&mut self, step: &At<Step>) {
        let it = &step.it;
        let given = [
            ("who", it.who.is_some()),
            ("with", it.with.is_given()),
            ("as", it.keep.is_some()),
            ("refused", it.refused.is_some()),
            ("told", it.told.is_given()),
            ("expect", it.expect.is_given()),
            ("shows", it.shows.is_given()),
        ];
        for (key, _) in given.into_iter().filter(|(_, given)| *given) {
            self.note(step.line, format!("`{key}` belongs to a step with a `call`"));
        }
    }

    fn call(&mut self, step: &'a At<Step>) {
        let (line, it) = (step.line, &step.it);
        match &it.who {
            None => self.note(line, "say who calls it: `who` is a person of the script"),
            Some(who) if self.script.person(who).is_none() => {
                self.note(line, format!("there is no person `{who}` in this script"));
            }
            Some(_) => {}
        }
        if it.say.is_none() {
            self.note(line, "say in plain words what is done: `say` is missing");
        }
        self.refusal(step);
        let method = match Method::of(it) {
            Ok(method) => method,
            Err(why) => return self.note(line, why),
        };
        let (input, output) = (method.rpc.method.input(), method.rpc.method.output());
        self.keys(&input, &it.with);
        self.keys(&output, &it.expect);
        for free in [&it.with, &it.told, &it.expect] {
            self.references(free);
        }
        for (line, why) in shows::faults(&output, &it.shows) {
            self.note(line, why);
        }
        if let Some(name) = &it.keep {
            if self.script.person(name).is_some() || ALWAYS.contains(&name.as_str()) {
                self.note(line, format!("`{name}` is taken; a reply needs a name of its own"));
            }
            self.kept.insert(name, output);
        }
    }

    fn refusal(&mut self, step: &At<Step>) {
        let (line, it) = (step.line, &step.it);
        match &it.refused {
            None if it.told.is_given() => self.note(line, "`told` belongs to a step with `refused`"),
            None => {}
            Some(reason) => {
                if Reason::from_str_name(&format!("ERROR_REASON_{reason}")).is_none() {
                    self.note(line, format!("`{reason}` is no reason of the contract"));
                }
                if it.expect.is_given() || it.keep.is_some() || it.shows.is_given() {
                    self.note(line, "what is refused has no reply: neither `expect` nor `as` nor `shows`");
                }
            }
        }
    }

    fn keys(&mut self, of: &MessageDescriptor, free: &Free) {
        if let Some(Err((line, why))) = free.0.as_ref().map(|node| expect::known(of, node)) {
            self.note(line, why);
        }
    }

    fn references(&mut self, free: &Free) {
        for (line, reference) in free.0.iter().flat_map(Reference::all) {
            let name = reference.name.as_str();
            if let Some(of) = self.kept.get(name) {
                if let Err(why) = method::leads(of, &reference.path) {
                    self.note(line, format!("`{reference}`: {why}"));
                }
            } else if self.script.person(name).is_none() && !ALWAYS.contains(&name) {
                self.note(
                    line,
                    format!("`{reference}`: nothing was kept as `{name}` before, and nobody is called that"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dossier_regime::Source;

    use super::*;

    // The faults of a script with these steps, which begin on its eighth line.
    fn told(steps: &str) -> Vec<String> {
        let head = "id: T\nlabel: 试验\npack: R36\nstart: 2026-03-02 09:00\npeople:\n  - {id: gu, label: 顾文竹, posts: [{post: archivist}]}\n";
        let bytes = format!("{head}steps:\n{steps}").into_bytes();
        match Script::read(&Source { file: "T.yaml".to_owned(), bytes }) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
        }
    }

    fn step(rest: &str) -> String {
        format!("  - {{who: gu, say: 试, {rest}}}\n")
    }

    #[test]
    fn every_fault_of_a_script_is_told_with_its_line() {
        let good = step("call: GetCustomerFile, with: {name: files/1}, as: file");
        assert_eq!(told(&good), Vec::<String>::new());
        for (steps, line, sentence) in [
            (step("call: GetNothing"), 8, "there is no rpc `GetNothing`"),
            (step("call: WatchApproval"), 8, "streams"),
            ("  - {who: li, say: 试, call: ListPersons}\n".to_owned(), 8, "there is no person `li`"),
            ("  - {say: 试, call: ListPersons}\n".to_owned(), 8, "say who calls it"),
            ("  - {who: gu, call: ListPersons}\n".to_owned(), 8, "`say` is missing"),
            (step("call: ListPersons, wiht: {}"), 8, "unknown key `wiht`"),
            (step("call: ListPersons, with: {nmae: x}"), 8, "ListPersonsRequest has no field `nmae`"),
            (step("call: ListPersons, expect: {persons: [{moon: 1}]}"), 8, "Person has no field `moon`"),
            (step("call: ListPersons, shows: [persons.name]"), 8, "no place in it"),
            (step("call: ListPersons, refused: NEVER"), 8, "`NEVER` is no reason"),
            (step("call: ListPersons, refused: PERMISSION_DENIED, as: all"), 8, "has no reply"),
            (step("call: ListPersons, told: {a: b}"), 8, "`told` belongs to a step with `refused`"),
            (step("pass: 1 day"), 8, "`who` belongs to a step with a `call`"),
            ("  - {pass: a while}\n".to_owned(), 8, "does not begin with a whole number"),
            ("  - {}\n".to_owned(), 8, "nothing happens"),
            (
                good.clone() + &step("call: GetCustomerFile, with: {name: $fiel.name}"),
                9,
                "`$fiel.name`: nothing was kept",
            ),
            (good.clone() + &step("call: GetCustomerFile, with: {name: $file.nmae}"), 9, "has no field `nmae`"),
            (good.clone() + &step("call: GetCustomerFile, with: {name: \"${file.nmae}\"}"), 9, "has no field `nmae`"),
            (good + &step("call: GetCustomerFile, as: gu"), 9, "`gu` is taken"),
        ] {
            let told = told(&steps);
            let place = format!("T.yaml:{line}: ");
            assert!(told.iter().any(|one| one.starts_with(&place) && one.contains(sentence)), "{steps}{told:?}");
        }
    }
}
