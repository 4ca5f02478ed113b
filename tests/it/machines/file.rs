//! The life of files of one unit: states, revisions, numbers, one open file at a time.

use dossier_proto::profile::v1::{CloseCustomerFileRequest, CustomerFile, ReviewDecision, UpdateCustomerFileRequest};
use dossier_tests::scene::company;
use proptest::prelude::*;
use prost_types::FieldMask;
use tonic::{Response, Status};

use crate::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Create,
    Submit,
    Accept,
    SendBack,
    Activate,
    Update,
    Raise,
    Close,
}

#[derive(Debug, PartialEq)]
struct Model {
    state: &'static str,
    revision: i64,
    raised: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::{Accept, Activate, Close, Create, Raise, SendBack, Submit, Update};
    let step = prop_oneof![
        2 => Just(Create), 4 => Just(Submit), 3 => Just(Accept), 1 => Just(SendBack), 3 => Just(Activate),
        2 => Just(Update), 1 => Just(Raise), 1 => Just(Close),
    ];
    prop::collection::vec(step, 6..28)
}

// What the model says of a step on the newest file: the state after it, or the reason why not.
fn expected(model: &Model, step: Step) -> Result<&'static str, Reason> {
    // Who reviews is no keeper: a raised file is not there for them.
    let hidden = model.raised && matches!(step, Step::Accept | Step::SendBack);
    let allowed: &[&str] = match step {
        Step::Create => &[],
        Step::Submit => &["DRAFT"],
        Step::Accept | Step::SendBack => &["SUBMITTED"],
        Step::Activate => &["REVIEWED"],
        Step::Update => &["DRAFT", "ACTIVE"],
        Step::Close => &["DRAFT", "SUBMITTED", "REVIEWED", "ACTIVE"],
        Step::Raise => &["DRAFT", "SUBMITTED", "REVIEWED", "ACTIVE"],
    };
    match step {
        _ if hidden => Err(Reason::ResourceNotFound),
        _ if !allowed.contains(&model.state) => Err(Reason::WrongState),
        Step::Submit => Ok("SUBMITTED"),
        Step::Accept => Ok("REVIEWED"),
        Step::SendBack => Ok("DRAFT"),
        Step::Activate => Ok("ACTIVE"),
        Step::Close => Ok("CLOSED"),
        Step::Create | Step::Update | Step::Raise => Ok(model.state),
    }
}

async fn act(world: &World, file: &CustomerFile, step: Step) -> Result<Response<CustomerFile>, Status> {
    let (name, request_id) = (file.name.clone(), world.request_id());
    match step {
        Step::Create => world.create(&mut world.profile("sales-1"), company(1)).await,
        Step::Submit => world.submit(&name).await,
        Step::Accept => world.review("sales-manager", file, ReviewDecision::Accept).await,
        Step::SendBack => world.review("sales-manager", file, ReviewDecision::SendBack).await,
        Step::Activate => world.activate(&name).await,
        Step::Raise => world.classify("archivist", &name, "confidential").await,
        Step::Close => {
            let request =
                CloseCustomerFileRequest { name, request_id, reason: "合作终止".into(), ..Default::default() };
            world.profile("archivist").files.close_customer_file(request).await
        }
        Step::Update => {
            let fields = [("postcode".to_owned(), text(&request_id[..6]))].into();
            let request = UpdateCustomerFileRequest {
                customer_file: Some(CustomerFile { name, fields, ..CustomerFile::default() }),
                update_mask: Some(FieldMask { paths: vec!["fields.postcode".into()] }),
                request_id,
                ..UpdateCustomerFileRequest::default()
            };
            world.profile("sales-1").files.update_customer_file(request).await
        }
    }
}

async fn live(world: &World, steps: Vec<Step>) {
    let mut newest: Option<(CustomerFile, Model)> = None;
    for step in steps {
        let Some((file, model)) = &mut newest else {
            let file = act(world, &CustomerFile::default(), Step::Create).await.good();
            newest = Some((file, Model { state: "DRAFT", revision: 1, raised: false }));
            continue;
        };
        let outcome = act(world, file, step).await;
        if let Step::Create = step {
            if model.state == "CLOSED" {
                newest = Some((outcome.good(), Model { state: "DRAFT", revision: 1, raised: false }));
            } else {
                outcome.refused(Reason::FileUnitTaken);
            }
            continue;
        }
        match expected(model, step) {
            Err(reason) => drop(outcome.refused(reason)),
            Ok(state) => {
                *file = outcome.good();
                let raised = model.raised || matches!(step, Step::Raise);
                *model = Model { state, revision: model.revision + 1, raised };
            }
        }
        let label = file.state().as_str_name().trim_start_matches("CUSTOMER_FILE_STATE_").to_owned();
        assert_eq!((label.as_str(), file.revision), (model.state, model.revision), "after {step:?}");
        assert_eq!(!file.number.is_empty(), file.activate_time.is_some(), "a number comes with activation");
    }
}

// proves: P-01, P-02, P-48
#[test]
fn a_file_lives_as_the_model_says() {
    super::lives(6, steps(), live);
}
