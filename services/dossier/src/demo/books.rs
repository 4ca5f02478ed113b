//! Other rule books: scenarios that are played here, of which a few lines are told (P-64, P-79, X-40).

use dossier_regime::Source;

use super::{Stage, must};
use crate::Failure;
use crate::folder::Folder;
use crate::scenario::{self, Script};

/// A scenario, where the part of it begins that is told, and how many lines that has.
struct Book {
    id: &'static str,
    script: &'static str,
    about: &'static str,
    begins: &'static str,
    lines: usize,
}

const BOOKS: [Book; 2] = [
    Book {
        id: "R20",
        script: include_str!("../../../../deploy/scenarios/R20.yaml"),
        about: "Another rule book (R20): the papers of a tenant of a property centre (dossier scenario)",
        begins: "【规定】原始档案一般不得修改",
        lines: 15,
    },
    Book {
        id: "R23",
        script: include_str!("../../../../deploy/scenarios/R23.yaml"),
        about: "Another rule book (R23): return visits after 3, 30 and 60 days (dossier scenario)",
        begins: "【规定】购买者",
        lines: 12,
    },
];

/// Plays the days of each rule book and tells a part of them.
pub(super) async fn run(stage: &mut Stage) -> Result<(), Failure> {
    for book in &BOOKS {
        stage.chapter(book.about);
        let text = stage.step("its days are played, with services and a clock of their own", played(book)).await?;
        let told: Vec<_> = text.lines().skip_while(|line| !line.contains(book.begins)).take(book.lines).collect();
        for line in &told {
            stage.say(format_args!("              {line}"));
        }
        must(told.len() == book.lines, "the part that is told must be there")?;
    }
    Ok(())
}

async fn played(book: &Book) -> Result<String, Failure> {
    // In an empty folder, so that the packs are those that are compiled in.
    let home = Folder::temporary("dossier-demo-scenario")?;
    let file = home.path.join(format!("{}.yaml", book.id));
    let source = Source { file: format!("{}.yaml", book.id), bytes: book.script.into() };
    let script = Script::read(&source).map_err(Failure::config)?;
    let (text, failure) = Box::pin(scenario::told(&file, script)).await?;
    failure.map_or_else(|| Ok(text.to_string()), Err)
}
