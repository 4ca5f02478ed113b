//! The published scorecard on the real applicants: every cell through Evaluate.

use std::collections::BTreeMap;

use dossier_credit::domain::score_model::Card;
use dossier_proto::credit::v1::{EvaluateCustomerRequest, GetRatingRequest, ListRatingsRequest, Rating, ScoreModel};
use dossier_tests::marks::root;
use futures::{StreamExt, stream};

use crate::prelude::*;

type Row = BTreeMap<String, String>;

fn rows(file: &str) -> Vec<Row> {
    let path = root().join("tests/data/german-credit").join(file);
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

/// The published card as the contract carries it.
fn german_card() -> ScoreModel {
    let text = std::fs::read_to_string(root().join("tests/data/german-credit/scorecard.json")).unwrap();
    let draft = Card::draft_from_json(&text).unwrap();
    let (card, title) = ("german-credit".into(), "German credit".into());
    ScoreModel { card, title, ..dossier_credit::model_of(&draft) }
}

/// The figures of a rating in the columns of the published file; every figure there is written with one decimal.
fn cells(row: &str, rating: &Rating) -> Row {
    let figure = |text: &str| format!("{:.1}", text.parse::<f64>().unwrap());
    let points = rating.variables.iter().map(|one| (format!("{}_points", one.variable), figure(&one.points)));
    points.chain([("row".into(), row.into()), ("score".into(), figure(&rating.score))]).collect()
}

on_both_stores! {
    // proves: C-13
    async fn every_cell_of_the_published_file_comes_out_of_evaluate(world) {
        let customer = world.active(1).await.name;
        let model = world.card(german_card()).await.good();
        world.put_in_force(&model.name).await.good();
        let expected = rows("expected_points_first_700.csv");
        assert_eq!(expected.len(), 700);
        let ratings = world.credit("analyst").ratings;
        let evaluate = |inputs: Row| {
            let (mut ratings, customer) = (ratings.clone(), customer.clone());
            let request = EvaluateCustomerRequest { customer, inputs, validate_only: true, ..EvaluateCustomerRequest::default() };
            async move { ratings.evaluate_customer(request).await.good() }
        };
        let applicants = rows("applicants.csv").into_iter().take(700);
        let given: Vec<_> = stream::iter(applicants.map(evaluate)).buffered(16).collect().await;
        for (expected, rating) in expected.iter().zip(&given) {
            let normal = expected.iter().map(|(key, cell)| (key.clone(), cell.replace("-0.0", "0.0"))).collect::<Row>();
            let cells = cells(&expected["row"], rating);
            let cells = cells.into_iter().map(|(key, cell)| (key, cell.replace("-0.0", "0.0"))).collect::<Row>();
            assert_eq!(cells, normal);
        }
    }

    // proves: C-13
    async fn a_rating_is_kept_with_everything_that_checks_it_and_without_its_inputs(world) {
        let customer = world.active(1).await.name;
        let model = world.card(german_card()).await.good();
        world.put_in_force(&model.name).await.good();
        let mut calls = world.credit("analyst").ratings;
        for (row, expected) in rows("applicants.csv").into_iter().zip(rows("expected_points_first_700.csv")).take(5) {
            let (customer, request_id) = (customer.clone(), world.request_id());
            let request = EvaluateCustomerRequest { customer, inputs: row, request_id, ..EvaluateCustomerRequest::default() };
            let rating = calls.evaluate_customer(request).await.good();
            let kept = calls.get_rating(GetRatingRequest { name: rating.name.clone() }).await.good();
            assert_eq!(kept, rating);
            assert_eq!(cells(&expected["row"], &kept), expected);
            assert_eq!((kept.card.as_str(), kept.version, kept.score_model.as_str()), ("german-credit", 1, model.name.as_str()));
            assert!(kept.reasons.len() <= 4 && kept.reasons.is_sorted_by(|a, b| loss(a) >= loss(b)), "{:?}", kept.reasons);
        }
        let list = ListRatingsRequest { filter: format!("customer = \"{customer}\""), ..ListRatingsRequest::default() };
        assert_eq!(calls.list_ratings(list).await.good().ratings.len(), 5);
        check::holds(world).await;
    }

    // proves: C-13
    async fn a_missing_value_takes_its_points_or_is_refused(world) {
        let customer = world.active(1).await.name;
        world.model().await;
        let mut calls = world.credit("analyst").ratings;
        let mut request = world.evaluating(&customer);
        request.inputs.remove("years");
        request.inputs.insert("colour".into(), "red".into());
        let rating = calls.evaluate_customer(request).await.good();
        assert_eq!((rating.score.parse::<f64>().unwrap(), rating.variables[0].missing), (512.0, true));
        assert_eq!((rating.variables[0].bin.as_str(), rating.variables[0].points.as_str()), ("", "-0.0"));
        let mut request = world.evaluating(&customer);
        request.inputs = [("years".to_owned(), "many".to_owned())].into_iter().collect();
        let refused = calls.evaluate_customer(request).await.refused(Reason::FieldViolation);
        assert!(refused.names("inputs.years") && refused.names("inputs.trade"), "{refused:?}");
    }

    // proves: C-13
    async fn a_rating_says_what_cost_most(world) {
        let customer = world.active(1).await.name;
        world.model().await;
        assert_eq!(world.rating(&customer).await.reasons, []);
        let mut request = world.evaluating(&customer);
        for (name, value) in [("years", "4.999"), ("trade", "other")] {
            request.inputs.insert(name.into(), value.into());
        }
        let poor = world.credit("analyst").ratings.evaluate_customer(request).await.good();
        let reasons: Vec<_> = poor.reasons.iter().map(|one| (one.variable.as_str(), one.loss.as_str())).collect();
        assert_eq!((poor.score.as_str(), reasons), ("490", vec![("years", "35.5"), ("trade", "12")]));
    }

    // proves: C-13, I10
    async fn a_rating_of_a_file_that_was_raised_since_is_gone(world) {
        let file = world.active(1).await.name;
        world.model().await;
        let rating = world.rating(&file).await.name;
        world.classify("archivist", &file, "confidential").await.good();
        world.settle().await;
        let mut calls = world.credit("analyst").ratings;
        calls.get_rating(GetRatingRequest { name: rating }).await.refused(Reason::ResourceNotFound);
        assert_eq!(calls.list_ratings(ListRatingsRequest::default()).await.good().ratings, []);
        calls.evaluate_customer(world.evaluating(&file)).await.refused(Reason::ResourceNotFound);
    }

    // proves: C-13
    async fn only_an_active_file_is_rated(world) {
        world.model().await;
        let draft = world.draft(1).await;
        world.settle().await;
        let mut calls = world.credit("analyst").ratings;
        calls.evaluate_customer(world.evaluating(&draft.name)).await.refused(Reason::WrongState);
        calls.evaluate_customer(world.evaluating(&format!("files/{}", Uuid::nil()))).await.refused(Reason::ResourceNotFound);
        let answer = world.credit("sales-1").ratings.evaluate_customer(world.evaluating(&draft.name)).await;
        assert_eq!(answer.refused(Reason::PermissionDenied).metadata["action"], "credit.evaluate");
    }
}

fn loss(reason: &dossier_proto::credit::v1::RatingReason) -> i64 {
    (reason.loss.parse::<f64>().unwrap() * 1000.0) as i64
}
