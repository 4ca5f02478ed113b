//! Searches of customer files by tokens, newest first, a stretch at a time.

use std::array::from_fn;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use dossier_authority::{inside, standing, unbarred, visible, with_reached};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

use super::filter::bound;
use super::list::Stretch;
use super::row::FullRow;
use super::{Filter, Loaded, MOST_TOKENS, Viewer};

/// A stretch of the files that have all tokens of one of several ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    ways: Vec<Rarest>,
    /// The file that it begins behind.
    pub before: Uuid,
    /// The oldest file that it looks at; `None` when nothing lies behind it.
    pub end: Option<Uuid>,
}

// A stretch of the files that have a token, and what else they must have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rarest {
    // The rarest of the tokens here: its files are walked.
    token: Vec<u8>,
    others: Vec<Vec<u8>>,
    end: Option<Uuid>,
}

// Where a stretch of the files with one token ends.
macro_rules! end_of {
    ($before:literal, $place:literal, $token:literal) => {
        concat!(
            $before,
            "SELECT CAST(",
            $place,
            " AS BIGINT) AS place, (SELECT t.file FROM customer_file_search t
                WHERE t.org = $1 AND t.token = ",
            $token,
            " AND t.file < $2 ORDER BY t.file DESC LIMIT 1 OFFSET $3) AS file"
        )
    };
    ($place:literal, $token:literal) => {
        end_of!(" UNION ALL ", $place, $token)
    };
}

/// What is looked at in a stretch of the files that have all tokens of one of `ways` (each 1 to [`MOST_TOKENS`], each once): it ends
/// where the way with which the looks lead least far back ends, so that all come equally far. `None` without tokens.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn part(tx: &mut Tx, org: &str, ways: &[Vec<Vec<u8>>], stretch: Stretch) -> Result<Option<Part>> {
    let mut found = Vec::with_capacity(ways.len());
    for way in ways {
        found.extend(rarest(tx, org, way, stretch).await?);
    }
    let end = found.iter().filter_map(|way| way.end).max();
    Ok((!found.is_empty()).then_some(Part { ways: found, before: stretch.before, end }))
}

/// Up to `limit` visible files of a stretch that have all tokens of one of its ways and are what `filter` asks for, newest first.
///
/// # Errors
/// As [`visible`](super::visible).
pub async fn search(tx: &mut Tx, viewer: Viewer<'_>, filter: &Filter, part: &Part, limit: i64) -> Result<Vec<Loaded>> {
    let mut found = BTreeMap::new();
    for way in &part.ways {
        let files = walk(tx, viewer, filter, way, part, limit).await?;
        found.extend(files.into_iter().map(|one| (Reverse(one.file.id), one)));
    }
    Ok(found.into_values().take(usize::try_from(limit).unwrap_or_default()).collect())
}

// Which of `tokens` is walked in a stretch, and how far it comes: the one with which as many looks lead furthest back is the rarest
// there. `None` without tokens.
async fn rarest(tx: &mut Tx, org: &str, tokens: &[Vec<u8>], stretch: Stretch) -> Result<Option<Rarest>> {
    let Some(last) = tokens.last() else { return Ok(None) };
    let (count, skipped) = (tokens.len(), stretch.looks - 1);
    let t: [&[u8]; MOST_TOKENS] = from_fn(|at| tokens.get(at).unwrap_or(last).as_slice());
    let text = sql_given!(
        end_of!("", "0", "$4");
        count > 1 => end_of!("1", "$5"),
        count > 2 => end_of!("2", "$6"),
        count > 3 => end_of!("3", "$7"),
        count > 4 => end_of!("4", "$8"),
        count > 5 => end_of!("5", "$9"),
        count > 6 => end_of!("6", "$10"),
        count > 7 => end_of!("7", "$11"),
        count > 8 => end_of!("8", "$12"),
        count > 9 => end_of!("9", "$13"),
        count > 10 => end_of!("10", "$14"),
        count > 11 => end_of!("11", "$15"),
        count > 12 => end_of!("12", "$16"),
        count > 13 => end_of!("13", "$17");
        ""
    );
    let before = stretch.before;
    let ends = sql!(
        tx,
        fetch_all as (i64, Option<Uuid>),
        text,
        org,
        before,
        skipped,
        t[0],
        t[1],
        t[2],
        t[3],
        t[4],
        t[5],
        t[6],
        t[7],
        t[8],
        t[9],
        t[10],
        t[11],
        t[12],
        t[13]
    )?;
    // Exact values come first, and stand before parts of names where both are rare.
    let best = ends.into_iter().min_by_key(|(place, end)| (*end, *place));
    Ok(best.and_then(|(place, end)| {
        let mut others: Vec<_> = tokens.iter().take(MOST_TOKENS).cloned().collect();
        let place = usize::try_from(place).ok().filter(|place| *place < others.len())?;
        let token = others.remove(place);
        Some(Rarest { token, others, end })
    }))
}

// Counted, not joined: a join would read all files of a common token before the first is judged.
macro_rules! has {
    ($token:literal) => {
        concat!(
            " AND (SELECT COUNT(*) FROM customer_file_search o WHERE o.org = $1 AND o.token = ",
            $token,
            " AND o.file = t.file) = 1"
        )
    };
}

// Those of one way.
async fn walk(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    filter: &Filter,
    rarest: &Rarest,
    part: &Part,
    limit: i64,
) -> Result<Vec<Loaded>> {
    let n = rarest.others.len();
    // The predicate first: it is the cheaper question, and most of what is not shown ends with it. Behind it no index is chosen.
    let text = filtered!(
        concat!(
            with_reached!(),
            "SELECT ",
            columns!(),
            standing!(reached),
            " AS standing FROM customer_file_search t CROSS JOIN customer_file f ",
            parts!(),
            " WHERE t.org = $1 AND t.token = $34 AND t.file < $31 AND t.file >= $32 AND f.org = $1 AND f.id = t.file
                AND CASE WHEN ",
            visible!(reached),
            " THEN TRUE"
        ),
        [
            n > 0 => has!("$35"),
            n > 1 => has!("$36"),
            n > 2 => has!("$37"),
            n > 3 => has!("$38"),
            n > 4 => has!("$39"),
            n > 5 => has!("$40"),
            n > 6 => has!("$41"),
            n > 7 => has!("$42"),
            n > 8 => has!("$43"),
            n > 9 => has!("$44"),
            n > 10 => has!("$45"),
            n > 11 => has!("$46"),
            n > 12 => has!("$47"),
        ],
        filter,
        " ELSE FALSE END ORDER BY t.file DESC LIMIT $33"
    );
    let mut bound = bound(viewer, filter);
    let end = part.end.unwrap_or_default();
    bound.extend([part.before.into(), end.into(), limit.into(), (&rarest.token).into()]);
    let other = |at| rarest.others.get(at).map_or(&[][..], Vec::as_slice);
    bound.extend((0..MOST_TOKENS - 1).map(|at| other(at).into()));
    let rows = sql!(tx, fetch_all as FullRow, text, ..bound)?;
    rows.into_iter().map(Loaded::try_from).collect()
}
