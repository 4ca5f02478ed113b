//! Levels and classification (P-16, A-22).

use dossier_proto::profile::v1::{ClassifyCustomerFileRequest, CustomerFile, ListCustomerFilesRequest};
use dossier_proto::types::CustomerType;
use dossier_tests::scene::{company, to_hand_over};
use tonic::{Response, Status};

use super::numbers::sourced;
use crate::prelude::*;

async fn label(world: &World, name: &str, labels: &[(&str, &str)]) -> Result<Response<CustomerFile>, Status> {
    let classification = labels.iter().map(|&(axis, value)| (axis.to_owned(), value.to_owned())).collect();
    let (name, request_id) = (name.to_owned(), world.request_id());
    let request =
        ClassifyCustomerFileRequest { name, classification, request_id, ..ClassifyCustomerFileRequest::default() };
    world.profile_as(world.person("meridian", "gm")).files.classify_customer_file(request).await
}

on_both_stores! {
    // proves: A-22
    async fn a_level_is_set_by_the_posts_that_may_and_lowered_by_fewer(world) {
        let file = world.draft(1).await;
        assert_eq!(file.level, "none");
        world.classify("sales-1", &file.name, "confidential").await.refused(Reason::PermissionDenied);
        let raised = world.classify("archivist", &file.name, "confidential").await.good();
        assert_eq!(raised.level, "confidential");
        world.classify("archivist", &file.name, "none").await.refused(Reason::PermissionDenied);
        let refused = world.classify("archivist", &file.name, "cosmic").await.refused(Reason::FieldViolation);
        assert!(refused.names("level"));
        // Kept by the office director, who may also lower levels.
        world.settle().await;
        let director = world.who("office-director").await;
        let approval = world.approved_act("archivist", to_hand_over(&file.name, &director), "gm").await;
        world.hand_over("archivist", &file.name, "office-director", &approval).await.good();
        let lowered = world.classify("office-director", &file.name, "none").await.good();
        assert_eq!(lowered.level, "none");
        world.settle().await;
        check::holds(world).await;
    }

    // proves: P-16
    async fn three_levels_of_classification_follow_the_customer_type(world) {
        let mut file = company(1);
        file.template = "templates/lifecycle_customer_file".into();
        file.unit = "north".into();
        file.first_contact_time = Some(stamp(world.now()));
        file.fields.clear();
        file.fields.insert("name".into(), sourced(text("客户甲")));
        let with = |labels: &[(&str, &str)]| CustomerFile {
            classification: labels.iter().map(|&(axis, value)| (axis.to_owned(), value.to_owned())).collect(),
            ..file.clone()
        };
        let mut calls = world.profile_as(world.person("meridian", "north-1"));
        for wrong in [
            [("customer_type", "individual")],
            [("consumption_scenario", "retail")],
            [("industry", "magic")],
            [("nothing", "x")],
        ] {
            let refused = world.create(&mut calls, with(&wrong)).await.refused(Reason::FieldViolation);
            assert!(refused.fields.iter().any(|field| field.contains("classification")), "{wrong:?}: {refused:?}");
        }
        let right = [("industry", "manufacturing"), ("cooperation_stage", "potential")];
        let made = world.create(&mut calls, with(&right)).await.good();
        assert_eq!(made.classification["customer_type"], "company");
        assert_eq!(made.classification["cooperation_stage"], "potential");
        let person =
            CustomerFile { customer_type: CustomerType::NaturalPerson.into(), unit_ref: "P-1".into(), ..file.clone() };
        let labels = [("consumption_scenario", "retail"), ("cooperation_stage", "signed")];
        let classification = labels.map(|(axis, value)| (axis.to_owned(), value.to_owned())).into();
        let made = world.create(&mut calls, CustomerFile { classification, ..person }).await.good();
        assert_eq!(made.classification["customer_type"], "individual");
        let filter = "classification.cooperation_stage = \"signed\"".to_owned();
        let page =
            calls.files.list_customer_files(ListCustomerFilesRequest { filter, ..Default::default() }).await.good();
        assert_eq!(page.customer_files.iter().map(|one| &one.name).collect::<Vec<_>>(), [&made.name]);
        // Nobody of meridian may set levels or labels afterwards but by post.
        label(world, &made.name, &[("cooperation_stage", "historical")]).await.refused(Reason::PermissionDenied);
    }
}
