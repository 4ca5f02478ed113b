//! Numbers after the store went back: what others know as issued is never issued again (P-05, I11).
//!
//! Profile's journal told the other services of every number, and they keep them. When profile's store is restored to a
//! state in which some were not issued yet, each series goes on behind the highest number known, and the numbers between
//! are void, with who recovered the store and why.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_authority::store::number::Number;
use dossier_journal::append;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::time::micros;
use dossier_proto::journal::v1::NumberChanged;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::profile::v1::FileNumberState;
use uuid::Uuid;

use crate::domain::file_number::place;
use crate::store::file_number::{self, FileNumber, VOID};
pub use crate::work::document::stray as contents;

/// What the other services know of numbers.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Numbers with their places.
    pub numbers: Vec<Number>,
    /// Numbers that copies of files carry, whose places are not known.
    pub carried: Vec<String>,
}

/// Raises every series of `org` to the highest number known elsewhere; voids those that were lost, in the name of the person
/// `who` and with `why`. Gives the numbers that are void now. Doing it again changes nothing.
///
/// # Errors
/// `ORG_UNKNOWN`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn numbers(base: &Base, tx: &mut Tx, org: &str, known: Known, who: Uuid, why: &str) -> Result<Vec<String>> {
    let mut voided = Vec::new();
    for (series, places) in by_series(base, tx, org, known).await? {
        let taken = file_number::taken(tx, org, &series).await?.unwrap_or(0);
        let last = places.keys().next_back().copied().unwrap_or(0);
        for sequence in taken + 1..=last {
            // A place that nobody can name still is one of the register.
            let number = places.get(&sequence).cloned().unwrap_or_else(|| format!("{series}/{sequence}"));
            let row = FileNumber {
                number,
                series: series.clone(),
                sequence,
                state: VOID.to_owned(),
                file: None,
                record: None,
                who,
                why: why.to_owned(),
                at: micros(base.providers.clock.now()),
            };
            file_number::insert(tx, org, &row).await?;
            journal(base, tx, org, &row).await?;
            voided.push(row.number);
        }
        if last > taken {
            file_number::raise(tx, org, &series, last).await?;
        }
    }
    Ok(voided)
}

async fn by_series(
    base: &Base,
    tx: &mut Tx,
    org: &str,
    known: Known,
) -> Result<BTreeMap<String, BTreeMap<i64, String>>> {
    let mut series: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for one in known.numbers {
        series.entry(one.series).or_default().insert(one.sequence, one.number);
    }
    let pack = base.pack(org)?;
    let all = file_number::series(tx, org).await?;
    for number in known.carried {
        if file_number::state_of(tx, org, &number).await?.is_some() {
            continue;
        }
        let found = all.iter().find_map(|key| Some((key, place(pack, key, &number)?)));
        if let Some((key, sequence)) = found {
            series.entry(key.clone()).or_default().entry(sequence).or_insert(number);
        }
    }
    Ok(series)
}

async fn journal(base: &Base, tx: &mut Tx, org: &str, row: &FileNumber) -> Result<()> {
    let event = NumberChanged {
        number: row.number.clone(),
        series: row.series.clone(),
        sequence: row.sequence,
        state: FileNumberState::Void.as_str_name().to_owned(),
        holder: String::new(),
    };
    let subject = name::of_number(&row.number);
    let mut body = base.recorder.work(org, "number.voided", &subject).event(Kind::NumberChanged(event)).body();
    // The row and its entry are of one moment.
    (body.actor, body.time) = (name::name("persons", row.who), Some(dossier_kernel::time::micros_to_proto(row.at)));
    append(tx, &body).await
}
