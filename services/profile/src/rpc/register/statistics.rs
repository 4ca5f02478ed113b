//! `GetStatistics`: counts and sums, of groups in which nobody is singled out.

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{GetStatisticsRequest, Statistics};
use dossier_regime::{Field, FieldType, Over, Statistic, Template, Told};

use super::cell::label;
use super::rule;
use crate::domain::register::{id, no_statistic, require_reader};
use crate::domain::statistic::{Group, Tally, asked_day};
use crate::work::customer_file::session::Session;
use crate::work::statistic::{count, reach};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetStatisticsRequest) -> Result<Statistics> {
    let mut tx = base.db.read().await?;
    let session = Session::enter(base, &mut tx, call).await?;
    let found = session.pack().statistic(id("name", "statistics", &request.name)?);
    let statistic = found.ok_or_else(|| no_statistic(&request.name))?;
    require_reader(&statistic.posts, |post| session.principal.holds(post, None), "statistics.read")?;
    let mut faults = Faults::default();
    let start = faults.absorb(asked_day("start_date", &request.start_date));
    let end = faults.absorb(asked_day("end_date", &request.end_date));
    faults.finish()?;
    let mut tally = Tally::new(statistic.each, start.unwrap_or_default(), end.unwrap_or_default())?;
    let rank = reach(session.pack(), statistic);
    for level in session.pack().levels.iter().filter(|one| session.pack().rank(&one.id).is_some_and(|at| at <= rank)) {
        session.require_fresh(&level.id)?;
    }
    count(&session, &mut tx, statistic, &mut tally).await?;
    tx.commit().await?;
    let telling = Telling { session: &session, statistic };
    let period = |(start, end, told): (jiff::civil::Date, jiff::civil::Date, crate::domain::statistic::Told)| {
        wire::StatisticPeriod {
            start_date: start.to_string(),
            end_date: end.to_string(),
            groups: told.groups.into_iter().map(|(values, group)| telling.group(&values, &group)).collect(),
            others: told.others.map(|group| telling.group(&[], &group)),
            held_back: told.held_back,
        }
    };
    Ok(Statistics { rule: Some(rule(statistic)), periods: tally.told().map(period).collect() })
}

struct Telling<'s> {
    session: &'s Session<'s>,
    statistic: &'s Statistic,
}

// === impl Telling ===

impl Telling<'_> {
    fn group(&self, values: &[String], group: &Group) -> wire::StatisticGroup {
        let sum = |(at, field): (usize, &String)| wire::StatisticSum { field: field.clone(), totals: group.totals(at) };
        let value = |(by, value): (&String, &String)| wire::StatisticValue {
            value: value.clone(),
            text: self.text(by, value).unwrap_or_else(|| value.clone()),
        };
        wire::StatisticGroup {
            values: self.statistic.by.iter().zip(values).map(value).collect(),
            count: group.count,
            sums: self.statistic.sum.iter().enumerate().map(sum).collect(),
        }
    }

    // What people call a value: a part, or a choice of the forms that have the field.
    fn text(&self, by: &str, value: &str) -> Option<String> {
        let told = Told::read(self.statistic.over, by);
        if told.is_part() {
            return label(self.session, &self.statistic.kind, told.name(), value);
        }
        let choices =
            self.forms(told).into_iter().filter_map(|form| form.field(told.name())).filter(|field| is_choice(field));
        choices.flat_map(|field| &field.values).find(|one| one.value == value).map(|one| one.label.clone())
    }

    fn forms(&self, told: Told<'_>) -> Vec<&Template> {
        let (pack, tenant, statistic) = (self.session.pack(), self.session.tenant, self.statistic);
        let record = match (told, statistic.over) {
            (Told::Record(_), Over::Records) => pack.record(&statistic.kind).map(|kind| kind.template.as_str()),
            _ => None,
        };
        if let Told::Document(_) = told {
            let kinds = pack.documents.iter().filter(|kind| statistic.kind.is_empty() || kind.id == statistic.kind);
            let forms: BTreeSet<_> = kinds.map(|kind| kind.template.as_str()).collect();
            return forms.into_iter().filter_map(|id| tenant.form(id)).map(|form| &**form).collect();
        }
        let files = tenant.templates().map(|form| &**form).filter(move |_| record.is_none());
        record.and_then(|id| tenant.form(id)).map(|form| &**form).into_iter().chain(files).collect()
    }
}

const fn is_choice(field: &Field) -> bool {
    matches!(field.kind, FieldType::Enum)
}
