//! `CreateCustomerFile`: a draft for a unit that has no open file (P-01, P-02, P-04, P-30), with a warning of what it may be a duplicate
//! of (P-28).

use std::sync::Arc;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name};
use dossier_proto::profile::v1::{CreateCustomerFileRequest, CustomerFile as Message, DuplicateCandidate};
use dossier_regime::{Action, FileKind, Template};
use uuid::Uuid;

use super::duplicate::{Asked, near, traits_given};
use super::{reading, view};
use crate::content::{Content, Seal, unit_token};
use crate::domain::changed::{Rules, Writing, of_new};
use crate::domain::classification::Labels;
use crate::domain::custody::Custody;
use crate::domain::customer_file::{Act, CustomerFile, State, Weights};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::ties::{Ties, given as links_given};
use crate::domain::{header, kind, text};
use crate::work::customer_file::again::again;
use crate::work::customer_file::save::{Change, NewUnit, save};
use crate::work::customer_file::session::{Session, denied};
use crate::work::customer_file::ties;

/// Most files that a new one is said to be a possible duplicate of.
const MOST_DUPLICATES: usize = 5;

struct New {
    file: CustomerFile,
    writing: Writing,
    unit: NewUnit,
    template: Arc<Template>,
    reason: String,
}

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CreateCustomerFileRequest) -> Result<Message> {
    let made = made(base, call, &request).await?;
    // Not in the transaction, which holds others up, and not kept with the reply: it is of the moment, and of who asks.
    match Box::pin(duplicates(base, call, &request, &made)).await {
        Ok(possible_duplicates) => Ok(Message { possible_duplicates, ..made }),
        Err(fault) => {
            // The file is made: a warning that fails is none.
            tracing::warn!(org = call.org, ?fault, "duplicates of a new file cannot be looked for");
            Ok(made)
        }
    }
}

async fn made(base: &Base, call: &Call, request: &CreateCustomerFileRequest) -> Result<Message> {
    mutate!(base.mutations, call, (*request), tx => {
        let session = Session::open(base, tx, call, Action::FileCreate).await?;
        Box::pin(create(&session, tx, request)).await
    }, kept => again(base, tx, call, Action::FileCreate, kept).await)
}

// By what the caller gave. Who reads no files is told of none, nor who sees a file through a right for some purpose.
async fn duplicates(
    base: &Base,
    call: &Call,
    request: &CreateCustomerFileRequest,
    made: &Message,
) -> Result<Vec<DuplicateCandidate>> {
    let mut tx = base.db.read().await?;
    let session = Session::enter(base, &mut tx, call).await?;
    let template = session.tenant.template(made.template.strip_prefix("templates/").unwrap_or_default());
    let (Some(given), Some(template)) = (&request.customer_file, template) else { return Ok(Vec::new()) };
    if !session.principal.can(session.pack(), Action::FileRead) || made.customer_type == 0 || !made.of.is_empty() {
        return Ok(Vec::new());
    }
    let itself = Some(name::id("name", "files", &made.name)?);
    let visibility = FieldVisibility::standing(session.grade());
    let asked = Asked { traits: traits_given(template, given, &visibility), itself, purpose: "", place: "" };
    let mut candidates = near(&session, &mut tx, &asked).await?;
    candidates.truncate(MOST_DUPLICATES);
    tx.commit().await?;
    reading::release(&session, candidates, "").await
}

async fn create(session: &Session<'_>, tx: &mut Tx, request: &CreateCustomerFileRequest) -> Result<Message> {
    let new = checked(session, tx, request).await?;
    header::require_unit(session.tenant, &new.file.unit)?;
    let new = New { file: kept(session, tx, new.file).await?, ..new };
    let (vault, org) = (&session.base.vault, session.call.org.as_str());
    let key = vault.create_key(tx, org, new.file.id, session.call.now).await?;
    let seal = Seal::new(vault, org, new.file.id, key);
    let change = Change {
        act: Act::Create,
        before: None,
        after: new.file,
        content: Content::default(),
        writing: new.writing,
        unit: Some(new.unit),
        reason: new.reason,
        approval: String::new(),
        request_id: &request.request_id,
        imported: None,
    };
    let unit_ref = change.unit.as_ref().map(|unit| unit.clear.clone()).unwrap_or_default();
    let reply = view::saved(&save(session, tx, &seal, &new.template, change).await?, &new.template);
    Ok(Message { unit_ref, ..reply })
}

// Rights in the unit and over levels first, then everything that is wrong with the request at once.
async fn checked(session: &Session<'_>, tx: &mut Tx, request: &CreateCustomerFileRequest) -> Result<New> {
    let nothing = Message::default();
    let given = request.customer_file.as_ref().unwrap_or(&nothing);
    require_rights(session, given)?;
    let mut faults = Faults::default();
    // All that follows hangs on the kind.
    let kind = kind::file_kind(session.tenant, &given.file_kind)?;
    session.require_writer(kind, &given.unit, Action::FileCreate)?;
    let parent = faults.absorb(ties::parent(session, tx, kind, &given.of).await).flatten();
    let taken = parent.as_ref().and_then(|parent| parent.customer_type);
    let customer = kind::customer_of(session.tenant, kind, given.customer_type, taken, &mut faults);
    let unit = new_unit(session, &given.unit_ref, &mut faults)?;
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    let mut file = drafted(session, kind, given, &mut faults);
    let links = links_given(kind, &given.links, &mut faults);
    let template = found(kind::template(session.tenant, kind, given, customer), &mut faults)?;
    let Some(template) = template.filter(|_| kind.internal || customer.is_some()) else {
        return Err(faults.finish().err().unwrap_or_else(|| Error::violation("customer_file", "is required")));
    };
    kind::fits(kind, customer, &template.id, &mut faults);
    let rules = Rules { origin: session.origin(), template: &template, customer, own: true };
    let writing = of_new(rules, &given.fields, &given.classification, &reason, &mut faults);
    faults.finish()?;
    file.customer_type = customer;
    file.customer_number = parent.as_ref().and_then(|parent| parent.customer_number.clone());
    file.ties.of = parent.map(|parent| parent.id);
    file.ties.links = ties::links(session, tx, kind, &file, links).await?;
    file.template.clone_from(&template.id);
    file.template_version = i64::from(template.version);
    Ok(New { file, writing, unit, template, reason })
}

// A unit that does not exist is told later: who may create nowhere learns nothing about units.
fn require_rights(session: &Session<'_>, given: &Message) -> Result<()> {
    if session.tenant.organisation().unit(&given.unit).is_some() {
        session.require_in(Action::FileCreate, &given.unit)?;
    }
    if other_custodian(session, given).is_some() {
        session.require_in(Action::FileHandOver, &given.unit)?;
    }
    let above = !given.level.is_empty() && given.level != session.pack().lowest_level();
    if above && !session.principal.can(session.pack(), Action::FileClassify) {
        return Err(denied(Action::FileClassify));
    }
    session.require_raise(&given.level, &given.unit)
}

fn other_custodian(session: &Session<'_>, given: &Message) -> Option<Uuid> {
    let named = name::id("custodian", "persons", &given.custodian).ok();
    named.filter(|person| *person != session.principal.person)
}

// Who gives a new file to somebody else hands it over: to who may keep it, and not where its custodian reads it.
async fn kept(session: &Session<'_>, tx: &mut Tx, file: CustomerFile) -> Result<CustomerFile> {
    let Some(person) = file.custodian.filter(|person| *person != session.principal.person) else { return Ok(file) };
    session.require_person(tx, person).await?;
    if session.pack().is_kept(&file.level) {
        return Err(Error::violation("custodian", "is changed by HandOverCustomerFile at this level"));
    }
    if !session.may_keep(tx, person, &file.level, &file.unit).await? {
        return Err(Error::violation("custodian", "may keep no file of this level in this unit"));
    }
    Ok(CustomerFile { custody: Custody::Given, ..file })
}

fn new_unit(session: &Session<'_>, given: &str, faults: &mut Faults) -> Result<NewUnit> {
    let clear = header::unit_ref(given, faults);
    let token = unit_token(&session.base.vault, &session.call.org, &clear)?;
    if token.is_none() && !clear.is_empty() {
        faults.add("unit_ref", "holds nothing that counts");
    }
    Ok(NewUnit { clear, token: token.unwrap_or_default() })
}

// The draft but for its customer, the files it names and its template, which other checks hang on.
fn drafted(session: &Session<'_>, kind: &FileKind, given: &Message, faults: &mut Faults) -> CustomerFile {
    let (tenant, person, now) = (session.tenant, session.principal.person, session.call.now);
    CustomerFile {
        id: session.base.providers.ids.uuid(),
        number: None,
        customer_number: None,
        customer_type: None,
        unit_kind: kind.id.clone(),
        ties: Ties::default(),
        template: String::new(),
        template_version: 0,
        level: header::level(tenant, &given.level, faults),
        unit: header::unit(&given.unit, faults),
        custodian: Some(header::custodian(&given.custodian, person, faults)),
        custody: Custody::Made,
        state: State::Draft,
        classification: Labels::new(),
        first_contact: header::first_contact(tenant, kind, given.first_contact_time.as_ref(), now, faults),
        contract_effect: header::contract_effect(kind, given.contract_effect_time.as_ref(), faults),
        revision: 1,
        created: now,
        updated: now,
        creator: person,
        activated: None,
        closed: None,
        keep_until: None,
        weights: Weights::default(),
    }
}

// A malformed name is one fault among others; a template that is not there is told by itself, once the rest is right.
fn found(outcome: Result<Arc<Template>>, faults: &mut Faults) -> Result<Option<Arc<Template>>> {
    match outcome {
        Err(fault) if fault.violations().is_empty() && faults.is_empty() => Err(fault),
        Err(fault) if fault.violations().is_empty() => Ok(None),
        outcome => Ok(faults.absorb(outcome)),
    }
}
