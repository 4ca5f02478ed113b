//! I2: drawn + held ≤ limit, recomputed from the reservations, now and at every moment of the journal.

use std::collections::BTreeMap;

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::{id, journal, kind, orgs};
use crate::world::World;

#[derive(sqlx::FromRow)]
struct Line {
    org: String,
    customer: Uuid,
    limit_minor: i64,
    drawn_minor: i64,
    held_minor: i64,
    excess_minor: i64,
}

#[derive(Default)]
struct Customer {
    limit: i64,
    // What each reservation uses: held and committed.
    used: BTreeMap<Uuid, i64>,
}

/// Violations of I2.
pub async fn limits(world: &World) -> Vec<String> {
    let mut wrong = tables(world).await;
    for org in orgs(world, Which::Credit).await {
        wrong.extend(history(world, &org).await);
    }
    wrong
}

async fn tables(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tx = world.db(Which::Credit).read().await.unwrap();
    let text = "SELECT org, customer, CAST(SUM(committed_minor) AS BIGINT), CAST(SUM(held_minor) AS BIGINT)
                FROM reservation GROUP BY org, customer";
    let rows = sql!(&mut tx, fetch_all as (String, Uuid, i64, i64), text).unwrap();
    let sums: BTreeMap<_, _> = rows.into_iter().map(|(org, who, drawn, held)| ((org, who), (drawn, held))).collect();
    let text = "SELECT org, customer, limit_minor, drawn_minor, held_minor, excess_minor FROM exposure";
    for line in sql!(&mut tx, fetch_all as Line, text).unwrap() {
        let name = format!("files/{} of {}", line.customer, line.org);
        let (drawn, held) = sums.get(&(line.org.clone(), line.customer)).copied().unwrap_or_default();
        if (line.drawn_minor, line.held_minor) != (drawn, held) {
            let (stored, summed) = ((line.drawn_minor, line.held_minor), (drawn, held));
            wrong.push(format!("{name}: the exposure says {stored:?}, the reservations add up to {summed:?}"));
        }
        // The excess is what a lowered limit left uncovered, never room for more.
        let over = (drawn + held - line.limit_minor).max(0);
        if over > 0 && line.excess_minor < over {
            wrong.push(format!("{name}: {drawn} drawn and {held} held are more than {}", line.limit_minor));
        }
        if line.excess_minor > over {
            wrong.push(format!("{name}: an excess of {} where {over} is over the limit", line.excess_minor));
        }
    }
    wrong
}

// A reservation may only grow the use of a limit while all of it stays within the limit of that moment.
async fn history(world: &World, org: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut customers = BTreeMap::<Uuid, Customer>::new();
    for entry in journal(world, Which::Credit, org).await {
        match kind(&entry.body) {
            Some(Kind::LimitChanged(limit)) => {
                let Some(customer) = id(&limit.customer) else { continue };
                let amount = limit.amount.as_ref().map_or(0, |amount| amount.minor_units);
                match limit.state.as_str() {
                    "LIMIT_STATE_APPROVED" => customers.entry(customer).or_default().limit = amount,
                    "LIMIT_STATE_EXPIRED" => customers.entry(customer).or_default().limit = 0,
                    _ => {}
                }
            }
            Some(Kind::ReservationChanged(event)) => {
                let (Some(customer), Some(name)) = (id(&event.customer), id(&event.reservation)) else { continue };
                let minor =
                    |money: &Option<_>| money.as_ref().map_or(0, |one: &dossier_proto::types::Money| one.minor_units);
                let customer_of = customers.entry(customer).or_default();
                let now = minor(&event.held) + minor(&event.committed);
                let before = customer_of.used.insert(name, now).unwrap_or_default();
                let all: i64 = customer_of.used.values().sum();
                if now > before && all > customer_of.limit {
                    let limit = customer_of.limit;
                    wrong.push(format!("entry {}: files/{customer} of {org} uses {all} of {limit}", entry.seq));
                }
            }
            _ => {}
        }
    }
    wrong
}
