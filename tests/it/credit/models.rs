//! Score models: versions that never change, one of each card in force.

use dossier_proto::credit::v1::score_bin::Match;
use dossier_proto::credit::v1::{
    EvaluateCustomerRequest, GetScoreModelRequest, ListScoreModelsRequest, ScoreModel, ScoreModelState,
};
use dossier_tests::scene::small_card;

use crate::prelude::*;

fn dearer(base_points: i64) -> ScoreModel {
    ScoreModel { base_points: base_points.to_string(), ..small_card("small") }
}

async fn state(world: &World, name: &str) -> ScoreModelState {
    let request = GetScoreModelRequest { name: name.to_owned() };
    world.credit("analyst").ratings.get_score_model(request).await.good().state()
}

/// The same card with the edge of a bin of `years` moved.
fn moved(from: &str) -> ScoreModel {
    let mut card = small_card("small");
    let Some(Match::Range(range)) = &mut card.variables[0].bins[1].r#match else { panic!("a range") };
    range.lower = from.into();
    card
}

on_both_stores! {
    // proves: C-13
    async fn the_next_version_retires_the_one_before(world) {
        let first = world.card(small_card("small")).await.good();
        assert_eq!((first.version, first.state(), first.digest.len()), (1, ScoreModelState::Draft, 32));
        let first = world.put_in_force(&first.name).await.good();
        assert_eq!(first.state(), ScoreModelState::Active);
        let second = world.card(dearer(600)).await.good();
        assert_eq!((second.version, state(world, &first.name).await), (2, ScoreModelState::Active));
        let other = world.card(small_card("other")).await.good();
        world.put_in_force(&other.name).await.good();
        world.put_in_force(&second.name).await.good();
        let states = [&first.name, &second.name, &other.name];
        let [one, two, three] = states.map(|name| state(world, name));
        let states = (one.await, two.await, three.await);
        assert_eq!(states, (ScoreModelState::Retired, ScoreModelState::Active, ScoreModelState::Active));
        let refused = world.put_in_force(&first.name).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["resource"], first.name);
        world.put_in_force(&second.name).await.refused(Reason::WrongState);
        check::holds(world).await;
    }

    // proves: C-13
    async fn of_many_activations_at_once_one_version_is_in_force(world) {
        let mut drafts = Vec::new();
        for n in 0..8 {
            drafts.push(world.card(dearer(500 + n)).await.good().name);
        }
        let all = drafts.iter().map(|name| world.put_in_force(name));
        for answer in futures::future::join_all(all).await {
            answer.good();
        }
        let list = ListScoreModelsRequest { filter: "state = ACTIVE".into(), ..Default::default() };
        let active = world.credit("analyst").ratings.list_score_models(list).await.good().score_models;
        assert_eq!(active.len(), 1, "{active:?}");
        check::holds(world).await;
    }

    async fn the_same_card_twice_and_a_card_that_contradicts_itself_are_refused(world) {
        let first = world.card(small_card("small")).await.good();
        let again = ScoreModel { title: "Another title".into(), ..small_card("small") };
        assert_eq!(world.card(again).await.refused(Reason::AlreadyExists).metadata["resource"], first.name);
        // A gap between 5 and 6, then an overlap between 4 and 5.
        for from in ["6.0", "4.0"] {
            let refused = world.card(moved(from)).await.refused(Reason::ScoreModelFaulty);
            assert_eq!(refused.metadata["variable"], "years");
        }
        let mut twice = small_card("small");
        twice.base_points = "501".into();
        twice.variables[1].bins[1] = twice.variables[1].bins[0].clone();
        twice.variables[1].bins[1].label = "again".into();
        assert_eq!(world.card(twice).await.refused(Reason::ScoreModelFaulty).metadata["variable"], "trade");
        assert_eq!(world.card(dearer(700)).await.good().version, 2);
    }

    async fn a_draft_rates_only_on_trial(world) {
        let customer = world.active(1).await.name;
        let draft = world.card(small_card("small")).await.good().name;
        let mut calls = world.credit("analyst").ratings;
        calls.evaluate_customer(world.evaluating(&customer)).await.refused(Reason::ScoreModelNotActive);
        let named = EvaluateCustomerRequest { score_model: draft.clone(), ..world.evaluating(&customer) };
        let refused = calls.evaluate_customer(named.clone()).await.refused(Reason::ScoreModelNotActive);
        assert_eq!(refused.metadata["score_model"], draft);
        let trial = calls.evaluate_customer(EvaluateCustomerRequest { validate_only: true, ..named.clone() }).await.good();
        assert_eq!((trial.name.as_str(), trial.score.as_str()), ("", "537.5"));
        world.put_in_force(&draft).await.good();
        let other = world.card(small_card("other")).await.good();
        world.put_in_force(&other.name).await.good();
        // Two cards are in force: which one must be said.
        let refused = calls.evaluate_customer(world.evaluating(&customer)).await.refused(Reason::FieldViolation);
        assert!(refused.names("card"), "{refused:?}");
        let by_card = EvaluateCustomerRequest { card: "small".into(), ..world.evaluating(&customer) };
        assert_eq!(calls.evaluate_customer(by_card).await.good().score, "537.5");
    }
}
