//! Documents: what a file holds on paper or as content, and how content comes in and leaves (P-28, P-29, P-37, P-58, P-61, P-64).

use dossier_proto::duty::v1::{Duty, DutyState, ListDutiesRequest};
use dossier_proto::profile::v1::{
    CheckCompletenessRequest, CloseCustomerFileRequest, CustomerFile, Document, DocumentCarrier, DocumentRelation,
    DocumentRelationKind, DocumentState, ListDocumentRevisionsRequest, UpdateDocumentRequest, VoidDocumentRequest,
};
use dossier_proto::types::unmet_condition::What;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{PDF, company, paper, pdf, talk};
use prost_types::FieldMask;

use crate::prelude::*;

pub(super) fn rules() -> Rules {
    Rules::of("PAPERS")
}

fn contract(paper_size: &str, ink: &str) -> Document {
    let one = paper("contract_text", DocumentCarrier::Original, "购销合同");
    Document { paper: paper_size.into(), ink: ink.into(), sheets: 3, document_date: "2026-02-01".into(), ..one }
}

pub(super) fn licence(carrier: DocumentCarrier, until: &str) -> Document {
    Document { expire_date: until.into(), ..paper("licence", carrier, "营业执照") }
}

async fn change(
    world: &World,
    subject: &str,
    one: Document,
    paths: &[&str],
) -> Result<tonic::Response<Document>, tonic::Status> {
    let request = UpdateDocumentRequest {
        document: Some(one),
        update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
        request_id: world.request_id(),
        ..UpdateDocumentRequest::default()
    };
    world.profile(subject).documents.update_document(request).await
}

async fn void(world: &World, subject: &str, name: &str) -> Result<tonic::Response<Document>, tonic::Status> {
    let request = VoidDocumentRequest {
        name: name.to_owned(),
        request_id: world.request_id(),
        reason: "归错档".into(),
        ..VoidDocumentRequest::default()
    };
    world.profile(subject).documents.void_document(request).await
}

async fn owed(world: &World, kind: &str) -> Vec<Duty> {
    world.settle().await;
    let filter = format!("kind = \"{kind}\"");
    let request = ListDutiesRequest { parent: home(Which::Profile), filter, ..Default::default() };
    world.profile("sales-manager").duties.list_duties(request).await.good().duties
}

fn unfiled(missing: &[dossier_proto::types::UnmetCondition]) -> Vec<String> {
    let kind = |one: &dossier_proto::types::UnmetCondition| match &one.what {
        Some(What::Document(kind)) => Some(kind.clone()),
        _ => None,
    };
    missing.iter().filter_map(kind).collect()
}

on_both_stores_under! {
    rules();

    // proves: P-58, P-61, P-48
    async fn a_document_is_filed_read_changed_and_each_version_stays(world) {
        let file = world.active(1).await.name;
        let made = world.file_document("sales-1", &file, contract("A4", "black_pen")).await.good();
        assert!(made.name.starts_with(&format!("{file}/documents/")), "{}", made.name);
        let said = (made.kind.as_str(), made.carrier(), made.state(), made.sheets, made.revision);
        assert_eq!(said, ("contract_text", DocumentCarrier::Original, DocumentState::Current, 3, 1));
        let read = world.read_document("sales-2", &made.name).await.good();
        assert_eq!((read.fields["title"].value.clone(), read.document_date.as_str()), (text("购销合同").value, "2026-02-01"));
        let mut next = Document { sheets: 4, ..read.clone() };
        next.fields.insert("title".into(), text("购销合同(二)"));
        let changed = change(world, "sales-1", next.clone(), &["sheets", "fields.title"]).await.good();
        assert_eq!((changed.revision, changed.sheets, changed.fields.len()), (2, 4, 1));
        change(world, "sales-1", next.clone(), &["sheets"]).await.refused(Reason::EtagStale);
        next.etag.clear();
        change(world, "sales-2", next.clone(), &["sheets"]).await.refused(Reason::PermissionDenied);
        change(world, "sales-manager", next.clone(), &["kind"]).await.refused(Reason::UpdateMaskInvalid);
        let request = ListDocumentRevisionsRequest { parent: made.name.clone(), ..Default::default() };
        let versions = world.profile("sales-2").documents.list_document_revisions(request).await.good().revisions;
        assert_eq!(versions.iter().map(|one| one.revision).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(versions[0].changed_paths, ["fields.title"]);
        check::proven(world).await;
    }

    // proves: P-29
    async fn paper_and_ink_that_are_not_accepted_are_refused_by_name(world) {
        let file = world.active(1).await.name;
        let refused = world.file_document("sales-1", &file, contract("A3", "ballpoint")).await.refused(Reason::FieldViolation);
        assert_eq!(refused.fields, ["document.paper", "document.ink"]);
        let refused = world.file_document("sales-1", &file, contract("", "")).await.refused(Reason::FieldViolation);
        assert!(refused.names("document.ink"), "what is accepted must be said");
        // What was never on paper has none.
        let one = Document { paper: "A4".into(), ..paper("contract_text", DocumentCarrier::Electronic, "电子合同") };
        assert!(world.file_document("sales-1", &file, one).await.refused(Reason::FieldViolation).names("document.paper"));
        let one = paper("contract_text", DocumentCarrier::Copy, "复印件");
        assert!(world.file_document("sales-1", &file, one).await.refused(Reason::FieldViolation).names("document.carrier"));
        assert!(world.list_documents("sales-1", &file, "").await.unwrap().is_empty(), "nothing was filed");
        world.file_document("sales-1", &file, contract("A4", "black_ink")).await.good();
    }

    // proves: P-37
    async fn any_paper_has_a_place_and_a_kind_that_is_not_there_is_named(world) {
        let file = world.active(1).await.name;
        world.file_document("sales-1", &file, paper("other", DocumentCarrier::Original, "客户手绘平面图")).await.good();
        let refused = world.file_document("sales-1", &file, paper("floor_plan", DocumentCarrier::Original, "x")).await;
        assert!(refused.refused(Reason::FieldViolation).names("document.kind"));
        world.file_document("archivist", &file, paper("other", DocumentCarrier::Original, "x")).await.refused(Reason::PermissionDenied);
        let untitled = Document { fields: Default::default(), ..paper("other", DocumentCarrier::Original, "") };
        let made = world.file_document("sales-1", &file, untitled).await.good();
        assert!(!made.completeness.unwrap().complete, "a title is missing");
    }

    // proves: P-28, P-64
    async fn a_document_that_supersedes_another_takes_its_place_once(world) {
        let file = world.active(1).await.name;
        let old = world.file_document("sales-1", &file, licence(DocumentCarrier::Copy, "2026-06-30")).await.good();
        let relation = |kind: DocumentRelationKind, document: &str| DocumentRelation { kind: kind.into(), document: document.into() };
        let relations = vec![relation(DocumentRelationKind::Supersedes, &old.name)];
        let new = Document { relations: relations.clone(), ..licence(DocumentCarrier::Copy, "2031-06-30") };
        let made = world.file_document("sales-1", &file, new.clone()).await.good();
        assert_eq!(made.relations, relations);
        let then = world.read_document("sales-1", &old.name).await.good();
        assert_eq!((then.state(), then.revision), (DocumentState::Superseded, 2));
        world.file_document("sales-1", &file, new).await.refused(Reason::WrongState);
        let mut edited = then.clone();
        edited.sheets = 9;
        change(world, "sales-manager", edited, &["sheets"]).await.refused(Reason::WrongState);
        let current = world.list_documents("sales-1", &file, "kind = \"licence\" AND state = CURRENT").await.unwrap();
        assert_eq!(current.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [made.name.as_str()]);
        // Another kind takes no place, and what is not in the file is named by nobody.
        let letter = |to: &str, kind| Document { relations: vec![relation(kind, to)], ..paper("letter", DocumentCarrier::Original, "函") };
        world.file_document("sales-1", &file, letter(&made.name, DocumentRelationKind::Supersedes)).await.refused(Reason::FieldViolation);
        world.file_document("sales-1", &file, letter(&made.name, DocumentRelationKind::AnnexOf)).await.good();
        let nowhere = format!("{file}/documents/{}", Uuid::from_u128(7));
        world.file_document("sales-1", &file, letter(&nowhere, DocumentRelationKind::RepliesTo)).await.refused(Reason::ResourceNotFound);
        let other = world.active(2).await.name;
        let foreign = world.file_document("sales-1", &other, letter(&made.name, DocumentRelationKind::RepliesTo)).await;
        assert!(foreign.refused(Reason::FieldViolation).names("document.relations.0.document"));
        check::proven(world).await;
    }

    // proves: P-28
    async fn of_two_that_supersede_the_same_at_once_one_takes_its_place(world) {
        let file = world.active(1).await.name;
        for round in 0..4 {
            let old = world.file_document("sales-1", &file, licence(DocumentCarrier::Copy, "2026-06-30")).await.good();
            let relations = vec![DocumentRelation { kind: DocumentRelationKind::Supersedes.into(), document: old.name.clone() }];
            let new = |day: &str| Document { relations: relations.clone(), ..licence(DocumentCarrier::Copy, day) };
            let (one, other) = tokio::join!(
                world.file_document("sales-1", &file, new("2031-06-30")),
                world.file_document("sales-1", &file, new("2032-06-30")),
            );
            assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "round {round}");
            let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
            lost.refused(Reason::WrongState);
            let current = world.list_documents("sales-1", &file, "kind = \"licence\" AND state = CURRENT").await.unwrap();
            let won = won.good().name;
            assert!(current.iter().any(|one| one.name == won) && current.len() == round + 1);
            assert_eq!(world.read_document("sales-1", &old.name).await.good().state(), DocumentState::Superseded);
        }
        check::proven(world).await;
    }

    // proves: I10, A-02
    async fn whoever_does_not_see_the_file_learns_of_no_document(world) {
        let file = world.active(1).await.name;
        let made = world.scanned("sales-1", &file, &pdf(2_000)).await;
        world.classify("archivist", &file, "secret").await.good();
        world.settle().await;
        let upload = world.an_upload(&made.name);
        world.read_document("sales-2", &made.name).await.refused(Reason::ResourceNotFound);
        world.list_documents("sales-2", &file, "").await.unwrap_err();
        let download = world.download("sales-2", &made.name, 0).await.unwrap_err();
        let missing = world.download("sales-2", &format!("{file}/documents/{}", Uuid::from_u128(9)), 0).await.unwrap_err();
        assert_eq!((download.code(), download.message()), (missing.code(), missing.message()));
        let sent = world.send("sales-2", (&upload, 2_000, PDF), (0, &pdf(2_000), 500)).await.unwrap_err();
        assert_eq!(sent.code(), missing.code());
        world.file_document("sales-2", &file, paper("other", DocumentCarrier::Scan, "x")).await.refused(Reason::ResourceNotFound);
    }

    async fn content_is_given_by_grade_and_a_fixed_document_stands_as_it_was_filed(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        let one = world.file_document("service-1", &file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
        let (content, upload) = (pdf(700), world.an_upload(&one.name));
        world.send("service-1", (&upload, 700, PDF), (0, &content, 700)).await.unwrap();
        world.attach("service-1", &upload).await.good();
        assert_eq!(world.download("service-manager", &one.name, 0).await.unwrap(), content);
        let refused = world.download("service-1", &one.name, 0).await.map(tonic::Response::new);
        assert_eq!(refused.refused(Reason::PermissionDenied).metadata["action"], "document.content");
        assert!(world.read_document("service-1", &one.name).await.good().content.unwrap().sha256.is_empty());
        let stays = world.file_document("service-1", &file, paper("receipt", DocumentCarrier::Original, "收据")).await.good();
        change(world, "service-manager", Document { sheets: 2, ..stays }, &["sheets"]).await.refused(Reason::PermissionDenied);
    }

    // proves: P-28
    async fn a_scan_counts_once_its_content_is_there_and_a_licence_until_it_lapses(world) {
        let file = world.active(1).await.name;
        world.file_document("sales-1", &file, contract("A4", "black_pen")).await.good();
        let lacks = async || {
            let request = CheckCompletenessRequest { name: file.clone(), purpose: "account_opening".into() };
            unfiled(&world.profile("sales-1").files.check_completeness(request).await.good().completeness.unwrap().missing)
        };
        let scan = world.file_document("sales-1", &file, licence(DocumentCarrier::Scan, "2026-03-05")).await.good();
        assert_eq!(lacks().await, ["licence"], "nobody has brought it in");
        let upload = world.an_upload(&scan.name);
        world.send("sales-1", (&upload, 700, PDF), (0, &pdf(700), 700)).await.unwrap();
        world.attach("sales-1", &upload).await.good();
        assert!(lacks().await.is_empty());
        world.pass(SignedDuration::from_hours(24 * 3));
        assert!(lacks().await.is_empty(), "its last day");
        world.pass(SignedDuration::from_hours(24));
        world.settle().await;
        assert_eq!(lacks().await, ["licence"]);
    }

    // proves: P-35, P-37
    async fn a_gate_and_a_stage_ask_for_documents_and_say_which_are_missing(world) {
        let file = world.active(1).await.name;
        let asked = async |purpose: &str| {
            let request = CheckCompletenessRequest { name: file.clone(), purpose: purpose.into() };
            world.profile("sales-1").files.check_completeness(request).await.good().completeness.unwrap()
        };
        assert_eq!(unfiled(&asked("account_opening").await.missing), ["licence", "contract_text"]);
        assert!(!asked("account_opening").await.complete && unfiled(&asked("activate").await.missing).is_empty());
        let opening = dossier_proto::profile::v1::FileRecord { kind: "opening".into(), ..talk(world.now(), "开户") };
        let mut opening = opening;
        for key in ["problems", "suggestions"] {
            opening.fields.insert(key.into(), text("无"));
        }
        let opening = world.note("sales-1", &file, opening).await.good();
        world.advance("sales-1", &opening.name).await.good();
        let stages = world.explain("sales-1", &opening.name).await.good().stages;
        let mut missing = unfiled(&stages[0].unmet);
        missing.sort();
        assert_eq!(missing, ["contract_text", "letter", "licence"]);
        world.advance("sales-1", &opening.name).await.refused(Reason::StageUnmet);
        world.file_document("sales-1", &file, contract("A4", "black_pen")).await.good();
        let copy = world.file_document("sales-1", &file, licence(DocumentCarrier::Copy, "2027-01-01")).await.good();
        for _ in 0..2 {
            world.file_document("sales-1", &file, paper("letter", DocumentCarrier::Original, "函")).await.good();
        }
        assert!(asked("account_opening").await.complete);
        void(world, "sales-1", &copy.name).await.good();
        assert_eq!(unfiled(&asked("account_opening").await.missing), ["licence"], "what is void counts no more");
        world.file_document("sales-1", &file, licence(DocumentCarrier::Original, "2027-01-01")).await.good();
        world.advance("sales-1", &opening.name).await.good();
    }

    // proves: P-28, P-64, P-113
    async fn filing_a_letter_is_owed_for_and_a_licence_is_owed_before_it_lapses(world) {
        let file = world.active(1).await.name;
        let letter = world.file_document("sales-1", &file, paper("letter", DocumentCarrier::Original, "来函")).await.good();
        let answer = owed(world, "letter.answer").await;
        assert_eq!((answer.len(), answer[0].subject.as_str(), answer[0].assignee.clone()), (1, letter.name.as_str(), world.who("sales-1").await));
        let one = world.file_document("sales-1", &file, licence(DocumentCarrier::Copy, "2026-06-30")).await.good();
        let due = |duties: &[Duty]| duties.iter().map(|one| instant(one.due_time.as_ref()).to_string()[..10].to_owned()).collect::<Vec<_>>();
        assert_eq!(due(&owed(world, "licence.renew").await), ["2026-05-31"], "30 days before, by the company's days");
        let moved = Document { name: one.name.clone(), expire_date: "2026-12-31".into(), ..Default::default() };
        change(world, "sales-1", moved, &["expire_date"]).await.good();
        let duties = owed(world, "licence.renew").await;
        assert_eq!(duties.iter().map(Duty::state).collect::<Vec<_>>(), [DutyState::Cancelled, DutyState::Open]);
        assert_eq!(due(&duties)[1], "2026-12-01");
        let relations = vec![DocumentRelation { kind: DocumentRelationKind::Supersedes.into(), document: one.name.clone() }];
        let next = Document { relations, ..licence(DocumentCarrier::Copy, "2031-12-31") };
        world.file_document("sales-1", &file, next).await.good();
        let states: Vec<_> = owed(world, "licence.renew").await.iter().map(Duty::state).collect();
        assert_eq!(states, [DutyState::Cancelled, DutyState::Completed, DutyState::Open], "the new one does it, and lapses in its turn");
        let expire = Document { name: one.name, ..Default::default() };
        change(world, "sales-1", expire, &["expire_date"]).await.refused(Reason::FieldViolation);
    }

    async fn a_closed_file_takes_no_document_and_one_filed_in_error_is_taken_back_by_who_filed_it(world) {
        let file = world.active(1).await.name;
        let one = world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "x")).await.good();
        void(world, "sales-2", &one.name).await.refused(Reason::PermissionDenied);
        assert_eq!(void(world, "sales-1", &one.name).await.good().state(), DocumentState::Void);
        void(world, "sales-1", &one.name).await.refused(Reason::WrongState);
        let kept = world.scanned("sales-1", &file, &pdf(900)).await;
        void(world, "sales-1", &kept.name).await.refused(Reason::PermissionDenied);
        assert_eq!(void(world, "sales-manager", &kept.name).await.good().state(), DocumentState::Void);
        assert!(world.download("sales-1", &kept.name, 0).await.is_ok(), "what it says stays readable");
        let request = CloseCustomerFileRequest { name: file.clone(), request_id: world.request_id(), reason: "合作终止".into(), ..Default::default() };
        world.profile("archivist").files.close_customer_file(request).await.good();
        world.file_document("sales-1", &file, paper("other", DocumentCarrier::Scan, "x")).await.refused(Reason::WrongState);
        check::proven(world).await;
    }

    // proves: I9
    async fn a_changed_hash_or_state_of_a_document_is_found_by_the_verifier(world) {
        let file = world.active(1).await.name;
        world.scanned("sales-1", &file, &pdf(900)).await;
        check::proven(world).await;
        transact!(world.db(Which::Profile), tx => {
            sql!(tx, execute, "UPDATE document SET state = 'void' WHERE org = $1", DEMO)
        }).unwrap();
        let found = check::replayed(world).await;
        assert!(found.iter().any(|one| one.contains("document") && one.contains("state")), "{found:?}");
    }
}
