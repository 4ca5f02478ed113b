//! The scripts of `deploy/scenarios`: each plays as it is written, on either store, and reads like its golden text.

use std::fs;
use std::path::{Path, PathBuf};

use dossier::Failure;
use dossier::scenario::company::Rules;
use dossier::scenario::{House, Script, Story, golden, play};
use dossier_tests::world::skipped;
use dossier_tests::{Store, World, marks};

type Scripts = Vec<(PathBuf, Script)>;

fn scripts(folder: &Path) -> Scripts {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|one| one == "yaml")).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| (file.clone(), Script::open(&file).unwrap_or_else(|fault| panic!("{fault}"))))
        .collect()
}

// All in one world, a company each; what differs of each.
async fn played(store: Store, scripts: &Scripts) -> Vec<Failure> {
    let home = tempfile::tempdir().unwrap();
    let rules = Rules::lay(home.path(), scripts).unwrap_or_else(|fault| panic!("{fault}"));
    let at = |path: &Path| path.display().to_string();
    let (regimes, organisations) = (at(&rules.regimes), at(&rules.organisations));
    let options = [("regimes.dir", regimes.as_str()), ("regimes.organisations_dir", organisations.as_str())];
    let world = World::beginning(store, rules.start(scripts).unwrap(), &options).await;
    let house = House { ground: world.ground(), running: world.running(), clock: &world.clock };
    let story = |(file, script)| Story::new(house, script, &at(file)).unwrap();
    let mut stories: Vec<_> = scripts.iter().map(|(file, script)| story((file, script))).collect();
    let mut failures = play(&mut stories).await;
    // What ended early has no whole text.
    let whole = scripts.iter().zip(&stories).filter(|(_, story)| story.is_whole());
    failures.extend(whole.filter_map(|((file, _), story)| golden::compare(file, story.text()).err()));
    drop(stories);
    world.end().await;
    failures
}

async fn all(store: Store, name: &str) {
    if !store.available() {
        return skipped(name);
    }
    let scripts = scripts(&marks::root().join("deploy/scenarios"));
    assert!(!scripts.is_empty());
    let failures = played(store, &scripts).await;
    let told: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_script_plays_as_it_is_written_on_sqlite() {
    all(Store::Sqlite, "every_script_plays_as_it_is_written").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_script_plays_as_it_is_written_on_postgres() {
    all(Store::Postgres, "every_script_plays_as_it_is_written").await;
}

const HEAD: &str = "label: 试验
pack: R36
start: 2026-03-02 09:00
people:
  - {id: gu, label: 顾文竹, posts: [{post: archivist}]}
  - {id: xu, label: 许知夏, posts: [{post: sales_staff}]}
steps:
";

// A script of these steps in a folder of its own; the steps begin on line 9.
fn script(folder: &Path, id: &str, steps: &str) {
    fs::write(folder.join(format!("{id}.yaml")), format!("id: {id}\n{HEAD}{steps}")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_from_a_script_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let list = "  - {who: gu, say: 列出, call: ListCustomerFiles, expect: {customer_files: []}}\n";
    script(folder.path(), "expect", &format!("{list}{}", list.replace("[]", "[{unit: main}]")));
    script(
        folder.path(),
        "answered",
        &format!("{list}{}", list.replace("expect: {customer_files: []}", "refused: PERMISSION_DENIED")),
    );
    let read = "  - {who: xu, say: 查日志, call: profile.ListEntries, with: {}, refused: PERMISSION_DENIED}\n";
    script(folder.path(), "other", &format!("{list}{}", read.replace("PERMISSION_DENIED", "WRONG_STATE")));
    script(folder.path(), "untold", &format!("{list}{}", read.replace("}\n", ", told: {action: file.read}}\n")));
    script(folder.path(), "golden", &format!("{list}  - pass: 1 day\n{list}"));
    let note = |fields: &str| {
        let kind = "parent: files/-, record: {kind: communication";
        format!("  - {{who: xu, say: 记录, call: CreateRecord, with: {{{kind}, fields: {{{fields}}}}}}}}}\n")
    };
    script(folder.path(), "misspelt", &format!("{list}{}", note("plates: x")));
    fs::write(folder.path().join("golden.txt"), "试验\n").unwrap();
    let told: Vec<_> = played(Store::Sqlite, &scripts(folder.path())).await.iter().map(ToString::to_string).collect();
    let line = |file: &str, line: usize, words: &str| {
        let place = format!("{file}.yaml:{line}: ");
        assert!(told.iter().any(|one| one.contains(&place) && one.contains(words)), "{place}{words}: {told:#?}");
    };
    line("expect", 10, "customer_files: has 0 entries, must have 1");
    line("answered", 10, "it was answered, but must be refused with PERMISSION_DENIED");
    line("other", 10, "it must be refused with WRONG_STATE, but was with");
    line("untold", 10, "the refusal must tell `action: file.read`, it tells action: journal.read");
    line("misspelt", 10, "record.fields.plates: is no field of template `communication`, which has ");
    line("golden", 1, "- 试验");
    assert_eq!(told.len(), 6, "{told:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_the_page_plays_and_reads_as_the_page_says() {
    let page = fs::read_to_string(marks::root().join("docs/scenarios.md")).unwrap();
    let block =
        |kind: &str| page.split_once(&format!("```{kind}\n")).unwrap().1.split_once("```").unwrap().0.to_owned();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("R39.yaml"), block("yaml")).unwrap();
    fs::write(folder.path().join("R39.txt"), block("text")).unwrap();
    let failures = played(Store::Sqlite, &scripts(folder.path())).await;
    assert!(failures.is_empty(), "{failures:?}");
}
