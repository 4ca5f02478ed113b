//! What the rpc answers, and that a stranger can verify it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dossier_kernel::auth::Caller;
use dossier_kernel::call::{Call, Providers};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result, reason_of};
use dossier_kernel::session::Way;
use dossier_kernel::time::from_micros;
use dossier_proto::journal::v1::get_inclusion_proof_request::Entry as Wanted;
use dossier_proto::journal::v1::journal_service_server::JournalService;
use dossier_proto::journal::v1::*;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use uuid::Uuid;

use super::{Fixture, log};
use crate::checkpoint::Checkpoint as Signed;
use crate::rpc::{Parts, Showing};
use crate::verify::{Cause, Receipt, extension, proof_beside};
use crate::{Gate, JournalRpc, Reader};

/// `auditor` reads and sees files 1 and 2, `controller` besides that there are others; services see everything; others
/// nothing.
pub(super) struct Doorman(pub Providers);

#[async_trait]
impl Way for Doorman {
    fn providers(&self) -> &Providers {
        &self.0
    }

    async fn ready(&self, _: &Call) -> Result<()> {
        Ok(())
    }

    async fn refused(&self, _: &Call, _: &str, _: &str, fault: Error) -> Error {
        fault
    }

    fn changed(&self) {}
}

#[async_trait]
impl Gate for Doorman {
    async fn admit(&self, _: &mut Tx, call: &Call) -> Result<Reader> {
        match (call.service, call.subject.as_str()) {
            (true, _) => Ok(Reader::Service),
            (_, "auditor") => Ok(Reader::Person("persons/auditor".into())),
            (_, "controller") => Ok(Reader::Auditor("persons/controller".into())),
            _ => Err(Error::new(Reason::PermissionDenied)),
        }
    }

    async fn author(&self, _: &mut Tx, call: &Call) -> Result<String> {
        Ok(format!("persons/{}", call.subject))
    }

    fn showing<'g>(&'g self, _: &'g Call) -> Box<dyn Showing + 'g> {
        Box::new(Nothing)
    }

    fn knows(&self, org: &str) -> bool {
        org == "demo"
    }

    async fn visible(&self, _: &mut Tx, _: &Call, files: &[String]) -> Result<HashSet<String>> {
        Ok(files.iter().filter(|name| [file(1), file(2)].contains(name)).cloned().collect())
    }

    async fn number(&self, _: &mut Tx, _: &Call, name: &str) -> Result<Option<String>> {
        Ok((name == file(1)).then(|| "fileNumbers/KH-1".to_owned()))
    }
}

/// Keeps nothing of what was promised.
struct Nothing;

#[async_trait]
impl Showing for Nothing {
    async fn open(&self, _: Tx, _: &EntryBody, _: bool, _: &OpenPromisesRequest) -> Result<Vec<OpenedPromise>> {
        Ok(Vec::new())
    }
}

fn file(n: u128) -> String {
    format!("files/{}", Uuid::from_u128(n))
}

fn rpc(fixture: &Fixture, stop: CancellationToken) -> JournalRpc {
    let (db, bus) = (fixture.db.clone(), fixture.bus.clone());
    let (gate, keys) = (Arc::new(Doorman(fixture.providers.clone())), vec![log().signing_key().verifying_key()]);
    JournalRpc::new(Parts { service: "profile", db, bus, gate, doubts: fixture.doubts.clone(), keys, stop })
}

fn by<T>(subject: &str, body: T) -> Request<T> {
    let mut request = Request::new(body);
    let (org, subject) = ("demo".to_owned(), subject.to_owned());
    let expires = from_micros(i64::MAX);
    request.extensions_mut().insert(Caller {
        org,
        service: subject == "access",
        subject,
        issuer: "test".into(),
        expires,
    });
    request
}

async fn list(rpc: &JournalRpc, subject: &str, request: ListEntriesRequest) -> ListEntriesResponse {
    rpc.list_entries(by(subject, request)).await.unwrap().into_inner()
}

/// What a refusal says was not found.
fn told(fault: &tonic::Status) -> (String, String) {
    use tonic_types::StatusExt;
    let details = fault.get_error_details();
    let missing = details.resource_info().unwrap();
    (missing.resource_type.clone(), missing.resource_name.clone())
}

fn parent() -> String {
    "services/profile".into()
}

fn entries() -> ListEntriesRequest {
    ListEntriesRequest { parent: parent(), ..Default::default() }
}

fn seqs(answer: &ListEntriesResponse) -> Vec<i64> {
    answer.entries.iter().map(|entry| entry.seq).collect()
}

#[tokio::test]
async fn the_trail_is_listed_by_file_person_and_period_in_pages() {
    let fixture = Fixture::new().await;
    fixture.grow(&[4, 4]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let first = list(&rpc, "access", ListEntriesRequest { page_size: 5, ..entries() }).await;
    assert_eq!((seqs(&first), first.last_seq), (vec![1, 2, 3, 4, 5], 8));
    let next = ListEntriesRequest { page_size: 5, page_token: first.next_page_token, ..entries() };
    let second = list(&rpc, "access", next).await;
    assert_eq!((seqs(&second), second.next_page_token.as_str()), (vec![6, 7, 8], ""));
    let about = ListEntriesRequest { filter: format!("subject = \"{}\"", file(3)), ..entries() };
    assert_eq!(seqs(&list(&rpc, "access", about).await), [3, 7]);
    for (filter, seqs_of_it) in [
        (r#"actor = "services/profile" AND seq > 6"#, vec![7, 8]),
        ("seq >= 3 AND seq < 5", vec![3, 4]),
        ("seq > 3 AND seq <= 3", vec![]),
        ("seq = 8", vec![8]),
        ("seq > -5 AND seq <= 1", vec![1]),
        (r#"time <= "2023-11-14T22:13:20Z""#, (1..=8).collect()),
        (r#"time > "2023-11-14T22:13:20Z""#, vec![]),
        (r#"action = "file.created""#, vec![]),
    ] {
        let asked = ListEntriesRequest { filter: filter.into(), ..entries() };
        assert_eq!(seqs(&list(&rpc, "access", asked).await), seqs_of_it, "{filter}");
    }
}

#[tokio::test]
async fn a_person_sees_what_is_about_visible_files_and_others_nothing() {
    let fixture = Fixture::new().await;
    fixture.grow(&[4, 4]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let answer = list(&rpc, "auditor", ListEntriesRequest { page_size: 3, ..entries() }).await;
    assert_eq!((seqs(&answer), answer.last_seq), (vec![1, 2, 5], 5));
    let next = ListEntriesRequest { page_size: 3, page_token: answer.next_page_token, ..entries() };
    assert_eq!(seqs(&list(&rpc, "auditor", next).await), [6]);
    let refused = rpc.list_entries(by("stranger", entries())).await.unwrap_err();
    assert_eq!(reason_of(&refused), Some(Reason::PermissionDenied));
    for seq in [3, 900] {
        let hidden = GetInclusionProofRequest { parent: parent(), entry: Some(Wanted::Seq(seq)), tree_size: 0 };
        let fault = rpc.get_inclusion_proof(by("auditor", hidden)).await.unwrap_err();
        assert_eq!(reason_of(&fault), Some(Reason::ResourceNotFound));
        assert_eq!(told(&fault), ("dossier/Entry".to_owned(), seq.to_string()));
    }
}

#[tokio::test]
async fn a_duty_is_found_under_both_its_names() {
    let fixture = Fixture::new().await;
    for subject in ["duties/7", "services/profile/duties/7", "services/profile/duties/8", "loans/7"] {
        let body = EntryBody { subject: subject.into(), event: None, ..fixture.entry(1) };
        let done: Result<()> = dossier_kernel::transact!(fixture.db, tx => crate::append(tx, &body).await);
        done.unwrap();
    }
    fixture.grow(&[1]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    for (subject, count) in [("services/profile/duties/7", 2), ("services/profile/duties/8", 1), ("duties/7", 1)] {
        let about = ListEntriesRequest { filter: format!("subject = \"{subject}\""), ..entries() };
        assert_eq!(list(&rpc, "access", about).await.entries.len(), count, "{subject}");
    }
}

type Lie = fn(&mut GetInclusionProofResponse);

/// Figures that an answer says beside what is signed, each with a way to change it.
fn lies() -> [(&'static str, Lie); 7] {
    fn beside(answer: &mut GetInclusionProofResponse) -> &mut Checkpoint {
        answer.checkpoint.as_mut().unwrap()
    }
    [
        ("entry.leaf_hash", |answer| answer.entry.as_mut().unwrap().leaf_hash[0] ^= 1),
        ("proof.leaf_index", |answer| answer.proof.as_mut().unwrap().leaf_index += 1),
        ("proof.tree_size", |answer| answer.proof.as_mut().unwrap().tree_size += 1),
        ("checkpoint.origin", |answer| beside(answer).origin = "dossier/other/profile".into()),
        ("checkpoint.tree_size", |answer| beside(answer).tree_size += 1),
        ("checkpoint.root_hash", |answer| beside(answer).root_hash[0] ^= 1),
        ("checkpoint.sign_time", |answer| beside(answer).sign_time.as_mut().unwrap().seconds += 1),
    ]
}

#[tokio::test]
async fn receipts_and_extensions_convince_a_stranger() {
    let fixture = Fixture::new().await;
    fixture.grow(&[3, 4, 6]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let key = log().verifier();
    for (size, seq) in [(0, 13), (0, 1), (7, 5), (3, 3)] {
        let wanted = GetInclusionProofRequest { parent: parent(), entry: Some(Wanted::Seq(seq)), tree_size: size };
        let answer = rpc.get_inclusion_proof(by("access", wanted)).await.unwrap().into_inner();
        let id = EntryBody::default().id;
        let receipt = Receipt::try_from(answer.clone()).unwrap();
        for (figure, lie) in lies() {
            let mut told = answer.clone();
            lie(&mut told);
            let fault = Receipt::try_from(told).unwrap_err();
            assert_eq!(fault.cause, Cause::Beside(figure), "{figure}");
        }
        let (body, checkpoint) = receipt.verify(&key).unwrap();
        assert!(body.id != id && checkpoint.size == if size == 0 { 13 } else { size as u64 });
        let moved = Receipt { seq: seq % 13 + 1, ..receipt };
        assert!(moved.verify(&key).is_err());
    }
    for (first, second) in [(3, 7), (7, 13), (3, 13), (13, 13)] {
        let old = GetCheckpointRequest { parent: parent(), tree_size: first };
        let old = rpc.get_checkpoint(by("access", old)).await.unwrap().into_inner();
        let wanted = GetConsistencyProofRequest { parent: parent(), first_tree_size: first, second_tree_size: second };
        let answer = rpc.get_consistency_proof(by("access", wanted)).await.unwrap().into_inner();
        let (before, after) =
            (Signed::parse(&old.note).unwrap(), Signed::parse(&answer.checkpoint.as_ref().unwrap().note).unwrap());
        let mut lie = answer.clone();
        lie.proof.as_mut().unwrap().first_tree_size += 1;
        assert_eq!(proof_beside(lie, &before, &after).unwrap_err(), Cause::Beside("proof.first_tree_size"));
        let mut lie = answer.clone();
        lie.proof.as_mut().unwrap().second_tree_size += 1;
        assert_eq!(proof_beside(lie, &before, &after).unwrap_err(), Cause::Beside("proof.second_tree_size"));
        let hashes = proof_beside(answer.clone(), &before, &after).unwrap();
        extension(&old.note, &answer.checkpoint.unwrap().note, &hashes, &key).unwrap();
    }
}

#[tokio::test]
async fn requests_that_make_no_sense_name_their_field() {
    let fixture = Fixture::new().await;
    fixture.grow(&[3]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let backwards = ListEntriesRequest { order_by: "seq desc".into(), ..entries() };
    let fault = rpc.list_entries(by("access", backwards)).await.unwrap_err();
    assert_eq!(reason_of(&fault), Some(Reason::FieldViolation));
    for parent in ["", "services/access", "services/profile/journal", "profile"] {
        let elsewhere = ListEntriesRequest { parent: parent.into(), ..entries() };
        let fault = rpc.list_entries(by("access", elsewhere)).await.unwrap_err();
        assert_eq!(reason_of(&fault), Some(Reason::FieldViolation), "{parent}");
    }
    let empty = GetInclusionProofRequest { parent: parent(), ..Default::default() };
    assert!(rpc.get_inclusion_proof(by("access", empty)).await.is_err());
    let between = GetInclusionProofRequest { parent: parent(), entry: Some(Wanted::Seq(1)), tree_size: 2 };
    let fault = rpc.get_inclusion_proof(by("access", between)).await.unwrap_err();
    assert_eq!(reason_of(&fault), Some(Reason::ResourceNotFound));
    assert_eq!(told(&fault), ("dossier/Checkpoint".to_owned(), "2".to_owned()));
    let backwards = GetConsistencyProofRequest { parent: parent(), first_tree_size: 4, second_tree_size: 3 };
    assert!(rpc.get_consistency_proof(by("access", backwards)).await.is_err());
    let absent = GetCheckpointRequest { parent: parent(), tree_size: 4 };
    let fault = rpc.get_checkpoint(by("access", absent)).await.unwrap_err();
    assert_eq!(reason_of(&fault), Some(Reason::ResourceNotFound));
    assert_eq!(told(&fault), ("dossier/Checkpoint".to_owned(), "4".to_owned()));
}

#[tokio::test]
async fn a_watch_sees_old_and_new_entries_in_order_and_ends_when_the_server_stops() {
    let fixture = Fixture::new().await;
    fixture.grow(&[2]).await;
    let stop = CancellationToken::new();
    let rpc = rpc(&fixture, stop.clone());
    let watch = rpc
        .watch_entries(by("access", WatchEntriesRequest { parent: parent(), after_seq: 1, ..Default::default() }))
        .await;
    let mut watch = watch.unwrap().into_inner();
    assert_eq!(watch.next().await.unwrap().unwrap().entries[0].seq, 2);
    fixture.append(2).await;
    fixture.keeper().round(&log(), 1).await.unwrap();
    let fresh = tokio::time::timeout(Duration::from_secs(5), watch.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(fresh.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [3, 4]);
    stop.cancel();
    let end = watch.next().await.unwrap().unwrap_err();
    assert_eq!(reason_of(&end), Some(Reason::Stopping));
}

#[tokio::test]
async fn an_owner_learns_from_a_copy_that_it_went_back_and_takes_no_more() {
    let fixture = Fixture::new().await;
    fixture.grow(&[3]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let end = crate::place::end(&mut fixture.db.read().await.unwrap(), "demo").await.unwrap();
    let root_hash = end.root().unwrap().to_vec();
    let copy = |seq, root_hash: &[u8], era: &str| CompareCopyRequest {
        parent: parent(),
        seq,
        root_hash: root_hash.to_vec(),
        era: era.into(),
    };
    let answer = rpc.compare_copy(by("access", copy(3, &root_hash, ""))).await.unwrap().into_inner();
    assert_eq!((answer.last_seq, answer.root_hash, answer.peak_hashes.len()), (3, root_hash.clone(), 2));
    let short = rpc.compare_copy(by("access", copy(3, b"x", ""))).await.unwrap_err();
    assert_eq!(reason_of(&short), Some(Reason::FieldViolation));
    let person = rpc.compare_copy(by("auditor", copy(9, &[], ""))).await.unwrap_err();
    assert_eq!(reason_of(&person), Some(Reason::PermissionDenied));
    assert!(!fixture.doubts.any("demo"));
    rpc.compare_copy(by("access", copy(3, &[7; 32], ""))).await.unwrap();
    assert!(fixture.doubts.about("demo", "profile"));
    let entry = fixture.entry(9);
    let done: Result<()> = dossier_kernel::transact!(fixture.db, tx => crate::append(tx, &entry).await);
    let fault = done.unwrap_err();
    assert_eq!((fault.reason(), fault.metadata("service")), (Reason::StoreRestored, Some("profile")));
    // Recovered, it goes on; a copy of the era before says nothing of it any more.
    let era: Result<_> = dossier_kernel::transact!(fixture.db, tx => {
        crate::recover::begin(tx, "demo", "profile", "second").await
    });
    assert_eq!((era.unwrap().era.as_str(), end.seq), ("second", 3));
    fixture.append(1).await;
    let doubts = crate::Doubts::load(&fixture.db).await.unwrap();
    let again = JournalRpc::new(Parts { doubts: doubts.clone(), ..(*rpc).clone() });
    let answer = again.compare_copy(by("access", copy(900, &[], ""))).await.unwrap().into_inner();
    assert_eq!((answer.era.as_str(), answer.peak_hashes.len()), ("second", 0));
    assert!(!doubts.any("demo"));
    again.compare_copy(by("access", copy(900, &[], "second"))).await.unwrap();
    assert!(doubts.about("demo", "profile"));
}

#[tokio::test]
async fn anybody_is_told_the_key_that_verifies_the_journal() {
    let fixture = Fixture::new().await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let journal = rpc
        .get_journal(by("stranger", GetJournalRequest { name: "services/profile/journal".into() }))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((journal.origin.as_str(), journal.era.as_str()), ("dossier/demo/profile", ""));
    assert_eq!(journal.name, "services/profile/journal");
    let other = rpc.get_journal(by("stranger", GetJournalRequest { name: "services/access/journal".into() })).await;
    assert_eq!(reason_of(&other.unwrap_err()), Some(Reason::FieldViolation));
    assert_eq!(journal.verifier_keys, [log().verifier().to_string()]);
}

#[tokio::test]
async fn who_sees_the_whole_journal_reads_who_when_what_and_no_content_of_what_is_invisible() {
    let fixture = Fixture::new().await;
    fixture.grow(&[4, 4]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let answer = list(&rpc, "controller", entries()).await;
    assert_eq!((seqs(&answer), answer.last_seq), ((1..=8).collect(), 8));
    for entry in &answer.entries {
        let body = <EntryBody as prost::Message>::decode(&entry.body[..]).unwrap();
        let visible = [file(1), file(2)].contains(&body.subject);
        assert_eq!((entry.abridged, body.event.is_some()), (!visible, visible));
        assert!(
            !body.id.is_empty() && !body.actor.is_empty() && body.action == "file.disclosed" && body.time.is_some()
        );
        assert_eq!(crate::merkle::leaf_hash(&entry.body)[..] == entry.leaf_hash[..], visible);
    }
    // The proof holds for the hash beside the cut body.
    let hidden = GetInclusionProofRequest { parent: parent(), entry: Some(Wanted::Seq(3)), tree_size: 0 };
    let answer = rpc.get_inclusion_proof(by("controller", hidden)).await.unwrap().into_inner();
    let (entry, proof, checkpoint) = (answer.entry.unwrap(), answer.proof.unwrap(), answer.checkpoint.unwrap());
    let hashes: Vec<crate::merkle::Hash> = proof.hashes.into_iter().map(|hash| hash.try_into().unwrap()).collect();
    let (leaf, root) = (entry.leaf_hash.try_into().unwrap(), checkpoint.root_hash.try_into().unwrap());
    crate::merkle::verify_inclusion(&leaf, 2, 8, &hashes, &root).unwrap();
    assert!(entry.abridged);
    rpc.get_checkpoint(by("controller", GetCheckpointRequest { parent: parent(), tree_size: 0 })).await.unwrap();
}

#[tokio::test]
async fn who_sees_a_part_has_receipts_of_his_own_acts_and_no_sizes() {
    let fixture = Fixture::new().await;
    fixture.grow(&[4]).await;
    let own = EntryBody { actor: "persons/auditor".into(), ..fixture.entry(3) };
    let done: Result<()> = dossier_kernel::transact!(fixture.db, tx => crate::append(tx, &own).await);
    done.unwrap();
    fixture.grow(&[1]).await;
    let rpc = rpc(&fixture, CancellationToken::new());
    let receipt =
        |id: String| GetInclusionProofRequest { parent: parent(), entry: Some(Wanted::EntryId(id)), tree_size: 0 };
    let answer = rpc.get_inclusion_proof(by("auditor", receipt(own.id.clone()))).await.unwrap().into_inner();
    let (body, _) = Receipt::try_from(answer).unwrap().verify(&log().verifier()).unwrap();
    assert_eq!(body, own);
    // One that they see and that is not theirs.
    let other = GetInclusionProofRequest { parent: parent(), entry: Some(Wanted::Seq(1)), tree_size: 0 };
    let fault = rpc.get_inclusion_proof(by("auditor", other)).await.unwrap_err();
    assert_eq!(reason_of(&fault), Some(Reason::ResourceNotFound));
    let fault =
        rpc.get_checkpoint(by("auditor", GetCheckpointRequest { parent: parent(), tree_size: 0 })).await.unwrap_err();
    assert_eq!(reason_of(&fault), Some(Reason::PermissionDenied));
    let sizes = GetConsistencyProofRequest { parent: parent(), first_tree_size: 1, second_tree_size: 0 };
    let fault = rpc.get_consistency_proof(by("auditor", sizes)).await.unwrap_err();
    assert_eq!(reason_of(&fault), Some(Reason::PermissionDenied));
}
