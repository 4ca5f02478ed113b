//! The state machine under random calls, against a model that keeps only the state.

use proptest::collection::vec;
use proptest::prelude::*;

use super::people::*;
use crate::domain::approval::{Approval, Correction, State};
use crate::domain::decision::Verdict;
use crate::domain::plan::Step;

#[derive(Clone, Copy, Debug)]
enum Act {
    Sign(usize, Verdict),
    Resubmit,
    Withdraw,
}

fn acts() -> impl Strategy<Value = Act> {
    let verdict = prop_oneof![4 => Just(Verdict::Approve), 1 => Just(Verdict::Reject), 2 => Just(Verdict::Return)];
    prop_oneof![
        8 => (0_usize..5, verdict).prop_map(|(signer, verdict)| Act::Sign(signer, verdict)),
        3 => Just(Act::Resubmit),
        1 => Just(Act::Withdraw),
    ]
}

/// Which states an act may lead to; the state itself where it may be refused.
fn leads(from: State, act: Act) -> Vec<State> {
    use State::{Approved, Pending, Rejected, Returned, Withdrawn};
    match (from, act) {
        (Pending, Act::Sign(_, Verdict::Approve)) => vec![Pending, Approved],
        (Pending, Act::Sign(_, Verdict::Reject)) => vec![Pending, Rejected],
        (Pending, Act::Sign(_, Verdict::Return)) => vec![Pending, Returned],
        (Pending | Returned, Act::Withdraw) => vec![Withdrawn],
        (Returned, Act::Resubmit) => vec![Pending],
        (state, _) => vec![state],
    }
}

fn apply(one: &mut Approval, act: Act, at: usize) -> bool {
    let snapshot = snapshot(&[vec![], vec![0], vec![0], vec![1], vec![0, 1]]);
    let now = NOW + at as i64;
    match act {
        Act::Sign(signer, verdict) => {
            let case = one.case(&snapshot, &delegable(), now);
            one.sign(&case, ballot(at, signer, verdict)).is_ok()
        }
        Act::Resubmit => one.resubmit(Correction::default(), now).is_ok(),
        Act::Withdraw => one.withdraw(now).is_ok(),
    }
}

proptest! {
    #[test]
    fn every_call_keeps_to_the_life_cycle(acts in vec(acts(), 0..=30)) {
        let first = Step { quorum: 2, slots: vec![slot(&[0]), slot(&[0])] };
        let second = Step { quorum: 1, slots: vec![slot(&[1])] };
        let mut one = approval(plan(vec![first, second]));
        for (at, act) in acts.into_iter().enumerate() {
            let before = one.clone();
            let done = apply(&mut one, act, at);
            prop_assert!(leads(before.state, act).contains(&one.state), "{before:?} by {act:?}");
            if !done {
                prop_assert_eq!(&one, &before, "a refused call changed something");
            }
            prop_assert!(!before.state.is_final() || !done, "a final state was left");
            prop_assert_eq!(one.state.is_final(), one.decided_at.is_some());
            prop_assert_eq!(one.state == State::Approved, one.passed_steps == one.plan.steps.len());
            prop_assert!(one.round >= before.round && one.decisions.len() >= before.decisions.len());
            let signers: Vec<_> = one.signatures().map(|one| one.signer).collect();
            prop_assert!(signers.iter().enumerate().all(|(at, signer)| !signers[..at].contains(signer)));
        }
    }
}
