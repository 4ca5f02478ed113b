//! Proofs by call, checked offline.

use dossier_journal::checkpoint::{Origin, VerifierKey};
use dossier_journal::verify::{self, Receipt, Trust};
use dossier_proto::journal::v1::get_inclusion_proof_request::Entry;
use dossier_proto::journal::v1::{GetCheckpointRequest, GetConsistencyProofRequest, GetInclusionProofRequest};
use dossier_vault::sign::Signer;

use crate::prelude::*;

/// The key of a journal of DEMO, as a stranger has it.
pub(crate) fn key(world: &World, which: Which) -> VerifierKey {
    let signer = Signer::journal(world.ground().provider.as_ref(), which.name()).unwrap();
    VerifierKey::new(Origin::new(DEMO, which.name()).unwrap(), signer.signing_key().verifying_key())
}

fn latest() -> GetCheckpointRequest {
    GetCheckpointRequest { parent: home(Which::Profile), tree_size: 0 }
}

on_both_stores! {
    // proves: I3
    async fn a_receipt_and_two_checkpoints_are_checked_without_the_services(world) {
        world.active(1).await;
        let mut journal = world.profile_as(world.service(Which::Access, DEMO)).journal;
        let older = journal.get_checkpoint(latest()).await.good();
        world.active(2).await;
        let newer = journal.get_checkpoint(latest()).await.good();
        assert!(newer.tree_size > older.tree_size);
        let key = key(world, Which::Profile);
        for seq in [1, older.tree_size, newer.tree_size] {
            let request = GetInclusionProofRequest { parent: home(Which::Profile), entry: Some(Entry::Seq(seq)), tree_size: 0 };
            let proof = journal.get_inclusion_proof(request).await.good();
            let receipt = Receipt::try_from(proof.clone()).unwrap();
            let (body, checkpoint) = receipt.verify(&key).unwrap();
            assert_eq!(checkpoint.size, newer.tree_size as u64);
            let request = GetInclusionProofRequest { parent: home(Which::Profile), entry: Some(Entry::EntryId(body.id)), tree_size: 0 };
            assert_eq!(journal.get_inclusion_proof(request).await.good().entry, proof.entry);
            let forged = Receipt { seq: seq % newer.tree_size + 1, ..receipt };
            assert!(forged.verify(&key).is_err());
        }
        let sizes = GetConsistencyProofRequest {
            parent: home(Which::Profile),
            first_tree_size: older.tree_size,
            second_tree_size: newer.tree_size,
        };
        let proof = journal.get_consistency_proof(sizes).await.good();
        let hashes = proof.proof.unwrap().hashes.into_iter().map(|hash| hash.try_into().unwrap()).collect::<Vec<_>>();
        verify::extension(&older.note, &newer.note, &hashes, &key).unwrap();
        assert!(verify::extension(&newer.note, &older.note, &hashes, &key).is_err());
    }

    // proves: I3
    async fn a_checkpoint_kept_elsewhere_shows_a_shortened_journal(world) {
        world.active(1).await;
        // Sizes count every act: they are for who sees the whole journal.
        let mut journal = world.profile("office-director").journal;
        journal.get_checkpoint(latest()).await.refused(Reason::PermissionDenied);
        let mut journal = world.profile("auditor").journal;
        let kept = journal.get_checkpoint(latest()).await.good();
        let covering = GetCheckpointRequest { parent: home(Which::Profile), tree_size: 1 };
        assert!(journal.get_checkpoint(covering).await.good().tree_size <= kept.tree_size);
        let beyond = GetCheckpointRequest { parent: home(Which::Profile), tree_size: kept.tree_size + 1000 };
        journal.get_checkpoint(beyond).await.refused(Reason::ResourceNotFound);
        let key = key(world, Which::Profile);
        let known = vec![dossier_journal::checkpoint::Checkpoint::verify(&kept.note, &key).unwrap()];
        let trust = Trust { known, ..Trust::default() };
        let db = world.db(Which::Profile);
        let report = verify::store(&mut db.read().await.unwrap(), &key, &trust).await.unwrap();
        assert!(report.verified(), "{:?}", report.faults);
        let other = self::key(world, Which::Access);
        let report =
            verify::store(&mut world.db(Which::Access).read().await.unwrap(), &other, &Trust::default()).await.unwrap();
        assert!(report.verified(), "{:?}", report.faults);
    }
}
