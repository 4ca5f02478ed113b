//! Files that may be about the same customer: which are looked at, and what is told of them (P-28).
//!
//! What the caller may not read of a file is not compared, so no score tells of it; what it tells of is a disclosure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name::name;
use dossier_proto::profile::v1 as wire;
use dossier_regime::Template;
use uuid::Uuid;

use super::reading::{self, Ground, Outgoing};
use crate::content::{alike, shared};
use crate::domain::condition::telephones;
use crate::domain::customer_file::State;
use crate::domain::duplicate::{LEAST, Score, Trait, Traits, compare, compared};
use crate::domain::field_visibility::{FieldVisibility, UNIT_REF};
use crate::store::customer_file::{self, Filter, Loaded, Reach, Stretch};
use crate::work::customer_file::session::Session;

/// How far a warning looks: it goes along with every new file.
const NEAR: Reach = Reach { looks: 200, limit: 20 };
/// How far a search looks.
const FAR: Reach = Reach { looks: 1_000, limit: 100 };
/// Files of one way in which names are alike.
const WAY: Stretch = Stretch { before: Uuid::max(), looks: 2_000 };
/// Files of one way that are opened.
const OPENED: i64 = 50;

/// What is compared, and what for.
pub struct Asked<'a> {
    /// What is known of it.
    pub traits: Traits,
    /// The file itself, which is no candidate.
    pub itself: Option<Uuid>,
    /// What the files are read for.
    pub purpose: &'a str,
    /// Where.
    pub place: &'a str,
}

/// What the caller reads of a file that is compared, by the ground on which they read it.
///
/// # Errors
/// `SEAL_BROKEN`, `KEY_DESTROYED`, `KEY_UNAVAILABLE`.
pub fn traits_of(session: &Session<'_>, one: &Loaded, ground: &Ground) -> Result<Traits> {
    let (template, seal, mut traits) = (session.template(&one.file.template)?, session.seal(one)?, Traits::default());
    for field in compared(template).filter_map(|key| template.field(key)) {
        if ground.visibility.shows(template, &field.id) {
            one.content.text(&seal, &field.id)?.iter().for_each(|value| traits.add(field, value));
        }
    }
    if ground.visibility.shows_unit_ref() {
        traits.add_unit(&seal.open_text(UNIT_REF, &one.unit_ref)?);
    }
    Ok(traits)
}

/// What a caller says of a file that is not there.
///
/// What is above their grade is not asked for: whom it pushed out of an answer would tell who has it.
pub fn traits_given(template: &Template, given: &wire::CustomerFile, visibility: &FieldVisibility) -> Traits {
    let mut traits = Traits::default();
    for (key, value) in &given.fields {
        if let Some(field) = template.field(key).filter(|_| visibility.shows(template, key)) {
            traits.add(field, &crate::domain::form::plain(value));
        }
    }
    if visibility.shows_unit_ref() {
        traits.add_unit(&given.unit_ref);
    }
    traits
}

/// Candidates by what is equal in both: a warning.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `SEAL_BROKEN`, `KEY_UNAVAILABLE`.
pub async fn near(
    session: &Session<'_>,
    tx: &mut Tx,
    asked: &Asked<'_>,
) -> Result<Vec<Outgoing<wire::DuplicateCandidate>>> {
    let found = sharing(session, tx, asked, NEAR).await?;
    judged(session, tx, asked, found).await
}

/// Candidates by what is equal and by what is alike.
///
/// # Errors
/// As [`near`].
pub async fn far(
    session: &Session<'_>,
    tx: &mut Tx,
    asked: &Asked<'_>,
) -> Result<Vec<Outgoing<wire::DuplicateCandidate>>> {
    let (org, viewer) = (session.call.org.as_str(), session.viewer());
    let mut found = sharing(session, tx, asked, FAR).await?;
    // Each by itself: a common beginning would end the walk of a rare sound.
    for way in alike(&session.base.vault, org, &asked.traits)? {
        if let Some(part) = customer_file::part(tx, org, &[way], WAY).await? {
            found.extend(customer_file::search(tx, viewer, &Filter::default(), &part, OPENED).await?);
        }
    }
    judged(session, tx, asked, found).await
}

async fn sharing(session: &Session<'_>, tx: &mut Tx, asked: &Asked<'_>, reach: Reach) -> Result<Vec<Loaded>> {
    let (org, telephones) = (&session.call.org, telephones(session.tenant, session.grade()));
    let tokens = shared(&session.base.vault, org, &telephones, &asked.traits)?;
    customer_file::sharing(tx, session.viewer(), &tokens, reach).await
}

// The likeliest first, and of equal ones the newest.
async fn judged(
    session: &Session<'_>,
    tx: &mut Tx,
    asked: &Asked<'_>,
    found: Vec<Loaded>,
) -> Result<Vec<Outgoing<wire::DuplicateCandidate>>> {
    let found: BTreeMap<Uuid, Loaded> = found.into_iter().map(|one| (one.file.id, one)).collect();
    let mut candidates = Vec::new();
    for one in found.into_values().filter(|one| one.standing && is_asked(session, asked, one)) {
        if let Some(ground) = reading::ground(session, tx, &one, asked.purpose, asked.place).await? {
            let theirs = traits_of(session, &one, &ground)?;
            let score = compare(&asked.traits, &theirs);
            if score.basis_points >= LEAST {
                candidates.push(told(&one, &score, theirs.told(&asked.traits), ground));
            }
        }
    }
    candidates.sort_by_key(|one| (Reverse(one.message.score_basis_points), Reverse(one.file)));
    Ok(candidates)
}

fn is_asked(session: &Session<'_>, asked: &Asked<'_>, one: &Loaded) -> bool {
    let file = &one.file;
    let open = file.state != State::Closed && file.ties.of.is_none();
    open && Some(file.id) != asked.itself && session.admits(&file.level)
}

fn told(one: &Loaded, score: &Score, fields: Vec<String>, ground: Ground) -> Outgoing<wire::DuplicateCandidate> {
    let matches = score.matches.iter().map(|one| wire::DuplicateMatch {
        field: one.field.clone(),
        compared_as: of(one.compared).into(),
        basis_points: i32::try_from(one.alike).unwrap_or_default(),
    });
    let message = wire::DuplicateCandidate {
        file: name("files", one.file.id),
        number: one.file.number.clone().unwrap_or_default(),
        score_basis_points: i32::try_from(score.basis_points).unwrap_or_default(),
        matches: matches.collect(),
    };
    let (resource, revision) = (String::new(), one.file.revision);
    Outgoing { message, resource, file: one.file.id, revision, fields, records: Vec::new(), ground }
}

fn of(compared: Trait) -> wire::DuplicateTrait {
    match compared {
        Trait::Identifier => wire::DuplicateTrait::Identifier,
        Trait::Name => wire::DuplicateTrait::Name,
        Trait::Telephone => wire::DuplicateTrait::Telephone,
        Trait::Address => wire::DuplicateTrait::Address,
    }
}
