//! I6: no approver is the requester or speaks with their voice, and every yes of a round is another human and voice.

use std::collections::{BTreeMap, BTreeSet};

use dossier::serve::Which;
use dossier_kernel::sql;
use uuid::Uuid;

use crate::world::World;

#[derive(Clone, sqlx::FromRow)]
struct Signature {
    org: String,
    approval: Uuid,
    round: i64,
    step: i64,
    signer: Uuid,
    acting_for: Option<Uuid>,
    post: String,
    unit: String,
    verdict: String,
    decided_at: i64,
    matter: String,
    requester: Uuid,
    state: String,
    current: bool,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct Letter {
    org: String,
    delegator: Uuid,
    delegate: Uuid,
    matters: sqlx::types::Json<Vec<String>>,
    valid_from: i64,
    valid_until: i64,
    revoked_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Appointed {
    org: String,
    person: Uuid,
    post: String,
    unit: String,
    valid_from: i64,
    valid_until: i64,
}

/// Violations of I6.
pub async fn signatures(world: &World) -> Vec<String> {
    let mut tx = world.db(Which::Access).read().await.unwrap();
    let text = "SELECT d.org, d.approval, d.round, d.step, d.signer, d.acting_for, d.post, d.unit, d.verdict,
                       d.decided_at, a.matter, a.requester, a.state, d.round = a.round AS current, a.created_at
                FROM approval_decision d JOIN approval a ON a.org = d.org AND a.id = d.approval
                ORDER BY d.org, d.approval, d.round, d.ordinal";
    let signatures = sql!(&mut tx, fetch_all as Signature, text).unwrap();
    let text = "SELECT org, delegator, delegate, matters, valid_from, valid_until, revoked_at FROM delegation";
    let letters = sql!(&mut tx, fetch_all as Letter, text).unwrap();
    let text = "SELECT org, person, post, unit, valid_from, valid_until FROM appointment";
    let appointed = sql!(&mut tx, fetch_all as Appointed, text).unwrap();
    drop(tx);
    let mut wrong = Vec::new();
    let mut rounds = BTreeMap::<(String, Uuid, i64), Vec<Signature>>::new();
    for one in signatures {
        rounds.entry((one.org.clone(), one.approval, one.round)).or_default().push(one);
    }
    for ((org, approval, round), signed) in &rounds {
        let place = format!("round {round} of approvals/{approval} of {org}");
        wrong.extend(voices(signed, &letters).into_iter().map(|fault| format!("{place}: {fault}")));
        wrong.extend(posts(signed, &appointed).into_iter().map(|fault| format!("{place}: {fault}")));
    }
    wrong.extend(quorums(world, &rounds).await);
    wrong
}

fn voices(signed: &[Signature], letters: &[Letter]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut spoken = BTreeSet::new();
    for one in signed {
        // Everybody whom letters tie to the signer by the time of this signature, along any chain.
        let mut voice = BTreeSet::from([one.signer]);
        voice.extend(one.acting_for);
        while letters.iter().filter(|letter| ties(letter, one)).any(|letter| {
            let touches = voice.contains(&letter.delegator) || voice.contains(&letter.delegate);
            touches && (voice.insert(letter.delegator) | voice.insert(letter.delegate))
        }) {}
        if voice.contains(&one.requester) {
            wrong.push(format!("persons/{} signed with the requester's voice", one.signer));
        }
        if voice.iter().any(|person| spoken.contains(person)) {
            wrong.push(format!("persons/{} signed with a voice that had signed", one.signer));
        }
        spoken.insert(one.signer);
        spoken.extend(one.acting_for);
    }
    wrong
}

// A letter ties when it named the matter and held at some moment between the question and the signature.
fn ties(letter: &Letter, signature: &Signature) -> bool {
    let end = letter.revoked_at.unwrap_or(i64::MAX).min(letter.valid_until);
    letter.org == signature.org
        && letter.matters.contains(&signature.matter)
        && letter.valid_from <= signature.decided_at
        && end > signature.created_at
}

fn posts(signed: &[Signature], appointed: &[Appointed]) -> Vec<String> {
    let missing = signed.iter().filter(|one| {
        let holder = one.acting_for.unwrap_or(one.signer);
        !appointed.iter().any(|post| {
            let held = post.valid_from <= one.decided_at && one.decided_at < post.valid_until;
            (&post.org, post.person, &post.post, &post.unit) == (&one.org, holder, &one.post, &one.unit) && held
        })
    });
    missing.map(|one| format!("persons/{} signed as {} without the post", one.signer, one.post)).collect()
}

// An approved approval has the quorum of each step in its current round, and nothing but yes.
async fn quorums(world: &World, rounds: &BTreeMap<(String, Uuid, i64), Vec<Signature>>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tx = world.db(Which::Access).read().await.unwrap();
    let text = "SELECT org, id, round, plan FROM approval WHERE state = 'approved'";
    type Row = (String, Uuid, i64, sqlx::types::Json<serde_json::Value>);
    for (org, approval, round, plan) in sql!(&mut tx, fetch_all as Row, text).unwrap() {
        let signed = rounds.get(&(org.clone(), approval, round)).cloned().unwrap_or_default();
        if signed.iter().any(|one| one.verdict != "approve" || one.state != "approved" || !one.current) {
            wrong.push(format!("approvals/{approval} of {org} is approved over a no"));
        }
        let steps = plan["steps"].as_array().cloned().unwrap_or_default();
        if steps.is_empty() {
            wrong.push(format!("approvals/{approval} of {org} is approved by an empty plan"));
        }
        for (step, rule) in steps.iter().enumerate() {
            let yes = signed.iter().filter(|one| one.step == step as i64).count() as u64;
            if yes < rule["quorum"].as_u64().unwrap_or(u64::MAX) {
                wrong.push(format!("approvals/{approval} of {org}: step {step} has {yes} signatures"));
            }
        }
    }
    wrong
}
