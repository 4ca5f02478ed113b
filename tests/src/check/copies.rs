//! I4: what each consumer keeps is what the owner's journal gives when it is applied once and in order, and each outcome
//! had its effect once.

use std::collections::BTreeMap;

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::{id, journal, kind, orgs, word};
use crate::world::{CONSUMERS, World};

type Rows = BTreeMap<(String, Uuid), String>;

/// Violations of I4.
pub async fn copies(world: &World) -> Vec<String> {
    let mut wrong = cursors(world).await;
    let told = told(world).await;
    for which in Which::ALL {
        for (table, text) in TABLES {
            // Profile owns the files themselves, and access the loans.
            if [(Which::Profile, "file_copy"), (Which::Access, "loan_copy")].contains(&(which, table)) {
                continue;
            }
            let stored = rows(world, which, text).await;
            let empty = Rows::new();
            let told = told.get(table).unwrap_or(&empty);
            // A loan that was open before its copy was kept is known with the next entry about it.
            wrong.extend(
                differences(&stored, told, table != "loan_copy")
                    .into_iter()
                    .map(|fault| format!("{which}.{table}: {fault}")),
            );
        }
    }
    wrong.extend(outcomes(world).await);
    wrong
}

async fn cursors(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for (which, consumer, source) in CONSUMERS {
        for org in orgs(world, source).await {
            let head = journal(world, source, &org).await.len() as i64;
            let mut tx = world.db(which).read().await.unwrap();
            let text = "SELECT seq FROM journal_cursor WHERE org = $1 AND consumer = $2 AND source = $3";
            let row = sql!(&mut tx, fetch_optional as (i64,), text, &org, consumer, source.name()).unwrap();
            let at = row.map_or(0, |(seq,)| seq);
            if at != head {
                wrong.push(format!("{which}/{consumer} stands at {at} of {head} entries of {source} in {org}"));
            }
        }
    }
    wrong
}

// Each row in words, as the event that wrote it last would put it.
const TABLES: [(&str, &str); 6] = [
    ("principal", "SELECT org, person, subject || CASE WHEN active THEN ' on' ELSE ' off' END FROM principal"),
    ("appointment", "SELECT org, id, post || ' ' || unit || ' ' || CAST(valid_until AS TEXT) FROM appointment"),
    (
        "delegation",
        "SELECT org, id, CAST(valid_until AS TEXT) || CASE WHEN revoked_at IS NULL THEN '' ELSE ' revoked' END
         FROM delegation",
    ),
    (
        "grant_copy",
        "SELECT org, id, CAST(valid_until AS TEXT) || CASE WHEN revoked_at IS NULL THEN '' ELSE ' revoked' END
             || CASE WHEN completed_at IS NULL THEN '' ELSE ' completed' END FROM grant_copy",
    ),
    ("loan_copy", "SELECT org, id, CAST(due_at AS TEXT) FROM loan_copy"),
    (
        "file_copy",
        "SELECT org, id, number || ' ' || level || ' ' || unit || ' ' || state || ' ' || CAST(revision AS TEXT)
             || CASE WHEN complete THEN ' complete' ELSE '' END FROM file_copy",
    ),
];

async fn rows(world: &World, which: Which, text: &'static str) -> Rows {
    let mut tx = world.db(which).read().await.unwrap();
    let rows = sql!(&mut tx, fetch_all as (String, Uuid, String), text).unwrap();
    rows.into_iter().map(|(org, id, said)| ((org, id), said)).collect()
}

async fn told(world: &World) -> BTreeMap<&'static str, Rows> {
    let mut told = BTreeMap::<&'static str, Rows>::new();
    for which in [Which::Access, Which::Profile] {
        for org in orgs(world, which).await {
            for entry in journal(world, which, &org).await {
                if let Some((table, name, said)) = kind(&entry.body).and_then(words) {
                    let key = (org.clone(), id(&name).unwrap_or_default());
                    let rows = told.entry(table).or_default();
                    // What is back is forgotten.
                    let _ = if said.is_empty() { rows.remove(&key) } else { rows.insert(key, said) };
                }
            }
        }
    }
    told
}

fn words(kind: &Kind) -> Option<(&'static str, String, String)> {
    let end = |time: &Option<prost_types::Timestamp>| {
        time.as_ref().map_or(i64::MAX, |time| time.seconds * 1_000_000 + i64::from(time.nanos) / 1000)
    };
    let mark = |is: bool, word: &str| if is { format!(" {word}") } else { String::new() };
    Some(match kind {
        Kind::PersonChanged(one) => {
            let said = format!("{} {}", one.subject, if one.active { "on" } else { "off" });
            ("principal", one.person.clone(), said)
        }
        Kind::AppointmentChanged(one) => {
            let said = format!("{} {} {}", one.post, one.unit, end(&one.valid_until));
            ("appointment", one.appointment.clone(), said)
        }
        Kind::DelegationChanged(one) => {
            let said = format!("{}{}", end(&one.valid_until), mark(one.revoked, "revoked"));
            ("delegation", one.delegation.clone(), said)
        }
        Kind::GrantChanged(one) => {
            let ends = mark(one.revoked, "revoked") + &mark(one.completed, "completed");
            ("grant_copy", one.grant.clone(), format!("{}{ends}", end(&one.valid_until)))
        }
        Kind::LoanChanged(one) => {
            let due = if one.return_time.is_some() { String::new() } else { end(&one.due_time).to_string() };
            ("loan_copy", one.loan.clone(), due)
        }
        Kind::FileChanged(one) => {
            let place = [&one.number, &one.level, &one.unit, &one.state].map(String::as_str).join(" ");
            ("file_copy", one.file.clone(), format!("{place} {}{}", one.revision, mark(one.complete, "complete")))
        }
        // What is destroyed is forgotten.
        Kind::DisposalChanged(one) if one.state == "destroyed" => ("file_copy", one.file.clone(), String::new()),
        _ => return None,
    })
}

// `all`: whatever was told is kept.
fn differences(stored: &Rows, told: &Rows, all: bool) -> Vec<String> {
    let keys: std::collections::BTreeSet<_> = stored.keys().chain(told.keys().filter(|_| all)).collect();
    let differ = keys.into_iter().filter(|key| stored.get(*key) != told.get(*key));
    differ.map(|key| format!("{key:?}: kept {:?}, told {:?}", stored.get(key), told.get(key))).collect()
}

// An approval has its effect in credit once: one entry that makes its limit APPROVED, and none without the approval.
async fn outcomes(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for org in orgs(world, Which::Credit).await {
        let mut approved = BTreeMap::<String, i64>::new();
        for entry in journal(world, Which::Access, &org).await {
            if let Some(Kind::ApprovalChanged(one)) = kind(&entry.body)
                && one.subject.starts_with("limits/")
                && word(&one.state, "APPROVAL_STATE_") == "approved"
            {
                approved.insert(one.approval.clone(), 0);
            }
        }
        for entry in journal(world, Which::Credit, &org).await {
            if let Some(Kind::LimitChanged(one)) = kind(&entry.body)
                && word(&one.state, "LIMIT_STATE_") == "approved"
            {
                match approved.get_mut(&one.approval) {
                    Some(count) => *count += 1,
                    None => wrong.push(format!("entry {} of credit: a limit without its approval", entry.seq)),
                }
            }
        }
        let twice = approved.iter().filter(|(_, count)| **count != 1);
        wrong.extend(twice.map(|(name, count)| format!("{name} of {org} had its effect {count} times")));
    }
    wrong
}
