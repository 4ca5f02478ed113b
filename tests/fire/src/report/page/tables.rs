//! What was measured on one store, as tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::report::Figures;
use crate::report::charts::{file, many};
use crate::report::goals::goals;
use crate::trial::{Compared, Guarded, Point};

/// All tables of one store.
pub(super) fn write(page: &mut String, store: &str, figures: &Figures) {
    of_ratios(page, store, figures);
    of_limits(page, figures);
    of_latencies(page, store, figures);
    of_growth(page, store, figures);
    of_plans(page, figures);
    of_starts(page, figures);
    of_costs(page, figures);
}

fn of_ratios(page: &mut String, store: &str, figures: &Figures) {
    let _ = writeln!(page, "\n![ratios]({})\n", file(store, "ratios"));
    let _ = writeln!(page, "| call | calls/s | floor | floor, calls/s | ratio | lowest to highest | goal | |");
    let _ = writeln!(page, "|---|---:|---|---:|---:|---|---:|---|");
    for (call, goal, ratio) in goals(store, figures) {
        let rate = figures.calls.get(call.name()).map_or(0.0, Compared::rate);
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
    let verdict = |one: &Guarded| if one.holds() { "the limit held" } else { "**the limit did not hold**" };
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
    of_points(page, &figures.latencies);
}

fn of_points(page: &mut String, latencies: &BTreeMap<String, Vec<Point>>) {
    let _ = writeln!(
        page,
        "| call | share of capacity | offered/s | answered/s | p50 | p90 | p99 | p99.9 | max | lost | sent late |"
    );
    let _ = writeln!(page, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (call, points) in latencies {
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
    let _ = writeln!(
        page,
        "{} files with {} records were generated in {:.0} s; the calls are measured on all of them.\n",
        many(growth.many - growth.few),
        many(crate::bulk::records(growth.many) - crate::bulk::records(growth.few)),
        growth.generated
    );
    let _ = writeln!(
        page,
        "| call | calls/s at {few} | at {lots} | times its floor at {few} | at {lots} | as dear | CPU ms a call at {few} | at {lots} |"
    );
    let _ = writeln!(page, "|---|---:|---:|---:|---:|---:|---:|---:|");
    for (call, factor) in growth.factors() {
        let of = |values: &BTreeMap<String, (f64, f64)>| values.get(call).copied().unwrap_or_default();
        let ((rate, later), (ratio, then), (cpu, grown)) = (of(&growth.rates), of(&growth.ratios), of(&growth.spent));
        let _ = writeln!(
            page,
            "| {call} | {rate:.0} | {later:.0} | {ratio:.2} | {then:.2} | {factor:.2} | {cpu:.2} | {grown:.2} |"
        );
    }
    if !growth.latencies.is_empty() {
        let _ = writeln!(page, "\nLatencies at {lots}, at shares of the capacity there:\n");
        of_points(page, &growth.latencies);
    }
}

fn of_plans(page: &mut String, figures: &Figures) {
    let Some(plans) = &figures.plans else { return };
    let _ = writeln!(page, "\n### Plans\n\n{}\n", plans.how);
    for fault in &plans.faults {
        let _ = writeln!(page, "- **scans**: {fault}");
    }
    if plans.faults.is_empty() {
        let _ = writeln!(page, "None scans a table that grows with an organisation.");
    }
    for (why, statements) in &plans.excepted {
        let _ = writeln!(page, "- set aside, {statements}: {why}");
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
