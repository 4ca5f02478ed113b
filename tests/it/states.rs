//! Every list of states against its enum of the contract: the words are said once, and both sides know the same ones.

use dossier_access::domain::{access_request, approval, decision, delegation, grant, loan};
use dossier_credit::domain::{limit, reservation, score_model};
use dossier_kernel::states::{State, wire};
use dossier_profile::domain::{arbiter, customer_file, hold, item, volume};
use dossier_proto::access::v1 as access;
use dossier_proto::credit::v1 as credit;
use dossier_proto::profile::v1 as profile;
use dossier_proto::{Worded, types};

// The words of the enum that the list does not have, and those of the list that the enum does not have.
fn strangers<S: State, W: Worded + TryFrom<i32>>() -> Vec<String> {
    let (own, wire): (Vec<_>, Vec<_>) =
        (S::ALL.to_vec(), (1..64).filter_map(|number| W::try_from(number).ok()).collect());
    let said: Vec<_> = own.iter().map(|state| state.word().to_ascii_uppercase()).collect();
    let known: Vec<_> = wire.into_iter().map(|one| one.word().to_owned()).collect();
    let (unsaid, unknown) =
        (known.iter().filter(|word| !said.contains(word)), said.iter().filter(|word| !known.contains(word)));
    unsaid.chain(unknown).cloned().collect()
}

#[test]
fn every_list_of_states_has_the_words_of_its_enum() {
    let none: Vec<String> = Vec::new();
    assert_eq!(strangers::<loan::State, access::LoanState>(), none);
    assert_eq!(strangers::<loan::Condition, access::ReturnCondition>(), none);
    assert_eq!(strangers::<grant::State, access::GrantState>(), none);
    assert_eq!(strangers::<approval::State, access::ApprovalState>(), none);
    assert_eq!(strangers::<decision::Verdict, types::Verdict>(), none);
    assert_eq!(strangers::<delegation::State, access::DelegationState>(), none);
    assert_eq!(strangers::<access_request::State, access::AccessRequestState>(), none);
    assert_eq!(strangers::<customer_file::State, profile::CustomerFileState>(), none);
    assert_eq!(strangers::<item::Kind, profile::ItemKind>(), none);
    assert_eq!(strangers::<item::State, profile::ItemState>(), none);
    assert_eq!(strangers::<volume::State, profile::VolumeState>(), none);
    assert_eq!(strangers::<volume::why::Ground, profile::VolumeGround>(), none);
    assert_eq!(strangers::<volume::printed::Sheet, profile::VolumeSheet>(), none);
    assert_eq!(strangers::<hold::State, profile::HoldState>(), none);
    assert_eq!(strangers::<arbiter::Verdict, profile::DispositionVerdict>(), none);
    assert_eq!(strangers::<arbiter::Ground, profile::DispositionGround>(), none);
    assert_eq!(strangers::<limit::LimitState, credit::LimitState>(), none);
    assert_eq!(strangers::<reservation::ReservationState, credit::ReservationState>(), none);
    assert_eq!(strangers::<score_model::ModelState, credit::ScoreModelState>(), none);
}

#[test]
fn a_state_is_said_as_the_contract_spells_it() {
    let said: access::LoanState = wire(loan::State::ReturnedWithDifference);
    assert_eq!(said.as_str_name(), "LOAN_STATE_RETURNED_WITH_DIFFERENCE");
    assert_eq!(access::LoanState::of_word("out"), Some(access::LoanState::Out));
}

mod controls {
    use super::*;

    #[test]
    fn a_word_that_one_side_lacks_is_named() {
        let strangers = strangers::<loan::State, access::GrantState>();
        assert!(strangers.contains(&"OUT".to_owned()) && strangers.contains(&"REVOKED".to_owned()), "{strangers:?}");
    }
}
