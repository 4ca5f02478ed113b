//! What the journal says of the tables of this service, so that the verifier can lay one beside the other: score models,
//! ratings, limits, reservations, and the exposure that follows from them.

use async_trait::async_trait;
use dossier_authority::audit::{self as shared, DUTIES, key};
use dossier_authority::promise;
use dossier_authority::store::audit::rows as shared_rows;
use dossier_journal::verify::Value;
use dossier_journal::verify::replay::Audited;
use dossier_journal::verify::state::{Cause, Findings, Place, Row, Told, instant, time_of, word};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, LimitChanged, RatingChanged, ReservationChanged, ScoreModelChanged};
use dossier_proto::types::Money;
use dossier_vault::Vault;

use crate::store::audit as store;
use crate::work::rating::seal::promised_score;

const OWN: [&str; 5] = ["score_model", "rating", "credit_limit", "reservation", "exposure"];

/// What notes stand behind. Entries of earlier versions call the justification of a limit its `reason` as well.
const WORDS: [&str; 2] = ["reason", "justification"];

/// The most strays of a kind that are named.
const STRAYS: i64 = 100;

/// The tables of credit beside its journal. The vault opens what the entries promise.
#[derive(Clone, Debug)]
pub struct Audit(pub Vault);

#[async_trait]
impl Audited for Audit {
    fn tables(&self) -> Vec<&'static str> {
        OWN.into_iter().chain(DUTIES).collect()
    }

    fn tell(&self, told: &mut Told, entry: &EntryBody) {
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::ScoreModelChanged(one)) => model(told, entry, one),
            Some(Kind::RatingChanged(one)) => rating(told, entry, one),
            Some(Kind::LimitChanged(one)) => limit(told, entry, one),
            Some(Kind::ReservationChanged(one)) => reservation(told, entry, one),
            Some(Kind::DutyChanged(_)) => shared::tell(told, entry),
            _ => {}
        }
    }

    async fn rows(&self, tx: &mut Tx, org: &str, table: &'static str, after: Option<&Place>) -> Result<Vec<Row>> {
        if OWN.contains(&table) {
            let score = |rated: &store::Rated| promised_score(&self.0, org, rated).map(|digest| digest.to_vec().into());
            return store::rows(tx, org, table, after, score).await;
        }
        shared_rows(tx, org, table, after).await
    }

    async fn page(
        &self,
        tx: &mut Tx,
        org: &str,
        entries: &[(i64, EntryBody)],
        _told: &mut Told,
        findings: &mut Findings,
    ) -> Result<()> {
        words(&self.0, tx, org, entries, findings).await
    }

    async fn rest(&self, tx: &mut Tx, org: &str, findings: &mut Findings) -> Result<()> {
        for (entry, field) in store::stray_notes(tx, org, STRAYS).await? {
            findings.add("entry_note", promise::called(entry, &field), Cause::Unsaid);
        }
        // The limit itself is compared with the entries.
        for id in store::stray_submissions(tx, org, STRAYS).await? {
            findings.add("submission", id.to_string(), Cause::Unsaid);
        }
        promise::strays(tx, org, findings).await
    }
}

// The words of calls. Promises of other fields are kept with the content that they are of.
async fn words(
    vault: &Vault,
    tx: &mut Tx,
    org: &str,
    entries: &[(i64, EntryBody)],
    findings: &mut Findings,
) -> Result<()> {
    let ids = promise::promising(entries);
    let mut kept = promise::kept(vault, tx, org, &ids).await?;
    for note in store::notes(tx, org, &ids).await? {
        kept.add(note.entry, note.field, &note.salt, note.text);
    }
    entries.iter().for_each(|entry| kept.compare(entry, |field| WORDS.contains(&field), findings));
    Ok(())
}

fn model(told: &mut Told, entry: &EntryBody, one: &ScoreModelChanged) {
    told.row("score_model", key(&one.score_model))
        .says("card", &one.card)
        .says("number", one.version)
        .says("content", &one.digest)
        .says("digest", &one.digest)
        .says("state", word(&one.state, "SCORE_MODEL_STATE_"))
        .once("creator", Value::name(&entry.actor));
}

fn rating(told: &mut Told, entry: &EntryBody, one: &RatingChanged) {
    let of_model = |field| told.value("score_model", &key(&one.score_model), field).cloned();
    let (card, number) = (of_model("card"), of_model("number"));
    let score = entry.commitments.iter().find(|promise| promise.field == "score").map(|promise| &promise.digest);
    told.row("rating", key(&one.rating))
        .says("customer", Value::name(&one.customer))
        .says("score_model", Value::name(&one.score_model))
        .newly("card", card)
        .newly("number", number)
        .says("score", score)
        .says("evaluator", Value::name(&entry.actor))
        .says("created_at", time_of(entry));
}

fn limit(told: &mut Told, entry: &EntryBody, one: &LimitChanged) {
    let (id, terms) = (key(&one.limit), one.terms.as_ref());
    told.row("credit_limit", &id)
        .says("customer", Value::name(&one.customer))
        .says("amount_minor", minor(one.amount.as_ref()))
        .says("currency", currency(one.amount.as_ref()))
        .says("state", word(&one.state, "LIMIT_STATE_"))
        .says("approval", Value::name(&one.approval))
        .says("valid_from", instant(one.valid_from.as_ref()))
        .says("valid_until", instant(one.valid_until.as_ref()))
        .newly("content", terms.map(|terms| &terms.content_digest))
        .newly("digest", terms.map(|terms| &terms.content_digest))
        .newly("proposer", terms.map(|terms| Value::name(&terms.proposer)))
        .newly("rating", terms.map(|terms| Value::name(&terms.rating)))
        .newly("supersedes", terms.map(|terms| Value::name(&terms.supersedes)))
        .once("created_at", time_of(entry));
    if entry.action == "limit.approved" {
        in_force(told, &id, one);
    }
}

// A limit that comes into force is what its customer's exposure is measured by.
fn in_force(told: &mut Told, id: &str, one: &LimitChanged) {
    let created = told.number("credit_limit", id, "created_at");
    let customer = key(&one.customer);
    told.row("exposure", &customer)
        .says("limit", Value::name(&one.limit))
        .says("limit_minor", minor(one.amount.as_ref()))
        .says("currency", currency(one.amount.as_ref()))
        .says("valid_from", instant(one.valid_from.as_ref()).unwrap_or(created))
        .says("valid_until", instant(one.valid_until.as_ref()))
        .once("drawn_minor", 0_i64)
        .once("held_minor", 0_i64);
    use_of(told, &customer, 0, 0);
}

fn reservation(told: &mut Told, entry: &EntryBody, one: &ReservationChanged) {
    let id = key(&one.reservation);
    let (amount, held, committed) =
        (minor(one.amount.as_ref()), minor(one.held.as_ref()), minor(one.committed.as_ref()));
    if held == amount {
        told.row("reservation", &id).says("creator", &entry.actor);
    }
    // What is held only falls.
    let used = amount - held;
    if told.overtaken("reservation", &id, used) {
        return;
    }
    let before = |field| told.number("reservation", &id, field);
    let (held_before, committed_before) = (before("held_minor"), before("committed_minor"));
    told.row("reservation", &id)
        .says("customer", Value::name(&one.customer))
        .says("limit", Value::name(&one.limit))
        .says("amount_minor", amount)
        .says("held_minor", held)
        .says("committed_minor", committed)
        .says("released_minor", amount - held - committed)
        .says("currency", currency(one.amount.as_ref()))
        .says("state", word(&one.state, "RESERVATION_STATE_"))
        .says("expire_at", instant(one.expire_time.as_ref()));
    use_of(told, &key(&one.customer), committed - committed_before, held - held_before);
}

// What is used is the sum over the reservations; what is too much follows.
fn use_of(told: &mut Told, customer: &str, drawn: i64, held: i64) {
    let now = |field| told.number("exposure", customer, field);
    let (drawn, held, limit) = (now("drawn_minor") + drawn, now("held_minor") + held, now("limit_minor"));
    told.row("exposure", customer)
        .says("drawn_minor", drawn)
        .says("held_minor", held)
        .says("excess_minor", (drawn + held - limit).max(0));
}

fn minor(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

fn currency(money: Option<&Money>) -> String {
    money.map(|money| money.currency_code.clone()).unwrap_or_default()
}
