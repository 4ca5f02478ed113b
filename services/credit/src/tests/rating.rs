use super::world::*;
use dossier_kernel::error::Reason;
use dossier_kernel::sql;
use dossier_proto::credit::v1 as pb;
use uuid::Uuid;

#[tokio::test]
async fn a_card_has_versions_and_one_of_them_is_in_force() {
    let world = World::new().await;
    let mut ratings = world.ratings();
    assert_eq!(reason(ratings.create_score_model(by("archivist", german())).await), Some(Reason::PermissionDenied));
    assert_eq!(world.entries("access.refused").await, 1);
    let first = world.model().await;
    assert_eq!((first.version, first.state()), (1, pb::ScoreModelState::Active));
    assert_eq!(first.variables.len(), 13);
    assert_eq!(reason(ratings.create_score_model(by("analyst", german())).await), Some(Reason::AlreadyExists));
    let mut next = german();
    next.score_model.as_mut().unwrap().base_points = "448.0".into();
    let second = ratings.create_score_model(by("analyst", next)).await.unwrap().into_inner();
    assert_eq!((second.version, second.state()), (2, pb::ScoreModelState::Draft));
    let stale = pb::ActivateScoreModelRequest { name: second.name.clone(), etag: "v9".into(), ..Default::default() };
    assert_eq!(reason(ratings.activate_score_model(by("analyst", stale)).await), Some(Reason::EtagStale));
    let activate = pb::ActivateScoreModelRequest { name: second.name.clone(), ..Default::default() };
    ratings.activate_score_model(by("analyst", activate.clone())).await.unwrap();
    assert_eq!(reason(ratings.activate_score_model(by("analyst", activate)).await), Some(Reason::WrongState));
    let get = |name: &str| by("analyst", pb::GetScoreModelRequest { name: name.into() });
    let retired = ratings.get_score_model(get(&first.name)).await.unwrap().into_inner();
    assert_eq!(retired.state(), pb::ScoreModelState::Retired);
    assert!(retired.retire_time.is_some());
    let nobody = ratings.get_score_model(get(&format!("scoreModels/{}", Uuid::from_u128(1)))).await;
    assert_eq!(reason(nobody), Some(Reason::ResourceNotFound));
    let page = pb::ListScoreModelsRequest { page_size: 1, ..Default::default() };
    let one = ratings.list_score_models(by("analyst", page.clone())).await.unwrap().into_inner();
    assert_eq!((one.score_models[0].version, one.score_models[0].variables.len()), (2, 0));
    let page = pb::ListScoreModelsRequest { page_token: one.next_page_token, ..page };
    let two = ratings.list_score_models(by("analyst", page)).await.unwrap().into_inner();
    assert_eq!((two.score_models[0].version, two.next_page_token.as_str()), (1, ""));
    let active = pb::ListScoreModelsRequest {
        filter: "card = \"german-credit\" AND state = ACTIVE".into(),
        ..Default::default()
    };
    let active = ratings.list_score_models(by("analyst", active)).await.unwrap().into_inner();
    assert_eq!(active.score_models.len(), 1);
    let counts = ["score_model.created", "score_model.activated", "score_model.retired"];
    for (action, count) in counts.into_iter().zip([2, 2, 1]) {
        assert_eq!(world.entries(action).await, count, "{action}");
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM promise WHERE org = $1 AND field = 'reason'").await, 2);
}

#[tokio::test]
async fn a_faulty_card_is_refused_with_every_fault() {
    let world = World::new().await;
    let mut ratings = world.ratings();
    let mut overlapping = german();
    let bins = &mut overlapping.score_model.as_mut().unwrap().variables[0].bins;
    bins[1].r#match =
        Some(pb::score_bin::Match::Range(pb::NumericRange { lower: "1300".into(), upper: "1800".into() }));
    assert_eq!(reason(ratings.create_score_model(by("analyst", overlapping)).await), Some(Reason::ScoreModelFaulty));
    let mut malformed = german();
    let model = malformed.score_model.as_mut().unwrap();
    (model.card, model.title, model.base_points) = ("German".into(), String::new(), "many".into());
    model.variables[2].bins[0].points = "NaN".into();
    let found = fields(ratings.create_score_model(by("analyst", malformed)).await);
    let expected = ["card", "title", "base_points", "variables[2].bins[0].points"];
    assert_eq!(found, expected.map(|field| format!("score_model.{field}")));
    assert_eq!(world.count("SELECT COUNT(*) FROM score_model WHERE org = $1").await, 0);
}

// proves: C-13
/// C-13: a rating is the survey form that the process asks for.
#[tokio::test]
async fn a_customer_is_rated_and_the_rating_explains_itself() {
    let world = World::new().await;
    let model = world.model().await;
    let rating = world.rating(CUSTOMER).await;
    assert_eq!((rating.score.as_str(), rating.base_points.as_str()), ("568.0", "447.0"));
    assert_eq!((rating.score_model.as_str(), rating.version), (model.name.as_str(), 1));
    assert_eq!((rating.variables.len(), rating.reasons.len()), (13, 4));
    assert_eq!(rating.reasons[0].variable, "status_of_existing_checking_account");
    assert_eq!((rating.reasons[0].points.as_str(), rating.reasons[0].loss.as_str()), ("-34.0", "100.0"));
    let get = pb::GetRatingRequest { name: rating.name.clone() };
    let mut ratings = world.ratings();
    assert_eq!(ratings.get_rating(by("analyst", get.clone())).await.unwrap().into_inner(), rating);
    assert_eq!(reason(ratings.get_rating(by("archivist", get)).await), Some(Reason::PermissionDenied));
    assert_eq!(world.entries("rating.given").await, 1);
    // The annual review is owed once, also after another rating.
    world.rating(CUSTOMER).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM duty WHERE org = $1").await, 2);
    assert_eq!(world.entries("duty.closed").await, 1);
    let list = pb::ListRatingsRequest { filter: format!("customer = \"{}\"", file(CUSTOMER)), ..Default::default() };
    let listed = ratings.list_ratings(by("analyst", list)).await.unwrap().into_inner().ratings;
    assert_eq!((listed.len(), &listed[1]), (2, &rating));
}

#[tokio::test]
async fn what_a_rating_says_is_sealed_and_its_inputs_are_not_kept() {
    let world = World::new().await;
    world.model().await;
    world.rating(CUSTOMER).await;
    let mut tx = world.base.db.read().await.unwrap();
    let rows = sql!(&mut tx, fetch_all as (Vec<u8>,), "SELECT detail FROM rating WHERE org = $1", "demo").unwrap();
    let bodies = sql!(&mut tx, fetch_all as (Vec<u8>,), "SELECT body FROM journal_entry WHERE org = $1", "demo");
    for (bytes,) in rows.into_iter().chain(bodies.unwrap()) {
        for canary in ["568.0", "housing", "radio/television", "1169"] {
            assert!(!bytes.windows(canary.len()).any(|part| part == canary.as_bytes()), "{canary}");
        }
    }
}

// proves: A-01, I10
#[tokio::test]
async fn who_may_not_see_a_customer_cannot_tell_it_from_none() {
    let world = World::new().await;
    world.model().await;
    let ask = |customer: Uuid| pb::EvaluateCustomerRequest {
        customer: file(customer),
        inputs: first_applicant(),
        ..Default::default()
    };
    let hidden = world.ratings().evaluate_customer(by("analyst", ask(SECRET))).await.unwrap_err();
    let nobody = Uuid::from_u128(0xdd);
    let none = world.ratings().evaluate_customer(by("analyst", ask(nobody))).await.unwrap_err();
    let text = |status: &tonic::Status, id: Uuid| {
        let details = String::from_utf8_lossy(status.details()).replace(&id.to_string(), "ID");
        (status.code(), status.message().to_owned(), details)
    };
    assert_eq!(text(&hidden, SECRET), text(&none, nobody));
    assert_eq!(world.entries("access.refused").await, 2);
    // Cleared for it, the director rates it, and the analyst still finds nothing.
    let given = world.ratings().evaluate_customer(by("finance-director", ask(SECRET))).await.unwrap().into_inner();
    let get = pb::GetRatingRequest { name: given.name };
    assert_eq!(reason(world.ratings().get_rating(by("analyst", get)).await), Some(Reason::ResourceNotFound));
    let all = world.ratings().list_ratings(by("analyst", pb::ListRatingsRequest::default())).await.unwrap();
    assert!(all.into_inner().ratings.is_empty());
}

#[tokio::test]
async fn inputs_and_models_that_do_not_fit_are_refused() {
    let world = World::new().await;
    let mut ratings = world.ratings();
    let ask = |customer: Uuid| pb::EvaluateCustomerRequest {
        customer: file(customer),
        inputs: first_applicant(),
        ..Default::default()
    };
    assert_eq!(
        reason(ratings.evaluate_customer(by("analyst", ask(CUSTOMER))).await),
        Some(Reason::ScoreModelNotActive)
    );
    let draft = ratings.create_score_model(by("analyst", german())).await.unwrap().into_inner();
    let mut trial = pb::EvaluateCustomerRequest { score_model: draft.name.clone(), ..ask(CUSTOMER) };
    assert_eq!(
        reason(ratings.evaluate_customer(by("analyst", trial.clone())).await),
        Some(Reason::ScoreModelNotActive)
    );
    trial.validate_only = true;
    let tried = ratings.evaluate_customer(by("analyst", trial)).await.unwrap().into_inner();
    assert_eq!((tried.name.as_str(), tried.score.as_str()), ("", "568.0"));
    assert_eq!(world.count("SELECT COUNT(*) FROM rating WHERE org = $1").await, 0);
    let activate = pb::ActivateScoreModelRequest { name: draft.name.clone(), ..Default::default() };
    ratings.activate_score_model(by("analyst", activate)).await.unwrap();
    assert_eq!(reason(ratings.evaluate_customer(by("analyst", ask(DRAFT))).await), Some(Reason::WrongState));
    let mut wrong = ask(CUSTOMER);
    wrong.inputs.insert("credit_amount".into(), "canary".into());
    wrong.inputs.remove("housing");
    let refused = ratings.evaluate_customer(by("analyst", wrong)).await;
    assert!(!format!("{refused:?}").contains("canary"));
    assert_eq!(fields(refused), ["inputs.credit_amount", "inputs.housing"]);
    let both = pb::EvaluateCustomerRequest { score_model: draft.name, card: "german-credit".into(), ..ask(CUSTOMER) };
    assert_eq!(fields(ratings.evaluate_customer(by("analyst", both)).await), ["card"]);
}
