//! The proof: the three journals fetched, kept as files, and verified offline; one changed byte is found and named.

use std::io::BufReader;
use std::path::Path;

use dossier_journal::checkpoint::{Origin, VerifierKey};
use dossier_journal::export::{FORMAT, Line};
use dossier_journal::verify::{self, Report, Trust};
use dossier_kernel::name;
use dossier_proto::journal::v1::{GetCheckpointRequest, ListEntriesRequest};
use dossier_vault::sign::Signer;

use super::client::People;
use super::stage::given;
use super::{ORG, Stage, must};
use crate::Failure;
use crate::serve::{Ground, Which};

/// Fetches and verifies all three journals.
pub(super) async fn run(stage: &mut Stage, ground: &Ground, people: &People, folder: &Path) -> Result<(), Failure> {
    stage.chapter("The proof: three journals, verified offline");
    let folder = folder.join("journals");
    std::fs::create_dir_all(&folder).map_err(Failure::config)?;
    for which in Which::ALL {
        let key = key(ground, which)?;
        let lines = fetch(people, which, &key).await.map_err(|fault| fault.within(which.name()))?;
        let path = folder.join(format!("{which}.jsonl"));
        std::fs::write(&path, &lines).map_err(Failure::config)?;
        let words = format!("{which}: every entry, its tree and its signature verified");
        let report = stage.step(&words, async { sound(&lines, &key) }).await?;
        stage.say(format_args!("                {} entries, root {}", report.entries, short(&report)));
        let words = format!("{which}: one changed byte is found and named");
        stage.step(&words, async { tampered(&lines, &key) }).await?;
    }
    Ok(())
}

fn key(ground: &Ground, which: Which) -> Result<VerifierKey, Failure> {
    let signer = Signer::journal(ground.provider.as_ref(), which.name()).map_err(Failure::keys)?;
    let origin = Origin::new(ORG, which.name()).map_err(Failure::differs)?;
    Ok(VerifierKey::new(origin, signer.verifying_key()))
}

// Entries are read up to the checkpoint, so that it covers all of them.
async fn fetch(people: &People, which: Which, key: &VerifierKey) -> Result<String, Failure> {
    let mut client = people.journal(which)?;
    let parent = || name::of_service(which.name());
    let checkpoint = given(client.get_checkpoint(GetCheckpointRequest { parent: parent(), tree_size: 0 }).await)?;
    let mut lines = vec![Line::Journal { format: FORMAT, key: key.to_string() }];
    let mut seq = 0;
    while seq < checkpoint.tree_size {
        let (parent, filter) = (parent(), format!("seq > {seq}"));
        let request = ListEntriesRequest { parent, page_size: 500, filter, ..ListEntriesRequest::default() };
        let page = given(client.list_entries(request).await)?.entries;
        let Some(last) = page.last() else { return Err(Failure::differs("the journal ends before its checkpoint")) };
        seq = last.seq;
        lines.extend(
            page.iter().filter(|one| one.seq <= checkpoint.tree_size).map(|one| Line::entry(one.seq, &one.body)),
        );
    }
    lines.push(Line::Checkpoint { size: checkpoint.tree_size, note: checkpoint.note });
    lines.push(Line::End { entries: checkpoint.tree_size, checkpoints: 1 });
    let text: Result<Vec<_>, _> = lines.iter().map(serde_json::to_string).collect();
    Ok(text.map_err(Failure::differs)?.join("\n") + "\n")
}

fn report(lines: &str, key: &VerifierKey) -> Result<Report, Failure> {
    let trust = Trust { key: Some(key.clone()), ..Trust::default() };
    verify::export(BufReader::new(lines.as_bytes()), &trust).map_err(Failure::config)
}

fn sound(lines: &str, key: &VerifierKey) -> Result<Report, Failure> {
    let report = report(lines, key)?;
    match report.faults.first() {
        None => Ok(report),
        Some(fault) => Err(Failure::differs(fault)),
    }
}

// The negative control: a verifier that finds nothing here proves nothing above.
fn tampered(lines: &str, key: &VerifierKey) -> Result<(), Failure> {
    let mut changed: Vec<String> = lines.lines().map(str::to_owned).collect();
    let middle = changed.len() / 2;
    let Some(line) = changed.get_mut(middle) else { return Err(Failure::differs("the journal is empty")) };
    let mut entry: Line = serde_json::from_str(line).map_err(Failure::differs)?;
    let Line::Entry { seq, body, .. } = &mut entry else { return Err(Failure::differs("no entry to change")) };
    let (seq, at) = (*seq, body.len() / 2);
    let other = if body.as_bytes().get(at) == Some(&b'A') { "B" } else { "A" };
    body.replace_range(at..=at, other);
    *line = serde_json::to_string(&entry).map_err(Failure::differs)?;
    let faults = report(&changed.join("\n"), key)?.faults;
    must(faults.iter().any(|fault| fault.place.seq == Some(seq)), format!("the change of entry {seq} was not found"))
}

fn short(report: &Report) -> String {
    report.root.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
