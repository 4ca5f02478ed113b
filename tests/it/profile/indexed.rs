//! Registers and statistics over documents: the index of what a file holds, and of no more than its reader sees (P-104, P-111, X-25).

use dossier_proto::profile::v1::{
    CustomerFile, Document, DocumentCarrier, DocumentRelation, DocumentRelationKind, GetStatisticsRequest,
    ListRegisterRowsRequest, ListRegisterRowsResponse, VoidDocumentRequest,
};
use dossier_proto::types::AccessKind;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{company, paper, pdf};

use crate::prelude::*;

async fn look(world: &World, subject: &str, id: &str, filter: &str) -> ListRegisterRowsResponse {
    let request = ListRegisterRowsRequest {
        parent: format!("registers/{id}"),
        purpose: "customer_service".into(),
        filter: filter.into(),
        ..ListRegisterRowsRequest::default()
    };
    world.profile(subject).registers.list_register_rows(request).await.good()
}

fn names(page: &ListRegisterRowsResponse) -> Vec<String> {
    page.rows.iter().map(|row| row.name.clone()).collect()
}

// The texts of a line; what is masked is `*`.
fn texts(page: &ListRegisterRowsResponse, at: usize) -> Vec<&str> {
    page.rows[at].cells.iter().map(|cell| if cell.masked { "*" } else { cell.text.as_str() }).collect()
}

fn of(file: &str) -> String {
    format!("file = \"{file}\"")
}

// A paper and the scan of it.
async fn scanned(world: &World, file: &str) -> (Document, Document) {
    let mut sheet =
        Document { document_date: "2026-02-01".into(), ..paper("other", DocumentCarrier::Original, "平面图") };
    sheet.fields.insert("language".into(), text("中文"));
    let sheet = world.file_document("sales-1", file, sheet).await.good();
    let relations = vec![DocumentRelation { kind: DocumentRelationKind::CopyOf.into(), document: sheet.name.clone() }];
    let scan = Document { relations, pages: 2, ..paper("other", DocumentCarrier::Scan, "平面图扫描件") };
    (sheet, world.file_document("sales-1", file, scan).await.good())
}

async fn counted(world: &World) -> Vec<(String, i64, Vec<String>)> {
    let name = "statistics/papers".to_owned();
    let request = GetStatisticsRequest { name, start_date: "2026-01-01".into(), end_date: "2026-12-31".into() };
    let told = world.profile("archivist").registers.get_statistics(request).await.good();
    let groups = told.periods.into_iter().flat_map(|period| period.groups);
    groups.map(|one| (one.values[0].text.clone(), one.count, one.sums[0].totals.clone())).collect()
}

on_both_stores_under! {
    Rules::of("PAPERS");

    // proves: P-104, P-111
    async fn the_index_of_a_file_tells_each_document_and_which_paper_a_scan_is_of(world) {
        let (file, other) = (world.active(1).await, world.active(2).await.name);
        let (sheet, scan) = scanned(world, &file.name).await;
        let letter = world.file_document("sales-1", &other, paper("letter", DocumentCarrier::Original, "来函")).await.good();
        let page = look(world, "sales-2", "file_index", "").await;
        assert_eq!(names(&page), [letter.name, scan.name.clone(), sheet.name.clone()], "of every kind, the newest first");
        let page = look(world, "sales-2", "file_index", &of(&file.name)).await;
        assert_eq!(names(&page), [scan.name.clone(), sheet.name.clone()]);
        let number = file.number.as_str();
        assert_eq!(texts(&page, 0), [number, "其他文件", "scan", "平面图扫描件", "", "2", "false", sheet.name.as_str()]);
        assert_eq!(texts(&page, 1), [number, "其他文件", "original", "平面图", "中文", "", "false", ""]);
        let register = page.register.unwrap();
        let said = (register.over.as_str(), register.kind.as_str(), register.over_records, register.shows_content);
        assert_eq!(said, ("documents", "", false, true));
    }

    // proves: P-111
    async fn documents_stand_in_a_register_of_their_kind_and_void_ones_where_they_are_asked_for(world) {
        let file = world.active(1).await.name;
        let (sheet, scan) = scanned(world, &file).await;
        let whole = world.scanned("sales-1", &file, &pdf(900)).await;
        world.file_document("sales-1", &file, paper("letter", DocumentCarrier::Scan, "来函")).await.good();
        let page = look(world, "sales-2", "scans", "").await;
        assert_eq!(names(&page), [whole.name, scan.name.clone()]);
        assert_eq!((texts(&page, 0), texts(&page, 1)), (vec!["application/pdf", "current"], vec!["", "current"]));
        assert_eq!(names(&look(world, "archivist", "gone", "").await), [""; 0]);
        let (name, request_id) = (sheet.name.clone(), world.request_id());
        let void = VoidDocumentRequest { name, request_id, reason: "归错档".into(), ..VoidDocumentRequest::default() };
        world.profile("sales-1").documents.void_document(void).await.good();
        assert_eq!(names(&look(world, "archivist", "gone", "").await), std::slice::from_ref(&sheet.name));
        assert!(!names(&look(world, "sales-2", "file_index", "").await).contains(&sheet.name));
    }

    // proves: I10, A-01, P-104
    async fn a_document_stands_for_whoever_has_standing_access_to_its_file(world) {
        let (seen, hidden) = (world.active(1).await.name, world.active(2).await.name);
        for file in [&seen, &hidden] {
            scanned(world, file).await;
        }
        // The control: before its file rises it is there.
        assert_eq!(look(world, "sales-2", "file_index", "").await.rows.len(), 4);
        world.classify("archivist", &hidden, "confidential").await.good();
        world.settle().await;
        assert_eq!(look(world, "sales-2", "file_index", "").await.rows.len(), 2);
        assert_eq!(look(world, "archivist", "file_index", "").await.rows.len(), 4);
        world.granted("sales-2", &hidden, AccessKind::View, &["gm"]).await;
        world.settle().await;
        assert_eq!(look(world, "sales-2", "file_index", &of(&hidden)).await.rows.len(), 0, "a right is used by reading");
    }

    // proves, I3
    async fn what_a_line_of_a_document_shows_is_in_the_disclosure_of_its_file(world) {
        let file = world.active(1).await.name;
        let (sheet, scan) = scanned(world, &file).await;
        let before = world.disclosures(&file).await.len();
        look(world, "sales-2", "file_index", "").await;
        let all = world.disclosures(&file).await;
        assert_eq!(all.len(), before + 1, "{all:?}");
        let one = all.into_iter().find(|one| !one.records.is_empty()).unwrap();
        let told: Vec<_> = one.records.iter().map(|one| (one.record.clone(), one.revision, one.fields.join(" "))).collect();
        assert_eq!(told, [(scan.name, 1, "title".to_owned()), (sheet.name, 1, "title language".to_owned())]);
        assert!(!format!("{one:?}").contains("平面图"), "and no value");
        look(world, "sales-2", "scans", "").await;
        assert_eq!(world.disclosures(&file).await.len(), before + 1, "what is said in clear is no content");
    }

    // proves: A-02
    async fn fields_of_a_document_above_the_readers_grade_are_masked(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        world.file_document("service-manager", &file, paper("other", DocumentCarrier::Scan, "机密的题名")).await.good();
        let page = look(world, "service-1", "papers_seen", "").await;
        assert_eq!(texts(&page, 0), ["*", "scan"]);
    }

    // proves
    async fn documents_are_counted_and_their_pages_added_up_for_groups_of_at_least_five_customers(world) {
        let mut files = Vec::new();
        for n in 1..=5 {
            files.push(world.active(n).await.name);
        }
        let letter = || Document { pages: 3, ..paper("letter", DocumentCarrier::Original, "来函") };
        for file in &files[..4] {
            world.file_document("sales-1", file, letter()).await.good();
            world.file_document("sales-1", file, letter()).await.good();
        }
        assert_eq!(counted(world).await, [], "four customers are not told apart");
        world.file_document("sales-1", &files[4], letter()).await.good();
        assert_eq!(counted(world).await, [("往来函件".to_owned(), 9, vec!["27".to_owned()])]);
    }
}
