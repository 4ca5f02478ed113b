//! The charts of the report: which there are, and what they show.

use super::goals::{grown, ratios};
use super::{Figures, Run, Series, bars, curves};
use crate::trial::Point;

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

/// The file of a chart of `store`.
pub(super) fn file(store: &str, what: &str) -> String {
    format!("load-{}-{what}.svg", store.to_lowercase())
}

fn latency(figures: &Figures) -> Vec<Series> {
    let curve = |(call, points): (&String, &Vec<Point>)| Series {
        label: call.clone(),
        points: points.iter().map(|point| (point.share * 100.0, point.latency.p99)).collect(),
    };
    figures.latencies.iter().map(curve).collect()
}

/// A number of files as people say it.
pub(super) fn many(files: u64) -> String {
    match files {
        n if n >= 1_000_000 && n % 100_000 == 0 => format!("{} million", crate::measure::float(n) / 1e6),
        n if n >= 1000 && n % 1000 == 0 => format!("{} thousand", n / 1000),
        n => n.to_string(),
    }
}
