//! The predicate of who may see what, as SQL text that every query contains.
//!
//! The texts speak of a table aliased `f` that has `org`, `id`, `level`, `unit` and `custodian`, and of the
//! parameters `$1` = org, `$2` = person, `$3` = now in microseconds. They are literals, so that `concat!` joins them
//! with the rest of a statement and both stores prepare the same text once. A statement that answers many questions names
//! where each of them keeps its person and its moment: `reach!("q.person", "q.moment")`.
//!
//! A list asks the same of every row. What the person reaches is worked out once, by level and unit, where the statement begins
//! with [`with_reached!`](crate::with_reached); the texts of `(reached)` then ask that small table: `visible!(reached)`.
//!
//! A person sees a file iff
//! 1. a current appointment of an active person gives clearance that dominates the level, and the level is not closed
//!    a closed level dominates every clearance), and
//! 2. there is need to know: the standing that the level gives (the unit, the custodian, nobody), or a current grant.

/// The posts `p` that an active person holds at a moment by the appointments `h`, and the rule `l` of the file's level, which
/// is open. Only for the other texts.
#[doc(hidden)]
#[macro_export]
macro_rules! held {
    ($person:literal, $now:literal) => {
        concat!(
            " FROM level_rule l, principal w, appointment h, post_rule p
            WHERE l.org = f.org AND l.level = f.level AND NOT l.closed
              AND w.org = f.org AND w.person = ",
            $person,
            " AND w.active
              AND h.org = f.org AND h.person = ",
            $person,
            " AND h.valid_from <= ",
            $now,
            " AND h.valid_until > ",
            $now,
            " AND p.org = f.org AND p.post = h.post"
        )
    };
}

/// How a list begins that asks the predicate of every row: the posts that person `$2` holds at `$3`, and by them the open levels
/// that they are cleared for. Of each: whether they reach every file of it, those of the post's unit, those they keep.
#[macro_export]
macro_rules! with_reached {
    () => {
        "WITH post_held AS MATERIALIZED (
            SELECT h.unit, p.clearance, p.standing, p.custodian FROM principal w, appointment h, post_rule p
            WHERE w.org = $1 AND w.person = $2 AND w.active
              AND h.org = $1 AND h.person = $2 AND h.valid_from <= $3 AND h.valid_until > $3
              AND p.org = $1 AND p.post = h.post
        ), reached AS MATERIALIZED (
            SELECT l.level, h.unit, l.standing <> 'nobody' AS kept,
                   (l.standing = 'unit' AND h.standing = 'org') OR (l.standing <> 'nobody' AND h.custodian) AS wide,
                   l.standing = 'unit' AND h.standing = 'unit' AS near
            FROM level_rule l, post_held h
            WHERE l.org = $1 AND NOT l.closed AND l.rank <= (SELECT MAX(m.clearance) FROM post_held m)
        ) "
    };
}

/// Clearance: some current appointment dominates the level, and the level is open.
#[macro_export]
macro_rules! cleared {
    () => {
        $crate::cleared!("$2", "$3")
    };
    (reached) => {
        "EXISTS (SELECT 1 FROM reached r WHERE r.level = f.level)"
    };
    ($person:literal, $now:literal) => {
        concat!("EXISTS (SELECT 1", $crate::held!($person, $now), " AND p.clearance >= l.rank)")
    };
}

/// Clearance for the level that a file has now, whatever level stands in the row `f` that speaks of it: what speaks of a file is
/// shown to nobody but its own people once the file has risen above a reader. `$file` is where the row keeps the file; a file
/// that this store does not know is above everybody.
#[macro_export]
macro_rules! cleared_file {
    (reached, $file:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM file_copy k WHERE k.org = f.org AND k.id = ",
            $file,
            " AND EXISTS (SELECT 1 FROM reached r WHERE r.level = k.level))"
        )
    };
    ($file:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM file_copy k, level_rule l, principal w, appointment h, post_rule p
            WHERE k.org = f.org AND k.id = ",
            $file,
            " AND l.org = f.org AND l.level = k.level AND NOT l.closed
              AND w.org = f.org AND w.person = $2 AND w.active
              AND h.org = f.org AND h.person = $2 AND h.valid_from <= $3 AND h.valid_until > $3
              AND p.org = f.org AND p.post = h.post AND p.clearance >= l.rank)"
        )
    };
}

/// How far the rules alone bring the person: 0 not cleared, 1 cleared, 2 cleared and with standing access.
///
/// One look at the person's appointments for both questions; `CASE` evaluates it once.
#[macro_export]
macro_rules! reach {
    (reached) => {
        "(SELECT MAX(CASE WHEN r.wide OR (r.near AND r.unit = f.unit) OR (r.kept AND f.custodian = $2) THEN 2 ELSE 1 END)
          FROM reached r WHERE r.level = f.level)"
    };
    ($person:literal, $now:literal) => {
        concat!(
            "(SELECT COALESCE(MAX(CASE WHEN p.clearance >= l.rank THEN 1 ELSE 0 END) * (1 + MAX(CASE
                WHEN (l.standing = 'unit' AND (p.standing = 'org' OR (p.standing = 'unit' AND h.unit = f.unit)))
                  OR (l.standing <> 'nobody' AND (p.custodian OR f.custodian = ",
            $person,
            ")) THEN 1 ELSE 0 END)), 0)",
            $crate::held!($person, $now),
            ")"
        )
    };
}

/// Clearance and the standing access that the pack gives; no grant is looked at.
#[macro_export]
macro_rules! standing {
    () => {
        concat!("(", $crate::reach!("$2", "$3"), " = 2)")
    };
    (reached) => {
        concat!("COALESCE(", $crate::reach!(reached), " = 2, FALSE)")
    };
}

/// The file stands at a closed level: nobody sees it, and acts on it are decided by its number and register line alone
/// . Only beside the action that the act needs.
#[macro_export]
macro_rules! shut {
    () => {
        "EXISTS (SELECT 1 FROM level_rule l WHERE l.org = f.org AND l.level = f.level AND l.closed)"
    };
}

/// A current grant on the file for this person.
#[macro_export]
macro_rules! granted {
    ($person:literal, $now:literal) => {
        $crate::granted!($person, $now, "")
    };
    // With what more is asked of the grant.
    ($person:literal, $now:literal, $more:literal) => {
        concat!(
            "EXISTS (
            SELECT 1 FROM grant_copy g
            WHERE g.org = f.org AND g.file = f.id AND g.holder = ",
            $person,
            " AND g.valid_from <= ",
            $now,
            " AND g.valid_until > ",
            $now,
            " AND g.revoked_at IS NULL AND g.completed_at IS NULL AND (g.max_uses = 0 OR g.uses < g.max_uses)",
            $more,
            ")"
        )
    };
}

/// The whole predicate: standing access, or clearance and a current grant.
#[macro_export]
macro_rules! visible {
    () => {
        $crate::visible!($crate::reach!("$2", "$3"), "$2", "$3")
    };
    (reached) => {
        $crate::visible!($crate::reach!(reached), "$2", "$3")
    };
    // For a statement that has computed the reach before.
    ($reach:expr, $person:literal, $now:literal) => {
        concat!("(CASE ", $reach, " WHEN 2 THEN TRUE WHEN 1 THEN ", $crate::granted!($person, $now), " ELSE FALSE END)")
    };
}

/// As [`visible!`](crate::visible), for what lies in a file: a right to some fields of it opens nothing else. A grant on
/// the whole file names no field.
#[macro_export]
macro_rules! inside {
    () => {
        $crate::inside!($crate::reach!("$2", "$3"))
    };
    (reached) => {
        $crate::inside!($crate::reach!(reached))
    };
    ($reach:expr) => {
        concat!(
            "(CASE ",
            $reach,
            " WHEN 2 THEN TRUE WHEN 1 THEN ",
            $crate::granted!("$2", "$3", " AND g.fields = '[]'"),
            " ELSE FALSE END)"
        )
    };
}

/// A duty `d` of a file that the person sees: where somebody must not learn of it, those who owe it see it alone.
#[macro_export]
macro_rules! unbarred {
    () => {
        "(d.barred IS NULL OR (d.barred <> $2 AND EXISTS (
            SELECT 1 FROM principal w, appointment h WHERE w.org = d.org AND w.person = $2 AND w.active
            AND h.org = d.org AND h.person = $2 AND h.post = d.post AND h.valid_from <= $3 AND h.valid_until > $3)))"
    };
}
