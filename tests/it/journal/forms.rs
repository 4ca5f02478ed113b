//! The forms of actor and subject, on every entry that a world with refusals writes.

use dossier_proto::access::v1::{GetGrantRequest, GetPersonRequest};
use dossier_proto::credit::v1::ListScoreModelsRequest;
use dossier_proto::profile::v1::{GetCustomerFileRequest, ListCustomerFilesRequest};

use crate::prelude::*;

fn is_actor(text: &str) -> bool {
    match text.split_once('/') {
        Some(("persons", id)) => Uuid::try_parse(id).is_ok(),
        Some(("services", name)) => ["profile", "access", "credit"].contains(&name),
        Some(("subjects", sub)) => {
            !sub.is_empty() && sub.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~@%".contains(&byte))
        }
        _ => false,
    }
}

fn is_subject(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    text == "-"
        || text.split_once('/').is_some_and(|(collection, rest)| {
            collection.bytes().all(|byte| byte.is_ascii_alphabetic()) && rest.split('/').all(part)
        })
}

on_both_stores! {
    // proves: A-42
    async fn actor_and_subject_of_every_entry_have_a_form_of_the_contract(world) {
        let customer = world.customer(1, 1000).await;
        world.reserve(&customer, 400).await.good();
        // Refused: by name, as a collection, with no name at all, and by somebody whom nobody knows.
        world.read("service-1", &world.at_level(2, "secret").await.name).await.refused(Reason::ResourceNotFound);
        let stranger = || world.person(DEMO, "auth0|5/7 王");
        let mut files = world.profile_as(stranger()).files;
        files.list_customer_files(ListCustomerFilesRequest::default()).await.refused(Reason::PersonUnknown);
        // Each a stranger of their own: what one repeats within a minute is gathered.
        for (n, name) in ["", "files", "files//x y", "nonsense"].into_iter().enumerate() {
            let mut files = world.profile_as(world.person(DEMO, &format!("nobody-{n}"))).files;
            let request = GetCustomerFileRequest { name: name.into(), ..GetCustomerFileRequest::default() };
            files.get_customer_file(request).await.refused(Reason::PersonUnknown);
        }
        let mut access = world.access_as(stranger());
        access.directory.get_person(GetPersonRequest::default()).await.refused(Reason::PersonUnknown);
        access.requests.get_grant(GetGrantRequest::default()).await.refused(Reason::PersonUnknown);
        let mut credit = world.credit_as(stranger());
        credit.ratings.list_score_models(ListScoreModelsRequest::default()).await.refused(Reason::PersonUnknown);
        let mut service = world.profile_as(world.service(Which::Credit, DEMO)).files;
        service.list_customer_files(ListCustomerFilesRequest::default()).await.refused(Reason::PersonUnknown);
        world.settle().await;
        let (mut actors, mut subjects) = (Vec::new(), Vec::new());
        for which in Which::ALL {
            for entry in check::journal(world, which, DEMO).await {
                let body = entry.body;
                assert!(is_actor(&body.actor), "{which} {}: actor {:?}", entry.seq, body.actor);
                assert!(is_subject(&body.subject), "{which} {}: subject {:?}", entry.seq, body.subject);
                actors.push(body.actor);
                subjects.push(body.subject);
            }
        }
        assert!(actors.contains(&"subjects/auth0%7C5%2F7%20%E7%8E%8B".to_owned()), "{actors:?}");
        assert!(actors.contains(&"services/credit".to_owned()));
        assert!(subjects.contains(&"-".to_owned()) && subjects.contains(&"files/-".to_owned()));
    }
}
