//! Another rule book: the return visits of R23, a scenario that is played here (P-79, X-40).

use dossier_regime::Source;

use super::{Stage, must};
use crate::Failure;
use crate::folder::Folder;
use crate::scenario::{self, Script};

const SCRIPT: &str = include_str!("../../../../deploy/scenarios/R23.yaml");
/// Where the part begins that is told here, and how many lines of it.
const BEGINS: &str = "【规定】购买者";
const LINES: usize = 12;

/// Plays the days of the rule book and tells its return visits.
pub(super) async fn run(stage: &mut Stage) -> Result<(), Failure> {
    stage.chapter("Another rule book (R23): return visits after 3, 30 and 60 days (dossier scenario)");
    let text = stage.step("its working days are played, with services and a clock of their own", played()).await?;
    let told: Vec<_> = text.lines().skip_while(|line| !line.contains(BEGINS)).take(LINES).collect();
    for line in &told {
        stage.say(format_args!("              {line}"));
    }
    must(told.len() == LINES, "the visits must be told")
}

async fn played() -> Result<String, Failure> {
    // In an empty folder, so that the packs are those that are compiled in.
    let home = Folder::temporary("dossier-demo-scenario")?;
    let file = home.path.join("R23.yaml");
    let source = Source { file: "R23.yaml".to_owned(), bytes: SCRIPT.into() };
    let script = Script::read(&source).map_err(Failure::config)?;
    let (text, failure) = Box::pin(scenario::told(&file, script)).await?;
    failure.map_or_else(|| Ok(text.to_string()), Err)
}
