//! `CreateDocument`: a document of a kind of the pack, in a file that is not closed (P-29, P-37, P-58, P-61).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name, states};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{CreateDocumentRequest, DocumentRelationKind};
use dossier_regime::DocumentKind;
use uuid::Uuid;

use super::saved;
use crate::domain::changed::of_form;
use crate::domain::document::said::{self, PARTS};
use crate::domain::document::{self as rule, Link, Relation};
use crate::domain::{record as record_rule, text};
use crate::store::{document as store, record as records};
use crate::work::customer_file::session::Session;
use crate::work::document::again::again;
use crate::work::document::right::{FILE, SUPERSEDE};
use crate::work::document::{self, Change, FILED, load};
use crate::work::record::{lock, rules, template};

/// Most relations of one document.
const MOST_RELATIONS: usize = 50;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CreateDocumentRequest) -> Result<wire::Document> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        FILE.require_some(&session)?;
        Box::pin(create(&session, tx, &request)).await
    }, kept => again(base, tx, call, FILE, kept).await)
}

async fn create(session: &Session<'_>, tx: &mut Tx, request: &CreateDocumentRequest) -> Result<wire::Document> {
    let given = request.document.as_ref().ok_or_else(|| Error::violation("document", "is required"))?;
    let mut faults = Faults::default();
    let file = faults.absorb(name::id("parent", "files", &request.parent));
    let kind = rule::kind(session.pack(), &given.kind, &mut faults);
    let carrier = said::carrier(kind, given.carrier, &mut faults);
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    let record = faults.absorb(within(file, "document.record", &given.record, record_rule::ids));
    let relations = relations(file, given, &mut faults);
    let (file, (kind, carrier)) = faults.finish_with(file.zip(kind.zip(carrier)))?;
    let loaded = session.load(tx, file).await?;
    FILE.require_in(session, &loaded, kind)?;
    rule::require_kind(kind, &loaded.file.unit_kind)?;
    let template = template(session, &kind.template)?;
    let (rules, mut faults) = (rules(session, &loaded, template), Faults::default());
    let writing = of_form(rules, &given.fields, &mut faults);
    let mut opened = document::begin(session, loaded, (kind, template), carrier)?;
    let all: BTreeSet<_> = PARTS.into_iter().collect();
    opened.document.said = opened.document.said.after((kind, carrier), given, &all, &mut faults);
    let writing = writing.checked(faults)?;
    opened.loaded.file.require_open()?;
    // What it names is looked at behind the lock: nobody ends it beside this. It may have been superseded, a reply answers all the same.
    lock(session, tx, &opened.loaded).await?;
    opened.document.record = record.flatten();
    opened.document.relations = relations;
    require_there(session, tx, &opened.document, kind).await?;
    let replaced = match opened.document.replaced() {
        Some(old) => {
            let old = load(session, tx, (file, old)).await?;
            SUPERSEDE.require_part(session, &old)?;
            Some(old)
        }
        None => None,
    };
    let exchanged = replaced.as_ref().map(|old| old.document.name()).unwrap_or_default();
    let mut change = Change { writing, exchanged, ..Change::new(opened, FILED, reason, &request.request_id) };
    document::save(session, tx, template, &mut change).await?;
    if let Some(old) = replaced {
        document::exchange(session, tx, &change, old).await?;
    }
    saved(&change, template)
}

// The id of what lies in the same file, if one is named.
fn within(
    file: Option<Uuid>,
    field: &str,
    text: &str,
    ids: fn(&str, &str) -> Result<(Uuid, Uuid)>,
) -> Result<Option<Uuid>> {
    if text.is_empty() {
        return Ok(None);
    }
    let (above, id) = ids(field, text)?;
    match file.is_none_or(|file| file == above) {
        true => Ok(Some(id)),
        false => Err(Error::violation(field, "must name something in the same file")),
    }
}

fn relations(file: Option<Uuid>, given: &wire::Document, faults: &mut Faults) -> Vec<Relation> {
    if given.relations.len() > MOST_RELATIONS {
        faults.add("document.relations", format!("must be at most {MOST_RELATIONS}"));
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    for (at, one) in given.relations.iter().enumerate() {
        let path = format!("document.relations.{at}");
        let link = states::read::<DocumentRelationKind, Link>(format!("{path}.kind"), one.kind, faults);
        let other = faults.absorb(within(file, &format!("{path}.document"), &one.document, rule::ids)).flatten();
        if other.is_none() && one.document.is_empty() {
            faults.add(format!("{path}.document"), "is required");
        }
        found.extend(link.zip(other).map(|(link, document)| Relation { link: link.as_str().to_owned(), document }));
    }
    if found.iter().filter(|one| one.link == Link::Supersedes.as_str()).count() > 1 {
        faults.add("document.relations", "must name one document at most that it supersedes");
    }
    found.into_iter().collect()
}

// The record and the documents that it names are there, and one whose place it takes is of the same kind.
async fn require_there(session: &Session<'_>, tx: &mut Tx, one: &rule::Document, kind: &DocumentKind) -> Result<()> {
    let (org, file) = (&session.call.org, one.file);
    if let Some(record) = one.record {
        let missing = || Error::missing(Missing::FileRecord, name::below("files", file, record_rule::PART, record));
        let found = records::lookup(tx, org, file, record).await?.ok_or_else(missing)?;
        if found.state == record_rule::State::Void {
            return Err(Error::violation("document.record", "is a record that was ended without effect"));
        }
    }
    for relation in &one.relations {
        let found = store::lookup(tx, org, file, relation.document).await?;
        let found = found.ok_or_else(|| document::missing(file, relation.document))?;
        if relation.link == Link::Supersedes.as_str() && found.kind != kind.id {
            return Err(Error::violation("document.relations", "names a document of another kind as superseded"));
        }
    }
    Ok(())
}
