//! The report as a page and its charts.

use std::fmt::Write;

use super::chart::number;
use super::{Bar, Figures, Run, Series, bars, changes, curves};
use crate::subjects::Call;

/// The most that a call may become dearer from few files to many.
pub const GROWTH: f64 = 1.3;
/// The longest start on existing data, in seconds.
pub const START: f64 = 0.5;
/// The most resident memory when idle, in MiB.
pub const IDLE: f64 = 60.0;

/// File name and content of each chart.
pub(super) fn charts(run: &Run) -> Vec<(String, String)> {
    let mut charts = Vec::new();
    for (store, figures) in &run.stores {
        charts.push((
            file(store, "ratios"),
            bars(
                &format!("{store}: calls against their floors"),
                "times the floor; dashed: the goal",
                &ratios(store, figures),
            ),
        ));
        if !figures.latencies.is_empty() {
            let title = format!("{store}: latency of 99 of 100 calls, by rate");
            charts.push((
                file(store, "latency"),
                curves(&title, "calls offered each second, in hundredths of the capacity", "ms", &latency(figures)),
            ));
        }
        if let Some(growth) = &figures.growth {
            let title =
                format!("{store}: cost of a call at {} files by its cost at {}", many(growth.many), many(growth.few));
            charts.push((file(store, "growth"), bars(&title, "times as dear; dashed: the goal", &grown(figures))));
        }
    }
    charts
}

fn file(store: &str, what: &str) -> String {
    format!("load-{}-{what}.svg", store.to_lowercase())
}

fn ratios(store: &str, figures: &Figures) -> Vec<Bar> {
    let mut rows = Vec::new();
    for (call, goal, ratio) in goals(store, figures) {
        let value = ratio.median();
        let met = goal.least.is_none_or(|least| value >= least);
        rows.push(Bar {
            label: format!("{call} / {}", goal.floor),
            value,
            spread: ratio.spread(),
            goal: goal.least,
            met,
        });
    }
    rows
}

fn goals<'a>(store: &str, figures: &'a Figures) -> Vec<(Call, crate::subjects::Goal, &'a crate::measure::Ratio)> {
    let mut rows = Vec::new();
    for call in Call::ALL {
        let Some(compared) = figures.calls.get(call.name()) else { continue };
        for goal in call.goals(store == "PostgreSQL") {
            if let Some(ratio) = compared.against.get(goal.floor.name()) {
                rows.push((call, goal, ratio));
            }
        }
    }
    rows
}

fn latency(figures: &Figures) -> Vec<Series> {
    let curve = |(call, points): (&String, &Vec<crate::trial::Point>)| Series {
        label: call.clone(),
        points: points.iter().map(|point| (point.share * 100.0, point.latency.p99)).collect(),
    };
    figures.latencies.iter().map(curve).collect()
}

fn grown(figures: &Figures) -> Vec<Bar> {
    let factors = figures.growth.iter().flat_map(super::Growth::factors);
    let bar = |(call, value): (&str, f64)| Bar {
        label: call.to_owned(),
        value,
        spread: (value, value),
        goal: Some(GROWTH),
        met: value <= GROWTH,
    };
    factors.map(bar).collect()
}

/// The whole page.
pub(super) fn page(run: &Run, last: Option<&Run>) -> String {
    let mut page = String::new();
    head(&mut page, run);
    open_goals(&mut page, run);
    for (store, figures) in &run.stores {
        let _ = writeln!(page, "\n## {store}\n\n{}.", figures.made_of.join(", "));
        of_ratios(&mut page, store, figures);
        of_limits(&mut page, figures);
        of_latencies(&mut page, store, figures);
        of_growth(&mut page, store, figures);
        of_starts(&mut page, figures);
        of_costs(&mut page, figures);
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

fn missed(run: &Run) -> Vec<String> {
    let mut missed = Vec::new();
    for (store, figures) in &run.stores {
        for bar in ratios(store, figures).into_iter().filter(|bar| !bar.met) {
            let goal = bar.goal.unwrap_or_default();
            missed.push(format!("{store}: {} reaches {:.2} of {goal} times", bar.label, bar.value));
        }
        for bar in grown(figures).into_iter().filter(|bar| !bar.met) {
            missed.push(format!(
                "{store}: {} is {:.2} times as dear on many files; {GROWTH} is allowed",
                bar.label, bar.value
            ));
        }
        if store == "SQLite" {
            let slowest = figures.started.values().flatten().copied().fold(0.0, f64::max);
            if slowest > START {
                missed.push(format!("{store}: `serve all` is ready after {slowest:.2} s; {START} s are allowed"));
            }
            if figures.idle_mib > IDLE {
                missed.push(format!("{store}: {:.0} MiB idle; {IDLE:.0} MiB are allowed", figures.idle_mib));
            }
        }
        for guarded in figures.guarded.iter().chain(&figures.hot).filter(|guarded| !guarded.holds()) {
            missed.push(format!("{store}: **a limit did not hold**: {guarded:?}"));
        }
    }
    missed
}

fn of_ratios(page: &mut String, store: &str, figures: &Figures) {
    let _ = writeln!(page, "\n![ratios]({})\n", file(store, "ratios"));
    let _ = writeln!(page, "| call | calls/s | floor | floor, calls/s | ratio | lowest to highest | goal | |");
    let _ = writeln!(page, "|---|---:|---|---:|---:|---|---:|---|");
    for (call, goal, ratio) in goals(store, figures) {
        let rate = figures.calls.get(call.name()).map_or(0.0, crate::trial::Compared::rate);
        let (low, high) = ratio.spread();
        let (wanted, verdict) = match goal.least {
            None => (String::new(), ""),
            Some(least) => (least.to_string(), if ratio.median() >= least { "reached" } else { "**not reached**" }),
        };
        let floor = crate::measure::median(&ratio.floor);
        let _ = writeln!(
            page,
            "| {call} | {rate:.0} | {} | {floor:.0} | {:.2} | {low:.2} to {high:.2} | {wanted} | {verdict} |",
            goal.floor,
            ratio.median()
        );
    }
    for (call, compared) in &figures.calls {
        if compared.refused + compared.failed > 0 {
            let fault = compared.fault.as_deref().unwrap_or_default();
            let _ = writeln!(
                page,
                "\n{call}: {} turned away, {} failed; the first said `{fault}`.",
                compared.refused, compared.failed
            );
        }
    }
}

fn of_limits(page: &mut String, figures: &Figures) {
    let verdict =
        |one: &crate::trial::Guarded| if one.holds() { "the limit held" } else { "**the limit did not hold**" };
    if let Some(one) = &figures.guarded {
        let _ = writeln!(
            page,
            "\nAll callers against one limit of {} until it was used up: {} acknowledged, {} held, {} refused; {}.",
            one.limit,
            one.acknowledged,
            one.held,
            one.refused,
            verdict(one)
        );
    }
    if let Some(one) = &figures.hot {
        let _ = writeln!(
            page,
            "After the measured runs: {} acknowledged, {} held; {}.",
            one.acknowledged,
            one.held,
            verdict(one)
        );
    }
}

fn of_latencies(page: &mut String, store: &str, figures: &Figures) {
    if figures.latencies.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n### Latency\n\n![latency]({})\n", file(store, "latency"));
    let _ =
        writeln!(page, "Calls at planned instants (Poisson); milliseconds from the planned instant to the answer.\n");
    let _ = writeln!(
        page,
        "| call | share of capacity | offered/s | answered/s | p50 | p90 | p99 | p99.9 | max | lost | sent late |"
    );
    let _ = writeln!(page, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (call, points) in &figures.latencies {
        for point in points {
            let at = &point.latency;
            let _ = writeln!(
                page,
                "| {call} | {:.0} % | {:.0} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {} | {} |",
                point.share * 100.0,
                point.offered,
                point.answered,
                at.p50,
                at.p90,
                at.p99,
                at.p999,
                at.max,
                point.lost,
                point.late
            );
        }
    }
}

fn of_growth(page: &mut String, store: &str, figures: &Figures) {
    let Some(growth) = &figures.growth else { return };
    let (few, lots) = (many(growth.few), many(growth.many));
    let _ = writeln!(page, "\n### Growth\n\n![growth]({})\n", file(store, "growth"));
    let _ = writeln!(page, "{} files were generated in {:.0} s.\n", many(growth.many - growth.few), growth.generated);
    let _ = writeln!(
        page,
        "| call | calls/s at {few} | at {lots} | times its floor at {few} | at {lots} | as dear | CPU ms a call at {few} | at {lots} |"
    );
    let _ = writeln!(page, "|---|---:|---:|---:|---:|---:|---:|---:|");
    for (call, factor) in growth.factors() {
        let of =
            |values: &std::collections::BTreeMap<String, (f64, f64)>| values.get(call).copied().unwrap_or_default();
        let ((rate, later), (ratio, then), (cpu, grown)) = (of(&growth.rates), of(&growth.ratios), of(&growth.spent));
        let _ = writeln!(
            page,
            "| {call} | {rate:.0} | {later:.0} | {ratio:.2} | {then:.2} | {factor:.2} | {cpu:.2} | {grown:.2} |"
        );
    }
}

fn of_starts(page: &mut String, figures: &Figures) {
    let _ = writeln!(page, "\n### Start and memory\n");
    for (files, times) in &figures.started {
        let times: Vec<_> = times.iter().map(|time| format!("{time:.2}")).collect();
        let _ = writeln!(page, "- ready on {} files after {} s", many(*files), times.join(", "));
    }
    let _ = writeln!(
        page,
        "- services resident: {:.0} MiB idle, {:.0} MiB under load",
        figures.idle_mib, figures.loaded_mib
    );
}

fn of_costs(page: &mut String, figures: &Figures) {
    let _ = writeln!(
        page,
        "\n### Where the time goes\n\nProcessor milliseconds for one call, what it leaves behind included.\n"
    );
    let groups = ["client", "services", "PostgreSQL", "Redis"];
    let _ = writeln!(page, "| call | {} | services worked on after the last answer, s |", groups.join(" | "));
    let _ = writeln!(page, "|---|---:|---:|---:|---:|---:|");
    for (call, compared) in &figures.calls {
        let cells = groups.map(|name| compared.spent.get(name).map_or("0".to_owned(), |ms| format!("{ms:.3}")));
        let _ = writeln!(page, "| {call} | {} | {:.1} |", cells.join(" | "), compared.drained);
    }
    if figures.statements.is_empty() {
        return;
    }
    let _ = writeln!(page, "\nThe statements that took most of PostgreSQL's time, counted in a run of their own:\n");
    let _ = writeln!(page, "| call | times a call | µs a call | statement |\n|---|---:|---:|---|");
    for (call, statements) in &figures.statements {
        for one in statements {
            let text = one.text.replace('|', "\\|");
            let _ = writeln!(page, "| {call} | {:.2} | {:.0} | `{text}` |", one.times, one.micros);
        }
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
    match worse.as_slice() {
        [] => page.push_str("Nothing became worse by more than 5 %.\n"),
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

/// A number of files as people say it.
pub(super) fn many(files: u64) -> String {
    match files {
        n if n >= 1_000_000 && n % 100_000 == 0 => format!("{} million", crate::measure::float(n) / 1e6),
        n if n >= 1000 && n % 1000 == 0 => format!("{} thousand", n / 1000),
        n => n.to_string(),
    }
}

const NOTES: &str = "
## How this was measured

- *echo* is a bare tonic call with a request and an answer as long as those of the call it is compared with, without a token;
  *bare read* adds one `SELECT` by key; *bare write* one transaction of one `UPDATE`, each caller its own row; *naive hot* one
  transaction of `UPDATE` and `INSERT`, all callers the same row. They are served by a process of their own with the pools of
  Dossier's defaults: 16 connections on PostgreSQL, one writer and 8 readers on SQLite. PostgreSQL runs with `fsync` on, SQLite
  with `synchronous = FULL`. PostgreSQL has 1 GB of shared buffers and no checkpoint falls into a run.
- On PostgreSQL the three services run as a process each, with Redis between them; on SQLite as `serve all` without Redis.
- Ratios: floor and call in turns, each in a closed loop; a ratio is that of one turn, the median of them counts. Between the
  turns the program waits until services and store are idle, so that work left behind does not burden the next.
- Growth: a call's ratio to its floor on few files by that on many; the floor's tables do not grow, so a machine that was busier
  the second time does not count as growth.
- Files are drawn at random among all generated ones. Generated files are rows as the service writes them, sealed under keys of
  their own, with search tokens and with copies in access and credit, but without journal entries, earlier revisions and duties.
- Reserve, CreateCustomerFile and GetCustomerFile add rows while they are measured, as in life.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Ratio;
    use crate::report::Growth;
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
