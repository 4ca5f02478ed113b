//! Single rules, one by one.

use dossier_kernel::error::Reason;

use super::people::*;
use crate::domain::approval::{Approval, Correction, State};
use crate::domain::candidate::Obstacle;
use crate::domain::decision::Verdict;
use crate::domain::directory_snapshot::{DelegationTerms, DirectorySnapshot};
use crate::domain::feasibility::Feasibility;
use crate::domain::plan::{Plan, Step};

type Change = fn(&mut DelegationTerms);

fn joint(slots: &[&[usize]]) -> Step {
    Step { quorum: slots.len(), slots: slots.iter().map(|posts| slot(posts)).collect() }
}

fn sign(one: &mut Approval, snapshot: &DirectorySnapshot, number: usize, signer: usize) -> Result<(), Reason> {
    let case = one.case(snapshot, &delegable(), NOW + number as i64);
    one.sign(&case, ballot(number, signer, Verdict::Approve)).map_err(|fault| fault.reason())
}

#[test]
fn an_early_signature_never_shuts_out_a_later_one() {
    // Person 1 may fill both slots, person 2 only the first.
    let snapshot = snapshot(&[vec![], vec![0, 1], vec![0]]);
    let mut one = approval(plan(vec![joint(&[&[0], &[1]])]));
    sign(&mut one, &snapshot, 1, 1).unwrap();
    assert_eq!((one.decisions[0].slot, one.decisions[0].post.as_str()), (Some(0), "a"));
    sign(&mut one, &snapshot, 2, 2).unwrap();
    assert_eq!(one.state, State::Approved);
    let seats: Vec<_> = one.decisions.iter().map(|one| (one.slot, one.post.as_str())).collect();
    assert_eq!(seats, [(Some(1), "b"), (Some(0), "a")]);
}

#[test]
fn steps_open_in_order_and_one_human_signs_once() {
    let snapshot = snapshot(&[vec![], vec![0, 1], vec![1]]);
    let mut one = approval(plan(vec![joint(&[&[0]]), joint(&[&[1]])]));
    assert_eq!(sign(&mut one, &snapshot, 1, 2), Err(Reason::ApprovalNotApprover));
    sign(&mut one, &snapshot, 2, 1).unwrap();
    assert_eq!((one.state, one.passed_steps), (State::Pending, 1));
    assert_eq!(sign(&mut one, &snapshot, 3, 1), Err(Reason::ApprovalVoiceUsed));
    sign(&mut one, &snapshot, 4, 2).unwrap();
    assert_eq!((one.state, one.decided_at), (State::Approved, Some(NOW + 4)));
    assert_eq!(sign(&mut one, &snapshot, 5, 2), Err(Reason::WrongState));
}

#[test]
fn revoking_a_letter_between_two_signatures_does_not_split_the_voice() {
    let mut snapshot = with_letters(&[vec![], vec![0], vec![1, 2]], &[(1, 2)]);
    let mut one = approval(plan(vec![joint(&[&[0]]), joint(&[&[0, 1]])]));
    sign(&mut one, &snapshot, 1, 2).unwrap();
    assert_eq!(one.decisions[0].mandate.map(|mandate| mandate.acting_for), Some(person(1)));
    snapshot.delegations[0].revoked_at = Some(NOW + 2);
    assert_eq!(sign(&mut one, &snapshot, 3, 1), Err(Reason::ApprovalVoiceUsed));
    // Even when the letter is forgotten altogether, the signature given for somebody remains.
    snapshot.delegations.clear();
    assert_eq!(sign(&mut one, &snapshot, 4, 1), Err(Reason::ApprovalVoiceUsed));
}

#[test]
fn the_requester_signs_neither_itself_nor_through_a_chain() {
    let snapshot = with_letters(&[vec![0], vec![0], vec![0], vec![0]], &[(0, 1), (1, 2)]);
    let mut one = approval(plan(vec![joint(&[&[0]])]));
    for signer in 0..3 {
        assert_eq!(sign(&mut one, &snapshot, signer, signer), Err(Reason::ApprovalOwnRequest), "person {signer}");
    }
    sign(&mut one, &snapshot, 3, 3).unwrap();
}

#[test]
fn a_letter_outside_its_bounds_names_the_bound() {
    let changes: [(&str, Change); 3] = [
        ("matter", |one| one.matters = vec!["other".into()]),
        ("level", |one| one.max_rank = 0),
        ("period", |one| one.valid_until = NOW),
    ];
    for (bound, change) in changes {
        let mut snapshot = with_letters(&[vec![], vec![0], vec![3]], &[(1, 2)]);
        change(&mut snapshot.delegations[0]);
        let mut one = approval(plan(vec![joint(&[&[0]])]));
        one.rank = 1;
        let case = one.case(&snapshot, &delegable(), NOW);
        let fault = one.sign(&case, ballot(1, 2, Verdict::Approve)).unwrap_err();
        assert_eq!(fault.reason(), Reason::ApprovalOutsideDelegation);
        assert_eq!(fault.metadata("bound"), Some(bound));
        assert!(!case.concerns(person(2)) && case.knows(person(2)));
    }
}

#[test]
fn a_lent_power_cannot_be_lent_on() {
    // 1 holds the post and lends to 2, who lends to 3: the second letter lends nothing of the first.
    let snapshot = with_letters(&[vec![], vec![0], vec![3], vec![3]], &[(1, 2), (2, 3)]);
    let mut one = approval(plan(vec![joint(&[&[0]])]));
    assert_eq!(sign(&mut one, &snapshot, 1, 3), Err(Reason::ApprovalNotApprover));
    sign(&mut one, &snapshot, 2, 2).unwrap();
}

#[test]
fn only_a_post_that_the_matter_admits_acts_under_a_letter() {
    let snapshot = with_letters(&[vec![], vec![0], vec![3]], &[(1, 2)]);
    let mut one = approval(plan(vec![joint(&[&[0]])]));
    let case = one.case(&snapshot, &[POSTS[1].to_owned()], NOW);
    let fault = one.sign(&case, ballot(1, 2, Verdict::Approve)).unwrap_err();
    assert_eq!(fault.reason(), Reason::ApprovalNotApprover);
}

#[test]
fn several_letters_ask_for_a_choice() {
    let snapshot = with_letters(&[vec![], vec![0], vec![0], vec![3]], &[(1, 3), (2, 3)]);
    let mut one = approval(plan(vec![joint(&[&[0]])]));
    assert_eq!(sign(&mut one, &snapshot, 1, 3), Err(Reason::FieldViolation));
    let mut chosen = ballot(2, 3, Verdict::Approve);
    chosen.delegation = Some(snapshot.delegations[1].id);
    let case = one.case(&snapshot, &delegable(), NOW);
    one.sign(&case, chosen).unwrap();
    assert_eq!(one.decisions[0].mandate.map(|mandate| mandate.acting_for), Some(person(2)));
}

#[test]
fn who_must_stay_separate_takes_its_delegates_along() {
    let snapshot = with_letters(&[vec![], vec![0], vec![0], vec![0]], &[(1, 2)]);
    let mut one = approval(plan(vec![joint(&[&[0]])]));
    one.excluded = vec![person(1)];
    for signer in [1, 2] {
        assert_eq!(sign(&mut one, &snapshot, signer, signer), Err(Reason::ApprovalNotApprover));
    }
    sign(&mut one, &snapshot, 3, 3).unwrap();
}

#[test]
fn clearance_unit_and_activity_count() {
    let mut everybody = snapshot(&[vec![], vec![0], vec![0], vec![0], vec![0]]);
    everybody.members.get_mut(&person(1)).unwrap().clearance = 0;
    everybody.members.get_mut(&person(2)).unwrap().posts[0].unit = "elsewhere".into();
    everybody.members.get_mut(&person(3)).unwrap().active = false;
    let mut wanted = plan(vec![joint(&[&[0]])]);
    wanted.steps[0].slots[0].unit = Some("u".into());
    let mut one = approval(wanted);
    one.rank = 1;
    let case = one.case(&everybody, &delegable(), NOW);
    let found = case.candidates(&one.plan.steps[0].slots[0]);
    let of = |number| found.iter().find(|one| one.person == person(number)).unwrap().obstacle;
    let expected = [Some(Obstacle::Clearance), Some(Obstacle::NotAppointed), Some(Obstacle::Inactive), None];
    assert_eq!([of(1), of(2), of(3), of(4)], expected);
}

#[test]
fn another_digest_is_another_subject() {
    let snapshot = snapshot(&[vec![], vec![0]]);
    let mut one = approval(plan(vec![joint(&[&[0]])]));
    let mut other = ballot(1, 1, Verdict::Approve);
    other.digest = vec![8; 32];
    let case = one.case(&snapshot, &delegable(), NOW);
    assert_eq!(one.sign(&case, other).unwrap_err().reason(), Reason::ApprovalSubjectChanged);
}

#[test]
fn a_new_round_starts_anew() {
    let snapshot = snapshot(&[vec![], vec![0], vec![1]]);
    let mut one = approval(plan(vec![joint(&[&[0]]), joint(&[&[1]])]));
    sign(&mut one, &snapshot, 1, 1).unwrap();
    let case = one.case(&snapshot, &delegable(), NOW);
    one.sign(&case, ballot(2, 2, Verdict::Return)).unwrap();
    assert_eq!((one.state, one.decisions[1].slot, one.decided_at), (State::Returned, None, None));
    one.resubmit(Correction::default(), NOW + 3).unwrap();
    assert_eq!((one.state, one.round, one.passed_steps), (State::Pending, 2, 0));
    assert_eq!((one.digest.as_slice(), one.summary.as_str()), (&DIGEST[..], "s"));
    sign(&mut one, &snapshot, 4, 1).unwrap();
    sign(&mut one, &snapshot, 5, 2).unwrap();
    assert_eq!(one.state, State::Approved);
    assert_eq!(one.withdraw(NOW + 6).unwrap_err().reason(), Reason::WrongState);
}

#[test]
fn a_group_that_holds_only_the_requester_is_not_reachable() {
    let stuck = |plan: &Plan, people: &[Vec<usize>]| {
        let snapshot = snapshot(people);
        Feasibility::before(&case(plan, &snapshot)).stuck()
    };
    let two = plan(vec![joint(&[&[0]]), joint(&[&[1]])]);
    assert_eq!(stuck(&two, &[vec![0, 1]]), Some(0));
    assert_eq!(stuck(&two, &[vec![], vec![0]]), Some(1));
    assert_eq!(stuck(&two, &[vec![], vec![0, 1]]), Some(1));
    assert_eq!(stuck(&two, &[vec![], vec![0, 1], vec![0]]), None);
}
