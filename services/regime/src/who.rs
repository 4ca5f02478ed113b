//! Who sees what by the rules of a pack alone: for each level and post, from clearance, standing, custody and consultation.
//!
//! The same as the predicate by which the services decide, but for people: somebody with two posts has what either gives.

use std::fmt;

use crate::model::{Action, ConsultMode, Level, LevelStanding, Pack, Post, PostStanding};

/// What holders of a post see at a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visibility {
    /// What they see without asking.
    pub standing: Standing,
    /// How they come to see the rest.
    pub asking: Asking,
    /// The only place where it is read, whatever lets them.
    pub place: Option<String>,
}

/// What is seen without a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Every file of the level.
    Free,
    /// The files of the unit that the post is held in.
    Unit,
    /// The files that the holder keeps.
    Custodian,
    /// None.
    Never,
}

/// How a grant is come by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// By asking; nobody else says yes.
    Request,
    /// By asking; approvers of this matter say yes.
    Approval(String),
    /// Not at all.
    Never,
}

/// A table of every level and post, with a legend.
pub fn who_sees(pack: &Pack) -> String {
    let wide = pack.posts.iter().map(|post| post.id.chars().count()).max().unwrap_or_default();
    let mut table = String::new();
    for level in &pack.levels {
        let shut = if level.closed { ": closed" } else { "" };
        table.push_str(&format!("{} {}{shut}\n", level.id, level.label));
        for post in &pack.posts {
            table.push_str(&format!("  {:wide$}  {}\n", post.id, pack.visibility(level, post)));
        }
        table.push('\n');
    }
    table.push_str(LEGEND);
    table
}

const LEGEND: &str = "\
free         sees every file of the level
unit         sees the files of the own unit
custodian    sees the files that they keep
on request   sees what is asked for with a purpose of the pack; nobody else says yes
on approval  sees what was asked for once the approvers of the matter have said yes
never        sees nothing
";

// === impl Pack ===

impl Pack {
    /// What holders of a post of this pack see at a level of it.
    pub fn visibility(&self, level: &Level, post: &Post) -> Visibility {
        let reads = !level.closed && self.is_cleared(level, post) && post.can(Action::FileRead);
        let (standing, asking) = match reads {
            true => (self.standing(level, post), asking(level, post)),
            false => (Standing::Never, Asking::Never),
        };
        let asking = if standing == Standing::Free { Asking::Never } else { asking };
        Visibility { standing, asking, place: level.consult.place.clone() }
    }

    /// Whether the clearance of a post reaches a level; an unknown clearance reaches none.
    pub fn is_cleared(&self, level: &Level, post: &Post) -> bool {
        let (clearance, rank) = (self.rank(&post.clearance), self.rank(&level.id));
        clearance.is_some_and(|clearance| rank.is_some_and(|rank| clearance >= rank))
    }

    fn standing(&self, level: &Level, post: &Post) -> Standing {
        match (level.standing, post.standing) {
            (LevelStanding::Nobody, _) => Standing::Never,
            (LevelStanding::Unit, PostStanding::Org) => Standing::Free,
            _ if post.custodian => Standing::Free,
            (LevelStanding::Unit, PostStanding::Unit) => Standing::Unit,
            _ if self.keeps_files(&post.id) => Standing::Custodian,
            _ => Standing::Never,
        }
    }
}

fn asking(level: &Level, post: &Post) -> Asking {
    match (level.consult.mode, &level.consult.matter) {
        _ if !post.can(Action::AccessRequest) => Asking::Never,
        (ConsultMode::Free, _) => Asking::Request,
        (ConsultMode::Approval, Some(matter)) => Asking::Approval(matter.clone()),
        (ConsultMode::Approval, None) | (ConsultMode::Forbidden, _) => Asking::Never,
    }
}

// === impl Visibility ===

impl Visibility {
    /// Whether they see no file, whatever they do.
    pub fn is_never(&self) -> bool {
        self.standing == Standing::Never && self.asking == Asking::Never
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.as_ref().filter(|_| !self.is_never()).map(|place| format!("in {place}"));
        let alone = |how: &str| place.as_ref().map_or_else(|| how.to_owned(), |place| format!("{how} ({place})"));
        let standing = match self.standing {
            Standing::Free => Some("free"),
            Standing::Unit => Some("unit"),
            Standing::Custodian => Some("custodian"),
            Standing::Never => None,
        };
        let asking = match &self.asking {
            Asking::Request => Some(alone("on request")),
            Asking::Approval(matter) => {
                let told: Vec<&str> = [matter.as_str()].into_iter().chain(place.as_deref()).collect();
                Some(format!("on approval ({})", told.join(", ")))
            }
            Asking::Never => None,
        };
        let ways: Vec<String> = standing.map(alone).into_iter().chain(asking).collect();
        if ways.is_empty() { f.write_str("never") } else { f.write_str(&ways.join(", else ")) }
    }
}

#[cfg(test)]
mod tests;
