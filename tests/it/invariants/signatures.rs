//! I6.

use super::{force, turns_red};
use crate::prelude::*;

// An approved limit: asked by the analyst, signed by the finance director and the general manager.
async fn approved(world: &World) {
    world.customer(1, 1000).await;
}

async fn as_person(world: &World, text: &'static str, subject: &str) {
    let person = world.who(subject).await;
    let id = Uuid::try_parse(person.trim_start_matches("persons/")).unwrap();
    let mut tx = world.db(Which::Access).write().await.unwrap();
    assert!(sql!(&mut tx, execute, text, id).unwrap() > 0);
    tx.commit().await.unwrap();
}

on_both_stores! {
    // proves: I6
    async fn a_requester_who_signs_is_seen(world) {
        approved(world).await;
        let red = turns_red!(check::signatures, world, {
            as_person(world, "UPDATE approval_decision SET signer = $1 WHERE step = 0", "analyst").await;
        });
        assert!(red.iter().any(|fault| fault.contains("requester's voice")), "{red:?}");
    }

    // proves: I6
    async fn one_human_in_two_slots_is_seen(world) {
        approved(world).await;
        let red = turns_red!(check::signatures, world, {
            force(world, Which::Access, "DROP INDEX approval_decision_signer").await;
            as_person(world, "UPDATE approval_decision SET signer = $1", "finance-director").await;
        });
        assert!(red.iter().any(|fault| fault.contains("a voice that had signed")), "{red:?}");
    }

    // proves: I6
    async fn two_decisions_by_one_voice_along_a_chain_of_letters_are_seen(world) {
        approved(world).await;
        // finance-director → deputy → gm, all while the matter was open.
        let red = turns_red!(check::signatures, world, {
            let chain = [("finance-director", "deputy", 1), ("deputy", "gm", 2)];
            for (from, to, n) in chain {
                let id = async |subject: &str| {
                    Uuid::try_parse(world.who(subject).await.trim_start_matches("persons/")).unwrap()
                };
                let (from, to) = (id(from).await, id(to).await);
                let text = "INSERT INTO delegation
                                (org, id, delegator, delegate, post, matters, max_rank, valid_from, valid_until)
                            VALUES ('demo', $1, $2, $3, '', $4, 9, 0, 9000000000000000)";
                let matters = sqlx::types::Json(vec!["credit.limit"]);
                let mut tx = world.db(Which::Access).write().await.unwrap();
                sql!(&mut tx, execute, text, Uuid::from_u128(n), from, to, matters).unwrap();
                tx.commit().await.unwrap();
            }
        });
        assert!(red.iter().any(|fault| fault.contains("a voice that had signed")), "{red:?}");
    }

    // proves: I6
    async fn a_signature_without_the_post_is_seen(world) {
        approved(world).await;
        let red = turns_red!(check::signatures, world, {
            as_person(world, "UPDATE approval_decision SET signer = $1 WHERE step = 1", "sales-2").await;
        });
        assert!(red.iter().any(|fault| fault.contains("without the post")), "{red:?}");
    }

    // proves: I6
    async fn an_approval_without_its_quorum_is_seen(world) {
        approved(world).await;
        let red = turns_red!(check::signatures, world, {
            force(world, Which::Access, "DELETE FROM approval_decision WHERE step = 1").await;
        });
        assert!(red.iter().any(|fault| fault.contains("step 1 has 0 signatures")), "{red:?}");
    }

    // proves: A-40
    async fn a_signature_under_a_record_by_another_hand_is_seen(world) {
        world.sign_record("sales-manager", &world.answered(1).await).await.good();
        let red = turns_red!(check::replayed, world, {
            force(world, Which::Profile, "UPDATE record_signature SET signer = record WHERE org = 'demo'").await;
        });
        assert!(red.iter().any(|fault| fault.contains("record_signature")), "{red:?}");
    }

    // proves: A-40, I9
    async fn a_value_that_was_not_signed_is_seen(world) {
        world.sign_record("sales-manager", &world.answered(1).await).await.good();
        let red = turns_red!(check::replayed, world, {
            force(
                world,
                Which::Profile,
                "UPDATE record_revision SET content = (
                     SELECT o.content FROM record_revision o
                     WHERE o.org = record_revision.org AND o.record = record_revision.record AND o.revision = 1)
                 WHERE org = 'demo' AND revision = 4",
            )
            .await;
        });
        assert!(red.iter().any(|fault| fault.contains("signature")), "{red:?}");
    }
}
