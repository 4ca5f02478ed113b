//! The pack: one company's rule book as data.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::act::ActRule;
use super::authority::{Level, Matter, Plan, Post};
use super::carried::Requirement;
use super::document::DocumentKind;
use super::file_kind::FileKind;
use super::numbering::Numbering;
use super::place::PlaceKind;
use super::record::RecordKind;
use super::register::{Register, Statistic};
use super::rules::{
    AccessRules, CalendarUse, Classification, Completeness, CreditRules, DutyRule, LoanRules, Retention, Review,
    TemplateUse,
};
use super::term::Zone;
use super::volume::VolumeRule;
use super::words::{Action, Channel, ConsultMode, CustomerType};

shape! {
    /// One rule book.
    pub struct Pack {
        /// Id, for example `R36`.
        pub id: String,
        /// Name of the rule book in English.
        pub name: String,
        /// Name in the company's language.
        pub label: String,
        /// Version of this rule book; a change raises it. Several versions of one id may lie side by side.
        pub version: u32,
        /// First day it holds; it holds until the first day of the version behind it.
        pub effective_from: Date,
        /// Department that executes it.
        pub executing_department: String,
        /// Who drafted it.
        pub drafter: String,
        /// Who approved it.
        pub approver: String,
        /// Who interprets it.
        pub interpreter: String,
        /// Texts it is taken from, and rules it refers to.
        pub sources: Vec<String>,
        /// Calendar of working days.
        pub calendar: CalendarUse,
        /// Time zone in which days are counted.
        pub time_zone: Zone,
        /// Short for one kind of file, for example `customer`, of which the pack says everything (P-02).
        pub unit_kind: Option<String> = None,
        /// Kinds of file that are kept (P-02, P-03); the first is that of a file that names none, `unit_kind` before all.
        pub files: Vec<FileKind> = Vec::new(),
        /// Customer types allowed (P-04).
        pub customer_types: Vec<CustomerType>,
        /// The template of each customer type (P-30), for kinds of file that name none.
        pub templates: Vec<TemplateUse> = Vec::new(),
        /// Templates that may be chosen besides.
        pub other_templates: Vec<String> = Vec::new(),
        /// Secrecy levels, lowest first.
        pub levels: Vec<Level>,
        /// Bundles of actions that posts take by name.
        pub roles: BTreeMap<String, Vec<Action>> = BTreeMap::new(),
        /// Posts.
        pub posts: Vec<Post>,
        /// Approval plans.
        pub plans: Vec<Plan> = Vec::new(),
        /// Matters and the plans that decide them.
        pub matters: Vec<Matter> = Vec::new(),
        /// Who decides the acts that nobody does alone; an act that is not named is done by nobody.
        pub acts: Vec<ActRule> = Vec::new(),
        /// File numbers (P-06), for kinds of file that have none of their own.
        pub numbering: Numbering = Numbering::default(),
        /// Lawful channels of collection; no other is accepted (P-19).
        pub channels: Vec<Channel>,
        /// Whether a value without source is refused (P-20).
        pub sources_demanded: bool,
        /// Three-level classification (P-16).
        pub classification: Classification = Classification::default(),
        /// Review of new files (P-40); without it nobody hands in or reviews.
        pub review: Review = Review::default(),
        /// When a file counts as complete (P-31, P-34); without it every required field must be filled.
        pub completeness: Completeness = Completeness::default(),
        /// Kinds of document that files are expected to hold, at the least (P-37).
        pub documents: Vec<DocumentKind> = Vec::new(),
        /// Kinds of place where paper is kept (P-09, P-10); without any, custody is not kept here.
        pub places: Vec<PlaceKind> = Vec::new(),
        /// How papers are bound into volumes (P-92 to P-101); without any, volumes are not kept here.
        pub volumes: Vec<VolumeRule> = Vec::new(),
        /// Kinds of record that files hold (P-47).
        pub records: Vec<RecordKind> = Vec::new(),
        /// Registers over files, records and documents (P-111).
        pub registers: Vec<Register> = Vec::new(),
        /// What is counted over files, records and documents.
        pub statistics: Vec<Statistic> = Vec::new(),
        /// What is due when (P-39, P-108).
        pub duties: Vec<DutyRule> = Vec::new(),
        /// What borrowers accept and how a return is inspected; without it nothing is lent.
        pub loans: LoanRules = LoanRules::default(),
        /// Requests and grants.
        pub access: AccessRules,
        /// Ratings, limits, reservations; without it nobody gives any.
        pub credit: CreditRules = CreditRules::default(),
        /// Retention classes.
        pub retention: Retention,
        /// What the rule book demands of the catalogue, and what of the pack carries it.
        pub requirements: Vec<Requirement> = Vec::new(),
    }
}

// === impl Pack ===

impl Pack {
    /// The level of this id.
    pub fn level(&self, id: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.id == id)
    }

    /// Whether files of this level are confidential: whoever has no standing need-to-know reads them on approval or not
    /// at all. So is a level that the pack does not know.
    pub fn is_confidential(&self, level: &str) -> bool {
        self.level(level).is_none_or(|level| level.consult.mode != ConsultMode::Free)
    }

    /// Whether what stands at this level is read in `place` (empty: nowhere in particular). Where a level binds a place it
    /// binds everybody, whatever lets them read.
    pub fn is_read_in(&self, level: &str, place: &str) -> bool {
        let bound = self.level(level).and_then(|level| level.consult.place.as_deref());
        bound.is_none_or(|bound| bound == place)
    }

    /// Rank of a level, 0 for the lowest.
    pub fn rank(&self, level: &str) -> Option<i64> {
        self.levels.iter().position(|one| one.id == level).and_then(|at| i64::try_from(at).ok())
    }

    /// The lowest level: what a new file has.
    pub fn lowest_level(&self) -> &str {
        self.levels.first().map_or("", |level| &level.id)
    }

    /// The post of this id.
    pub fn post(&self, id: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.id == id)
    }

    /// The post that answers for the files as a whole: the first custodian post, else the first that closes files, else
    /// the first that reviews them.
    pub fn keeper(&self) -> &str {
        let custodian = self.posts.iter().find(|post| post.custodian);
        let closer = self.posts.iter().find(|post| post.can(Action::FileClose));
        let keeper = custodian.or(closer).map(|post| post.id.as_str());
        keeper.or(self.review.posts.first().map(String::as_str)).unwrap_or_default()
    }

    /// Whether holders of a post may do this; an unknown post may nothing.
    pub fn can(&self, post: &str, action: Action) -> bool {
        self.post(post).is_some_and(|post| post.can(action))
    }

    /// Rank of the clearance of a post; `None` for an unknown post.
    pub fn clearance_rank(&self, post: &str) -> Option<i64> {
        self.post(post).and_then(|post| self.rank(&post.clearance))
    }

    /// The document kind of this id.
    pub fn document(&self, id: &str) -> Option<&DocumentKind> {
        self.documents.iter().find(|kind| kind.id == id)
    }

    /// The kind of place of this id.
    pub fn place(&self, id: &str) -> Option<&PlaceKind> {
        self.places.iter().find(|kind| kind.id == id)
    }

    /// The record kind of this id.
    pub fn record(&self, id: &str) -> Option<&RecordKind> {
        self.records.iter().find(|kind| kind.id == id)
    }

    /// The register of this id.
    pub fn register(&self, id: &str) -> Option<&Register> {
        self.registers.iter().find(|one| one.id == id)
    }

    /// The statistic of this id.
    pub fn statistic(&self, id: &str) -> Option<&Statistic> {
        self.statistics.iter().find(|one| one.id == id)
    }

    /// The plan of this id.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// The matter of this id.
    pub fn matter(&self, id: &str) -> Option<&Matter> {
        self.matters.iter().find(|matter| matter.id == id)
    }

    /// The plan that decides a matter.
    pub fn plan_for_matter(&self, matter: &str) -> Option<&Plan> {
        self.matter(matter).and_then(|matter| self.plan(&matter.plan))
    }

    /// The matter to approve before a file of this level is consulted; `None` where no approval opens it.
    pub fn consult_matter(&self, level: &str) -> Option<&Matter> {
        self.level(level)?.consult.matter.as_deref().and_then(|id| self.matter(id))
    }

    /// The matter to approve before an original of this level is lent; `None` where it is never lent.
    pub fn loan_matter(&self, level: &str) -> Option<&Matter> {
        self.level(level)?.loan.matter.as_deref().and_then(|id| self.matter(id))
    }

    /// Whether a value may be collected through this channel (P-19).
    pub fn is_lawful(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }
}
