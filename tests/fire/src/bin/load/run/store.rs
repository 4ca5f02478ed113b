//! Everything that is measured on one store, in this order: start and idle memory, calls against floors, the limit,
//! latencies, statements, then the same calls on many files, and the plans of what is read there.

use std::time::{Duration, Instant};

use dossier_fire::ground::Result;
use dossier_fire::measure::Ratio;
use dossier_fire::plans;
use dossier_fire::report::{Figures, Growth};
use dossier_fire::scene::units;
use dossier_fire::stand::{HOT_LIMIT, Plans, Stand};
use dossier_fire::subjects::Call;
use dossier_fire::trial::{self, Compared, Guarded, Point};

use super::Course;

/// Shares of the capacity at which latencies are measured.
const SHARES: [f64; 3] = [0.25, 0.5, 0.75];
/// Starts on the same data.
const STARTS: usize = 3;

/// Measures one store.
///
/// # Errors
/// Whatever keeps the stand from standing.
pub async fn measure(course: &Course, postgres: bool) -> Result<Figures> {
    let args = &course.args;
    let load = std::env::current_exe()?;
    let (dossier, connections) = (args.dossier.clone(), args.connections);
    let plans = Plans { dossier, load, postgres, connections, files: args.few };
    let mut stand = Stand::set_up(plans, say).await?;
    let mut figures = Figures { made_of: made_of(&stand, postgres).await?, ..Figures::default() };
    starts(&mut stand, &mut figures).await?;
    compare_all(&stand, course, postgres, &mut figures).await?;
    latencies(&stand, course, &mut figures).await;
    if postgres {
        statements(&stand, course, &mut figures).await?;
    }
    growth(&mut stand, course, postgres, &mut figures).await?;
    let plans = plans::take(&stand).await?;
    say(format!("{} statements, {} of them scan what grows", plans.statements, plans.faults.len()));
    figures.plans = Some(plans);
    starts(&mut stand, &mut figures).await?;
    Ok(figures)
}

fn say(words: String) {
    println!("  {words}");
}

async fn made_of(stand: &Stand, postgres: bool) -> Result<Vec<String>> {
    let services = if postgres { "the three services in a process each" } else { "`dossier serve all`" };
    Ok([services.to_owned()].into_iter().chain(stand.versions().await?).collect())
}

async fn starts(stand: &mut Stand, figures: &mut Figures) -> Result<()> {
    let files = stand.cast.files;
    for _ in 0..STARTS {
        let seconds = stand.restart().await?;
        figures.started.entry(files).or_default().push(seconds);
    }
    let idle = stand.settle().await;
    let resident = stand.meter().resident("services");
    if figures.idle_mib == 0.0 {
        figures.idle_mib = resident;
    }
    say(format!("started in {:.2} s, idle after {idle:.1} s more, {resident:.0} MiB", stand.started));
    Ok(())
}

async fn compare_all(stand: &Stand, course: &Course, postgres: bool, figures: &mut Figures) -> Result<()> {
    let before = held(stand).await?;
    for call in course.calls() {
        let floors: Vec<_> = call.goals(postgres).iter().map(|goal| goal.floor).collect();
        let told = trial::compare(stand, call, &floors, course.length).await?;
        for (floor, ratio) in &told.against {
            let (low, high) = ratio.spread();
            say(format!("{call}: {:.0}/s, {:.2} x {floor} ({low:.2} to {high:.2})", told.rate(), ratio.median()));
        }
        if call == Call::Reserve {
            let after = held(stand).await?;
            let acknowledged = i64::try_from(told.answered).unwrap_or(i64::MAX);
            figures.hot = Some(Guarded { limit: HOT_LIMIT, acknowledged, held: after - before, refused: told.refused });
        }
        figures.calls.insert(call.name().to_owned(), told);
        figures.loaded_mib = figures.loaded_mib.max(stand.meter().resident("services"));
    }
    if course.calls().all(|call| call != Call::Reserve) {
        return Ok(());
    }
    let limit = if course.args.quick { 1_000 } else { 10_000 };
    let guarded = trial::guard(stand, "guarded", limit, course.length.callers).await?;
    say(format!("a limit of {limit}: {} acknowledged, {} held", guarded.acknowledged, guarded.held));
    figures.guarded = Some(guarded);
    Ok(())
}

async fn held(stand: &Stand) -> Result<i64> {
    let known = stand.cast.scene.exposure(&stand.cast.hot).await?;
    Ok(units(known.held) + units(known.drawn))
}

async fn latencies(stand: &Stand, course: &Course, figures: &mut Figures) {
    for call in course.calls() {
        let capacity = figures.calls.get(call.name()).map_or(0.0, Compared::rate);
        figures.latencies.insert(call.name().to_owned(), latency(stand, course, call, capacity).await);
    }
}

async fn latency(stand: &Stand, course: &Course, call: Call, capacity: f64) -> Vec<Point> {
    let points = trial::latencies(stand, call, capacity, &SHARES, course.length.time).await;
    let told = points.iter().map(|point| format!("{:.1} and {:.1}", point.latency.p50, point.latency.p99));
    say(format!("{call}: p50 and p99 {} ms at 25, 50, 75 % of the capacity", told.collect::<Vec<_>>().join(", ")));
    points
}

async fn statements(stand: &Stand, course: &Course, figures: &mut Figures) -> Result<()> {
    let time = course.length.time.min(Duration::from_secs(2));
    for call in course.calls() {
        let found = trial::statements(stand, call, course.length.callers, time).await?;
        figures.statements.insert(call.name().to_owned(), found);
    }
    Ok(())
}

async fn growth(stand: &mut Stand, course: &Course, postgres: bool, figures: &mut Figures) -> Result<()> {
    let mut growth = Growth { few: stand.cast.files, many: course.many, ..Growth::default() };
    let begun = Instant::now();
    stand.grow(course.many, say).await?;
    growth.generated = begun.elapsed().as_secs_f64();
    stand.settle().await;
    for call in course.calls() {
        let Some((few, floor)) =
            figures.calls.get(call.name()).zip(call.goals(postgres).first().map(|goal| goal.floor))
        else {
            continue;
        };
        let many = trial::compare(stand, call, &[floor], course.length).await?;
        let ratio = |told: &Compared| told.against.get(floor.name()).map_or(0.0, Ratio::median);
        let cpu = |told: &Compared| ["services", "PostgreSQL"].iter().filter_map(|name| told.spent.get(*name)).sum();
        say(format!("{call}: {:.2} x {floor} on few files, {:.2} on many", ratio(few), ratio(&many)));
        growth.rates.insert(call.name().to_owned(), (few.rate(), many.rate()));
        growth.ratios.insert(call.name().to_owned(), (ratio(few), ratio(&many)));
        growth.spent.insert(call.name().to_owned(), (cpu(few), cpu(&many)));
        growth.latencies.insert(call.name().to_owned(), latency(stand, course, call, many.rate()).await);
    }
    figures.loaded_mib = figures.loaded_mib.max(stand.meter().resident("services"));
    figures.growth = Some(growth);
    Ok(())
}
