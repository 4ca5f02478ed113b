//! GetRegime.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_proto::access::v1 as pb;
use dossier_proto::types;
use dossier_proto::types::Sensitivity as ProtoSensitivity;
use dossier_regime::{
    ActRule, Action, Choice, FileKind, JournalReach, Level, LevelStanding, LinkRule, Matter, Organisation, Pack, Plan,
    Post, PostStanding, RecordKind, Scope, Sensitivity, Tenant, Term, TermUnit, Unit,
};

use crate::domain::access_request::{AccessKind, Rule};
use crate::domain::appointment::label;
use crate::work::wire::{self, count};

/// Answers the pack of the caller's organisation.
///
/// # Errors
/// `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND` for another name.
pub(crate) async fn regime(base: &Base, call: &Call, request: pb::GetRegimeRequest) -> Result<pb::Regime> {
    let mut tx = base.db.read().await?;
    base.authorise(&mut tx, call, Action::PolicyRead).await?;
    let tenant = base.tenant(&call.org)?;
    let pack = tenant.pack();
    let own = ["", "regimes/-"].contains(&request.name.as_str()) || request.name == format!("regimes/{}", pack.id);
    if !own {
        let asked = request.name.strip_prefix("regimes/").unwrap_or(&request.name);
        return Err(Error::missing(Missing::Regime, format!("regimes/{}", label(asked))));
    }
    Ok(message(tenant))
}

fn message(tenant: &Tenant) -> pb::Regime {
    let pack = tenant.pack();
    pb::Regime {
        name: format!("regimes/{}", pack.id),
        pack: pack.id.clone(),
        version: number(pack.version),
        label: pack.label.clone(),
        levels: pack.levels.iter().map(|one| level(pack, one)).collect(),
        posts: pack.posts.iter().map(post).collect(),
        matters: pack.matters.iter().map(matter).collect(),
        plans: pack.plans.iter().map(plan).collect(),
        borrower_duties: pack.loans.duties.iter().map(choice).collect(),
        inspection_points: pack.loans.inspection.iter().map(choice).collect(),
        reading_places: pack.loans.places.iter().map(choice).collect(),
        purposes: pack.access.purposes.iter().map(choice).collect(),
        justification_min_length: number(pack.access.reason_min_length),
        units: units(tenant.organisation()),
        time_zone: pack.time_zone.name().to_owned(),
        acts: pack.acts.iter().map(act).collect(),
        file_kinds: pack.files.iter().map(|kind| file_kind(tenant, kind)).collect(),
        record_kinds: pack.records.iter().map(record_kind).collect(),
    }
}

fn units(organisation: &Organisation) -> Vec<pb::RuleItem> {
    let unit = |(_, unit): (usize, &Unit)| pb::RuleItem {
        parent: unit.parent.clone().unwrap_or_default(),
        kind: unit.kind.clone().unwrap_or_default(),
        ..item(&unit.id, &unit.label)
    };
    organisation.tree().into_iter().map(unit).collect()
}

fn file_kind(tenant: &Tenant, one: &FileKind) -> pb::FileKindRule {
    let forms = tenant.templates().filter(|form| tenant.is_form_of(one, &form.id));
    let link = |link: &LinkRule| pb::LinkRule { id: link.id.clone(), label: link.label.clone(), to: link.to.clone() };
    pb::FileKindRule {
        id: one.id.clone(),
        label: one.label.clone(),
        internal: one.internal,
        of: one.of.clone().unwrap_or_default(),
        links: one.links.iter().map(link).collect(),
        templates: forms.map(|form| format!("templates/{}", form.id)).collect(),
        purpose: one.purpose.clone().unwrap_or_default(),
        legal_basis: one.legal_basis.clone().unwrap_or_default(),
        retention: one.retention.clone().unwrap_or_default(),
        write: one.write.clone().unwrap_or_default(),
    }
}

fn record_kind(one: &RecordKind) -> pb::RecordKindRule {
    pb::RecordKindRule {
        id: one.id.clone(),
        label: one.label.clone(),
        template: format!("templates/{}", one.template),
        create: one.create.clone(),
        edit: one.edit.clone(),
        limit: one.limit.to_string(),
        stages: one.stages.iter().map(|stage| item(&stage.id, &stage.label)).collect(),
    }
}

fn act(one: &ActRule) -> pb::ActRule {
    let (act, matter) = (one.act.as_str().to_owned(), one.matter.clone().unwrap_or_default());
    pb::ActRule { act, matter, posts: one.posts.clone() }
}

fn level(pack: &Pack, one: &Level) -> pb::LevelRule {
    pb::LevelRule {
        id: one.id.clone(),
        label: one.label.clone(),
        rank: i32::try_from(pack.rank(&one.id).unwrap_or_default()).unwrap_or(i32::MAX),
        closed: one.closed,
        standing: standing(one.standing).into(),
        rules: AccessKind::ALL.into_iter().flat_map(|kind| rules(pack, one, kind)).collect(),
    }
}

// The rules of a level for one kind of use, the first that fits first; none where it is never allowed.
fn rules(pack: &Pack, level: &Level, kind: AccessKind) -> Vec<pb::AccessRule> {
    let Ok(rule) = Rule::of(pack, &level.id, kind) else { return Vec::new() };
    let original = kind == AccessKind::Original;
    // Where the level asks for an approval and the pack names no way to give it, nobody gets it.
    let (mode, matter) = match rule.matter() {
        Ok(None) => (pb::AccessMode::Free, ""),
        Ok(Some(matter)) => (pb::AccessMode::Approval, matter),
        Err(_) => (pb::AccessMode::Never, ""),
    };
    let general = pb::AccessRule {
        kind: wire::kind(kind).into(),
        purposes: Vec::new(),
        posts: Vec::new(),
        mode: mode.into(),
        matter: matter.to_owned(),
        place: rule.place().unwrap_or_default().to_owned(),
        longest_term: Some(term(rule.longest())),
        renewals: if original { number(level.loan.renewals) } else { 0 },
    };
    let direct = pb::AccessRule {
        posts: level.loan.bypass_posts.clone(),
        mode: pb::AccessMode::Direct.into(),
        matter: String::new(),
        ..general.clone()
    };
    let direct = (original && !direct.posts.is_empty()).then_some(direct);
    direct.into_iter().chain([general]).collect()
}

fn post(one: &Post) -> pb::PostRule {
    pb::PostRule {
        id: one.id.clone(),
        label: one.label.clone(),
        clearance: one.clearance.clone(),
        grade: sensitivity(one.grade).into(),
        standing: post_standing(one.standing).into(),
        custodian: one.custodian,
        whole_journal: one.journal == JournalReach::Org,
        actions: one.actions.iter().map(|action| action.as_str().to_owned()).collect(),
    }
}

fn matter(one: &Matter) -> pb::MatterRule {
    pb::MatterRule {
        id: one.id.clone(),
        label: one.label.clone(),
        plan: one.plan.clone(),
        delegable_to: one.delegable_to.clone(),
    }
}

fn plan(one: &Plan) -> types::ApprovalPlan {
    let scope = |scope| if scope == Scope::Unit { types::SlotScope::Unit } else { types::SlotScope::Org };
    let slot = |slot: &dossier_regime::Slot| types::PlanSlot {
        posts: slot.posts.clone(),
        scope: scope(slot.scope).into(),
        unit: String::new(),
    };
    let step = |step: &dossier_regime::Step| types::PlanStep {
        quorum: number(step.quorum),
        slots: step.slots.iter().map(slot).collect(),
    };
    types::ApprovalPlan {
        id: one.id.clone(),
        label: one.label.clone(),
        steps: one.steps.iter().map(step).collect(),
        excluded_posts: one.excluded_posts.clone(),
    }
}

/// A term as the contract shows it.
pub(crate) fn term(term: Term) -> types::Term {
    let unit = match term.unit {
        TermUnit::Hours => types::TermUnit::Hours,
        TermUnit::Days => types::TermUnit::CalendarDays,
        TermUnit::WorkingDays => types::TermUnit::WorkingDays,
        TermUnit::SameDay => types::TermUnit::SameDay,
        TermUnit::Weeks => types::TermUnit::Weeks,
        TermUnit::Months => types::TermUnit::Months,
        TermUnit::Quarters => types::TermUnit::Quarters,
        TermUnit::Years => types::TermUnit::Years,
    };
    types::Term { count: number(term.amount), unit: unit.into() }
}

fn choice(one: &Choice) -> pb::RuleItem {
    item(&one.value, &one.label)
}

fn item(id: &str, label: &str) -> pb::RuleItem {
    pb::RuleItem { id: id.to_owned(), label: label.to_owned(), ..pb::RuleItem::default() }
}

fn standing(standing: LevelStanding) -> pb::StandingAccess {
    match standing {
        LevelStanding::Unit => pb::StandingAccess::Unit,
        LevelStanding::Custodian => pb::StandingAccess::Custodian,
        LevelStanding::Nobody => pb::StandingAccess::Nobody,
    }
}

fn post_standing(standing: PostStanding) -> pb::StandingScope {
    match standing {
        PostStanding::None => pb::StandingScope::None,
        PostStanding::Unit => pb::StandingScope::Unit,
        PostStanding::Org => pb::StandingScope::Org,
    }
}

fn sensitivity(grade: Sensitivity) -> ProtoSensitivity {
    match grade {
        Sensitivity::Public => ProtoSensitivity::Public,
        Sensitivity::Internal => ProtoSensitivity::Internal,
        Sensitivity::Confidential => ProtoSensitivity::Confidential,
        Sensitivity::Secret => ProtoSensitivity::Secret,
    }
}

fn number(number: u32) -> i32 {
    count(usize::try_from(number).unwrap_or(usize::MAX))
}
