//! What processes spend: processor time and memory, as the kernel counts them in /proc.

use std::collections::BTreeMap;
use std::fs;

use super::float;

/// Processes that are counted together.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name in figures.
    pub name: &'static str,
    /// Their ids.
    pub roots: Vec<u32>,
    /// Whether what they start counts with them.
    pub below: bool,
}

/// Reads what groups have spent so far.
#[derive(Clone, Debug)]
pub struct Meter {
    groups: Vec<Group>,
}

/// Processor seconds by group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent(pub BTreeMap<&'static str, f64>);

/// The kernel tells processor time in hundredths of a second on every machine that Linux runs on.
const TICKS: f64 = 100.0;

struct Stat {
    parent: u32,
    own: f64,
    waited: f64,
}

// === impl Meter ===

impl Meter {
    /// A meter of `groups`.
    pub fn new(groups: Vec<Group>) -> Self {
        Self { groups }
    }

    /// What each has spent since it began.
    pub fn read(&self) -> Spent {
        let all = processes();
        let spent = |group: &Group| (group.name, group.roots.iter().map(|root| tree(&all, *root, group.below)).sum());
        Spent(self.groups.iter().map(spent).collect())
    }

    /// Resident memory of the processes of a group without their children, in MiB.
    pub fn resident(&self, name: &str) -> f64 {
        let group = self.groups.iter().filter(|group| group.name == name);
        group.flat_map(|group| &group.roots).filter_map(|process| resident(*process)).sum()
    }
}

// === impl Spent ===

impl Spent {
    /// What was spent since `before`.
    pub fn since(&self, before: &Self) -> Self {
        let earlier = |name| before.0.get(name).copied().unwrap_or_default();
        Self(self.0.iter().map(|(name, now)| (*name, (now - earlier(name)).max(0.0))).collect())
    }
}

// A process with everything below it, and what its ended children had spent.
fn tree(all: &BTreeMap<u32, Stat>, root: u32, below: bool) -> f64 {
    let Some(stat) = all.get(&root) else { return 0.0 };
    if !below {
        return stat.own;
    }
    let children = all.iter().filter(|(_, child)| child.parent == root).map(|(id, _)| *id);
    stat.own + stat.waited + children.map(|child| tree(all, child, true)).sum::<f64>()
}

fn processes() -> BTreeMap<u32, Stat> {
    let names = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = names.filter_map(|name| name.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, stat(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?))).collect()
}

// The name in the second field may hold blanks and brackets; what counts stands behind its last bracket.
fn stat(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok().map(|ticks| float(ticks) / TICKS);
    Some(Stat { parent: fields.get(1)?.parse().ok()?, own: ticks(11)? + ticks(12)?, waited: ticks(13)? + ticks(14)? })
}

fn resident(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| float(kib) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 250 50 100 0 20 0 1 0 5 6 7";

    #[test]
    fn processor_time_is_read_behind_a_name_with_brackets() {
        let stat = stat(LINE).unwrap();
        assert_eq!((stat.parent, stat.own, stat.waited), (7, 3.0, 1.0));
    }

    #[test]
    fn children_count_with_their_parent() {
        let one = |parent, own| Stat { parent, own, waited: 0.5 };
        let all = BTreeMap::from([(1, one(0, 1.0)), (2, one(1, 2.0)), (3, one(2, 4.0)), (9, one(0, 8.0))]);
        assert!((tree(&all, 1, true) - 8.5).abs() < 1e-9);
        assert!((tree(&all, 1, false) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn this_process_has_memory_and_spends() {
        let meter = Meter::new(vec![Group { name: "client", roots: vec![std::process::id()], below: false }]);
        assert!(meter.resident("client") > 0.5);
        let before = Spent(BTreeMap::from([("client", 0.0)]));
        assert!(meter.read().since(&before).0["client"] >= 0.0);
    }
}
