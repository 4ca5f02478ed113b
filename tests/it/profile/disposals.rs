//! Files destroyed: announced by a list, cleared by access and credit, gone with their keys in every store (X-11 to X-15, I7).

mod bound;
mod certified;

use dossier_proto::access::v1::CancelAccessRequestRequest;
use dossier_proto::credit::v1::CommitReservationRequest;
use dossier_proto::profile::v1::{
    Disposal, DisposalState, DispositionGround as Ground, FileRecord, GetDisposalCertificateRequest,
    GetDisposalRequest, ListCustomerFilesRequest, ListDisposalsRequest, ReviewDecision, SearchCustomerFilesRequest,
    SignRecordRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{AccessKind, FieldValue, Row, RowList};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{choice, company, sound};
use jiff::SignedDuration;

use self::certified::certified;
use super::holds::{close, done, evaluated};
use crate::journal::restored::{mended, order};
use crate::prelude::*;

const KEEPER: &str = "archivist";
const SUPERVISOR: &str = "gm";
/// Plain words, which no key covers.
const TRADE: &str = "古籍修复与装裱";

fn reference(name: &str) -> FieldValue {
    FieldValue { value: Some(Value::Reference(name.into())), provenance: None }
}

fn lines(files: &[&str]) -> FieldValue {
    let row = |(at, file): (usize, &&str)| Row {
        id: (at + 1).to_string(),
        cells: [("file".to_owned(), reference(file)), ("verdict".to_owned(), choice("destroy"))].into(),
    };
    let rows = files.iter().enumerate().map(row).collect();
    FieldValue { value: Some(Value::Rows(RowList { rows })), provenance: None }
}

// The file of the archive itself, in which its lists lie.
async fn archive(world: &World) -> String {
    let fields = [("name".to_owned(), text("档案室"))].into();
    let file = dossier_proto::profile::v1::CustomerFile {
        file_kind: "archive".into(),
        unit_ref: "DA-1".into(),
        unit: "sales".into(),
        fields,
        ..Default::default()
    };
    world.create(&mut world.profile(KEEPER), file).await.good().name
}

// A file whose retention ran out.
async fn due(world: &World, n: u32) -> String {
    let file = world.active(n).await.name;
    close(world, &file).await;
    world.pass(SignedDuration::from_hours(24 * 400));
    world.settle().await;
    file
}

// A list of these files, not announced yet.
async fn listed(world: &World, archive: &str, files: &[&str]) -> FileRecord {
    let fields = [("lines".to_owned(), lines(files))].into();
    let list = FileRecord { kind: "destruction".into(), fields, ..FileRecord::default() };
    world.note(KEEPER, archive, list).await.good()
}

// Announced, and answered by both.
async fn announced(world: &World, archive: &str, files: &[&str]) -> FileRecord {
    let list = listed(world, archive, files).await;
    let list = world.advance(KEEPER, &list.name).await.good();
    world.settle().await;
    list
}

// Signed by keeper and supervisor, and waiting for its last stage.
async fn signed(world: &World, list: &FileRecord) -> FileRecord {
    let list = world.rewrite(KEEPER, list, "method", Some(text("碎纸机"))).await.good();
    let list = sign(world, KEEPER, &list).await;
    sign(world, SUPERVISOR, &list).await
}

async fn sign(world: &World, subject: &str, list: &FileRecord) -> FileRecord {
    let (name, etag, request_id) = (list.name.clone(), list.etag.clone(), world.request_id());
    let request = SignRecordRequest { name, etag, request_id, stage: "destroyed".into(), ..Default::default() };
    world.profile(subject).records.sign_record(request).await.good()
}

async fn into(world: &World, list: &str, stage: &str) -> Result<tonic::Response<FileRecord>, tonic::Status> {
    let (name, stage, request_id) = (list.to_owned(), stage.to_owned(), world.request_id());
    let request = dossier_proto::profile::v1::AdvanceRecordRequest { name, stage, request_id, ..Default::default() };
    world.profile(KEEPER).records.advance_record(request).await
}

async fn disposals(world: &World, subject: &str, filter: &str) -> Vec<Disposal> {
    let request = ListDisposalsRequest { filter: filter.into(), ..ListDisposalsRequest::default() };
    world.profile(subject).disposition.list_disposals(request).await.good().disposals
}

fn grounds(fault: &Refused) -> String {
    fault.metadata["grounds"].clone()
}

// What must be gone: what the file says, of which the trade stands in plain words, and its wrapped key in every store.
async fn needles(world: &World, file: &str) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = [TRADE, "客户007有限公司", "021-55550007", "REF-000007"]
        .map(|text| (text.to_owned(), text.as_bytes().to_vec()))
        .into();
    let id: Uuid = file.strip_prefix("files/").unwrap().parse().unwrap();
    for which in Which::ALL {
        let mut tx = world.db(which).read().await.unwrap();
        let text = "SELECT wrapped FROM file_key WHERE org = $1 AND file = $2 AND wrapped IS NOT NULL";
        let key = sql!(&mut tx, fetch_optional as (Vec<u8>,), text, DEMO, id).unwrap();
        all.extend(key.map(|(key,)| (format!("the key in {which}"), key)));
    }
    all
}

// A file with a trade of its own, whose retention ran out.
async fn canary(world: &World) -> String {
    let mut file = company(7);
    file.fields.insert("industry".into(), text(TRADE));
    let file = world.create(&mut world.profile("sales-1"), file).await.good();
    let submitted = world.submit(&file.name).await.good();
    world.review("sales-manager", &submitted, ReviewDecision::Accept).await.good();
    let file = world.activate(&file.name).await.good().name;
    close(world, &file).await;
    world.pass(SignedDuration::from_hours(24 * 400));
    world.settle().await;
    file
}

on_both_stores_under! {
    Rules::of("DISPOSAL");

    // proves, I7
    async fn a_file_is_destroyed_by_a_list_that_two_sign_and_nothing_of_it_is_left_anywhere(world) {
        let (archive, file) = (archive(world).await, canary(world).await);
        let other = world.active(8).await.name;
        let number = world.read(KEEPER, &file).await.good().number;
        let needles = needles(world, &file).await;
        let before = check::traces(world, &needles).await;
        assert!(before.found.iter().any(|one| one.starts_with(TRADE)), "{before:?}");
        assert!(before.found.iter().any(|one| one.starts_with("the key in profile")), "{before:?}");
        let list = announced(world, &archive, &[&file]).await;
        let one = disposals(world, KEEPER, "").await.remove(0);
        assert_eq!((one.state(), one.file.as_str(), one.file_number.as_str()), (DisposalState::Announced, file.as_str(), number.as_str()));
        assert_eq!((one.record.as_str(), one.announcer.clone()), (list.name.as_str(), world.who(KEEPER).await));
        let answers: Vec<_> = one.answers.iter().map(|said| (said.service.as_str(), said.cleared)).collect();
        assert_eq!(answers, [("access", true), ("credit", true)]);
        let certify = GetDisposalCertificateRequest { name: one.name.clone() };
        world.profile(KEEPER).disposition.get_disposal_certificate(certify).await.refused(Reason::WrongState);
        // Nobody destroys alone, and it is read until it is gone.
        world.read(KEEPER, &file).await.good();
        into(world, &list.name, "destroyed").await.refused(Reason::StageUnmet);
        let list = signed(world, &list).await;
        into(world, &list.name, "destroyed").await.good();
        world.read(KEEPER, &file).await.refused(Reason::ResourceNotFound);
        let listed = world.profile(KEEPER).files.list_customer_files(ListCustomerFilesRequest::default()).await.good();
        assert_eq!(listed.customer_files.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [other.as_str()]);
        let search = SearchCustomerFilesRequest { name_contains: "客户007".into(), purpose: "customer_service".into(), ..Default::default() };
        assert!(world.profile(KEEPER).files.search_customer_files(search).await.good().customer_files.is_empty());
        let gone = world.profile(KEEPER).disposition.get_disposal(GetDisposalRequest { name: one.name.clone() }).await.good();
        assert_eq!((gone.state(), gone.file_number.as_str(), gone.ender.clone()), (DisposalState::Destroyed, number.as_str(), world.who(KEEPER).await));
        assert_eq!(disposals(world, KEEPER, "state = DESTROYED").await, std::slice::from_ref(&gone));
        assert!(disposals(world, "service-1", "").await.is_empty(), "the list lies in a file of another unit");
        let certify = GetDisposalCertificateRequest { name: gone.name.clone() };
        world.profile("service-1").disposition.get_disposal_certificate(certify.clone()).await.refused(Reason::ResourceNotFound);
        world.settle().await;
        let paper = world.profile(KEEPER).disposition.get_disposal_certificate(certify).await.good();
        certified(world, paper, &gone).await;
        let after = check::traces(world, &needles).await;
        assert_eq!(after.found, Vec::<String>::new(), "searched {:#?}", after.searched);
        // Who did what when with it is told by the journal as before.
        let entries = check::journal(world, Which::Profile, DEMO).await;
        assert!(entries.iter().filter(|one| one.body.subject == file).count() >= 5);
        check::holds(world).await;
    }

    // proves: X-11, C-06
    async fn what_is_not_due_or_held_or_lent_is_not_announced_and_nothing_else_of_the_list_either(world) {
        let (archive, file) = (archive(world).await, due(world, 1).await);
        let open = world.active(2).await.name;
        let list = listed(world, &archive, &[&file, &open]).await;
        let fault = world.advance(KEEPER, &list.name).await.refused(Reason::DisposalRefused);
        assert_eq!((grounds(&fault).as_str(), fault.metadata["file"].as_str()), ("not_closed", open.as_str()));
        assert_eq!(fault.metadata["field"], "fields.lines.2.file");
        assert!(disposals(world, KEEPER, "").await.is_empty());
        done(world, &file, "notice").await;
        let list = listed(world, &archive, &[&file]).await;
        assert_eq!(grounds(&world.advance(KEEPER, &list.name).await.refused(Reason::DisposalRefused)), "hold");
        let other = due(world, 3).await;
        for (wrong, at) in [(vec![other.as_str(), other.as_str()], "fields.lines.2.file"), (vec![archive.as_str()], "fields.lines.1.file")] {
            let list = listed(world, &archive, &wrong).await;
            assert_eq!(world.advance(KEEPER, &list.name).await.refused(Reason::FieldViolation).fields, [at]);
        }
        assert!(disposals(world, KEEPER, "").await.is_empty());
        check::proven(world).await;
    }

    // proves
    async fn an_original_that_is_out_keeps_its_file_and_so_does_a_request_until_it_ends(world) {
        let archive = archive(world).await;
        let file = world.at_level(1, "confidential").await.name;
        close(world, &file).await;
        world.pass(SignedDuration::from_hours(24 * 400));
        world.settle().await;
        let grant = world.granted("sales-1", &file, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file, "sales-1", &grant.name).await.good();
        world.settle().await;
        let list = listed(world, &archive, &[&file]).await;
        assert_eq!(grounds(&world.advance(KEEPER, &list.name).await.refused(Reason::DisposalRefused)), "loan_open");
        world.take_back(&loan, sound(&loan)).await.good();
        let asked = world.ask("sales-1", &file, AccessKind::Original).await.good().access_request.unwrap();
        world.settle().await;
        let list = world.advance(KEEPER, &list.name).await.good();
        world.settle().await;
        let access = disposals(world, KEEPER, "").await.remove(0).answers.remove(0);
        assert_eq!((access.cleared, access.grounds().collect::<Vec<_>>()), (false, vec![Ground::RequestOpen]));
        let list = signed(world, &list).await;
        assert_eq!(grounds(&into(world, &list.name, "destroyed").await.refused(Reason::DisposalRefused)), "request_open");
        let request = CancelAccessRequestRequest { name: asked.name, request_id: world.request_id(), ..Default::default() };
        world.access("sales-1").requests.cancel_access_request(request).await.good();
        // Access looks again by itself.
        world.running().catch_up(DEMO).await.unwrap();
        world.settle().await;
        assert!(disposals(world, KEEPER, "").await[0].answers.iter().all(|said| said.cleared));
        let refused = world.ask("sales-1", &file, AccessKind::Original).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["state"], "DISPOSAL_ANNOUNCED");
        into(world, &list.name, "destroyed").await.good();
        check::proven(world).await;
    }

    // proves: C-06
    async fn whoever_owes_keeps_their_file(world) {
        let archive = archive(world).await;
        let file = world.customer(1, 1_000_000).await;
        let held = world.reserve(&file, 200_000).await.good();
        let request = CommitReservationRequest { name: held.name, amount: Some(money(200_000)), request_id: world.request_id(), ..Default::default() };
        world.credit("sales-1").exposure.commit_reservation(request).await.good();
        close(world, &file).await;
        world.pass(SignedDuration::from_hours(24 * 400));
        world.settle().await;
        let list = announced(world, &archive, &[&file]).await;
        let said = disposals(world, KEEPER, "").await.remove(0).answers.remove(1);
        assert_eq!((said.service.as_str(), said.cleared, said.grounds().collect::<Vec<_>>()), ("credit", false, vec![Ground::ExposureOpen]));
        assert_eq!(evaluated(world, &file).await.grounds().collect::<Vec<_>>(), [Ground::ExposureOpen]);
        let list = signed(world, &list).await;
        assert_eq!(grounds(&into(world, &list.name, "destroyed").await.refused(Reason::DisposalRefused)), "exposure_open");
        into(world, &list.name, "kept").await.good();
        check::proven(world).await;
    }

    // proves: X-13
    async fn what_is_given_up_stays_and_is_announced_anew(world) {
        let (archive, file) = (archive(world).await, due(world, 1).await);
        let list = announced(world, &archive, &[&file]).await;
        let second = listed(world, &archive, &[&file]).await;
        world.advance(KEEPER, &second.name).await.refused(Reason::WrongState);
        into(world, &list.name, "kept").await.good();
        world.settle().await;
        assert_eq!(disposals(world, KEEPER, "").await.remove(0).state(), DisposalState::Kept);
        world.read(KEEPER, &file).await.good();
        world.ask("sales-1", &file, AccessKind::View).await.good();
        let ruling = evaluated(world, &file).await;
        assert_eq!(ruling.grounds().collect::<Vec<_>>(), [Ground::NotTold]);
        world.advance(KEEPER, &second.name).await.good();
        world.settle().await;
        let told: Vec<_> = disposals(world, KEEPER, "").await.iter().map(Disposal::state).collect();
        assert_eq!(told, [DisposalState::Announced, DisposalState::Kept]);
        assert!(disposals(world, KEEPER, "").await[0].answers.iter().all(|said| said.cleared));
        check::proven(world).await;
    }

    // proves
    async fn each_row_has_its_verdict_and_what_has_none_stays_when_the_list_ends(world) {
        let archive = archive(world).await;
        let (gone, kept, left) = (due(world, 1).await, due(world, 2).await, due(world, 3).await);
        let mut rows = lines(&[&gone, &kept, &left]);
        let Some(Value::Rows(list)) = &mut rows.value else { unreachable!("rows") };
        list.rows[1].cells.insert("verdict".into(), choice("keep"));
        list.rows[2].cells.remove("verdict");
        let list = FileRecord { kind: "destruction".into(), fields: [("lines".to_owned(), rows)].into(), ..FileRecord::default() };
        let list = world.note(KEEPER, &archive, list).await.good();
        let list = world.advance(KEEPER, &list.name).await.good();
        world.settle().await;
        let list = signed(world, &list).await;
        into(world, &list.name, "destroyed").await.good();
        world.read(KEEPER, &gone).await.refused(Reason::ResourceNotFound);
        for stays in [&kept, &left] {
            assert_eq!(world.read(KEEPER, stays).await.good().name, **stays);
        }
        let told: Vec<_> = disposals(world, KEEPER, "").await.iter().map(|one| (one.file.clone(), one.state())).collect();
        assert_eq!(told, [(left, DisposalState::Kept), (kept, DisposalState::Kept), (gone, DisposalState::Destroyed)]);
        check::holds(world).await;
    }

    // proves
    async fn a_file_goes_with_its_paper_and_not_while_nobody_knows_where_that_is(world) {
        let (archive, file) = (archive(world).await, world.active(1).await.name);
        let handover = world.note(KEEPER, &file, FileRecord { kind: "handover".into(), ..FileRecord::default() }).await.good();
        world.advance(KEEPER, &handover.name).await.good();
        close(world, &file).await;
        world.pass(SignedDuration::from_hours(24 * 400));
        world.settle().await;
        let list = listed(world, &archive, &[&file]).await;
        assert_eq!(grounds(&world.advance(KEEPER, &list.name).await.refused(Reason::DisposalRefused)), "carrier_astray");
        check::proven(world).await;
    }

    // proves: C-06, I7
    async fn a_hold_that_comes_after_both_have_cleared_it_keeps_the_file(world) {
        let (archive, file) = (archive(world).await, due(world, 1).await);
        let list = announced(world, &archive, &[&file]).await;
        let list = signed(world, &list).await;
        done(world, &file, "notice").await;
        let fault = into(world, &list.name, "destroyed").await.refused(Reason::DisposalRefused);
        assert_eq!(grounds(&fault), "hold");
        world.read(KEEPER, &file).await.good();
        check::proven(world).await;
    }

    // proves: I7, I3
    async fn a_row_of_a_destroyed_file_that_is_there_again_is_found_by_the_verifier(world) {
        let (archive, file) = (archive(world).await, due(world, 1).await);
        let id: Uuid = file.strip_prefix("files/").unwrap().parse().unwrap();
        let kept = "CREATE TABLE kept AS SELECT * FROM customer_file WHERE org = $1 AND id = $2";
        if world.store() == Store::Sqlite {
            transact!(world.db(Which::Profile), tx => sql!(tx, execute, kept, DEMO, id)).unwrap();
        } else {
            return;
        }
        let list = announced(world, &archive, &[&file]).await;
        let list = signed(world, &list).await;
        into(world, &list.name, "destroyed").await.good();
        check::proven(world).await;
        transact!(world.db(Which::Profile), tx => sql!(tx, execute, "INSERT INTO customer_file SELECT * FROM kept")).unwrap();
        let found = check::replayed(world).await;
        assert!(found.iter().any(|one| one.contains("its file was destroyed")), "{found:?}");
        transact!(world.db(Which::Profile), tx => sql!(tx, execute, "DROP TABLE kept")).unwrap();
    }
}

async fn a_store_that_is_put_back_does_not_bring_the_file_back(store: Store) {
    if !store.available() {
        return dossier_tests::world::skipped(module_path!());
    }
    let rules = Rules::of("DISPOSAL");
    let options = rules.options();
    let options: Vec<_> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut world = World::with(store, 1, &options).await;
    let (archive, file) = (archive(&world).await, canary(&world).await);
    let list = announced(&world, &archive, &[&file]).await;
    let needles = needles(&world, &file).await;
    world.pause().await;
    world.back_up(Which::Profile).await;
    world.resume().await;
    let list = world.read_record(KEEPER, &list.name).await.good();
    let list = signed(&world, &list).await;
    into(&world, &list.name, "destroyed").await.good();
    world.settle().await;
    world.pause().await;
    world.put_back(Which::Profile).await;
    // The store is of before, and the list of what was destroyed of now.
    mended(world.ground(), order()).await;
    world.resume().await;
    world.read(KEEPER, &file).await.refused(Reason::ResourceNotFound);
    world.settle().await;
    world.running().catch_up(DEMO).await.unwrap();
    world.settle().await;
    let gone = disposals(&world, KEEPER, "").await.remove(0);
    assert_eq!((gone.state(), gone.file), (DisposalState::Destroyed, file));
    // In the backup everything is as it was; nothing of it has come back.
    let mut after = check::traces(&world, &needles[..4]).await;
    after.found.retain(|place| !place.ends_with(".backup"));
    assert_eq!(after.found, Vec::<String>::new(), "searched {:#?}", after.searched);
    check::holds(&world).await;
    world.end().await;
}

// proves: I7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_put_back_does_not_bring_the_file_back_sqlite() {
    a_store_that_is_put_back_does_not_bring_the_file_back(Store::Sqlite).await;
}

// proves: I7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_put_back_does_not_bring_the_file_back_postgres() {
    a_store_that_is_put_back_does_not_bring_the_file_back(Store::Postgres).await;
}
