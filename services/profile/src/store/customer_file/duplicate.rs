//! Files that share a token with another one, for the check of duplicates (P-28).

use std::array::from_fn;

use dossier_authority::{standing, with_reached};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};

use super::row::FullRow;
use super::{Loaded, Viewer};
use crate::content::MOST_SHARED;

/// How much is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Files of each token, the newest first.
    pub looks: i64,
    /// Files that are given.
    pub limit: i64,
}

// The newest files of one token that stand open to the viewer, at its place: what is hidden, or closed, takes nobody's place.
macro_rules! newest_of {
    ($before:literal, $place:literal, $token:literal) => {
        concat!(
            $before,
            "SELECT CAST(",
            $place,
            " AS BIGINT) AS place, a.file FROM (SELECT s.file FROM customer_file_search s
              JOIN customer_file f ON f.org = s.org AND f.id = s.file WHERE s.org = $1 AND s.token = ",
            $token,
            " AND f.customer_type <> '' AND f.parent IS NULL AND f.state <> 'closed' AND CASE WHEN ",
            standing!(reached),
            " THEN TRUE ELSE FALSE END ORDER BY s.file DESC LIMIT $4) a"
        )
    };
    ($place:literal, $token:literal) => {
        newest_of!(" UNION ALL ", $place, $token)
    };
}

/// Open files of customers that have one of `tokens` (at most [`MOST_SHARED`]) and that the viewer sees by standing access: those with an
/// earlier token first, and the newest of these. A file with several tokens is given for each.
///
/// # Errors
/// As [`visible`](super::visible).
pub async fn sharing(tx: &mut Tx, viewer: Viewer<'_>, tokens: &[Vec<u8>], reach: Reach) -> Result<Vec<Loaded>> {
    let Some(last) = tokens.last() else { return Ok(Vec::new()) };
    let n = tokens.len();
    let t: [&[u8]; MOST_SHARED] = from_fn(|at| tokens.get(at).unwrap_or(last).as_slice());
    let text = sql_given!(
        concat!(with_reached!(), "SELECT ", columns!(), standing!(reached), " AS standing FROM (", newest_of!("", "0", "$6"));
        n > 1 => newest_of!("1", "$7"),
        n > 2 => newest_of!("2", "$8"),
        n > 3 => newest_of!("3", "$9"),
        n > 4 => newest_of!("4", "$10"),
        n > 5 => newest_of!("5", "$11"),
        n > 6 => newest_of!("6", "$12"),
        n > 7 => newest_of!("7", "$13"),
        n > 8 => newest_of!("8", "$14"),
        n > 9 => newest_of!("9", "$15"),
        n > 10 => newest_of!("10", "$16"),
        n > 11 => newest_of!("11", "$17"),
        n > 12 => newest_of!("12", "$18"),
        n > 13 => newest_of!("13", "$19"),
        n > 14 => newest_of!("14", "$20"),
        n > 15 => newest_of!("15", "$21");
        concat!(
            ") t CROSS JOIN customer_file f ",
            parts!(),
            " WHERE f.org = $1 AND f.id = t.file ORDER BY t.place, t.file DESC LIMIT $5"
        )
    );
    let (org, person, now) = (viewer.org, viewer.person, viewer.now);
    let rows = sql!(
        tx,
        fetch_all as FullRow,
        text,
        org,
        person,
        now,
        reach.looks,
        reach.limit,
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
        t[13],
        t[14],
        t[15]
    )?;
    rows.into_iter().map(Loaded::try_from).collect()
}
