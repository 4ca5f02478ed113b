//! What the demonstration says before and after.

use std::collections::BTreeMap;
use std::path::Path;

use super::Stage;
use crate::serve::Which;

pub(super) const OPENING: &str = "\
Dossier: the whole road, by real calls.
Each line is one step that was done and checked, with the time it took.";

pub(super) fn closing(stage: &mut Stage, uris: &BTreeMap<Which, String>, folder: &Path, kept: bool) {
    let (steps, seconds) = stage.tally();
    stage.chapter("Everything is as it must be.");
    stage.say(format_args!("  {steps} steps in {seconds:.1} s"));
    stage.chapter("To call the services yourself:");
    let data = if kept { folder.display().to_string() } else { "DIR".to_owned() };
    if !kept {
        stage.say("  dossier demo --data DIR --keep          keeps what it made, leaves the services running");
    }
    for (which, uri) in uris.iter().filter(|_| kept) {
        stage.say(format_args!("  {which:<8} {uri}"));
    }
    stage.say(format_args!("  dossier --data-dir {data} serve all"));
    stage.say(format_args!("  export DOSSIER_TOKEN=$(dossier --data-dir {data} token --org demo --subject gm)"));
    stage.say("  dossier profile list-customer-files --output table");
    stage.say(format_args!("  dossier --data-dir {data} verify"));
}
