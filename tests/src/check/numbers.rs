//! I11: every number of a series is issued to a file or a record, or void with who and why; no gaps.

use std::collections::{BTreeMap, BTreeSet};

use dossier::serve::Which;
use dossier_kernel::sql;
use uuid::Uuid;

use crate::world::World;

const CUSTOMERS: &str = "customer_number";

#[derive(sqlx::FromRow)]
struct Line {
    org: String,
    number: String,
    series: String,
    sequence: i64,
    state: String,
    file: Option<Uuid>,
    record: Option<Uuid>,
    who: Uuid,
    why: String,
}

// What carries a number: a file, and the record in it.
type Holder = (Uuid, Option<Uuid>);

/// Violations of I11.
pub async fn numbers(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    let text = "SELECT org, number, series, sequence, state, file, record, who, why FROM file_number
                ORDER BY org, series, sequence";
    let lines = sql!(&mut tx, fetch_all as Line, text).unwrap();
    let text = "SELECT org, number, id FROM customer_file WHERE number IS NOT NULL";
    let files = sql!(&mut tx, fetch_all as (String, String, Uuid), text).unwrap();
    let text = "SELECT org, number, file, id FROM record WHERE number IS NOT NULL";
    let records = sql!(&mut tx, fetch_all as (String, String, Uuid, Uuid), text).unwrap();
    let of_file = |(org, number, file): (String, String, Uuid)| (org, number, (file, None));
    let of_record = |(org, number, file, id): (String, String, Uuid, Uuid)| (org, number, (file, Some(id)));
    let carried: Vec<(String, String, Holder)> =
        files.into_iter().map(of_file).chain(records.into_iter().map(of_record)).collect();
    let text = "SELECT org, series, taken FROM number_series";
    let taken = sql!(&mut tx, fetch_all as (String, String, i64), text).unwrap();
    let mut ends = BTreeMap::<(String, String), i64>::new();
    let customers = customers(&mut tx).await;
    // The numbers of customers are a series like any other; those that are void stand in the register.
    let void = lines.iter().filter(|line| line.series == CUSTOMERS).map(|line| (line.org.clone(), line.sequence));
    let mut places: Vec<_> = customers.into_iter().chain(void).collect();
    places.sort();
    for (org, sequence) in places {
        let last = ends.entry((org.clone(), CUSTOMERS.to_owned())).or_default();
        if sequence != *last + 1 {
            wrong.push(format!("customers of {org}: {sequence} follows {last}"));
        }
        *last = sequence;
    }
    for line in lines.iter().filter(|line| line.series != CUSTOMERS) {
        let last = ends.entry((line.org.clone(), line.series.clone())).or_default();
        if line.sequence != *last + 1 {
            wrong.push(format!("series {} of {}: {} follows {last}", line.series, line.org, line.sequence));
        }
        *last = line.sequence;
    }
    for line in &lines {
        let held = line.file.is_some() || line.record.is_some();
        if line.state == "void" && (line.why.trim().is_empty() || line.who.is_nil() || held) {
            wrong.push(format!("{} is void without who and why", line.number));
        }
    }
    for (org, series, taken) in taken {
        let end = ends.remove(&(org.clone(), series.clone())).unwrap_or_default();
        if end != taken {
            wrong.push(format!("series {series} of {org} counts {taken}, its last number is {end}"));
        }
    }
    wrong.extend(ends.keys().map(|key| format!("series {key:?} has numbers and no count")));
    // What is destroyed carries its number no more, and nobody else does.
    let text = "SELECT file FROM disposal WHERE state = 'destroyed'";
    let gone: BTreeSet<_> =
        sql!(&mut tx, fetch_all as (Uuid,), text).unwrap().into_iter().map(|(file,)| file).collect();
    let issued: BTreeMap<_, _> = lines
        .iter()
        .filter(|line| line.file.is_none_or(|file| !gone.contains(&file)))
        .filter_map(|line| Some(((line.org.as_str(), line.number.as_str()), (line.file?, line.record))))
        .collect();
    for (org, number, holder) in &carried {
        if issued.get(&(org.as_str(), number.as_str())) != Some(holder) {
            wrong.push(format!("{} carries {number}, which the register does not give it", named(org, *holder)));
        }
    }
    if issued.len() != carried.len() {
        wrong.push(format!("{} numbers are issued, {} files and records carry one", issued.len(), carried.len()));
    }
    wrong
}

fn named(org: &str, (file, record): Holder) -> String {
    let record = record.map(|record| format!("/records/{record}")).unwrap_or_default();
    format!("files/{file}{record} of {org}")
}

async fn customers(tx: &mut dossier_kernel::db::Tx) -> Vec<(String, i64)> {
    let text = "SELECT org, sequence FROM customer_number ORDER BY org, sequence";
    sql!(tx, fetch_all as (String, i64), text).unwrap()
}
