//! Where a call about a file is worked on: the caller with their rights, and the rules they work under.

use dossier_authority::act::{OnFile, Spending, unneeded};
use dossier_authority::store::file::Named;
use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_regime::{Action, FileKind, GuardedAct, Needs, Pack, Post, PostStanding, Sensitivity, Template, Tenant};
use uuid::Uuid;

use crate::content::Seal;
use crate::domain::custody::may_keep;
use crate::domain::customer_file::CustomerFile;
use crate::domain::header::template_name;
use crate::domain::origin::Origin;
use crate::store::customer_file::{self, Loaded, Viewer};

/// A call, its caller, and the rules of their org.
#[derive(Debug)]
pub struct Session<'a> {
    /// The service.
    pub base: &'a Base,
    /// The call.
    pub call: &'a Call,
    /// The org with its pack, calendar and templates.
    pub tenant: &'a Tenant,
    /// The caller in the directory.
    pub principal: Principal,
    fresh: bool,
}

// === impl Session ===

impl<'a> Session<'a> {
    /// A session for a caller who holds a post that gives `action`.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`, `PERSON_UNKNOWN`, `PERMISSION_DENIED`.
    pub async fn open(base: &'a Base, tx: &mut Tx, call: &'a Call, action: Action) -> Result<Self> {
        // Before the first statement: every later moment of the store knows at least as much.
        let fresh = base.freshness.is_fresh(&call.org);
        let principal = base.authorise(tx, call, action).await?;
        Ok(Self { base, call, tenant: base.tenant(&call.org)?, principal, fresh })
    }

    /// A session for a caller who is a person of the directory, whatever their posts give.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`, `PERSON_UNKNOWN`.
    pub async fn enter(base: &'a Base, tx: &mut Tx, call: &'a Call) -> Result<Self> {
        let fresh = base.freshness.is_fresh(&call.org);
        let (tenant, principal) = (base.tenant(&call.org)?, base.principal(tx, call).await?);
        Ok(Self { base, call, tenant, principal, fresh })
    }

    /// A session for a caller who was found to be `principal`, with a post that gives what is asked for, and nothing of
    /// that has changed since; `fresh` is what was said of the copy before that was made sure of.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`.
    pub fn again(base: &'a Base, call: &'a Call, principal: Principal, fresh: bool) -> Result<Self> {
        Ok(Self { base, call, tenant: base.tenant(&call.org)?, principal, fresh })
    }

    /// The rule book.
    pub fn pack(&self) -> &'a Pack {
        self.tenant.pack()
    }

    /// Who looks, for queries.
    pub fn viewer(&self) -> Viewer<'a> {
        Viewer { org: &self.call.org, person: self.principal.person, now: self.call.micros() }
    }

    /// Up to which sensitivity the caller reads.
    pub fn grade(&self) -> Sensitivity {
        self.principal.grade(self.pack())
    }

    /// What the origin of values is checked against.
    pub fn origin(&self) -> Origin<'a> {
        Origin { pack: self.pack(), today: self.tenant.day(self.call.now), writer: self.principal.person }
    }

    /// Today, where the company counts it, as `2026-11-30`.
    pub fn today(&self) -> String {
        self.tenant.day(self.call.now).to_string()
    }

    /// The template of a stored file. One that the org no longer uses still describes its files.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` when no pack has it any more.
    pub fn template(&self, id: &str) -> Result<&'a Template> {
        let found = self.tenant.template(id).or_else(|| self.base.regimes.template(id));
        found.map(|template| &**template).ok_or_else(|| Error::missing(Missing::Template, template_name(id)))
    }

    /// The kind of a stored file.
    ///
    /// # Errors
    /// `PACK_FAULT` when the pack has it no more.
    pub fn kind(&self, file: &CustomerFile) -> Result<&'a FileKind> {
        let gone = || Error::new(Reason::PackFault).with("place", format!("files.{}", file.unit_kind));
        self.pack().file_kind(&file.unit_kind).ok_or_else(gone)
    }

    /// The seal of a file that was loaded.
    ///
    /// # Errors
    /// `KEY_DESTROYED`, `KEY_UNAVAILABLE`, `SEAL_BROKEN`.
    pub fn seal(&self, loaded: &Loaded) -> Result<Seal<'a>> {
        let (vault, org, id) = (&self.base.vault, self.call.org.as_str(), loaded.file.id);
        Ok(Seal::new(vault, org, id, vault.key_of(org, id, &loaded.key)?))
    }

    /// The file that a caller asks for by `name`.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND`, the same for what is invisible and what does not exist (I10); `AUTHORITY_STALE`.
    pub async fn load(&self, tx: &mut Tx, id: Uuid) -> Result<Loaded> {
        let found = customer_file::visible(tx, self.viewer(), id).await?;
        let loaded = found.ok_or_else(|| not_found(id))?;
        self.require_fresh(&loaded.file.level)?;
        Ok(loaded)
    }

    /// Demands, for a file of `level` that the caller may see, that no revocation beyond the bound can be missing here.
    ///
    /// # Errors
    /// `AUTHORITY_STALE`.
    pub fn require_fresh(&self, level: &str) -> Result<()> {
        self.base.require_fresh(self.fresh, &self.call.org, level)
    }

    /// Whether a file of `level` may be told of now; lists and searches leave the others out, as if they were invisible.
    pub fn admits(&self, level: &str) -> bool {
        self.fresh || !self.pack().is_confidential(level)
    }

    /// The file that a caller wants to change: a grant gives a right to read and none to change.
    ///
    /// # Errors
    /// As [`load`](Self::load); `PERMISSION_DENIED` for who sees the file through a grant only.
    pub async fn load_to_change(&self, tx: &mut Tx, id: Uuid, action: Action) -> Result<Loaded> {
        let loaded = self.load(tx, id).await?;
        if loaded.standing { Ok(loaded) } else { Err(denied(action)) }
    }

    /// The file that a caller wants to act on: one that they may change, or one of a closed level if they hold `closed`.
    ///
    /// # Errors
    /// As [`load_to_change`](Self::load_to_change).
    pub async fn load_to_act(&self, tx: &mut Tx, named: &Named, action: Action, closed: Action) -> Result<Loaded> {
        let shut = self.principal.can(self.pack(), closed);
        let found = customer_file::actionable(tx, self.viewer(), named, shut).await?;
        let loaded = found.ok_or_else(|| unknown(named))?;
        self.require_fresh(&loaded.file.level)?;
        if loaded.standing || self.pack().is_closed(&loaded.file.level) { Ok(loaded) } else { Err(denied(action)) }
    }

    /// Uses the approval that an act on a file needs, and gives its name for the journal; empty: the act needs none.
    ///
    /// # Errors
    /// As [`Spending::spend`].
    pub async fn approved(&self, tx: &mut Tx, file: &CustomerFile, deed: OnFile<'_>, approval: &str) -> Result<String> {
        let rule = deed.rule(self.pack(), &file.level);
        let Some(act) = rule.filter(|act| *act != GuardedAct::FileRaise || !self.raises(&file.unit)) else {
            return unneeded(approval);
        };
        let (digest, subject) = (deed.digest(file.id, &file.level), file.name());
        let (person, at) = (self.principal.person, self.call.micros());
        Spending { act, digest, approval, subject: &subject, person, at }.spend(tx, &self.call.org, self.pack()).await
    }

    /// Whether the caller holds a post that raises files of `unit` to closed levels without an approval.
    pub fn raises(&self, unit: &str) -> bool {
        let posts = self.pack().act(GuardedAct::FileRaise).map(|rule| rule.posts.as_slice()).unwrap_or_default();
        let org = |post: &str| self.pack().post(post).is_some_and(|post| post.standing == PostStanding::Org);
        posts.iter().any(|post| self.principal.holds(post, (!org(post)).then_some(unit)))
    }

    /// Demands that the caller brings a new file to `level` in `unit`: it has no approval yet that could be about it.
    ///
    /// # Errors
    /// `APPROVAL_MISSING`.
    pub fn require_raise(&self, level: &str, unit: &str) -> Result<()> {
        if !self.pack().level(level).is_some_and(|level| level.closed) || self.raises(unit) {
            return Ok(());
        }
        match self.pack().needs(GuardedAct::FileRaise) {
            Needs::Nothing => Ok(()),
            Needs::Approval(matter) => Err(Error::new(Reason::ApprovalMissing).with("matter", &matter.id)),
            Needs::Unsettled => Err(Error::new(Reason::ApprovalMissing).with("matter", "")),
        }
    }

    /// Whether `person` may keep a file of `level` in `unit`.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn may_keep(&self, tx: &mut Tx, person: Uuid, level: &str, unit: &str) -> Result<bool> {
        let (org, now) = (&self.call.org, self.call.micros());
        let keeper = dossier_authority::store::principal::lookup_person(tx, org, person, now).await?;
        let held = keeper.iter().flat_map(|keeper| &keeper.posts).map(|held| (held.post.as_str(), held.unit.as_str()));
        Ok(may_keep(self.pack(), held, level, unit))
    }

    /// Demands a post that gives `action` and reaches `unit`: one held there, or one that stands for the whole org.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_in(&self, action: Action, unit: &str) -> Result<()> {
        if self.reaches(unit, |post| post.can(action)) { Ok(()) } else { Err(denied(action)) }
    }

    /// Whether the caller holds one of `posts` where it reaches `unit`.
    pub fn holds_in(&self, posts: &[String], unit: &str) -> bool {
        self.reaches(unit, |post| posts.contains(&post.id))
    }

    /// Demands that the caller writes files of `kind` in `unit`, besides the action that they need.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_writer(&self, kind: &FileKind, unit: &str, action: Action) -> Result<()> {
        let writes = kind.write.as_ref().is_none_or(|posts| self.holds_in(posts, unit));
        if writes { Ok(()) } else { Err(denied(action)) }
    }

    fn reaches(&self, unit: &str, fits: impl Fn(&Post) -> bool) -> bool {
        let reaches = |held: &dossier_authority::HeldPost| {
            let post = self.pack().post(&held.post).filter(|post| fits(post));
            post.is_some_and(|post| held.unit == unit || post.standing == PostStanding::Org)
        };
        self.principal.posts.iter().any(reaches)
    }

    /// Demands that `person` is an active person of the directory.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND`.
    pub async fn require_person(&self, tx: &mut Tx, person: Uuid) -> Result<()> {
        if person == self.principal.person {
            return Ok(());
        }
        let now = self.call.micros();
        let known = dossier_authority::store::principal::lookup_person(tx, &self.call.org, person, now).await?;
        let unknown = || Error::missing(Missing::Person, name::name("persons", person));
        known.map(drop).ok_or_else(unknown)
    }
}

/// What is answered for a file that is not there for this caller.
pub fn not_found(id: Uuid) -> Error {
    Error::missing(Missing::CustomerFile, name::name("files", id))
}

// Only the name that was asked for, whether it is there or not.
fn unknown(named: &Named) -> Error {
    match named {
        Named::File(id) => not_found(*id),
        Named::Number(number) => Error::missing(Missing::CustomerFile, name::of_number(number)),
    }
}

/// The file that `text` names, by itself or by its number, or a fault.
pub fn named(field: &str, text: &str, faults: &mut Faults) -> Option<Named> {
    faults.absorb(Named::read(field, text))
}

/// A refusal for want of an action.
pub fn denied(action: Action) -> Error {
    Error::new(Reason::PermissionDenied).with("action", action.as_str())
}

/// The id in `files/{uuid}`, or a fault.
pub fn file_id(field: &str, text: &str, faults: &mut Faults) -> Option<Uuid> {
    faults.absorb(name::id(field, "files", text))
}

/// Notes a fault when a reading place is given that is none of the pack's.
pub fn place(pack: &Pack, text: &str, faults: &mut Faults) {
    if !text.is_empty() && !pack.loans.places.iter().any(|one| one.value == text) {
        faults.add("reading_place", one_of(pack.loans.places.iter().map(|one| one.value.as_str())));
    }
}
