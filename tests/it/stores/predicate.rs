//! The predicate of visibility against its definition, over every combination that can decide it.

use dossier_authority::store::appointment::Appointment;
use dossier_authority::store::file::FileCopy;
use dossier_authority::store::grant::Grant;
use dossier_authority::store::{appointment, file, grant, principal};
use dossier_authority::{cleared, cleared_file, standing, visible, with_reached};
use sqlx::types::Json;

use super::BENCH;
use crate::prelude::*;

const NOW: i64 = 1000;
const ME: u128 = 1;
const POSTS: [(&str, i64, &str, bool); 6] = [
    ("clerk", 0, "unit", false),
    ("seller", 1, "unit", false),
    ("manager", 2, "org", false),
    ("auditor", 2, "none", false),
    ("keeper", 2, "none", true),
    ("blind", -1, "org", false),
];
const LEVELS: [(&str, i64, bool, &str); 4] = [
    ("none", 0, false, "unit"),
    ("confidential", 1, false, "custodian"),
    ("secret", 2, false, "nobody"),
    ("top", 3, true, "unit"),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Right {
    None,
    Current,
    Over,
    Spent,
    Revoked,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    post: usize,
    appointed: bool,
    active: bool,
    level: usize,
    mine: bool,
    same_unit: bool,
    right: Right,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for post in 0..POSTS.len() {
            for level in 0..LEVELS.len() {
                for bits in 0..4 {
                    for right in [Right::None, Right::Current, Right::Over, Right::Spent, Right::Revoked] {
                        let (mine, same_unit) = (bits & 1 > 0, bits & 2 > 0);
                        cases.push(Self { post, appointed: true, active: true, level, mine, same_unit, right });
                    }
                }
            }
        }
        let grounds = Self {
            post: 2,
            appointed: true,
            active: true,
            level: 0,
            mine: true,
            same_unit: true,
            right: Right::Current,
        };
        cases.extend([Self { appointed: false, ..grounds }, Self { active: false, ..grounds }]);
        cases
    }

    // The definition, in plain words.
    fn cleared(self) -> bool {
        let ((_, clearance, ..), (_, rank, closed, _)) = (POSTS[self.post], LEVELS[self.level]);
        self.active && self.appointed && !closed && clearance >= rank
    }

    fn stands(self) -> bool {
        let ((_, _, standing, keeper), (_, _, _, level)) = (POSTS[self.post], LEVELS[self.level]);
        let by_unit = level == "unit" && (standing == "org" || (standing == "unit" && self.same_unit));
        let kept = level != "nobody" && (keeper || self.mine);
        self.cleared() && (by_unit || kept)
    }

    fn visible(self) -> bool {
        self.stands() || (self.cleared() && self.right == Right::Current)
    }
}

on_both_stores! {
    // proves, I10
    async fn a_file_is_seen_exactly_when_the_definition_says_so(world) {
        let mut tx = world.db(Which::Credit).write().await.unwrap();
        let tx = &mut tx;
        for (post, clearance, standing, custodian) in POSTS {
            let text = "INSERT INTO post_rule (org, post, clearance, grade, standing, custodian)
                        VALUES ($1, $2, $3, 1, $4, $5)";
            sql!(tx, execute, text, BENCH, post, clearance, standing, custodian).unwrap();
        }
        for (level, rank, closed, standing) in LEVELS {
            let text = "INSERT INTO level_rule (org, level, rank, closed, standing) VALUES ($1, $2, $3, $4, $5)";
            sql!(tx, execute, text, BENCH, level, rank, closed, standing).unwrap();
        }
        let cases = Case::all();
        for (at, case) in cases.iter().enumerate() {
            let base = (at as u128 + 1) * 100;
            let (me, id) = (Uuid::from_u128(base + ME), Uuid::from_u128(base + 2));
            set(tx, case, me, id, base).await;
            let seen = file::visible(tx, BENCH, me, NOW, id).await.unwrap();
            assert_eq!(seen.is_some(), case.visible(), "{case:?}");
            let askable = file::askable(tx, BENCH, me, NOW, id).await.unwrap();
            assert_eq!(askable.is_some(), case.cleared(), "{case:?}");
            assert!(file::visible(tx, "other", me, NOW, id).await.unwrap().is_none());
            // As lists ask it, the reach worked out before.
            let reached = concat!(
                with_reached!(),
                "SELECT ",
                visible!(reached),
                ", ",
                standing!(reached),
                ", ",
                cleared!(reached),
                ", ",
                cleared_file!(reached, "f.id"),
                " FROM file_copy f WHERE f.org = $1 AND f.id = $4"
            );
            let told = sql!(tx, fetch_one as (bool, bool, bool, bool), reached, BENCH, me, NOW, id).unwrap();
            assert_eq!(told, (case.visible(), case.stands(), case.cleared(), case.cleared()), "{case:?}");
            let plain = concat!("SELECT ", standing!(), " FROM file_copy f WHERE f.org = $1 AND f.id = $4");
            assert_eq!(sql!(tx, fetch_one as (bool,), plain, BENCH, me, NOW, id).unwrap().0, told.1, "{case:?}");
        }
        // All of them in one statement, each by their own person and file.
        let of = |at: usize| (Uuid::from_u128((at as u128 + 1) * 100 + ME), Uuid::from_u128((at as u128 + 1) * 100 + 2));
        let ask = |at| file::Asked { org: BENCH, person: of(at).0, now: NOW, file: of(at).1 };
        let mut asked: Vec<_> = (0..cases.len()).map(ask).collect();
        asked.push(file::Asked { org: "other", ..ask(0) });
        let seen = file::visible_each(tx, &asked).await.unwrap();
        let expected: Vec<bool> = cases.iter().map(|case| case.visible()).chain([false]).collect();
        assert_eq!(seen, expected);
    }
}

async fn set(tx: &mut dossier_kernel::db::Tx, case: &Case, me: Uuid, id: Uuid, base: u128) {
    principal::put(tx, BENCH, me, &format!("me{base}"), case.active).await.unwrap();
    let post = POSTS[case.post].0.to_owned();
    let until = if case.appointed { i64::MAX } else { NOW };
    let row = Appointment {
        id: Uuid::from_u128(base + 3),
        person: me,
        post,
        unit: "sales".into(),
        valid_from: 0,
        valid_until: until,
    };
    appointment::put(tx, BENCH, &row).await.unwrap();
    let copy = FileCopy {
        id,
        number: String::new(),
        level: LEVELS[case.level].0.into(),
        unit: if case.same_unit { "sales" } else { "finance" }.into(),
        custodian: case.mine.then_some(me),
        state: "CUSTOMER_FILE_STATE_ACTIVE".into(),
        customer_type: 2,
        revision: 1,
        complete: true,
    };
    file::put(tx, BENCH, &copy).await.unwrap();
    if case.right == Right::None {
        return;
    }
    let right = Grant {
        id: Uuid::from_u128(base + 4),
        file: id,
        holder: me,
        purpose: "audit".into(),
        scope: Json(dossier_authority::Scope::WholeFile),
        kind: 1,
        valid_from: 0,
        valid_until: if case.right == Right::Over { NOW } else { NOW + 1 },
        max_uses: 1,
        uses: 0,
        revoked_at: (case.right == Right::Revoked).then_some(1),
        completed_at: None,
    };
    grant::put(tx, BENCH, &right).await.unwrap();
    if case.right == Right::Spent {
        assert!(grant::spend(tx, BENCH, right.id).await.unwrap());
    }
}
