//! I9: a personal value is in no log, no journal, no store in clear, whether its call was good or bad.

use dossier_proto::credit::v1::EvaluateCustomerRequest;
use dossier_proto::profile::v1::{
    CreateCustomerFileRequest, FieldCondition, FindDuplicatesRequest, SearchCustomerFilesRequest,
};
use dossier_tests::log::Log;
use dossier_tests::scene::company;
use prost::Message;

use super::{CANARY, put::long};
use crate::prelude::*;

// One thread, so that a log of its own hears everything that the services of this world say.
#[tokio::test]
async fn a_personal_value_is_in_no_log_journal_or_store() {
    let log = Log::default();
    let all = tracing_subscriber::EnvFilter::new("trace,h2=info,hyper=info,hyper_util=info,tower=info");
    let subscriber = tracing_subscriber::fmt().with_env_filter(all).with_writer(log.clone()).finish();
    // With one dispatcher alone, what another test's thread meets first would be switched off here too.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let guard = tracing::subscriber::set_default(subscriber);
    let world = World::start(Store::Sqlite).await;
    Box::pin(good_and_bad(&world)).await;
    world.settle().await;
    drop(guard);
    let text = log.text();
    assert!(text.contains("a call was refused"), "nothing was heard");
    let line = text.lines().find(|line| line.contains(CANARY));
    assert!(line.is_none(), "logged: {line:?}");
    for which in Which::ALL {
        for entry in check::journal(&world, which, DEMO).await {
            assert!(!holds(&entry.bytes), "entry {} of {which} holds it: {}", entry.seq, entry.body.action);
        }
    }
    for file in std::fs::read_dir(world.folder()).unwrap().map(|one| one.unwrap().path()).filter(|path| path.is_file())
    {
        assert!(!holds(&std::fs::read(&file).unwrap()), "{} holds it in clear", file.display());
    }
    world.end().await;
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes())
}

async fn good_and_bad(world: &World) {
    let mut sales = world.profile("sales-1");
    let mut file = company(1);
    // A good file with it in every place that takes a text and is confidential.
    file.unit_ref = CANARY.into();
    for key in ["name", "address", "legal_representative", "economic_strength", "main_dealings"] {
        file.fields.insert(key.into(), text(CANARY));
    }
    let name = world.create(&mut sales, file.clone()).await.good().name;
    world.read("sales-1", &name).await.good();
    world.create(&mut sales, file.clone()).await.refused(Reason::FileUnitTaken);
    let search = SearchCustomerFilesRequest {
        conditions: vec![FieldCondition { field: "unit_ref".into(), value: CANARY.into() }],
        name_contains: CANARY.into(),
        purpose: "customer_service".into(),
        ..SearchCustomerFilesRequest::default()
    };
    assert_eq!(sales.files.search_customer_files(search.clone()).await.good().customer_files.len(), 1);
    let whole =
        SearchCustomerFilesRequest { purpose: "customer_service".into(), ..SearchCustomerFilesRequest::default() };
    let late = SearchCustomerFilesRequest { page_token: CANARY.into(), ..search };
    sales.files.search_customer_files(late).await.refused(Reason::PageTokenInvalid);
    // Who calls, and what is like it: the number and the values are compared, and stand nowhere.
    let calling = SearchCustomerFilesRequest { telephone: format!("13800{CANARY}138000"), ..whole.clone() };
    sales.files.search_customer_files(calling).await.good();
    let mut like = company(9);
    like.fields.clone_from(&file.fields);
    let like = FindDuplicatesRequest { customer_file: Some(like), purpose: "audit".into(), ..Default::default() };
    let found = sales.files.find_duplicates(like).await.good().candidates;
    assert_eq!(found.iter().map(|one| one.file.as_str()).collect::<Vec<_>>(), [name.as_str()]);
    let of = FindDuplicatesRequest { name: CANARY.into(), purpose: "audit".into(), ..Default::default() };
    sales.files.find_duplicates(of).await.refused(Reason::FieldViolation);
    // Bad ones: over the limit, of the wrong form, with a wrong check digit, as a key, as bytes.
    for (key, value) in [("name", long(300)), ("email", CANARY.into()), ("uscc", CANARY.into()), (CANARY, "x".into())] {
        let mut bad = company(2);
        bad.fields.insert(key.into(), text(&value));
        world.create(&mut sales, bad).await.bad();
    }
    let mut bad = company(2);
    bad.unit_ref = format!("zzzz{CANARY}");
    let bad = CreateCustomerFileRequest { customer_file: Some(bad), ..CreateCustomerFileRequest::default() };
    let mut bytes = bad.encode_to_vec();
    let at = bytes.windows(4).position(|part| part == b"zzzz").unwrap();
    bytes[at] = 0xff;
    let method = "dossier.profile.v1.CustomerFileService/CreateCustomerFile";
    world.unary(Which::Profile, world.person(DEMO, "sales-1"), method, bytes).await.expect_err("no UTF-8");
    let inputs = [("years".to_owned(), CANARY.to_owned())].into_iter().collect();
    world.model().await;
    let customer = world.active(3).await.name;
    let evaluate = EvaluateCustomerRequest { inputs, ..world.evaluating(&customer) };
    world.credit("analyst").ratings.evaluate_customer(evaluate).await.refused(Reason::FieldViolation);
}
