//! The predicate of who may see what, as SQL text that every query contains.
//!
//! All three texts speak of a table aliased `f` that has `org`, `id`, `level`, `unit` and `custodian`, and of the
//! parameters `$1` = org, `$2` = person, `$3` = now in microseconds. They are literals, so that `concat!` joins them
//! with the rest of a statement and both stores prepare the same text once.
//!
//! A person sees a file iff
//! 1. a current appointment of an active person gives clearance that dominates the level, and the level is not closed
//!    a closed level dominates every clearance), and
//! 2. there is need to know: the standing that the level gives (the unit, the custodian, nobody), or a current grant.

/// Clearance: some current appointment dominates the level, and the level is open.
#[macro_export]
macro_rules! cleared {
    () => {
        "EXISTS (
            SELECT 1 FROM level_rule l, principal w, appointment a, post_rule p
            WHERE l.org = f.org AND l.level = f.level AND NOT l.closed
              AND w.org = f.org AND w.person = $2 AND w.active
              AND a.org = f.org AND a.person = $2 AND a.valid_from <= $3 AND a.valid_until > $3
              AND p.org = f.org AND p.post = a.post AND p.clearance >= l.rank)"
    };
}

/// Clearance and the standing access that the pack gives; no grant is looked at.
#[macro_export]
macro_rules! standing {
    () => {
        concat!(
            "(",
            $crate::cleared!(),
            " AND EXISTS (
            SELECT 1 FROM level_rule l, appointment a, post_rule p
            WHERE l.org = f.org AND l.level = f.level
              AND a.org = f.org AND a.person = $2 AND a.valid_from <= $3 AND a.valid_until > $3
              AND p.org = f.org AND p.post = a.post
              AND ((l.standing = 'unit' AND (p.standing = 'org' OR (p.standing = 'unit' AND a.unit = f.unit)))
                OR (l.standing <> 'nobody' AND (p.custodian OR f.custodian = $2)))))"
        )
    };
}

/// A current grant on the file for this person.
#[macro_export]
macro_rules! granted {
    () => {
        "EXISTS (
            SELECT 1 FROM grant_copy g
            WHERE g.org = f.org AND g.file = f.id AND g.holder = $2
              AND g.valid_from <= $3 AND g.valid_until > $3 AND g.revoked_at IS NULL AND g.completed_at IS NULL
              AND (g.max_uses = 0 OR g.uses < g.max_uses))"
    };
}

/// The whole predicate: standing access, or clearance and a current grant.
#[macro_export]
macro_rules! visible {
    () => {
        concat!("(", $crate::standing!(), " OR (", $crate::cleared!(), " AND ", $crate::granted!(), "))")
    };
}
