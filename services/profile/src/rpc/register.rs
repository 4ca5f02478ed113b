//! The rpcs of registers and statistics, and how they are shown (P-111, X-25).

mod cell;
pub mod export;
pub mod list;
pub mod rows;
pub mod statistics;

use dossier_kernel::error::Result;
use dossier_proto::profile::v1 as wire;
use dossier_regime::{Over, Register, Statistic};

use crate::domain::register::{id, no_register, register_name, require_reader, statistic_name};
use crate::work::customer_file::session::Session;

/// The register of this name, for who may read it.
///
/// # Errors
/// A violation of `field`, `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`.
fn register<'a>(session: &Session<'a>, field: &str, name: &str) -> Result<&'a Register> {
    let found = session.pack().register(id(field, "registers", name)?);
    let found = found.ok_or_else(|| no_register(name))?;
    require_reader(&found.posts, |post| session.principal.holds(post, None), "register.read")?;
    Ok(found)
}

fn told(one: &Register) -> wire::Register {
    let column = |column: &dossier_regime::RegisterColumn| wire::RegisterColumn {
        value: column.value.clone(),
        display_name: column.label.clone(),
    };
    wire::Register {
        name: register_name(&one.id),
        display_name: one.label.clone(),
        over_records: one.over == Over::Records,
        over: one.over.to_string(),
        kind: one.kind.clone(),
        columns: one.columns.iter().map(column).collect(),
        shows_content: one.shows_content(),
    }
}

fn rule(one: &Statistic) -> wire::StatisticRule {
    wire::StatisticRule {
        name: statistic_name(&one.id),
        display_name: one.label.clone(),
        by: one.by.clone(),
        sum: one.sum.clone(),
        each: one.each.to_string(),
    }
}
