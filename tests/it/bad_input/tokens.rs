//! Credentials that do not say who calls: each refused with its class, before anything else is looked at.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_kernel::auth::{AUDIENCE, DEVELOPMENT_ISSUER, Signer};
use dossier_proto::profile::v1::GetCustomerFileRequest;
use dossier_tests::world::Bearer;
use serde_json::{Value, json};
use tonic::Code;

use super::Rows;
use crate::prelude::*;

/// The claims of a good token, with `changes` on top; a null takes the claim away.
fn claims(world: &World, changes: Value) -> Value {
    let now = world.now().as_second();
    let mut claims = json!({
        "iss": DEVELOPMENT_ISSUER, "aud": AUDIENCE, "sub": "sales-1", "org": DEMO, "nbf": now, "exp": now + 600,
    });
    for (key, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(key);
        } else {
            claims[key] = value.clone();
        }
    }
    claims
}

fn signed(world: &World, changes: Value) -> String {
    let token = world.ground().auth.development().unwrap().signer().sign(&claims(world, changes)).unwrap();
    format!("Bearer {token}")
}

fn unsigned(world: &World) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "none", "typ": "JWT" });
    format!("Bearer {}.{}.", part(&header), part(&claims(world, json!({}))))
}

/// What every service says to `bearer`, whoever is asked for.
async fn refused(world: &World, bearer: Bearer, reason: Reason) -> Refused {
    let name = "files/7".to_owned();
    let mut profile = world.profile_as(bearer.clone());
    let request = GetCustomerFileRequest { name, purpose: String::new(), ..Default::default() };
    let refused = profile.files.get_customer_file(request).await.refused(reason);
    let person = dossier_proto::access::v1::GetPersonRequest { name: "persons/me".into() };
    world.access_as(bearer.clone()).directory.get_person(person).await.refused(reason);
    let exposure = dossier_proto::credit::v1::GetExposureRequest::default();
    world.credit_as(bearer).exposure.get_exposure(exposure).await.refused(reason);
    refused
}

on_sqlite! {
    async fn a_token_is_refused_for_what_is_wrong_with_it(world) {
        let before = Rows::of(world).await;
        let now = world.now().as_second();
        let foreign = Signer::ephemeral(&world.ground().providers).unwrap();
        let stranger = format!("Bearer {}", foreign.sign(&claims(world, json!({}))).unwrap());
        let good = signed(world, json!({}));
        let altered = format!("{}AAAA", &good[..good.len() - 4]);
        for (told, header, reason) in [
            ("expired", signed(world, json!({ "exp": now - 60, "nbf": now - 600 })), Reason::TokenExpired),
            ("not yet valid", signed(world, json!({ "nbf": now + 60 })), Reason::TokenExpired),
            ("another issuer", signed(world, json!({ "iss": "https://elsewhere" })), Reason::TokenForeign),
            ("another audience", signed(world, json!({ "aud": "somebody-else" })), Reason::TokenForeign),
            ("a key of its own", stranger, Reason::TokenForeign),
            ("another signature", altered, Reason::TokenForeign),
            ("no signature", unsigned(world), Reason::TokenForeign),
            ("a service's subject", signed(world, json!({ "sub": "service:credit" })), Reason::TokenForeign),
            ("an unknown org", signed(world, json!({ "org": "atlantis" })), Reason::OrgUnknown),
            ("no org", signed(world, json!({ "org": null })), Reason::TokenMalformed),
            ("no subject", signed(world, json!({ "sub": null })), Reason::TokenMalformed),
            ("no end", signed(world, json!({ "exp": null })), Reason::TokenMalformed),
            ("no token", "Bearer x.y".to_owned(), Reason::TokenMalformed),
        ] {
            let refused = refused(world, Bearer::Header(header), reason).await;
            assert_eq!(refused.code, Code::Unauthenticated, "{told}: {refused:?}");
        }
        refused(world, Bearer::Nobody, Reason::TokenMissing).await;
        before.unchanged(world).await;
    }

    async fn the_claim_that_is_missing_is_named(world) {
        for claim in ["sub", "org", "exp"] {
            let header = signed(world, json!({ claim: null }));
            let refused = refused(world, Bearer::Header(header), Reason::TokenMalformed).await;
            assert_eq!(refused.metadata["claim"], claim);
        }
    }

    async fn a_token_lives_until_its_end_and_no_longer(world) {
        let header = signed(world, json!({}));
        let person = || dossier_proto::access::v1::GetPersonRequest { name: "persons/me".into() };
        let mut calls = world.access_as(Bearer::Header(header.clone()));
        calls.directory.get_person(person()).await.good();
        // The end and the forgiven difference of clocks, then a moment more.
        world.pass(SignedDuration::from_secs(629));
        calls.directory.get_person(person()).await.good();
        world.pass(SignedDuration::from_secs(2));
        calls.directory.get_person(person()).await.refused(Reason::TokenExpired);
    }

    // proves: A-01, I10
    async fn a_token_of_another_organisation_sees_nothing_of_this_one(world) {
        let file = world.draft(1).await;
        let foreign = world.person("meridian", "gm");
        let request = GetCustomerFileRequest { name: file.name.clone(), purpose: "credit_assessment".into(), ..Default::default() };
        let mut calls = world.profile_as(foreign);
        let refused = calls.files.get_customer_file(request).await.bad();
        assert!([Reason::ResourceNotFound, Reason::FieldViolation].contains(&refused.reason), "{refused:?}");
        let complete = dossier_proto::profile::v1::CheckCompletenessRequest { name: file.name, purpose: String::new() };
        calls.files.check_completeness(complete).await.refused(Reason::ResourceNotFound);
        // A good token of somebody whom the directory does not know.
        let nobody = world.person(DEMO, "nobody");
        let person = dossier_proto::access::v1::GetPersonRequest { name: "persons/me".into() };
        world.access_as(nobody).directory.get_person(person).await.refused(Reason::PersonUnknown);
    }
}
