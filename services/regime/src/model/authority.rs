//! Levels, posts, plans and matters: who may do what, and whose yes is needed.

use super::term::Term;
use super::words::{Action, ConsultMode, JournalReach, LevelStanding, LoanMode, PostStanding, Scope, Sensitivity};

shape! {
    /// A secrecy level. A pack lists its levels from the lowest to the highest.
    pub struct Level by id {
        /// Id, used everywhere.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Closed to everybody: no clearance, grant, executive or delegate opens it.
        pub closed: bool = false,
        /// Who has need-to-know without a grant.
        pub standing: LevelStanding,
        /// How it is read; without it nobody consults it who does not stand for the file.
        pub consult: Consult = Consult::default(),
        /// How originals are lent; without it they never are.
        pub loan: LoanRule = LoanRule::default(),
        /// Whether readers and borrowers may copy, print or export.
        pub copy: bool = false,
        /// Whether originals of this level are deposited in the archive room (P-112).
        pub original_in_archive: bool = false,
    }
}

shape! {
    /// How files of a level are consulted.
    pub struct Consult {
        /// Free, on approval, or not at all.
        pub mode: ConsultMode,
        /// The matter that is approved; demanded by mode `approval`.
        pub matter: Option<String> = None,
        /// The only place where it may be read, for example `archive_room`.
        pub place: Option<String> = None,
        /// Longest time one grant to read lasts.
        pub longest: Option<Term> = None,
    }
}

shape! {
    /// How originals of a level are lent.
    pub struct LoanRule {
        /// Never, or on approval.
        pub mode: LoanMode,
        /// The matter that is approved; demanded by mode `approval`.
        pub matter: Option<String> = None,
        /// Longest loan, counted from hand-out; without it the slip states the date.
        pub longest: Option<Term> = None,
        /// Posts that borrow without prior approval, still through the administrator.
        pub bypass_posts: Vec<String> = Vec::new(),
        /// How often a loan may be renewed.
        pub renewals: u32 = 0,
    }
}

shape! {
    /// A post somebody can be appointed to.
    pub struct Post by id {
        /// Id, used everywhere.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Roles whose actions its holders have.
        pub roles: Vec<String> = Vec::new(),
        /// What its holders may do; nothing else is allowed. Once read, the actions of its roles stand here too.
        pub actions: Vec<Action> = Vec::new(),
        /// Highest level its holders are cleared for; never a closed one.
        pub clearance: String,
        /// Highest sensitivity of fields its holders read unmasked.
        pub grade: Sensitivity,
        /// How far its need-to-know reaches without a grant.
        pub standing: PostStanding,
        /// Whether its holders keep the originals.
        pub custodian: bool = false,
        /// How much of the journals its holders see, if they may read them at all.
        pub journal: JournalReach = JournalReach::Seen,
    }
}

shape! {
    /// An approval plan: steps one after the other.
    pub struct Plan by id {
        /// Id, named by matters.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Steps in order; each is complete when its quorum is reached.
        pub steps: Vec<Step>,
        /// Posts whose holders never fill a slot of this plan, whatever else they hold.
        pub excluded_posts: Vec<String> = Vec::new(),
    }
}

shape! {
    /// One step of a plan: slots that distinct humans fill.
    pub struct Step {
        /// The slots.
        pub slots: Vec<Slot>,
        /// How many slots must say yes; between 1 and the number of slots.
        pub quorum: u32,
    }
}

shape! {
    /// One voice in a step: any holder of one of the posts.
    pub struct Slot {
        /// The posts that may fill it.
        pub posts: Vec<String>,
        /// Whether the holder must belong to the unit of the subject.
        pub scope: Scope,
    }
}

shape! {
    /// Something that needs a yes, and the plan that gives it.
    pub struct Matter by id {
        /// Id, for example `loan.confidential`.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// The plan that decides it.
        pub plan: String,
        /// Posts a letter of authorisation may name as delegate; empty: cannot be delegated.
        pub delegable_to: Vec<String> = Vec::new(),
    }
}

// === impl Post ===

impl Post {
    /// Whether holders of the post may do this.
    pub fn can(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}
