//! Random lives of an approval against a model of a few lines (A-39, I6).

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use super::*;

/// Who takes part: `deputy` is also a finance director here, `analyst` asks.
const ACTORS: [&str; 6] = ["analyst", "finance-director", "deputy", "gm", "office-director", "sales-1"];
/// Who may fill the one slot of each step.
const STEPS: [&[&str]; 2] = [&["finance-director", "deputy"], &["deputy", "gm"]];

#[derive(Clone, Copy, Debug)]
enum Act {
    Approve,
    ApproveOther,
    Reject,
    Return,
    Resubmit,
    Withdraw,
}

#[derive(Clone, Debug)]
struct Model {
    state: pb::ApprovalState,
    round: i32,
    passed: usize,
    signed: BTreeSet<&'static str>,
    decisions: usize,
}

// === impl Model ===

impl Model {
    fn new() -> Self {
        Self { state: pb::ApprovalState::Pending, round: 1, passed: 0, signed: BTreeSet::new(), decisions: 0 }
    }

    fn apply(&mut self, who: &'static str, act: Act) -> Result<(), Reason> {
        if who == "sales-1" {
            return Err(Reason::ResourceNotFound);
        }
        match act {
            Act::Resubmit | Act::Withdraw if who != "analyst" => return Err(Reason::PermissionDenied),
            Act::Resubmit => self.resubmit()?,
            Act::Withdraw => self.withdraw()?,
            Act::Approve | Act::ApproveOther | Act::Reject | Act::Return => self.sign(who, act)?,
        }
        Ok(())
    }

    fn sign(&mut self, who: &'static str, act: Act) -> Result<(), Reason> {
        self.require(self.state == pb::ApprovalState::Pending)?;
        if matches!(act, Act::ApproveOther) {
            return Err(Reason::ApprovalSubjectChanged);
        }
        if who == "analyst" {
            return Err(Reason::ApprovalOwnRequest);
        }
        if self.signed.contains(who) {
            return Err(Reason::ApprovalVoiceUsed);
        }
        if !STEPS[self.passed].contains(&who) {
            return Err(Reason::ApprovalNotApprover);
        }
        self.signed.insert(who);
        self.decisions += 1;
        match act {
            Act::Reject => self.state = pb::ApprovalState::Rejected,
            Act::Return => self.state = pb::ApprovalState::Returned,
            _ => self.passed += 1,
        }
        if self.passed == STEPS.len() {
            self.state = pb::ApprovalState::Approved;
        }
        Ok(())
    }

    fn resubmit(&mut self) -> Result<(), Reason> {
        self.require(self.state == pb::ApprovalState::Returned)?;
        (self.state, self.round, self.passed) = (pb::ApprovalState::Pending, self.round + 1, 0);
        self.signed.clear();
        Ok(())
    }

    fn withdraw(&mut self) -> Result<(), Reason> {
        self.require(matches!(self.state, pb::ApprovalState::Pending | pb::ApprovalState::Returned))?;
        self.state = pb::ApprovalState::Withdrawn;
        Ok(())
    }

    fn require(&self, holds: bool) -> Result<(), Reason> {
        if holds { Ok(()) } else { Err(Reason::WrongState) }
    }

    fn waits_for(&self, who: &'static str) -> bool {
        let open = self.state == pb::ApprovalState::Pending && !self.signed.contains(who);
        open && STEPS[self.passed].contains(&who)
    }
}

fn acts() -> impl Strategy<Value = Vec<(&'static str, Act)>> {
    let act = prop_oneof![
        6 => Just(Act::Approve),
        1 => Just(Act::ApproveOther),
        1 => Just(Act::Reject),
        2 => Just(Act::Return),
        3 => Just(Act::Resubmit),
        1 => Just(Act::Withdraw),
    ];
    vec((prop::sample::select(&ACTORS[..]), act), 1..12)
}

async fn act(world: &World, who: &str, act: Act, asked: &pb::Approval) -> Result<(), Reason> {
    let answer = match act {
        Act::Approve => world.access(who).approvals.approve_step(yes(world, asked)).await,
        Act::ApproveOther => {
            let other = pb::ApproveStepRequest { content_digest: vec![9; 32], ..yes(world, asked) };
            world.access(who).approvals.approve_step(other).await
        }
        Act::Reject => {
            let (name, content_digest, reason) = (asked.name.clone(), asked.content_digest.clone(), "不同意".into());
            let request =
                pb::RejectApprovalRequest { name, content_digest, reason, ..pb::RejectApprovalRequest::default() };
            world.access(who).approvals.reject_approval(request).await
        }
        Act::Return => send_back(world, who, asked).await,
        Act::Resubmit => resubmit(world, who, &asked.name).await,
        Act::Withdraw => withdraw(world, who, &asked.name).await,
    };
    answer.map(drop).map_err(|status| Refused::of(&status).reason)
}

async fn live(world: &World, life: Vec<(&'static str, Act)>) {
    let asked = put(world, "analyst", "credit.limit", "").await;
    let mut model = Model::new();
    for (who, what) in life {
        let expected = model.apply(who, what);
        assert_eq!(act(world, who, what, &asked).await, expected, "{who} {what:?}");
        let stands = world.approval("gm", &asked.name).await.good();
        let told = (stands.state(), stands.round, stands.passed_steps as usize, stands.decisions.len());
        assert_eq!(told, (model.state, model.round, model.passed, model.decisions), "after {who} {what:?}");
        assert_eq!(
            stands.decide_time.is_some(),
            !matches!(model.state, pb::ApprovalState::Pending | pb::ApprovalState::Returned)
        );
    }
    for who in ACTORS {
        let pending = pb::ListPendingApprovalsRequest { page_size: 500, ..pb::ListPendingApprovalsRequest::default() };
        let waiting = world.access(who).approvals.list_pending_approvals(pending).await.good().approvals;
        assert_eq!(waiting.iter().any(|one| one.name == asked.name), model.waits_for(who), "{who}");
    }
}

on_sqlite! {
    // proves: A-39, I6
    async fn every_life_of_an_approval_is_the_models(world) {
        appoint(world, "deputy", "finance_director", "finance").await;
        let runtime = Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config { cases: 40, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
            let run = |life| {
                runtime.block_on(live(world, life));
                Ok(())
            };
            TestRunner::new(config).run(&acts(), run).unwrap();
        });
        check::holds(world).await;
    }
}
