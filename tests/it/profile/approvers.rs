//! Who decides an approval reads what it is about, as long as it waits for them, and sees no more of the file than before: nobody
//! signs unseen.

use dossier_proto::profile::v1::GetRecordRequest;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::RESULT;

use crate::prelude::*;

// From 秘密 on a file is seen by who keeps it. They propose; the general manager, who does not see it, decides.
fn proposed_by(keepers: &str) -> Rules {
    let rules = Rules::of("STEPS");
    let manager = "create: [department_manager]\n    edit: [department_manager]\n    slots:\n      proposer: {posts: [department_manager]}";
    rules.spoil("regimes/STEPS.yaml", manager, &manager.replace("department_manager", keepers));
    rules
}

async fn unseen(world: &World, subject: &str, name: &str) {
    world.read_record(subject, name).await.refused(Reason::ResourceNotFound);
}

on_both_stores_under! {
    proposed_by("sales_staff");

    // proves
    async fn who_decides_reads_what_they_decide_and_nobody_else_does(world) {
        let file = world.at_level(1, "confidential").await.name;
        let one = world.penalty("sales-1", &file, "罚款五十元").await;
        unseen(world, "gm", &one.name).await;
        world.advance("sales-1", &one.name).await.good();
        world.settle().await;
        let approval = world.read_record("sales-1", &one.name).await.good().approval;
        let shown = world.read_record("gm", &one.name).await.good();
        assert_eq!((shown.pending_stage.as_str(), shown.approval.as_str()), ("imposed", approval.as_str()));
        assert_eq!(shown.fields[RESULT].value, text("罚款五十元").value);
        for other in ["deputy", "office-director", "sales-manager", "sales-2", "finance-director"] {
            unseen(world, other, &one.name).await;
        }
        // The one paper, and nothing else of the file.
        world.read("gm", &file).await.refused(Reason::ResourceNotFound);
        let unsaid = GetRecordRequest { name: one.name.clone(), ..GetRecordRequest::default() };
        let refused = world.profile("gm").records.get_record(unsaid).await.refused(Reason::FieldViolation);
        assert!(refused.names("purpose"), "{refused:?}");
        let told = world.disclosures(&file).await;
        let by_gm: Vec<_> = told.iter().filter(|entry| !entry.approval.is_empty()).collect();
        assert_eq!(by_gm.len(), 1, "{told:?}");
        assert_eq!((by_gm[0].approval.as_str(), by_gm[0].resource.as_str()), (approval.as_str(), one.name.as_str()));
        assert_eq!((&by_gm[0].reader, by_gm[0].grant.as_str()), (&world.who("gm").await, ""));
        world.approve("gm", &approval).await.good();
        world.settle().await;
        unseen(world, "gm", &one.name).await;
        check::holds(world).await;
    }

    // proves
    async fn what_is_taken_back_or_raised_above_them_they_read_no_more(world) {
        let file = world.at_level(1, "confidential").await.name;
        let one = world.penalty("sales-1", &file, "罚款五十元").await;
        world.advance("sales-1", &one.name).await.good();
        world.settle().await;
        world.read_record("gm", &one.name).await.good();
        world.send_record_back("sales-1", &one.name, "").await.good();
        world.settle().await;
        unseen(world, "gm", &one.name).await;
        let back = world.read_record("sales-1", &one.name).await.good();
        world.sign_record("sales-1", &back).await.good();
        world.advance("sales-1", &one.name).await.good();
        world.settle().await;
        world.read_record("gm", &one.name).await.good();
        // Of what rises nobody reads on the word of before; it is asked for anew.
        world.classify("archivist", &file, "secret").await.good();
        unseen(world, "gm", &one.name).await;
    }
}

on_both_stores_under! {
    proposed_by("archivist");

    // proves
    async fn at_a_level_that_binds_a_place_who_decides_reads_it_there_alone(world) {
        let file = world.at_level(1, "secret").await.name;
        let one = world.penalty("archivist", &file, "罚款五十元").await;
        world.advance("archivist", &one.name).await.good();
        world.settle().await;
        let refused = world.read_record("gm", &one.name).await.refused(Reason::FieldViolation);
        assert!(refused.names("reading_place"), "{refused:?}");
        let there = GetRecordRequest {
            name: one.name.clone(),
            purpose: "customer_service".into(),
            reading_place: "archive_room".into(),
        };
        world.profile("gm").records.get_record(there.clone()).await.good();
        // Whom it does not wait for is told what everybody is told, wherever they sit.
        world.profile("deputy").records.get_record(there).await.refused(Reason::ResourceNotFound);
        let told = world.disclosures(&file).await;
        let places: Vec<_> = told.iter().filter(|one| !one.approval.is_empty()).map(|one| one.reading_place.as_str()).collect();
        assert_eq!(places, ["archive_room"]);
    }
}
