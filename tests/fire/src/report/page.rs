//! The report as a page.

mod tables;

use std::fmt::Write;

use super::chart::number;
use super::goals::missed;
use super::{Run, changes, moved};

/// The whole page.
pub(super) fn page(run: &Run, last: Option<&Run>) -> String {
    let mut page = String::new();
    head(&mut page, run);
    open_goals(&mut page, run);
    for (store, figures) in &run.stores {
        let _ = writeln!(page, "\n## {store}\n\n{}.", figures.made_of.join(", "));
        tables::write(&mut page, store, figures);
    }
    of_changes(&mut page, run, last);
    page.push_str(NOTES);
    page
}

fn head(page: &mut String, run: &Run) {
    let machine = &run.machine;
    let _ = writeln!(page, "# Load\n");
    let _ = writeln!(
        page,
        "{} on {} cores ({}), {:.0} GiB of memory, {}; {:.1} processes wanted a processor before the run began.",
        run.date, machine.cores, machine.processor, machine.memory_gib, machine.system, machine.load_before
    );
    let _ = writeln!(
        page,
        "{} callers on {} connections to each service, {} s a measurement, {} rounds. Callers, services, floors and servers \
         share the machine.\nThe program has {:.1} MiB{}.",
        run.callers,
        run.connections,
        run.seconds,
        run.rounds,
        run.program_mib,
        run.stripped_mib.map(|size| format!(", {size:.1} MiB without debug information")).unwrap_or_default()
    );
    if run.quick {
        let _ = writeln!(page, "\n**A short run**: it shows that everything works; its figures mean little.");
    }
}

// What is not reached stands first and in the open.
fn open_goals(page: &mut String, run: &Run) {
    let missed = missed(run);
    let _ = writeln!(page, "\n## Goals not reached\n");
    if missed.is_empty() {
        let _ = writeln!(page, "None.");
    }
    for words in missed {
        let _ = writeln!(page, "- {words}");
    }
}

fn of_changes(page: &mut String, run: &Run, last: Option<&Run>) {
    let Some(last) = last else { return };
    let changes = changes(last, run);
    if changes.is_empty() {
        return;
    }
    let worse: Vec<_> = changes.iter().filter(|change| change.is_worse()).collect();
    let _ = writeln!(page, "\n## Since the run of {}\n", last.date);
    let moved = moved(last, run);
    if !moved.is_empty() {
        let floors: Vec<_> = moved.iter().map(|(floor, factor)| format!("{floor} {} times", number(*factor))).collect();
        let _ = writeln!(
            page,
            "Another machine, or a busier one: the floors are not as fast as then ({}). A ratio changes too where the call\nlives \
             on something else than its floor.\n",
            floors.join(", ")
        );
    }
    match worse.as_slice() {
        [] => page.push_str("Nothing became worse by more than 5 % and by more than the turns of one run differ.\n"),
        worse => {
            for change in worse {
                let _ = writeln!(
                    page,
                    "- **worse**: {} from {} to {}",
                    change.what,
                    number(change.then),
                    number(change.now)
                );
            }
        }
    }
    page.push_str("\n| figure | then | now | |\n|---|---:|---:|---|\n");
    for change in &changes {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            change.what,
            number(change.then),
            number(change.now),
            change.arrow()
        );
    }
}

const NOTES: &str = "
## How this was measured

- *echo* is a bare tonic call with a request and an answer as long as those of the call it is compared with, without a token;
  *bare read* adds one `SELECT` by key; *bare write* one transaction of one `UPDATE`, each caller its own row; *naive hot* one
  transaction of `UPDATE` and `INSERT`, all callers the same row; *file written* a file of the request's bytes for each caller, synced;
  *file read* a file of the answer's size. They are served by a process of their own with the pools of
  Dossier's defaults: 16 connections on PostgreSQL, one writer and 8 readers on SQLite. PostgreSQL runs with `fsync` on, SQLite
  with `synchronous = FULL`. PostgreSQL has 1 GB of shared buffers and no checkpoint falls into a run.
- On PostgreSQL the three services run as a process each, with Redis between them; on SQLite as `serve all` without Redis.
- Ratios: floor and call in turns, each in a closed loop; a ratio is that of one turn, the median of them counts. Between the
  turns the program waits until services and store are idle, so that work left behind does not burden the next.
- Growth: a call's ratio to its floor on few files by that on many; the floor's tables do not grow, so a machine that was busier
  the second time does not count as growth.
- Files are drawn at random among all generated ones. Generated files are rows as the service writes them, sealed under keys of
  their own, with search tokens and with copies in access and credit, but without journal entries, earlier revisions and duties.
  One file of twenty has ten records, complaints and talks by turns, each under a key of its own.
- GetRecord and ListRecords draw among the records and among the files that have some. ListRegisterRows reads the newest 50
  complaints of all files, which lie in 50 files; the company lives under R36 with that register added.
- SearchCustomerFiles is by the whole name in pinyin, `(characters)` by its first two characters. A document comes in by three calls
  (CreateDocument, UploadDocumentContent, AttachDocumentContent) and lies on the disk, read back, before it is attached; its floor is
  one file. A person may have four contents on their way and there are two persons here: the other callers wait, and that counts as
  latency. Of 64 documents one is drawn that leaves, each with its entry.
- ReserveCredit, CreateCustomerFile, GetCustomerFile, GetRecord and ListRegisterRows add rows while they are measured, as in life:
  a page of the register adds an entry of the journal for each of its files.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Ratio;
    use crate::report::{Figures, Growth};
    use crate::trial::{Compared, Guarded, Point};

    fn run(ratio: f64) -> Run {
        let mut figures = Figures { idle_mib: 40.0, ..Figures::default() };
        let mut compared = Compared { rates: vec![80.0], ..Compared::default() };
        compared.against.insert("echo".to_owned(), Ratio { floor: vec![100.0], subject: vec![100.0 * ratio] });
        figures.calls.insert("CheckAccess".to_owned(), compared);
        figures.latencies.insert("CheckAccess".to_owned(), vec![Point { share: 0.5, ..Point::default() }]);
        let ratios = [("CheckAccess".to_owned(), (0.5, 0.25))].into();
        figures.growth = Some(Growth { few: 10_000, many: 1_000_000, ratios, ..Growth::default() });
        figures.guarded = Some(Guarded { limit: 10, acknowledged: 10, held: 10, refused: 5 });
        Run { stores: [("PostgreSQL".to_owned(), figures)].into(), ..Run::default() }
    }

    #[test]
    fn what_is_not_reached_stands_in_the_open() {
        let page = run(0.5).page(None);
        assert!(page.contains("PostgreSQL: CheckAccess / echo reaches 0.50 of 0.8 times"), "{page}");
        assert!(page.contains("CheckAccess is 2.00 times as dear on many files"), "{page}");
        assert!(page.contains("**not reached**"));
    }

    #[test]
    fn an_overrun_limit_is_told_first() {
        let mut overrun = run(0.9);
        let figures = overrun.stores.get_mut("PostgreSQL").unwrap();
        figures.guarded = Some(Guarded { limit: 10, acknowledged: 11, held: 11, refused: 0 });
        assert!(overrun.page(None).contains("**a limit did not hold**"));
        assert!(!run(0.9).page(None).contains("did not hold"));
    }

    #[test]
    fn a_reached_goal_is_not_among_the_missed() {
        assert!(!run(0.9).page(None).contains("CheckAccess / echo reaches"));
    }

    #[test]
    fn the_last_run_is_compared_and_what_became_worse_is_said() {
        let page = run(0.5).page(Some(&run(0.9)));
        assert!(page.contains("**worse**: PostgreSQL: CheckAccess against echo from 0.90 to 0.50"), "{page}");
        assert!(run(0.9).page(Some(&run(0.9))).contains("Nothing became worse"));
    }

    #[test]
    fn a_run_is_written_and_read_back_with_its_charts() {
        let folder = tempfile::tempdir().unwrap();
        run(0.9).write(folder.path(), None).unwrap();
        assert_eq!(Run::last(&folder.path().join("load.json")), Some(run(0.9)));
        let page = std::fs::read_to_string(folder.path().join("load.md")).unwrap();
        for chart in page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(name, _)| name) {
            assert!(folder.path().join(chart).exists(), "{chart} is shown and not there");
        }
    }
}
