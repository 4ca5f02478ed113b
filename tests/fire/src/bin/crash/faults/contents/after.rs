//! What must hold of contents once the disturbance is over.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use dossier_fire::ground::{Fault, Result, Service};
use dossier_fire::history::facts::{self, Connected};
use tokio::time::{Instant, sleep};

use crate::calls::{LOST, reason};
use crate::chance::Chance;
use crate::papers::{Fate, PIECE, Paper, Until};
use crate::world::World;

/// How long anything may take once nothing disturbs any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// What puts uploads and what was left over of them into the day before yesterday.
const AGED: [&str; 2] = [
    "UPDATE document_upload SET touched_at = touched_at - 172800000000 WHERE org = 'demo'",
    "UPDATE document_leftover SET ended_at = ended_at - 172800000000 WHERE org = 'demo'",
];

/// What must not be.
pub(crate) async fn aftermath(world: &mut World, chance: &mut Chance) -> Result<Vec<String>> {
    let mut papers = std::mem::take(&mut world.papers);
    papers.extend(robbed(world, chance).await?);
    let mut attached = Vec::new();
    let mut broken = Vec::new();
    for mut paper in papers {
        // Some are never gone on with.
        if paper.fate == Fate::Open && !paper.robbed && chance.percent(30) {
            broken.append(&mut paper.broken);
            continue;
        }
        finished(world, chance, &mut paper).await;
        broken.append(&mut paper.broken);
        if paper.fate == Fate::Attached {
            attached.push(paper);
        }
    }
    broken.extend(swept(world).await?);
    world.settle().await?;
    broken.extend(lost(world, chance, &attached).await?);
    broken.extend(content_faults(world).await?.into_iter().map(|line| format!("dossier verify --content: {line}")));
    Ok(broken.into_iter().map(|words| format!("contents: {words}")).collect())
}

/// The paths of all files below a folder.
pub(super) fn files(folder: &Path) -> Result<BTreeSet<String>> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(one) = folders.pop() {
        let entries = match std::fs::read_dir(&one) {
            // Somebody removes it while we look.
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(below) = path.strip_prefix(folder) {
                found.insert(below.display().to_string());
            }
        }
    }
    Ok(found)
}

// A content whose first piece is taken away before the rest comes: what is read back is not there.
async fn robbed(world: &World, chance: &mut Chance) -> Result<Option<Paper>> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let Some(mut paper) = Paper::filed(&world.stage, chance, PIECE + 1_000, true).await else { continue };
        paper.go_on(&world.stage.callers, chance, Until::FirstPiece).await;
        if paper.told == PIECE {
            std::fs::remove_dir_all(world.contents.0.join(paper.folder()))?;
            paper.robbed = true;
            return Ok(Some(paper));
        }
    }
    Err(Fault::new("no content comes in"))
}

// Goes on with it to its end, and takes it out.
async fn finished(world: &World, chance: &mut Chance, paper: &mut Paper) {
    let (callers, end) = (&world.stage.callers, Instant::now() + PATIENCE);
    while matches!(paper.fate, Fate::Open | Fate::Asked) && !paper.go_on(callers, chance, Until::End).await {
        if Instant::now() > end {
            paper.breaks("an upload does not come to its end");
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    if !matches!(paper.fate, Fate::Asked | Fate::Attached) || !paper.broken.is_empty() {
        return;
    }
    loop {
        match paper.same(callers, chance).await {
            Ok(true) => paper.fate = Fate::Attached,
            Ok(false) => {
                paper.breaks("what leaves is not what came");
            }
            Err(status) if Instant::now() < end && reason(&status) != LOST => {
                sleep(Duration::from_millis(50)).await;
                continue;
            }
            Err(status) => {
                paper.breaks(&format!("what came in does not leave, {}", reason(&status)));
            }
        }
        return;
    }
}

// What nobody goes on with, and what was left over, is removed: what lies there is what documents name.
async fn swept(world: &mut World) -> Result<Option<String>> {
    let mut store = Connected::to(world.store(), Service::Profile).await?;
    for text in AGED {
        store.run(text).await?;
    }
    // Whoever starts looks at once, and then every few minutes.
    let at = world.fleet.of(Service::Profile)[0];
    let replica = &mut world.fleet.replicas[at];
    replica.kill().await?;
    replica.start(&[])?;
    replica.until_ready(PATIENCE).await?;
    let end = Instant::now() + PATIENCE;
    loop {
        let (named, there) = (facts::pieces(world.store()).await?, files(&world.contents.0)?);
        if named == there {
            return Ok(None);
        }
        if Instant::now() > end {
            let more: Vec<_> = there.difference(&named).take(3).collect();
            let less: Vec<_> = named.difference(&there).take(3).collect();
            return Ok(Some(format!("of no use and still there: {more:?}; named and not there: {less:?}")));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

// A piece is taken away: whoever asks for its content is told, the verifier names its document and no other, and it is given back.
async fn lost(world: &World, chance: &mut Chance, attached: &[Paper]) -> Result<Vec<String>> {
    if attached.is_empty() || chance.percent(50) {
        return Ok(Vec::new());
    }
    let paper = chance.one(attached);
    let folder = world.contents.0.join(paper.folder());
    let path = files(&folder)?.pop_last().ok_or_else(|| Fault::new("a content without pieces"))?;
    let (path, aside) = (folder.join(path), world.contents.0.with_extension("piece"));
    std::fs::rename(&path, &aside)?;
    let told = paper.same(&world.stage.callers, chance).await;
    let faults = content_faults(world).await?;
    std::fs::rename(&aside, &path)?;
    let mut broken = Vec::new();
    if told.as_ref().err().map(reason).as_deref() != Some(LOST) {
        broken.push(format!("a piece of {} is gone, and who takes it out is told {told:?}", paper.name));
    }
    if faults.len() != 1 || !faults[0].contains(paper.id()) {
        broken.push(format!("a piece of {} is gone, and the verifier says {faults:?}", paper.name));
    }
    Ok(broken)
}

// What the verifier says of contents and everything else, a line for each fault.
async fn content_faults(world: &World) -> Result<Vec<String>> {
    let Err(fault) = world.fleet.command(&["verify", "--content"]).await else { return Ok(Vec::new()) };
    let words = fault.to_string();
    let lines: Vec<_> = words.lines().filter(|line| line.contains(": FAULT: ")).map(str::to_owned).collect();
    // Whatever else keeps it from verifying is a fault of its own.
    Ok(if lines.is_empty() { vec![words] } else { lines })
}
