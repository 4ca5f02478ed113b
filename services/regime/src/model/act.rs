//! Acts that nobody does alone: they change who decides, or open what is closed.
//!
//! The asker pulls: they name an approval of exactly what they do, and use it once. Deciding opens nothing.

use super::authority::{Matter, Post};
use super::pack::Pack;
use super::words::{ActMode, Action, GuardedAct, LevelStanding, PostStanding};

shape! {
    /// Who decides an act.
    pub struct ActRule by act {
        /// The act.
        pub act: GuardedAct,
        /// After approval, or by one person alone.
        pub mode: ActMode = ActMode::Approval,
        /// The matter that is approved; demanded by mode `approval`.
        pub matter: Option<String> = None,
        /// Posts whose holders do it without an approval; only for `file.raise`.
        pub posts: Vec<String> = Vec::new(),
    }
}

/// What an act needs besides its action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Needs<'p> {
    /// Nothing: the pack leaves it to one person.
    Nothing,
    /// An approval of this matter.
    Approval(&'p Matter),
    /// What the pack does not give: it does not say who decides.
    Unsettled,
}

// === impl Pack ===

impl Pack {
    /// The rule of an act, if the pack has one.
    pub fn act(&self, act: GuardedAct) -> Option<&ActRule> {
        self.acts.iter().find(|rule| rule.act == act)
    }

    /// What an act needs where it falls under the rule of acts.
    pub fn needs(&self, act: GuardedAct) -> Needs<'_> {
        match self.act(act) {
            // No pack may leave a closed file to one person.
            Some(rule) if rule.mode == ActMode::Direct && act != GuardedAct::FileClosed => Needs::Nothing,
            Some(rule) => {
                rule.matter.as_deref().and_then(|id| self.matter(id)).map_or(Needs::Unsettled, Needs::Approval)
            }
            None => Needs::Unsettled,
        }
    }

    /// The act that a matter decides, if it decides one.
    pub fn act_of_matter(&self, matter: &str) -> Option<GuardedAct> {
        self.acts.iter().find(|rule| rule.matter.as_deref() == Some(matter)).map(|rule| rule.act)
    }

    /// Whether a post gives power over what others may: it approves, reviews, borrows without approval, raises to closed
    /// levels, rules the directory, lowers or hands over, keeps the originals, or stands for the whole organisation.
    pub fn is_weighty(&self, post: &Post) -> bool {
        let named = |posts: &[String]| posts.contains(&post.id);
        let mut slots = self.plans.iter().flat_map(|plan| &plan.steps).flat_map(|step| &step.slots);
        slots.any(|slot| named(&slot.posts))
            || named(&self.review.posts)
            || self.levels.iter().any(|level| named(&level.loan.bypass_posts))
            || self.acts.iter().any(|rule| named(&rule.posts))
            || RULING.iter().any(|action| post.can(*action))
            || post.custodian
            || post.standing == PostStanding::Org
    }

    /// Whether the voice in a matter is lent by nobody alone: its plan needs two voices, or it decides an act.
    pub fn is_shared(&self, matter: &Matter) -> bool {
        let voices =
            self.plan(&matter.plan).map_or(0, |plan| plan.steps.iter().map(|step| u64::from(step.quorum)).sum());
        voices >= 2 || self.act_of_matter(&matter.id).is_some()
    }

    /// Whether holders of a post may keep files: those who keep the originals, and those who keep files up to date.
    pub fn keeps_files(&self, post: &str) -> bool {
        self.post(post).is_some_and(|post| post.custodian || post.can(Action::FileUpdate))
    }

    /// Whether files of this level are read by their custodians and not by their unit.
    pub fn is_kept(&self, level: &str) -> bool {
        self.level(level).is_some_and(|level| level.standing == LevelStanding::Custodian && !level.closed)
    }

    /// Whether this level is closed; one that the pack does not know is.
    pub fn is_closed(&self, level: &str) -> bool {
        self.level(level).is_none_or(|level| level.closed)
    }
}

/// Actions that rule over what others may.
const RULING: [Action; 4] =
    [Action::DirectoryManage, Action::DelegationManage, Action::FileDeclassify, Action::FileHandOver];
