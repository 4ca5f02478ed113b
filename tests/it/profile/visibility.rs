//! Who sees which file: clearance and need to know inside every call (A-01, I10).

use crate::prelude::*;

async fn sees(world: &World, name: &str) -> Vec<&'static str> {
    let everybody = [
        "gm",
        "deputy",
        "office-director",
        "sales-manager",
        "sales-1",
        "sales-2",
        "archivist",
        "analyst",
        "finance-director",
        "service-manager",
        "service-1",
        "auditor",
    ];
    let mut seen = Vec::new();
    for subject in everybody {
        match world.read_in(subject, name, "archive_room").await {
            Ok(_) => seen.push(subject),
            Err(status) => {
                let refused = Refused::of(&status);
                assert!(
                    matches!(refused.reason, Reason::ResourceNotFound | Reason::PermissionDenied),
                    "{subject}: {refused:?}"
                );
            }
        }
    }
    seen
}

on_both_stores! {
    // proves
    async fn a_file_without_level_is_known_to_its_unit_and_to_posts_of_the_whole_company(world) {
        let file = world.active(1).await;
        let expected = [
            "gm",
            "deputy",
            "office-director",
            "sales-manager",
            "sales-1",
            "sales-2",
            "archivist",
            "analyst",
            "finance-director",
        ];
        assert_eq!(sees(world, &file.name).await, expected);
    }

    // proves
    async fn a_confidential_file_is_known_to_its_keepers_only(world) {
        let file = world.at_level(1, "confidential").await;
        assert_eq!(sees(world, &file.name).await, ["sales-1", "archivist"]);
    }

    // proves
    async fn a_secret_file_is_not_known_to_a_custodian_without_clearance(world) {
        let file = world.at_level(1, "secret").await;
        assert_eq!(sees(world, &file.name).await, ["archivist"]);
    }

    // proves: A-23
    async fn a_top_secret_file_is_known_to_nobody(world) {
        let file = world.at_level(1, "top_secret").await;
        assert_eq!(sees(world, &file.name).await, [""; 0]);
        check::holds(world).await;
    }

    // proves: A-01
    async fn another_company_sees_nothing(world) {
        let file = world.active(1).await;
        let request =
            dossier_proto::profile::v1::GetCustomerFileRequest { name: file.name.clone(), purpose: "audit".into(), ..Default::default() };
        let mut other = world.profile_as(world.person("meridian", "gm")).files;
        other.get_customer_file(request).await.refused(Reason::ResourceNotFound);
        assert!(
            other
                .list_customer_files(dossier_proto::profile::v1::ListCustomerFilesRequest::default())
                .await
                .good()
                .customer_files
                .is_empty()
        );
    }
}
