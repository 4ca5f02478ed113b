//! What the level of a file says of one kind of use. Everything here comes from the pack.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{from_micros, micros};
use dossier_regime::{ConsultMode, Level, LoanMode, Pack, Tenant, Term};

/// What somebody would do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessKind {
    /// Read on the spot or on the screen.
    View,
    /// A copy may be made and kept.
    Copy,
    /// The original leaves the room.
    Original,
    /// Given on to somebody outside.
    Share,
    /// Written into.
    Edit,
}

/// What one level says of one kind of use that it allows.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    pack: &'a Pack,
    level: &'a Level,
    kind: AccessKind,
}

// === impl AccessKind ===

impl AccessKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::View, Self::Copy, Self::Original, Self::Share, Self::Edit];

    /// Its word in errors and digests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Copy => "copy",
            Self::Original => "original",
            Self::Share => "share",
            Self::Edit => "edit",
        }
    }

    /// The number of the contract's `AccessKind`, as the store keeps it.
    pub const fn number(self) -> i64 {
        match self {
            Self::View => 1,
            Self::Copy => 2,
            Self::Original => 3,
            Self::Share => 4,
            Self::Edit => 5,
        }
    }

    /// Reads the number of the contract.
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }
}

// === impl Rule ===

impl<'a> Rule<'a> {
    /// The rule of `level` for `kind`.
    ///
    /// # Errors
    /// `ACCESS_KIND_NOT_ALLOWED` where the level never allows it, and at a closed level whatever is asked.
    pub fn of(pack: &'a Pack, level: &str, kind: AccessKind) -> Result<Self> {
        let found = pack.level(level).filter(|level| !level.closed && allows(level, kind));
        let refused = || Error::new(Reason::AccessKindNotAllowed).with("level", level).with("kind", kind.as_str());
        found.map(|level| Self { pack, level, kind }).ok_or_else(refused)
    }

    /// The level's id.
    pub fn level(&self) -> &'a str {
        &self.level.id
    }

    /// The matter to approve first; `None` where no approval is asked for.
    ///
    /// # Errors
    /// `APPROVER_NOT_CONFIGURED` where the level asks for an approval and the pack names no way to give it.
    pub fn matter(&self) -> Result<Option<&'a str>> {
        let (free, matter) = match self.kind {
            AccessKind::Original => (false, &self.level.loan.matter),
            // Packs do not speak of sharing and editing yet, so there is no rule of them (`allows`).
            AccessKind::View | AccessKind::Copy | AccessKind::Share | AccessKind::Edit => {
                (self.level.consult.mode == ConsultMode::Free, &self.level.consult.matter)
            }
        };
        if free {
            return Ok(None);
        }
        let configured = matter.as_deref().filter(|matter| self.pack.plan_for_matter(matter).is_some());
        configured.map(Some).ok_or_else(|| self.fault(Reason::ApproverNotConfigured))
    }

    /// The longest term: the level's, or else the pack's.
    pub fn longest(&self) -> Term {
        match self.kind {
            AccessKind::Original => self.level.loan.longest.unwrap_or(self.pack.loans.longest),
            AccessKind::View | AccessKind::Copy | AccessKind::Share | AccessKind::Edit => {
                self.level.consult.longest.unwrap_or(self.pack.access.grant_longest)
            }
        }
    }

    /// The only place where it may be read, if the level binds one.
    pub fn place(&self) -> Option<&'a str> {
        let bound = self.level.consult.place.as_deref();
        bound.filter(|_| self.kind != AccessKind::Original)
    }

    /// Whether a holder of these posts borrows directly from the administrator.
    pub fn bypasses<'p>(&self, mut posts: impl Iterator<Item = &'p str>) -> bool {
        let direct = &self.level.loan.bypass_posts;
        self.kind == AccessKind::Original && posts.any(|post| direct.iter().any(|one| one == post))
    }

    /// Rank of a level of the same pack; a level that it no longer knows stands below every other.
    pub fn rank(&self, level: &str) -> i64 {
        self.pack.rank(level).unwrap_or(-1)
    }

    /// How often a loan may be renewed.
    pub fn renewals(&self) -> i64 {
        i64::from(self.level.loan.renewals)
    }

    fn fault(&self, reason: Reason) -> Error {
        Error::new(reason).with("level", self.level()).with("kind", self.kind.as_str())
    }
}

fn allows(level: &Level, kind: AccessKind) -> bool {
    let consulted = level.consult.mode != ConsultMode::Forbidden;
    match kind {
        AccessKind::View => consulted,
        AccessKind::Copy => consulted && level.copy,
        AccessKind::Original => level.loan.mode != LoanMode::Never,
        AccessKind::Share | AccessKind::Edit => false,
    }
}

/// The last instant of a term that begins at `from`, both in microseconds.
///
/// # Errors
/// `PACK_FAULT` when it lies beyond the calendar.
pub fn end(tenant: &Tenant, term: Term, from: i64) -> Result<i64> {
    let end = tenant.end(term, from_micros(from)).map_err(|_| beyond(tenant))?;
    Ok(micros(end.at))
}

/// The last instant of what was asked for (microseconds from `from`), or of the longest term if nothing was.
///
/// # Errors
/// `LOAN_TOO_LONG` when it goes past the longest term, `PACK_FAULT`.
pub fn within(tenant: &Tenant, level: &str, longest: Term, from: i64, asked: Option<i64>) -> Result<i64> {
    let limit = end(tenant, longest, from)?;
    let wanted = asked.map_or(limit, |asked| from.saturating_add(asked));
    if wanted <= limit {
        return Ok(wanted);
    }
    Err(too_long(level, limit - from, wanted - from))
}

/// The refusal of a term that is longer than allowed, both in microseconds.
pub fn too_long(level: &str, longest: i64, asked: i64) -> Error {
    let seconds = |length: i64| (length / 1_000_000).to_string();
    let fault = Error::new(Reason::LoanTooLong).with("level", level).with("longest_seconds", seconds(longest));
    fault.with("asked_seconds", seconds(asked))
}

fn beyond(tenant: &Tenant) -> Error {
    Error::new(Reason::PackFault).with("place", &tenant.pack().id)
}
