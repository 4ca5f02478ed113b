//! Registers and statistics: many files at once, and of each no more than its reader sees (P-111, X-25, X-26).

use dossier_proto::profile::v1::{
    CustomerFile, ExportRegisterRequest, GetStatisticsRequest, ListRegisterRowsRequest, ListRegisterRowsResponse,
    ListRegistersRequest, RegisterFormat, ReviewDecision, Statistics,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{AccessKind, FieldValue};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{choice, company, complaint, talk};
use futures::StreamExt;
use tonic::{Response, Status};

use crate::prelude::*;

fn asking(id: &str) -> ListRegisterRowsRequest {
    ListRegisterRowsRequest {
        parent: format!("registers/{id}"),
        purpose: "customer_service".into(),
        ..ListRegisterRowsRequest::default()
    }
}

async fn look(world: &World, subject: &str, id: &str) -> Result<Response<ListRegisterRowsResponse>, Status> {
    world.profile(subject).registers.list_register_rows(asking(id)).await
}

// The texts of a register, line by line; what is masked is `*`.
fn texts(page: &ListRegisterRowsResponse) -> Vec<Vec<String>> {
    let cell = |cell: &dossier_proto::profile::v1::RegisterCell| match cell.masked {
        true => "*".to_owned(),
        false => cell.text.clone(),
    };
    page.rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect()
}

async fn exported(world: &World, subject: &str, id: &str, format: RegisterFormat) -> String {
    let request = ExportRegisterRequest {
        name: format!("registers/{id}"),
        format: format.into(),
        purpose: "customer_service".into(),
        ..ExportRegisterRequest::default()
    };
    let mut pieces = world.profile(subject).registers.export_register(request).await.good();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece.unwrap().data);
    }
    String::from_utf8(bytes).unwrap()
}

async fn counted(world: &World, subject: &str, id: &str) -> Result<Response<Statistics>, Status> {
    let request = GetStatisticsRequest {
        name: format!("statistics/{id}"),
        start_date: "2026-01-01".into(),
        end_date: "2026-12-31".into(),
    };
    world.profile(subject).registers.get_statistics(request).await
}

// What a statistic tells: of each period its first day, its groups, the rest, whether something is held back.
/// A period with its groups, what is told together, and whether something is held back.
type Told = (String, Vec<(String, i64)>, Option<i64>, bool);

fn told(statistics: &Statistics) -> Vec<Told> {
    let group = |one: &dossier_proto::profile::v1::StatisticGroup| (one.values[0].text.clone(), one.count);
    let periods = statistics.periods.iter().map(|one| {
        let groups = one.groups.iter().map(group).collect();
        (one.start_date.clone(), groups, one.others.as_ref().map(|others| others.count), one.held_back)
    });
    periods.collect()
}

on_both_stores_under! {
    Rules::of("KINDS");

    // proves: P-111, P-84
    async fn a_register_has_a_line_for_each_record_of_its_kind_newest_first(world) {
        let (one, two) = (world.active(1).await, world.active(2).await);
        world.note("sales-1", &one.name, talk(world.now(), "x")).await.good();
        let first = world.note("sales-1", &one.name, complaint("到货破损")).await.good();
        world.pass(SignedDuration::from_secs(60));
        let second = world.note("sales-1", &two.name, complaint("态度差")).await.good();
        world.advance("sales-1", &second.name).await.good();
        let page = look(world, "archivist", "complaints").await.good();
        let names: Vec<_> = page.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!((names, page.next_page_token.as_str()), (vec![second.name.as_str(), first.name.as_str()], ""));
        let lines = texts(&page);
        assert_eq!(lines[1], [one.number.as_str(), "客户001有限公司", "2026-03-02", "到货破损", "服务质量", "", ""]);
        assert_eq!((lines[0][1].as_str(), lines[0][5].as_str()), ("客户002有限公司", "受理"));
        assert_eq!(lines[0][6].len(), "2026-03-02 09:00".len(), "the moment at which it was taken up: {lines:?}");
        let register = page.register.unwrap();
        let heads: Vec<_> = register.columns.iter().map(|one| one.display_name.as_str()).collect();
        assert_eq!(heads, ["档案编号", "客户名称", "投诉日期", "投诉内容", "类别", "进度", "受理"]);
        assert!(register.over_records && register.shows_content);
        let kept = &page.rows[0].cells;
        assert_eq!((kept[4].value.as_str(), kept[5].value.as_str()), ("service_quality", "open"));
    }

    // proves: P-65, P-111
    async fn a_register_of_files_tells_the_newest_record_of_a_kind_that_is_not_void(world) {
        let (one, two) = (world.active(1).await, world.active(2).await.number);
        world.draft(3).await;
        world.note("sales-1", &one.name, talk(world.now(), "加购一台")).await.good();
        world.pass(SignedDuration::from_secs(1));
        let newest = world.note("sales-1", &one.name, talk(world.now(), "加购两台")).await.good();
        let page = look(world, "sales-2", "customers").await.good();
        let expected = [
            vec![two.as_str(), "客户002有限公司", "机械制造", "", "", ""],
            vec![one.number.as_str(), "客户001有限公司", "机械制造", "电话", "加购两台", ""],
        ];
        assert_eq!(texts(&page), expected, "and no draft");
        world.void_record("sales-manager", &newest.name).await.good();
        let page = look(world, "sales-2", "customers").await.good();
        assert_eq!(texts(&page)[1][4], "加购一台");
    }

    // proves: P-111
    async fn conditions_leave_lines_out_and_void_records_stand_where_they_are_asked_for(world) {
        let file = world.active(1).await.name;
        let open = world.note("sales-1", &file, complaint("到货破损")).await.good();
        let mut process = complaint("流程慢");
        process.fields.insert("complaint_kind".into(), choice("service_process"));
        let other = world.note("sales-1", &file, process).await.good();
        let before = world.note("sales-1", &file, complaint("未受理")).await.good();
        let void = world.note("sales-1", &file, complaint("误登")).await.good();
        for name in [&open.name, &other.name, &void.name] {
            world.advance("sales-1", name).await.good();
        }
        world.void_record("sales-manager", &void.name).await.good();
        let names = async |id| {
            let rows = look(world, "sales-manager", id).await.good().rows;
            rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert_eq!(names("open_complaints").await, std::slice::from_ref(&open.name));
        assert_eq!(names("void_complaints").await, [void.name]);
        assert_eq!(names("complaints").await, [before.name, other.name, open.name]);
    }

    // proves: I10, P-111
    async fn a_line_stands_for_whoever_has_standing_access_and_for_nobody_else(world) {
        let (seen, hidden) = (world.active(1).await.name, world.active(2).await.name);
        for file in [&seen, &hidden] {
            world.note("sales-1", file, complaint("到货破损")).await.good();
        }
        let count = async |subject| look(world, subject, "complaints").await.good().rows.len();
        // The control: before it rises it is there.
        assert_eq!((count("sales-2").await, count("archivist").await), (2, 2));
        world.classify("archivist", &hidden, "confidential").await.good();
        world.settle().await;
        assert_eq!((count("sales-2").await, count("archivist").await), (1, 2));
        // A right to one file is used by reading that file.
        world.granted("sales-2", &hidden, AccessKind::View, &["gm"]).await;
        world.settle().await;
        world.read("sales-2", &hidden).await.good();
        assert_eq!(count("sales-2").await, 1);
        let one = |file: &str| ListRegisterRowsRequest { filter: format!("file = \"{file}\""), ..asking("complaints") };
        let mut calls = world.profile("sales-2").registers;
        assert_eq!(calls.list_register_rows(one(&seen)).await.good().rows.len(), 1);
        assert_eq!(calls.list_register_rows(one(&hidden)).await.good().rows.len(), 0);
    }

    // proves: A-02
    async fn cells_above_the_readers_grade_are_masked_whether_they_are_filled_or_not(world) {
        let own = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let file = world.create(&mut world.profile("service-manager"), own).await.good().name;
        world.note("service-manager", &file, complaint("到货破损")).await.good();
        let lines = texts(&look(world, "service-1", "complaints").await.good());
        assert_eq!(lines, [["", "*", "2026-03-02", "*", "服务质量", "", ""].map(str::to_owned).to_vec()]);
        let shown = world.disclosures(&file).await.pop().unwrap();
        assert_eq!((shown.fields.len(), shown.records.len()), (0, 1));
        assert_eq!(shown.records[0].fields, ["complained_on", "complaint_kind"]);
        let export = exported(world, "service-1", "complaints", RegisterFormat::Csv).await;
        assert!(export.contains("＊＊＊") && !export.contains("到货破损"), "{export}");
    }

    // proves: A-42, I3, I9
    async fn each_file_of_a_page_that_shows_content_is_one_disclosure_that_names_what_is_shown(world) {
        let file = world.active(1).await.name;
        let two = [world.note("sales-1", &file, complaint("机密的投诉")).await.good().name, {
            world.pass(SignedDuration::from_secs(1));
            world.note("sales-1", &file, complaint("又一次")).await.good().name
        }];
        let before = world.disclosures(&file).await.len();
        let page = look(world, "sales-2", "complaints").await.good();
        assert_eq!(page.rows.len(), 2);
        let all = world.disclosures(&file).await;
        assert_eq!(all.len(), before + 1, "{all:?}");
        let one = all.into_iter().find(|one| !one.records.is_empty()).unwrap();
        assert_eq!((one.reader.clone(), one.purpose.as_str()), (world.who("sales-2").await, "customer_service"));
        assert_eq!(one.fields, ["name"]);
        let records: Vec<_> = one.records.iter().map(|one| one.record.clone()).collect();
        assert_eq!(records, [two[1].clone(), two[0].clone()]);
        assert!(!format!("{one:?}").contains("投诉"), "and no value");
        // Without content there is nothing to disclose, and no purpose to say.
        let ledger = ListRegisterRowsRequest { purpose: String::new(), ..asking("ledger") };
        let page = world.profile("sales-2").registers.list_register_rows(ledger).await.good();
        assert_eq!(texts(&page)[0][1..4], ["无密级", "销售部", "active"].map(str::to_owned));
        assert_eq!(world.disclosures(&file).await.len(), before + 1);
        let silent = ListRegisterRowsRequest { purpose: String::new(), ..asking("complaints") };
        let refused = world.profile("sales-2").registers.list_register_rows(silent).await;
        assert!(refused.refused(Reason::FieldViolation).names("purpose"));
    }

    // proves: A-24
    async fn at_a_level_that_binds_a_place_content_is_shown_there_alone(world) {
        let file = world.at_level(1, "secret").await;
        let lines = texts(&look(world, "archivist", "customers").await.good());
        assert_eq!(lines[0][..3], [file.number.as_str(), "*", "*"].map(str::to_owned));
        let there = ListRegisterRowsRequest { reading_place: "archive_room".into(), ..asking("customers") };
        let page = world.profile("archivist").registers.list_register_rows(there).await.good();
        assert_eq!(texts(&page)[0][1], "客户001有限公司");
    }

    // proves: A-01, P-111
    async fn a_register_is_read_by_its_posts_alone(world) {
        look(world, "gm", "complaints").await.refused(Reason::PermissionDenied);
        look(world, "auditor", "complaints").await.refused(Reason::PermissionDenied);
        look(world, "archivist", "nothing").await.refused(Reason::ResourceNotFound);
        let opened = async |subject| {
            let answer = world.profile(subject).registers.list_registers(ListRegistersRequest::default()).await.good();
            let registers: Vec<_> = answer.registers.into_iter().map(|one| one.name).collect();
            (registers, answer.statistics.into_iter().map(|one| one.name).collect::<Vec<_>>())
        };
        let names = |ids: &[&str]| ids.iter().map(|id| format!("registers/{id}")).collect::<Vec<_>>();
        let archivist = opened("archivist").await;
        assert_eq!(archivist.0, names(&["complaints", "customers", "ledger"]));
        assert_eq!(archivist.1, ["statistics/complaints_by_kind", "statistics/customers_by_unit"]);
        assert_eq!(opened("service-1").await, (names(&["complaints", "customers"]), Vec::new()));
        assert_eq!(opened("gm").await, (Vec::new(), Vec::new()));
        counted(world, "sales-1", "complaints_by_kind").await.refused(Reason::PermissionDenied);
        counted(world, "archivist", "nothing").await.refused(Reason::ResourceNotFound);
    }

    // proves: P-111
    async fn pages_follow_one_another_without_a_gap_and_an_export_is_all_of_them(world) {
        let mut names = Vec::new();
        for n in 1..=7 {
            names.push(world.draft(n).await.name);
        }
        names.reverse();
        let (mut token, mut seen) = (String::new(), Vec::new());
        loop {
            let request = ListRegisterRowsRequest { page_size: 3, page_token: token, ..asking("ledger") };
            let page = world.profile("sales-1").registers.list_register_rows(request).await.good();
            assert!(page.rows.len() <= 3);
            seen.extend(page.rows.into_iter().map(|row| row.name));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, names);
        let lines = exported(world, "sales-1", "ledger", RegisterFormat::JsonLines).await;
        let told: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(told.iter().map(|one| one["@name"].as_str().unwrap()).collect::<Vec<_>>(), names);
        assert_eq!((&told[0]["state"], &told[0]["unit"]), (&"draft".into(), &"sales".into()));
        let stranger = ListRegisterRowsRequest { page_token: "AAAA".into(), ..asking("ledger") };
        let refused = world.profile("sales-1").registers.list_register_rows(stranger).await;
        refused.refused(Reason::PageTokenInvalid);
    }

    // proves: P-111
    async fn an_exported_table_holds_no_formula(world) {
        let file = world.active(1).await.name;
        world.note("sales-1", &file, complaint("=HYPERLINK(\"http://x\",\"y\")")).await.good();
        let table = exported(world, "sales-1", "complaints", RegisterFormat::Csv).await;
        assert!(table.starts_with('\u{feff}') && table.ends_with("\r\n"));
        assert!(table.contains(r#","'=HYPERLINK(""http://x"",""y"")","#), "{table}");
        let lines = exported(world, "sales-1", "complaints", RegisterFormat::JsonLines).await;
        assert!(lines.contains(r#""content":"=HYPERLINK(\"http://x\",\"y\")""#), "values stay what they are: {lines}");
    }

    // proves: X-25, X-26, P-60
    async fn a_statistic_tells_groups_of_at_least_five_customers(world) {
        let mut files = Vec::new();
        for n in 1..=7 {
            let file = world.active(n).await;
            world.note("sales-1", &file.name, complaint("到货破损")).await.good();
            files.push(file);
        }
        let process = || {
            let mut one = complaint("流程慢");
            one.fields.insert("complaint_kind".into(), choice("service_process"));
            one
        };
        let march = |groups: Vec<(&str, i64)>, others, held_back| {
            let groups = groups.into_iter().map(|(text, count)| (text.to_owned(), count)).collect();
            vec![("2026-03-01".to_owned(), groups, others, held_back)]
        };
        let seen = async || told(&counted(world, "archivist", "complaints_by_kind").await.good());
        assert_eq!(seen().await, march(vec![("服务质量", 7)], None, false));
        // Five complaints of one customer are about one customer: the large group hides the small one.
        for _ in 0..5 {
            world.note("sales-1", &files[0].name, process()).await.good();
        }
        assert_eq!(seen().await, march(vec![], Some(12), false));
        for file in &files[1..5] {
            world.note("sales-1", &file.name, process()).await.good();
        }
        // The control: five customers are told apart.
        assert_eq!(seen().await, march(vec![("服务过程", 9), ("服务质量", 7)], None, false));
    }

    // proves: X-25, X-26
    async fn a_sum_is_of_enough_customers_and_files_above_the_posts_are_not_counted(world) {
        let capital = |n: u32| {
            let mut file = company(n);
            file.fields.insert("registered_capital".into(), FieldValue {
                value: Some(Value::Money(money(100_000 * i64::from(n)))),
                provenance: None,
            });
            file
        };
        let mut files = Vec::new();
        for n in 1..=6 {
            let file = world.create(&mut world.profile("sales-1"), capital(n)).await.good();
            let submitted = world.submit(&file.name).await.good();
            world.review("sales-manager", &submitted, ReviewDecision::Accept).await.good();
            world.activate(&file.name).await.good();
            files.push(file.name);
        }
        let told_of = async || {
            let answer = counted(world, "auditor", "customers_by_unit").await.good();
            let group = answer.periods.first().and_then(|period| period.groups.first().cloned());
            (group.map(|group| (group.count, group.sums[0].totals.clone())), answer.periods.first().map(|one| one.held_back))
        };
        assert_eq!(told_of().await, (Some((6, vec!["CNY 21000.00".to_owned()])), Some(false)));
        // The auditor is not cleared for what rises, and so nobody's answer counts it.
        world.classify("archivist", &files[5], "confidential").await.good();
        world.settle().await;
        assert_eq!(told_of().await, (Some((5, vec!["CNY 15000.00".to_owned()])), Some(false)));
        let same = counted(world, "archivist", "customers_by_unit").await.good();
        assert_eq!(same, counted(world, "auditor", "customers_by_unit").await.good());
        world.classify("archivist", &files[4], "confidential").await.good();
        world.settle().await;
        assert_eq!(told_of().await, (None, Some(true)), "four are too few");
    }

    // proves: X-26
    async fn a_period_is_told_alike_whatever_else_is_asked_for(world) {
        for n in 1..=5 {
            let file = world.active(n).await.name;
            world.note("sales-1", &file, complaint("到货破损")).await.good();
        }
        let asked = async |start: &str, end: &str| {
            let (start_date, end_date) = (start.to_owned(), end.to_owned());
            let request = GetStatisticsRequest { name: "statistics/complaints_by_kind".into(), start_date, end_date };
            world.profile("archivist").registers.get_statistics(request).await
        };
        let year = asked("2026-01-01", "2026-12-31").await.good();
        assert_eq!(asked("2026-03-31", "2026-03-31").await.good(), year, "a day stands for its period");
        assert!(asked("2026-01-01", "2026-02-28").await.good().periods.is_empty());
        asked("2026-03-02", "2026-03-01").await.refused(Reason::FieldViolation);
        asked("2020-01-01", "2026-03-01").await.refused(Reason::FieldViolation);
    }
}
