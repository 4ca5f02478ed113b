//! What the journal says of the tables of this service, so that the verifier can lay one beside the other: people and
//! posts, letters, approvals with every signature, requests, grants, loans, and the words that entries promise.

mod words;

use async_trait::async_trait;
use dossier_authority::Scope;
use dossier_authority::audit::{self as shared, DIRECTORY, DUTIES, key};
use dossier_authority::promise;
use dossier_authority::store::audit::rows as shared_rows;
use dossier_journal::verify::Value;
use dossier_journal::verify::replay::Audited;
use dossier_journal::verify::state::{Cause, Findings, Place, Row, Told, instant, length, word};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{
    AccessRequestChanged, ApprovalChanged, ApprovalDecision, DelegationChanged, EntryBody, GrantChanged, LoanChanged,
    LoanItem, LoanTerms,
};
use dossier_vault::Vault;

use crate::store::audit as store;
use crate::work::plan;

const OWN: [&str; 8] =
    ["person", "letter", "approval", "approval_decision", "access_request", "access_grant", "loan", "loan_item"];

/// The most stray notes that are named.
const STRAYS: i64 = 100;

/// The tables of access beside its journal. The vault opens what the entries promise.
#[derive(Clone, Debug)]
pub struct Audit(pub Vault);

#[async_trait]
impl Audited for Audit {
    fn tables(&self) -> Vec<&'static str> {
        DIRECTORY.into_iter().chain(OWN).chain(DUTIES).collect()
    }

    fn tell(&self, told: &mut Told, entry: &EntryBody) {
        shared::tell(told, entry);
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::PersonChanged(one)) => drop(told.row("person", key(&one.person))),
            Some(Kind::DelegationChanged(one)) => letter(told, entry, one),
            Some(Kind::ApprovalChanged(one)) => approval(told, one),
            Some(Kind::AccessRequestChanged(one)) => request(told, one),
            Some(Kind::GrantChanged(one)) => grant(told, one),
            Some(Kind::LoanChanged(one)) => loan(told, one),
            _ => {}
        }
    }

    async fn rows(&self, tx: &mut Tx, org: &str, table: &'static str, after: Option<&Place>) -> Result<Vec<Row>> {
        if OWN.contains(&table) {
            return store::rows(tx, org, table, after, plan::digest).await;
        }
        shared_rows(tx, org, table, after).await
    }

    async fn page(
        &self,
        tx: &mut Tx,
        org: &str,
        entries: &[(i64, EntryBody)],
        told: &mut Told,
        findings: &mut Findings,
    ) -> Result<()> {
        words::compare(&self.0, tx, org, entries, told, findings).await
    }

    async fn rest(&self, tx: &mut Tx, org: &str, findings: &mut Findings) -> Result<()> {
        for (entry, field) in store::stray_notes(tx, org, STRAYS).await? {
            findings.add("note", promise::called(entry, &field), Cause::Unsaid);
        }
        promise::strays(tx, org, findings).await
    }
}

fn letter(told: &mut Told, entry: &EntryBody, one: &DelegationChanged) {
    let revoker = if one.revoked { Value::name(&entry.actor) } else { Value::Nothing };
    told.row("letter", key(&one.delegation))
        .says("max_level", &one.max_level)
        .once("creator", Value::name(&entry.actor))
        .says("revoker", revoker);
}

fn approval(told: &mut Told, one: &ApprovalChanged) {
    // A final state has come furthest, then the later round, then the longer list of decisions.
    let decided = word(&one.state, "APPROVAL_STATE_");
    let last = i64::from(!["pending", "returned"].contains(&decided.as_str()));
    let round = one.decisions.iter().map(|decision| decision.round).max();
    let round = i64::from(one.terms.as_ref().map_or(round.unwrap_or(0), |terms| terms.round));
    let signed = i64::try_from(one.decisions.len()).unwrap_or(i64::MAX);
    if told.overtaken("approval", &key(&one.approval), last * 1_000_000_000 + round * 10_000 + signed) {
        return;
    }
    let terms = one.terms.as_ref();
    let amount = terms.map(|terms| terms.amount.as_ref());
    let excluded = terms.map(|terms| terms.excluded_persons.iter().map(|name| key(name)).collect::<Vec<_>>());
    told.row("approval", key(&one.approval))
        .says("matter", &one.matter)
        .says("subject", &one.subject)
        .says("file", Value::name(&one.file))
        .says("digest", &one.content_digest)
        .says("state", word(&one.state, "APPROVAL_STATE_"))
        .says("requester", Value::name(&one.requester))
        .newly("unit", terms.map(|terms| &terms.unit))
        .newly("level", terms.map(|terms| &terms.level))
        .newly("rank", terms.map(|terms| terms.rank))
        .newly("minor_units", amount.map(|amount| amount.map(|amount| amount.minor_units)))
        .newly("currency", amount.map(|amount| amount.map(|amount| &amount.currency_code)))
        .newly("asker", terms.map(|terms| &terms.asker))
        .newly("excluded", excluded.map(|excluded| Value::list(&excluded)))
        .newly("plan", terms.map(|terms| &terms.plan_digest))
        .newly("round", terms.map(|terms| terms.round))
        .newly("passed_steps", terms.map(|terms| terms.passed_steps));
    for decision in &one.decisions {
        signature(told, &one.approval, decision);
    }
}

fn signature(told: &mut Told, approval: &str, one: &ApprovalDecision) {
    told.row("approval_decision", decision_key(approval, one))
        .says("step", one.step)
        .newly("voice", Some(&one.voice).filter(|voice| !voice.is_empty()).map(|voice| Value::name(voice)))
        .says("verdict", word(&one.verdict, "VERDICT_"))
        .says("acting_for", Value::name(&one.acting_for))
        .says("delegation", Value::name(&one.delegation))
        .says("post", &one.post)
        .says("unit", &one.unit)
        .newly("digest", Some(&one.content_digest).filter(|digest| !digest.is_empty()))
        .says("decided_at", instant(one.decide_time.as_ref()))
        .says("slot", one.slot);
}

/// One person decides once in a round.
fn decision_key(approval: &str, one: &ApprovalDecision) -> String {
    format!("{}/{}/{}", key(approval), one.round, key(&one.signer))
}

fn request(told: &mut Told, one: &AccessRequestChanged) {
    let state = word(&one.state, "ACCESS_REQUEST_STATE_");
    let last = i64::from(!["pending", "returned"].contains(&state.as_str()));
    if told.overtaken("access_request", &key(&one.access_request), last) {
        return;
    }
    let terms = one.terms.as_ref();
    told.row("access_request", key(&one.access_request))
        .says("file", Value::name(&one.file))
        .says("requester", Value::name(&one.requester))
        .says("purpose", &one.purpose)
        .says("medium", one.kind)
        .says("state", word(&one.state, "ACCESS_REQUEST_STATE_"))
        .says("approval", Value::name(&one.approval))
        .says("grant", Value::name(&one.grant))
        .newly("fields", terms.map(|terms| Scope::of(terms.scope.as_ref()).spelling()))
        .newly("duration", terms.map(|terms| length(terms.duration.as_ref())))
        .newly("reading_place", terms.map(|terms| &terms.reading_place))
        .newly("level", terms.map(|terms| &terms.level))
        .newly("matter", terms.map(|terms| &terms.matter));
}

fn grant(told: &mut Told, one: &GrantChanged) {
    let terms = one.terms.as_ref();
    let handed_out = terms.map_or(0, |terms| i64::from(terms.hand_outs));
    if told.overtaken("access_grant", &key(&one.grant), i64::from(one.revoked || one.completed) * 2 + handed_out) {
        return;
    }
    told.row("access_grant", key(&one.grant))
        .says("access_request", Value::name(&one.access_request))
        .says("approval", Value::name(&one.approval))
        .newly("reading_place", terms.map(|terms| &terms.reading_place))
        .newly("level", terms.map(|terms| &terms.level))
        .newly("valid_until", terms.map(|terms| instant(terms.use_until.as_ref())))
        .newly("loan_term", terms.map(|terms| length(terms.loan_duration.as_ref())))
        .newly("hand_outs", terms.map(|terms| terms.hand_outs))
        .newly("revoker", terms.map(|terms| Value::name(&terms.revoker)));
}

fn loan(told: &mut Told, one: &LoanChanged) {
    let terms = one.terms.as_ref();
    let back = i64::from(one.return_time.is_some()) * 1_000_000 + i64::from(one.recall_time.is_some()) * 10_000;
    let renewed = terms.map_or(0, |terms| i64::from(terms.renewals));
    if told.overtaken("loan", &key(&one.loan), back + renewed) {
        return;
    }
    let condition = terms.map(|terms| Some(&terms.condition).filter(|condition| !condition.is_empty()));
    told.row("loan", key(&one.loan))
        .says("file", Value::name(&one.file))
        .says("borrower", Value::name(&one.borrower))
        .says("grant", Value::name(&one.grant))
        .says("state", word(&one.state, "LOAN_STATE_"))
        .says("out_at", instant(one.check_out_time.as_ref()))
        .says("due_at", instant(one.due_time.as_ref()))
        .says("recalled_at", instant(one.recall_time.as_ref()))
        .says("returned_at", instant(one.return_time.as_ref()))
        .newly("level", terms.map(|terms| &terms.level))
        .newly("handed_out_by", terms.map(|terms| Value::name(&terms.handed_out_by)))
        .newly("renewals", terms.map(|terms| terms.renewals))
        .newly("recalled_by", terms.map(|terms| Value::name(&terms.recalled_by)))
        .newly("received_by", terms.map(|terms| Value::name(&terms.received_by)))
        .newly("condition", condition.map(|condition| condition.map(|name| word(name, "RETURN_CONDITION_"))))
        .newly("case_reference", terms.map(|terms| &terms.case_reference));
    let places = 0_i64..;
    for (place, item) in places.zip(&one.items) {
        lent(told, one, place, item);
    }
    if one.items.is_empty() {
        lent_before(told, one);
    }
}

fn lent(told: &mut Told, loan: &LoanChanged, place: i64, one: &LoanItem) {
    let condition = Some(&one.condition).filter(|condition| !condition.is_empty());
    told.row("loan_item", lent_key(loan, &one.item))
        .says("file", Value::name(&loan.file))
        .says("returned_at", instant(loan.return_time.as_ref()))
        .says("place", place)
        .newly("copies", Some(one.copies))
        .newly("pages", Some(Value::from(one.pages)))
        .newly("condition", Some(condition.map(|name| word(name, "RETURN_CONDITION_"))))
        .newly("returned_copies", Some(Value::from(one.returned_copies)))
        .newly("returned_pages", Some(Value::from(one.returned_pages)));
}

// Entries of earlier versions tell of the paper of the file, some of them of nothing but that it is out.
fn lent_before(told: &mut Told, one: &LoanChanged) {
    let terms = one.terms.as_ref();
    let counted = |terms: &LoanTerms| Value::from(Some(terms.pages).filter(|pages| *pages > 0));
    // What was not counted before was told as 0 on both sides.
    let back = |terms: &LoanTerms| Value::from(terms.returned_pages.filter(|pages| *pages > 0 || terms.pages > 0));
    let condition = terms.map(|terms| Some(&terms.condition).filter(|condition| !condition.is_empty()));
    told.row("loan_item", lent_key(one, &one.file))
        .says("file", Value::name(&one.file))
        .says("returned_at", instant(one.return_time.as_ref()))
        .says("place", 0_i64)
        .newly("copies", terms.map(|terms| terms.copies))
        .newly("pages", terms.map(counted))
        .newly("condition", condition.map(|condition| condition.map(|name| word(name, "RETURN_CONDITION_"))))
        .newly("returned_copies", terms.map(|terms| Value::from(terms.returned_copies)))
        .newly("returned_pages", terms.map(back));
}

/// A loan lends an item once.
fn lent_key(loan: &LoanChanged, item: &str) -> String {
    format!("{}/{}", key(&loan.loan), key(item))
}
