//! What the journals say of the tables that every service keeps: people, posts, letters, grants, files and duties. access
//! and profile own the events; the same fold serves the owner and whoever keeps a copy.

use async_trait::async_trait;
use dossier_journal::entry::earlier_name;
use dossier_journal::verify::Value;
use dossier_journal::verify::replay::Audited;
use dossier_journal::verify::state::{Place, Row, Told, instant, time_of};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{
    AppointmentChanged, DelegationChanged, DisposalChanged, DutyChanged, EntryBody, FileChanged, GrantChanged,
    PersonChanged,
};

use crate::disposal::State;
use crate::feed::is_known;
use crate::scope::Scope;
use crate::store::audit::rows;

/// The tables that access's journal feeds.
pub const DIRECTORY: [&str; 4] = ["principal", "appointment", "delegation", "grant_copy"];
/// The table that profile's journal feeds.
pub const FILES: [&str; 1] = ["file_copy"];
/// The table of duties, of which each service keeps its own.
pub const DUTIES: [&str; 1] = ["duty"];

/// Some of the shared tables, by the journal that feeds them.
#[derive(Clone, Copy, Debug)]
pub struct Shared(pub &'static [&'static str]);

#[async_trait]
impl Audited for Shared {
    fn tables(&self) -> Vec<&'static str> {
        self.0.to_vec()
    }

    fn tell(&self, told: &mut Told, entry: &EntryBody) {
        tell(told, entry);
    }

    async fn rows(&self, tx: &mut Tx, org: &str, table: &'static str, after: Option<&Place>) -> Result<Vec<Row>> {
        rows(tx, org, table, after).await
    }
}

/// What `entry` says of the shared tables.
pub fn tell(told: &mut Told, entry: &EntryBody) {
    let at = time_of(entry);
    match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
        Some(Kind::PersonChanged(one)) => person(told, one),
        Some(Kind::AppointmentChanged(one)) => appointment(told, one),
        Some(Kind::DelegationChanged(one)) => delegation(told, one, at),
        Some(Kind::GrantChanged(one)) => grant(told, one, at),
        Some(Kind::FileChanged(one)) => file(told, one),
        Some(Kind::DutyChanged(one)) => duty(told, one),
        Some(Kind::DisposalChanged(one)) => disposed(told, one),
        _ => {}
    }
}

/// The id in a resource name, as the key of a row.
pub fn key(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

fn person(told: &mut Told, one: &PersonChanged) {
    let row = told.row("principal", key(&one.person));
    row.says("subject", Value::private(&one.subject)).says("active", one.active);
}

// What has ended does not come back: two replicas may commit in another order than their entries are numbered.
fn known(told: &Told, table: &str, key: &str, field: &str) -> Option<i64> {
    told.value(table, key, field).and_then(Value::number)
}

fn appointment(told: &mut Told, one: &AppointmentChanged) {
    let (key, until) = (key(&one.appointment), instant(one.valid_until.as_ref()).unwrap_or(i64::MAX));
    let until = known(told, "appointment", &key, "valid_until").map_or(until, |known| known.min(until));
    told.row("appointment", key)
        .says("person", Value::name(&one.person))
        .says("post", &one.post)
        .says("unit", &one.unit)
        .says("valid_from", instant(one.valid_from.as_ref()).unwrap_or(i64::MIN))
        .says("valid_until", until);
}

fn delegation(told: &mut Told, one: &DelegationChanged, at: i64) {
    let key = key(&one.delegation);
    let revoked = known(told, "delegation", &key, "revoked_at").or(one.revoked.then_some(at));
    told.row("delegation", key)
        .says("delegator", Value::name(&one.delegator))
        .says("delegate", Value::name(&one.delegate))
        .says("post", &one.post)
        .says("matters", Value::list(&one.matters))
        .newly("max_rank", one.max_rank)
        .says("valid_from", instant(one.valid_from.as_ref()).unwrap_or(i64::MAX))
        .says("valid_until", instant(one.valid_until.as_ref()).unwrap_or(i64::MIN))
        .says("revoked_at", revoked);
}

fn grant(told: &mut Told, one: &GrantChanged, at: i64) {
    let (scope, key) = (Scope::of(one.scope.as_ref()), key(&one.grant));
    let ended = one.revoked || !is_known(one);
    let revoked = known(told, "grant_copy", &key, "revoked_at").or(ended.then_some(at));
    let completed = known(told, "grant_copy", &key, "completed_at").or(one.completed.then_some(at));
    told.row("grant_copy", key)
        .says("file", Value::name(&one.file))
        .says("holder", Value::name(&one.holder))
        .says("purpose", &one.purpose)
        .says("fields", scope.spelling())
        .says("medium", one.kind)
        .says("valid_from", instant(one.valid_from.as_ref()).unwrap_or(i64::MAX))
        .says("valid_until", instant(one.valid_until.as_ref()).unwrap_or(i64::MIN))
        .says("max_uses", one.max_uses)
        .says("revoked_at", revoked)
        .says("completed_at", completed);
}

fn file(told: &mut Told, one: &FileChanged) {
    let key = key(&one.file);
    // Two replicas may commit in another order than they are numbered; the revision tells.
    if told.number("file_copy", &key, "revision") > one.revision {
        return;
    }
    told.row("file_copy", key)
        .says("number", &one.number)
        .says("level", &one.level)
        .says("unit", &one.unit)
        .says("custodian", Value::name(&one.custodian))
        .says("state", &one.state)
        .says("customer_type", one.customer_type)
        .says("revision", one.revision)
        .says("complete", one.complete);
}

fn disposed(told: &mut Told, one: &DisposalChanged) {
    if one.state == State::Destroyed.as_str()
        && let Value::Id(file) = Value::name(&one.file)
    {
        told.erase(file, &FILES);
    }
}

fn duty(told: &mut Told, one: &DutyChanged) {
    told.row("duty", key(&one.duty))
        .says("kind", &one.kind)
        // Of a confined duty the subject is its own name, which entries of earlier versions spell otherwise.
        .says("subject", earlier_name(&one.subject).unwrap_or(&one.subject))
        .says("post", &one.post)
        .says("unit", &one.unit)
        .says("assignee", Value::name(&one.assignee))
        .says("due_at", instant(one.due_time.as_ref()))
        .says("state", &one.state)
        .says("time_window", one.time_window)
        .says("file", Value::name(&one.file));
}
