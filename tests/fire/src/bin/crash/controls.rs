//! Negative controls: each protection is taken away in turn, and the rule that watches it must turn red.

use std::path::Path;
use std::time::Duration;

use dossier_fire::ground::{Result, Service};
use dossier_fire::history::facts::Connected;
use tokio::time::sleep;

use crate::chance::Chance;
use crate::faults::{BELIEVED, Trouble, UNFOLLOWED};
use crate::workers::{Load, MIX, Trade};
use crate::world::{Kind, Machine, World};

/// One protection, how it is taken away, and the rule that must notice.
struct Control {
    what: &'static str,
    /// `DOSSIER_WEAKEN` of every process.
    weaken: &'static str,
    /// `DOSSIER_FAULTS` of every process.
    faults: &'static str,
    /// Statements for the store of one service.
    sql: Option<(Service, &'static str)>,
    rule: &'static str,
    load: Duration,
    trades: &'static [Trade],
    /// What happens besides the load; its own complaint goes by the name of the rule.
    trouble: Option<Trouble>,
}

const NORMAL: Duration = Duration::from_millis(1500);

const CONTROLS: [Control; 13] = [
    Control::weaken("a mutation is answered without its commit", "commit", "writes"),
    Control::weaken("the digest of a request is not compared", "digest", "repeats"),
    Control::weaken("the idempotency row is not found again", "request_id", "repeats"),
    Control::weaken("content leaves before its entry is durable", "disclosure", "reads"),
    Control::weaken("a consumer moves its cursor without looking", "cursor", "copies"),
    Control {
        load: Duration::from_secs(5),
        ..Control::weaken("consumers overlook revocations", "revocation", "reads")
    },
    Control {
        what: "an old holder of the lease is not shut out",
        weaken: "fence,notice",
        faults: "sequencer.begin=pause(2600ms)@10",
        sql: None,
        rule: "leases",
        load: Duration::from_secs(6),
        trades: &MIX,
        trouble: None,
    },
    Control {
        trouble: Some(Trouble::Restored),
        ..Control::weaken("a store that was put back is believed", "contains", "restored")
    },
    Control {
        trouble: Some(Trouble::Certificates),
        ..Control::weaken("certificates are read once and never again", "certificates", "certificates")
    },
    Control {
        trouble: Some(Trouble::Contents),
        ..Control::weaken("what is attached was not read back", "read_back", "contents")
    },
    Control {
        what: "the unique index of open loans is gone",
        sql: Some((Service::Access, "DROP INDEX loan_item_open")),
        trades: &[Trade::Lend; 6],
        ..Control::weaken("", "", "loans")
    },
    Control {
        what: "the CHECK and the condition of the limit are gone",
        sql: Some((Service::Credit, UNGUARDED)),
        load: Duration::from_secs(3),
        trades: &[Trade::Reserve; 8],
        ..Control::weaken("", "limit", "limits")
    },
    Control {
        what: "an entry is taken out of the journal",
        sql: Some((Service::Profile, "DELETE FROM journal_entry WHERE org = 'demo' AND seq = 3")),
        load: Duration::ZERO,
        ..Control::weaken("", "", "journal")
    },
];

/// Every CHECK of the exposure but those of single columns.
const UNGUARDED: &str = "DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = 'exposure'::regclass AND contype = 'c' LOOP
        EXECUTE 'ALTER TABLE exposure DROP CONSTRAINT ' || quote_ident(name);
    END LOOP; END $$";

// === impl Control ===

impl Control {
    const fn weaken(what: &'static str, weaken: &'static str, rule: &'static str) -> Self {
        Self { what, weaken, faults: "", sql: None, rule, load: NORMAL, trades: &MIX, trouble: None }
    }

    /// Runs it on a fresh world; gives what the rules said.
    async fn run(&self, machine: &mut Machine, program: &Path, round: usize, seed: u64) -> Result<Vec<&'static str>> {
        let mut complained = false;
        // A trouble starts processes by itself: they must all be weak.
        let weak = self.trouble.map(|_| ("DOSSIER_WEAKEN".to_owned(), self.weaken.to_owned()));
        let kind = (Kind::Postgres, Trouble::secure(self.trouble.as_slice()));
        let mut world = World::raise(machine, program, kind, round, seed, weak.as_slice()).await?;
        if let Some((service, text)) = self.sql {
            world.settle().await?;
            Connected::to(world.store(), service).await?.run(text).await?;
        }
        if !self.weaken.is_empty() || !self.faults.is_empty() {
            for replica in &mut world.fleet.replicas {
                replica.kill().await?;
                replica.start(&[("DOSSIER_WEAKEN", self.weaken), ("DOSSIER_FAULTS", self.faults)])?;
            }
            world.fleet.go().await?;
        }
        if !self.load.is_zero() {
            let load = Load::start(&world.stage, seed, self.trades);
            sleep(self.load).await;
            complained = self.trouble(&mut world, machine, seed).await;
            load.stop().await;
            if let Some(trouble) = self.trouble {
                complained |= !trouble.aftermath(&mut world, &mut Chance::new(seed, 1)).await?.is_empty();
            }
        }
        // A weakened system need not come to rest; the rules are asked all the same.
        let _ = tokio::time::timeout(Duration::from_secs(3), world.settle()).await;
        let mut rules: Vec<_> = world.judge().await?.into_iter().map(|one| one.rule).collect();
        if self.rule == "journal" && world.verify().await?.is_some() {
            rules.push("verify");
        }
        rules.extend(complained.then_some(self.rule));
        world.fall(machine, round).await?;
        rules.sort_unstable();
        rules.dedup();
        Ok(rules)
    }

    async fn trouble(&self, world: &mut World, machine: &mut Machine, seed: u64) -> bool {
        let Some(trouble) = self.trouble else { return false };
        let told = trouble.run(world, machine, &mut Chance::new(seed, 0)).await;
        // Any other fault is one of this program.
        told.is_err_and(|fault| [BELIEVED, UNFOLLOWED].iter().any(|words| fault.to_string().contains(words)))
    }
}

/// Runs every control; gives how many checkers stayed green.
pub(crate) async fn run(machine: &mut Machine, program: &Path, seed: u64, say: &dyn Fn(String)) -> Result<usize> {
    let mut green = 0;
    for (round, control) in CONTROLS.iter().enumerate() {
        let rules = control.run(machine, program, round, seed).await.map_err(|fault| fault.within(control.what))?;
        let red = rules.contains(&control.rule) && (control.rule != "journal" || rules.contains(&"verify"));
        green += usize::from(!red);
        let verdict = if red { "red, as it must be" } else { "GREEN: the checker checks nothing" };
        say(format!("  {:<52} {:<8} {verdict} ({})", control.what, control.rule, rules.join(", ")));
    }
    Ok(green)
}
