//! One field at fault in every request of credit.

use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CheckCreditRequest, CommitReservationRequest, CreateScoreModelRequest,
    EvaluateCustomerRequest, GetExposureRequest, GetLimitRequest, GetRatingRequest, GetReservationRequest,
    GetScoreModelRequest, Limit, ListLimitsRequest, ListRatingsRequest, ListReservationsRequest,
    ListScoreModelsRequest, ReleaseReservationRequest, SubmitLimitRequest, UpdateLimitRequest,
};
use dossier_tests::scene::small_card;
use prost_types::FieldMask;

use super::over::Over::{Long, Many, Number, Say};
use super::over::Table;
use crate::prelude::*;

on_both_stores! {
    // proves: C-13, C-14
    async fn credit_names_the_field_at_fault_and_writes_nothing(world) {
        let file = world.active(1).await.name;
        world.model().await;
        let rating = world.rating(&file).await.name;
        let proposal = world.proposing(&file, &rating, 1_000);
        let limit = world.credit("analyst").limits.propose_limit(proposal).await.good();
        let mut table = Table::new(Which::Credit);
        models(&mut table);
        ratings(&mut table, world, &file);
        limits(&mut table, world, &file, &rating, &limit);
        reservations(&mut table, world, &file);
        lists(&mut table);
        table.form("dossier.duty.v1.DutyService/CompleteDuty", "analyst", &duty()).mutation();
        table.form("dossier.duty.v1.DutyService/WaiveDuty", "analyst", &duty()).mutation();
        table.hold(world).await;
    }
}

// Complete and Waive are written alike.
fn duty() -> dossier_proto::duty::v1::WaiveDutyRequest {
    let (name, reason) = (name("services/credit/duties"), "x".to_owned());
    dossier_proto::duty::v1::WaiveDutyRequest { name, reason, ..Default::default() }
}

fn name(collection: &str) -> String {
    format!("{collection}/{}", Uuid::from_u128(1))
}

fn models(table: &mut Table) {
    let score_model = Some(small_card("other"));
    let create = CreateScoreModelRequest { score_model, ..CreateScoreModelRequest::default() };
    table
        .form("dossier.credit.v1.RatingService/CreateScoreModel", "analyst", &create)
        .mutation()
        .named("score_model.card", Long(64))
        .named("score_model.card", Say("Card_1"))
        .named("score_model.card", Say(""))
        .named("score_model.title", Long(201))
        .named("score_model.title", Say(""))
        .named("score_model.base_points", Say("1e3"))
        .named("score_model.base_points", Say("1234567890"))
        .named("score_model.base_points", Say("1.1234567"))
        .named("score_model.variables", Many(201))
        .named("score_model.variables", Many(0))
        .named("score_model.variables[0].name", Say("Years"))
        .named("score_model.variables[1].name", Say("years"))
        .named("score_model.variables[0].name", Long(101))
        .named("score_model.variables[0].missing_points", Say("none"))
        .named("score_model.variables[0].bins", Many(201))
        .named("score_model.variables[0].bins", Many(0))
        .named("score_model.variables[0].bins[0].label", Long(1001))
        .named("score_model.variables[0].bins[0].label", Say(""))
        .named("score_model.variables[0].bins[0].points", Say("ten"))
        .named("score_model.variables[0].bins[0].range.lower", Say("1234567890123456"))
        .named("score_model.variables[0].bins[1].range.upper", Say("1"))
        .named("score_model.variables[1].bins[0].categories.values", Many(201))
        .named("score_model.variables[1].bins[0].categories.values", Many(0))
        .fault(
            "score_model.variables[1].bins[0].categories.values",
            Long(201),
            "score_model.variables[1].bins[0].categories.values[0]",
        );
    let activate = ActivateScoreModelRequest { name: name("scoreModels"), ..ActivateScoreModelRequest::default() };
    table
        .form("dossier.credit.v1.RatingService/ActivateScoreModel", "analyst", &activate)
        .mutation()
        .named("name", Say("scoreModels/7"));
    let get = GetScoreModelRequest { name: name("scoreModels") };
    table.form("dossier.credit.v1.RatingService/GetScoreModel", "analyst", &get).named("name", Long(50));
    let get = GetRatingRequest { name: name("ratings") };
    table.form("dossier.credit.v1.RatingService/GetRating", "analyst", &get).named("name", Say("ratings/7"));
}

fn ratings(table: &mut Table, world: &World, file: &str) {
    let evaluate = EvaluateCustomerRequest { request_id: String::new(), ..world.evaluating(file) };
    table
        .form("dossier.credit.v1.RatingService/EvaluateCustomer", "analyst", &evaluate)
        .mutation()
        .named("customer", Say("files/7"))
        .named("score_model", Say("scoreModels/7"))
        .named("inputs", Many(501))
        .fault("inputs[years]", Long(201), "inputs")
        .fault("inputs[years]", Say("seven"), "inputs.years")
        .fault("inputs[trade]", Long(30), "inputs.trade")
        .fault("inputs[trade]", Say(""), "inputs.trade");
}

fn limits(table: &mut Table, world: &World, file: &str, rating: &str, limit: &Limit) {
    let propose = world.proposing(file, rating, 1_000);
    table
        .form("dossier.credit.v1.LimitService/ProposeLimit", "analyst", &propose)
        .mutation()
        .named("justification", Say(""))
        .named("justification", Long(501))
        .named("customer", Say("files/7"))
        .named("rating", Say("ratings/7"))
        .named("amount.minor_units", Number(0))
        .named("amount.minor_units", Number(1_000_000_000_000_001))
        .named("amount.currency_code", Say("yuan"))
        .named("payment_terms", Long(501))
        .named("payment_terms", Say(""))
        .fault("valid_from.seconds", Number(i64::MAX), "valid_from")
        .fault("valid_until.seconds", Number(1), "valid_until")
        .fault("valid_until.seconds", Number(4_000_000_000), "valid_until");
    let update = UpdateLimitRequest {
        limit: Some(limit.clone()),
        update_mask: Some(FieldMask { paths: vec!["payment_terms".into(), "amount".into(), "valid_until".into()] }),
        ..UpdateLimitRequest::default()
    };
    table
        .form("dossier.credit.v1.LimitService/UpdateLimit", "analyst", &update)
        .mutation()
        .named("limit.name", Say("limits/7"))
        .named("limit.payment_terms", Say(""))
        .named("limit.amount.minor_units", Number(-1))
        .named("limit.amount.currency_code", Say("CNYY"))
        .fault("limit.valid_until.seconds", Number(i64::MAX), "limit.valid_until")
        .fault("update_mask.paths", Many(0), "update_mask");
    let submit = SubmitLimitRequest { name: limit.name.clone(), ..SubmitLimitRequest::default() };
    table
        .form("dossier.credit.v1.LimitService/SubmitLimit", "analyst", &submit)
        .mutation()
        .named("name", Say("limits/7"));
    let get = GetLimitRequest { name: name("limits") };
    table.form("dossier.credit.v1.LimitService/GetLimit", "analyst", &get).named("name", Say("x"));
}

fn reservations(table: &mut Table, world: &World, file: &str) {
    let reserve = world.reserving(file, 1_000);
    table
        .form("dossier.credit.v1.ExposureService/ReserveCredit", "sales-1", &reserve)
        .mutation()
        .named("customer", Say("files/7"))
        .named("amount.minor_units", Number(0))
        .named("amount.minor_units", Number(i64::MAX))
        .named("amount.currency_code", Say("cny"))
        .fault("ttl.seconds", Number(0), "ttl")
        .fault("ttl.seconds", Number(31 * 24 * 3600), "ttl")
        .fault("ttl.nanos", Number(1), "ttl")
        .named("reference", Long(101))
        .named("reference", Say(""));
    let commit = CommitReservationRequest {
        name: name("reservations"),
        amount: Some(money(1)),
        ..CommitReservationRequest::default()
    };
    table
        .form("dossier.credit.v1.ExposureService/CommitReservation", "sales-1", &commit)
        .mutation()
        .named("name", Say("reservations/7"))
        .named("amount.minor_units", Number(-1))
        .named("amount.currency_code", Say(""));
    let release = ReleaseReservationRequest { name: name("reservations"), ..ReleaseReservationRequest::default() };
    table
        .form("dossier.credit.v1.ExposureService/ReleaseReservation", "sales-1", &release)
        .mutation()
        .named("name", Say("reservations/7"));
    let check = CheckCreditRequest { customer: file.to_owned(), amount: Some(money(1)) };
    table
        .form("dossier.credit.v1.ExposureService/CheckCredit", "sales-1", &check)
        .named("customer", Say("files/7"))
        .named("amount.minor_units", Number(0));
    let get = GetExposureRequest { customer: file.to_owned() };
    table.form("dossier.credit.v1.ExposureService/GetExposure", "sales-1", &get).named("customer", Long(10));
    let get = GetReservationRequest { name: name("reservations") };
    table.form("dossier.credit.v1.ExposureService/GetReservation", "sales-1", &get).named("name", Say("x"));
}

fn lists(table: &mut Table) {
    let size = Number(-1);
    table
        .form("dossier.credit.v1.RatingService/ListScoreModels", "analyst", &ListScoreModelsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.credit.v1.RatingService/ListRatings", "analyst", &ListRatingsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.credit.v1.LimitService/ListLimits", "analyst", &ListLimitsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.credit.v1.ExposureService/ListReservations", "analyst", &ListReservationsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
}
