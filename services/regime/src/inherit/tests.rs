use super::{digest, heirs, meaning};
use crate::fault::{Fault, Faults};
use crate::model::{Action, Pack, Term};
use crate::{Digests, Regimes, Source, Sources};

/// The shipped rules with packs besides.
fn with(packs: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::shipped();
    let source = |(file, text): &(&str, &str)| Source { file: (*file).to_owned(), bytes: text.as_bytes().to_vec() };
    sources.packs.extend(packs.iter().map(source));
    sources
}

fn pack(packs: &[(&str, &str)], id: &str) -> Pack {
    Regimes::read(&with(packs)).unwrap().pack(id).unwrap().as_ref().clone()
}

fn faults(packs: &[(&str, &str)]) -> Faults {
    Regimes::read(&with(packs)).map_or_else(|faults| faults, |regimes| regimes.warnings().clone())
}

#[track_caller]
fn refused(packs: &[(&str, &str)], place: (&str, usize), sentence: &str) {
    let faults = faults(packs);
    let errors: Vec<&Fault> = faults.errors().collect();
    assert_eq!(errors.len(), 1, "{faults}");
    assert_eq!((errors[0].file.as_str(), errors[0].line), place, "{faults}");
    assert!(errors[0].sentence.contains(sentence), "{faults}");
}

fn digests(sources: &Sources) -> Digests {
    *Regimes::read(sources).unwrap().tenant("acme").unwrap().digests()
}

const ACME: &str = "id: ACME\nversion: 1\nextends: R36\n";

const FIRM: &str = "org: acme\nlabel: x\npack: ACME\nunits: [{id: one, label: x}]\npeople: []\n";

#[test]
fn a_pack_has_what_its_parent_says_where_it_says_nothing() {
    let parent = pack(&[], "R36");
    let child = pack(&[("acme.yaml", ACME)], "ACME");
    assert_eq!((child.id.as_str(), child.version), ("ACME", 1));
    assert_eq!(Pack { id: parent.id.clone(), version: parent.version, ..child }, parent);
}

#[test]
fn lists_merge_by_id_maps_by_key_and_everything_else_is_the_childs() {
    let acme = format!(
        "{ACME}label: 规则\nchannels: [import]\ncredit: {{currency: EUR}}\n\
         retention: {{classes: [{{id: long, label: 长, years: 50}}, {{id: brief, label: 短, years: 1}}]}}\n\
         matters: [{{id: consult.secret, label: 机密, plan: general_or_deputy}}]\n"
    );
    let (parent, child) = (pack(&[], "R36"), pack(&[("acme.yaml", &acme)], "ACME"));
    assert_eq!((child.label.as_str(), child.channels.len()), ("规则", 1));
    assert_eq!((child.credit.currency.as_str(), &child.credit.limit_matter), ("EUR", &parent.credit.limit_matter));
    let classes: Vec<_> = child.retention.classes.iter().map(|one| (one.id.as_str(), one.years)).collect();
    assert_eq!(classes, [("permanent", None), ("long", Some(50)), ("short", Some(10)), ("brief", Some(1))]);
    assert_eq!(child.matters.len(), parent.matters.len());
    assert_eq!(child.matters[2].plan, "general_or_deputy");
}

#[test]
fn an_entry_replaces_the_whole_entry_of_its_id() {
    let acme = format!("{ACME}matters: [{{id: loan.confidential, label: 借阅, plan: general_manager}}]\n");
    let child = pack(&[("acme.yaml", &acme)], "ACME");
    assert!(child.matter("loan.confidential").unwrap().delegable_to.is_empty());
}

#[test]
fn without_takes_entries_and_keys_away_and_what_is_given_again_comes_last() {
    let acme = format!(
        "{ACME}without:\n  duties: [archive.annual]\n  channels: [import]\n  loans: {{places: all}}\n  levels: [top_secret]\n  other_templates: all\n\
         levels:\n  - {{id: secret, label: 机密, standing: custodian, consult: {{mode: forbidden}}, loan: {{mode: never}}}}\n  \
         - {{id: inner, label: 内部, standing: nobody, consult: {{mode: forbidden}}, loan: {{mode: never}}}}\n  \
         - {{id: top_secret, label: 绝密, closed: true, standing: nobody, consult: {{mode: forbidden}}, loan: {{mode: never}}}}\n"
    );
    let (parent, child) = (pack(&[], "R36"), pack(&[("acme.yaml", &acme)], "ACME"));
    assert_eq!(child.duties.len() + 1, parent.duties.len());
    assert_eq!(child.channels.len() + 1, parent.channels.len());
    assert!(child.loans.places.is_empty() && child.other_templates.is_empty());
    let levels: Vec<&str> = child.levels.iter().map(|level| level.id.as_str()).collect();
    assert_eq!(levels, ["none", "confidential", "secret", "inner", "top_secret"]);
}

#[test]
fn packs_inherit_to_any_depth() {
    let hold = "id: HOLD\nversion: 3\nextends: ACME\naccess: {grant_longest: 3 days}\n";
    let shop = "id: SHOP\nversion: 2\nextends: HOLD\nwithout: {duties: [archive.annual]}\n";
    let acme = format!("{ACME}access: {{grant_longest: 2 days, decide_within: 2 days}}\n");
    let child = pack(&[("shop.yaml", shop), ("hold.yaml", hold), ("acme.yaml", &acme)], "SHOP");
    let term = |text: &str| Term::parse(text).unwrap();
    assert_eq!((child.access.grant_longest, child.access.decide_within), (term("3 days"), term("2 days")));
    assert_eq!((child.version, child.duties.len()), (2, pack(&[], "R36").duties.len() - 1));
}

#[test]
fn a_fault_of_an_inherited_line_names_the_file_and_line_of_the_parent() {
    let base = "id: BASE\nversion: 1\nextends: R36\nabstract: true\ncredit: {currency: yuan}\ndrafter: ''\n";
    let child = "id: ACME\nversion: 1\nextends: BASE\ndrafter: x\n";
    refused(&[("acme.yaml", child), ("base.yaml", base)], ("base.yaml", 5), "three capital letters");
    let twice = format!(
        "{ACME}drafter: x\ndrafter: y\nmatters: [{{id: a, label: x, plan: unit_review}}, {{id: a, label: y, plan: unit_review}}]\n"
    );
    let told = faults(&[("acme.yaml", &twice)]);
    let told: Vec<_> = told.errors().map(|one| (one.line, one.sentence.as_str())).collect();
    assert_eq!(told, [(5, "key `drafter` is given twice"), (6, "matter `a` is given twice")]);
}

#[test]
fn a_fault_of_a_parent_is_told_once_and_one_that_the_heir_makes_names_the_heir() {
    let base = "id: BASE\nversion: 1\nextends: R36\ncredit: {currency: yuan}\n";
    let acme = "id: ACME\nversion: 1\nextends: BASE\nwithout: {duties: [archive.annual]}\n";
    refused(&[("acme.yaml", acme), ("base.yaml", base)], ("base.yaml", 4), "three capital letters");
    let acme = format!("{ACME}matters: [{{id: consult.secret, label: 机密, plan: general_or_deputy}}]\n");
    let told = faults(&[("acme.yaml", &acme)]);
    let told: Vec<_> = told.warnings().filter(|one| one.path.starts_with("plans")).collect();
    let sentence = "plan `general_manager` decides no matter, as pack `ACME` inherits it";
    assert_eq!((told.len(), told[0].file.as_str(), told[0].sentence.as_str()), (1, "regimes/R36.yaml", sentence));
}

#[test]
fn a_pack_says_its_own_id_and_version() {
    let (told, child) = (faults(&[("acme.yaml", "id: ACME\nextends: R36\n")]), "key `version` is missing");
    assert!(told.errors().any(|one| one.file == "acme.yaml" && one.sentence == child), "{told}");
}

#[test]
fn unknown_parents_and_rounds_are_refused() {
    refused(&[("acme.yaml", "id: ACME\nversion: 1\nextends: R35\n")], ("acme.yaml", 3), "there is no pack `R35`");
    refused(&[("acme.yaml", "id: ACME\nversion: 1\nextends: ACME\n")], ("acme.yaml", 3), "ACME extends ACME");
    refused(&[("acme.yaml", "id: ACME\nversion: 1\nextends: [R36]\n")], ("acme.yaml", 3), "a single value is expected");
    refused(
        &[("acme.yaml", "id: R36\nversion: 9\nextends: R39\n")],
        ("acme.yaml", 1),
        "exists in regimes/R36.yaml too",
    );
    let (a, b) = ("id: A\nversion: 1\nextends: B\n", "id: B\nversion: 1\nextends: A\n");
    let told = faults(&[("a.yaml", a), ("b.yaml", b), ("c.yaml", "id: C\nversion: 1\nextends: A\n")]);
    let told: Vec<_> = told.errors().map(|one| (one.file.as_str(), one.line, one.sentence.as_str())).collect();
    assert_eq!(
        told,
        [
            ("a.yaml", 3, "the pack extends itself: A extends B extends A"),
            ("b.yaml", 3, "the pack extends itself: B extends A extends B"),
        ]
    );
}

#[test]
fn what_cannot_be_taken_away_is_refused() {
    let wrong = |without: &str, below: usize, sentence: &str| {
        let acme = format!("{ACME}without: {without}\n");
        refused(&[("acme.yaml", &acme)], ("acme.yaml", 4 + below), sentence);
    };
    wrong("{posts: [chairman]}", 0, "there is no `chairman` to take away");
    wrong("\n  duties:\n  - archive.annual\n  - archive.monthly", 3, "there is no `archive.monthly` to take away");
    wrong("{post: [auditor]}", 0, "there is no key `post` to take away");
    wrong("{loans: {place: all}}", 0, "there is no key `place` to take away");
    wrong("{label: {name: all}}", 0, "`name` is no key that can be taken away here");
    wrong("{duties: some}", 0, "neither a list of ids nor the word `all`");
    wrong("{duties: [[x]]}", 0, "an id is expected here, not a list");
    wrong("[duties]", 0, "there is no `duties` to take away");
    let alone = Sources::shipped().packs.swap_remove(0);
    let alone = String::from_utf8(alone.bytes).unwrap().replace("id: R36\n", "id: ALONE\nwithout: {levels: all}\n");
    let told = faults(&[("alone.yaml", &alone)]);
    assert!(told.errors().any(|one| one.sentence == "a pack that extends no other has nothing to take away"), "{told}");
}

#[test]
fn an_abstract_pack_is_checked_through_its_children_only() {
    let base = "id: BASE\nversion: 1\nabstract: true\nroles: {clerk: [file.read, file.update]}\n";
    let told = faults(&[("base.yaml", base)]);
    let warned: Vec<_> = told.warnings().map(|one| (one.line, one.sentence.as_str())).collect();
    assert!(!told.is_fatal(), "{told}");
    assert!(warned.contains(&(3, "nothing extends the abstract pack `BASE`, so nothing of it is checked")), "{told}");
    let mut sources = with(&[("base.yaml", base)]);
    sources.organisations[0].bytes =
        String::from_utf8(sources.organisations[0].bytes.clone()).unwrap().replace("pack: R36", "pack: BASE").into();
    let told = Regimes::read(&sources).unwrap_err();
    let errors: Vec<_> = told.errors().map(|one| one.sentence.as_str()).collect();
    assert_eq!(errors, ["pack `BASE` is abstract; an organisation lives under one that extends it"]);
}

#[test]
fn a_changed_parent_is_a_changed_pack() {
    let mut sources = with(&[("acme.yaml", ACME)]);
    sources.organisations.push(Source { file: "acme".into(), bytes: FIRM.into() });
    let before = digests(&sources);
    let parent = |change: &dyn Fn(String) -> String| {
        let mut changed = sources.clone();
        let text = String::from_utf8(changed.packs[0].bytes.clone()).unwrap();
        changed.packs[0].bytes = change(text).into_bytes();
        digests(&changed)
    };
    let noted = parent(&|text| format!("# another note\n{text}"));
    assert_eq!(before.meaning, noted.meaning);
    assert_ne!(before.pack, noted.pack);
    assert_ne!(before.meaning, parent(&|text| text.replace("years: 30", "years: 31")).meaning);
}

#[test]
fn the_order_of_keys_is_nothing_that_an_heir_says() {
    let meaning = |text: &str| {
        let mut sources = with(&[("acme.yaml", text)]);
        sources.organisations.push(Source { file: "acme".into(), bytes: FIRM.into() });
        digests(&sources).meaning
    };
    let turned: Vec<&str> = ["label: 另一个", "name: Another"].to_vec();
    let (one, other) = (turned.join("\n"), turned.iter().rev().copied().collect::<Vec<_>>().join("\n"));
    let acme = |more: &str| format!("id: ACME\nversion: 1\nextends: R36\n{more}\n");
    assert_eq!(meaning(&acme(&one)), meaning(&acme(&other)));
    assert_ne!(meaning(&acme(&one)), meaning(&acme("label: 另一个")));
}

#[test]
fn a_pack_without_parents_has_the_digests_it_always_had() {
    let text = "id: ACME\nversion: 1 # a note\nlevels: [{id: none}, x]\n";
    let source = Source { file: "acme.yaml".to_owned(), bytes: text.into() };
    let heir = heirs(std::slice::from_ref(&source), &mut Vec::new()).remove(0);
    let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // Computed by another program. Stores keep both: a change of either would refuse them.
    let (pack, meaning) = (hex(digest(&heir, &[source])), hex(meaning(&heir)));
    assert_eq!(pack, "eb0d74d3f6007436f754ed3dab86908e1d93cbf019526fcc7073eec87db22e05");
    assert_eq!(meaning, "d95917e6cb70670b3b1e91118f99f41c90c6b83a6c34d1bfd4c5e659647ec684");
}

#[test]
fn a_role_gives_its_actions_to_the_posts_that_take_it() {
    let acme = format!(
        "{ACME}roles: {{clerk: [file.read, file.update], reader: [duty.read]}}\n\
         posts: [{{id: service_staff, label: 客服, roles: [clerk, reader], actions: [policy.read], clearance: none, grade: internal, standing: unit}}]\n"
    );
    let child = pack(&[("acme.yaml", &acme)], "ACME");
    let post = child.post("service_staff").unwrap();
    assert_eq!(post.actions, [Action::PolicyRead, Action::FileRead, Action::FileUpdate, Action::DutyRead]);
    let shop = "id: SHOP\nversion: 1\nextends: ACME\nroles: {clerk: [file.read]}\nwithout: {roles: [reader]}\n";
    let told = faults(&[("acme.yaml", &acme), ("shop.yaml", shop)]);
    let errors: Vec<_> = told.errors().map(|one| (one.file.as_str(), one.line, one.sentence.as_str())).collect();
    assert_eq!(errors, [("acme.yaml", 5, "there is no role `reader`, as pack `SHOP` inherits it")], "{told}");
}

#[test]
fn faults_of_roles_are_told() {
    let posts = "posts: [{id: service_staff, label: 客服, roles: [clerk, clerk], actions: [file.read], clearance: none, grade: internal, standing: unit}]";
    let acme = format!("{ACME}roles: {{clerk: [file.read, file.read], idle: [], a b: [duty.read]}}\n{posts}\n");
    let told = faults(&[("acme.yaml", &acme)]);
    let mine = told.0.iter().filter(|one| one.file == "acme.yaml").map(|one| one.sentence.as_str());
    let expected = [
        "a role of post `service_staff` gives `file.read` already",
        "role `clerk` is given twice",
        "`a b` is no id: letters, digits, `_`, `-` and `.`, at most 64",
        "no post takes role `a b`",
        "action `file.read` is given twice",
        "a role gives at least one action",
        "no post takes role `idle`",
    ];
    let mine: Vec<_> = mine.collect();
    assert!(expected.iter().all(|one| mine.contains(one)) && mine.len() == expected.len(), "{told}");
}

#[test]
fn a_version_that_follows_says_what_differs_and_holds_from_a_later_day() {
    let next = |version: u32, day: &str| {
        format!("id: R36\nversion: {version}\nextends: R36\neffective_from: {day}\ndrafter: x\n")
    };
    let (ten, eleven) = (next(10, "2026-07-01"), next(11, "2027-01-01"));
    // Whatever order the files have.
    let regimes = Regimes::read(&with(&[("b.yaml", &eleven), ("a.yaml", &ten)])).unwrap();
    let versions: Vec<_> = regimes.packs().filter(|pack| pack.id == "R36").map(|pack| pack.version).collect();
    assert_eq!((versions, regimes.pack("R36").unwrap().version), (vec![9, 10, 11], 11));
    assert_eq!(regimes.pack("R36").unwrap().drafter, "x");
    let (held, copy) = (|one: &Regimes| one.tenant("demo").unwrap().pack().version, regimes.clone());
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    // Days begin where the company is.
    let (before, first) = (at("2026-06-30T15:59:59Z"), at("2026-06-30T16:00:00Z"));
    assert!(regimes.due("demo", before).is_none() && regimes.due("nobody", first).is_none());
    assert_eq!(regimes.due("demo", first).unwrap().pack().version, 10);
    assert_eq!(held(&regimes), 9);
    regimes.enter("demo", first);
    regimes.enter("demo", before);
    assert_eq!((held(&regimes), held(&copy)), (10, 9));
    regimes.enter("demo", at("2030-01-01T00:00:00Z"));
    assert_eq!(held(&regimes), 11);
    assert!(regimes.not_yet(before).is_empty());
    let same = next(10, "2026-01-01");
    refused(&[("a.yaml", &same)], ("a.yaml", 4), "version 10 must hold from a later day on than version 9");
    refused(&[("a.yaml", &ten), ("b.yaml", &ten)], ("b.yaml", 1), "exists in a.yaml too, with version 10");
    let narrower = format!("{ten}without: {{records: [complaint]}}\n");
    let told = faults(&[("a.yaml", &narrower)]);
    let lost = "version 10 has no record kind `complaint` any more: what was made with it is there still";
    assert!(told.warnings().any(|one| one.line == 2 && one.sentence == lost), "{told}");
    let heir = "id: ACME\nversion: 1\nextends: R36\n";
    refused(&[("a.yaml", &ten), ("b.yaml", heir)], ("b.yaml", 3), "pack `R36` has several versions");
    refused(&[("a.yaml", "id: R36\nversion: 1\nextends: R36\n")], ("a.yaml", 3), "R36 extends R36");
}

#[test]
fn an_heir_that_takes_away_what_carries_a_requirement_is_warned() {
    let base =
        "id: BASE\nversion: 1\nextends: R36\nabstract: true\nrequirements: [{id: P-99, by: [duties.archive.annual]}]\n";
    let heir = "id: ACME\nversion: 1\nextends: BASE\nwithout: {duties: [archive.annual]}\n";
    let told = faults(&[("acme.yaml", heir), ("base.yaml", base)]);
    assert_eq!(told.errors().count(), 0, "{told}");
    let left = "nothing is left of `duties.archive.annual`, which carried P-99";
    assert!(told.warnings().any(|one| one.file == "base.yaml" && one.sentence.contains(left)), "{told}");
}
