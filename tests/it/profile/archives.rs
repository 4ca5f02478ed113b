//! An archive of before comes in by a mapping: lines, attachments, history; and files leave and come by the command line (P-47, P-48).

use std::path::Path;

use dossier::serve::development_token;
use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileState, ListCustomerFilesRequest, ListRecordsRequest, RecordState,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::pdf;

use crate::prelude::*;

fn rules() -> Rules {
    Rules::of("PAPERS")
}

const MAPPING: &str = r#"
encoding = "gb18030"
template = "customer_core"
note = "旧馆目录"

[file]
key = { column = "档号" }
unit_ref = { column = "证照号" }
customer_type = { value = "company" }
unit = { column = "部门", codes = { "销售一部" = "sales" } }
state = { column = "状态", codes = { "在用" = "active" }, otherwise = "draft" }
number = { column = "档号" }
creator = { column = "建档人" }
create_time = { column = "建档日期" }

[fields]
name = { column = "客户名称" }
phone = { column = "电话" }
cooperation_stage = { value = "signed" }

[[attachments]]
folder = "scans"
column = "附件"
kind = "other"

[[records]]
table = "visits.csv"
key = { column = "档号" }
kind = "communication"
template = "communication"
state = { value = "final" }
creator = { column = "经办" }
create_time = { column = "日期" }
fields = { needs = { column = "内容" }, contact_person = { column = "对方" } }
"#;

fn lay(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    std::fs::create_dir(folder.join("scans")).unwrap();
    write("scans/1.pdf", &pdf(5_000));
    write("archive.toml", MAPPING.as_bytes());
    write(
        "visits.csv",
        "档号,日期,经办,对方,内容\n旧-001,1998-04-01,李四,王经理,要两台\n旧-001,1999-05-02,李四,王经理,再要一台\n"
            .as_bytes(),
    );
    let table = "档号,证照号,客户名称,电话,部门,状态,建档人,建档日期,附件\n\
        旧-001,L-1,海岳精密机械有限公司,021-55501234,销售一部,在用,张三,1998-03-02,1.pdf\n\
        旧-002,L-2,云帆贸易有限公司,021-55505678,销售一部,注销,张三,1999-01-05,\n\
        旧-003,L-3,无名公司,021-55509999,保密处,在用,张三,1999-01-05,\n\
        旧-004,L-4,有附件无文件公司,021-55508888,销售一部,在用,张三,1999-01-05,2.pdf\n\
        旧-005,L-5,日期不明公司,021-55507777,销售一部,在用,张三,某日,\n";
    // As an office of those years wrote it.
    let (bytes, _, lost) = encoding_rs::GB18030.encode(table);
    assert!(!lost);
    write("archive.csv", &bytes);
}

async fn run(world: &World, who: &str, words: &[&str]) -> Result<(), String> {
    let hour = std::time::Duration::from_secs(3600);
    let token = development_token(world.ground(), DEMO, who, hour).unwrap();
    let uri = world.uri(Which::Profile);
    let mut line: Vec<std::ffi::OsString> =
        ["dossier", "transfer"].into_iter().chain(words.iter().copied()).map(Into::into).collect();
    line.extend(["--address", &uri, "--token", &token].map(Into::into));
    line.extend(["--data-dir".into(), world.folder().as_os_str().to_owned()]);
    let done =
        tokio::task::spawn_blocking(move || dossier::cli::run(line).map(drop).map_err(|failure| failure.to_string()));
    done.await.unwrap()
}

fn table(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

async fn files(world: &World) -> Vec<CustomerFile> {
    let request = ListCustomerFilesRequest::default();
    world.profile("archivist").files.list_customer_files(request).await.good().customer_files
}

on_both_stores_under! {
    rules();

    // proves: P-47, P-48
    async fn an_archive_comes_in_with_its_attachments_and_its_history(world) {
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path());
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (from, mapping) = (at("archive.csv"), at("archive.toml"));
        let words = ["in", &from, "--mapping", &mapping, "--batch", "spring-2026", "--source", "old-archive", "--reason", "旧档迁移"];
        // A dry run tells the same refusals and keeps nothing.
        let tried = run(world, "archivist", &[&words[..], &["--check"]].concat()).await.unwrap_err();
        assert!(tried.contains("refused"), "{tried}");
        let refused = table(&folder.path().join("archive.csv.refused.csv"));
        assert!(files(world).await.is_empty());
        run(world, "archivist", &words).await.unwrap_err();
        assert_eq!(table(&folder.path().join("archive.csv.refused.csv")), refused);
        let told: Vec<_> = refused.iter().map(|one| (one[0].as_str(), one[1].as_str(), one[2].as_str())).collect();
        assert_eq!(told, [
            ("旧-003", "FIELD_VIOLATION", "unit"),
            ("旧-004", "FIELD_VIOLATION", "attachments.附件"),
            ("旧-005", "FIELD_VIOLATION", "create_time"),
        ], "{refused:?}");
        assert!(refused.iter().all(|one| !one[3].contains("保密处") && !one[3].contains("某日")), "no value is repeated");
        let result = table(&folder.path().join("archive.csv.result.csv"));
        assert_eq!(result.iter().map(|one| (one[0].as_str(), one[1].as_str(), one[3].as_str())).collect::<Vec<_>>(),
            [("旧-001", "created", "旧-001"), ("旧-002", "created", "旧-002")]);
        let first = world.read("archivist", &result[0][2]).await.good();
        assert_eq!((first.state(), first.number.as_str()), (CustomerFileState::Active, "旧-001"));
        assert_eq!(first.fields["name"].value, text("海岳精密机械有限公司").value);
        assert_eq!(first.fields["name"].provenance.as_ref().unwrap().source_note, "旧馆目录");
        let documents = world.list_documents("sales-1", &first.name, "").await.unwrap();
        assert!(world.download("sales-1", &documents[0].name, 0).await.unwrap() == pdf(5_000));
        let records = ListRecordsRequest { parent: first.name.clone(), ..Default::default() };
        let records = world.profile("sales-1").records.list_records(records).await.good().records;
        assert!(records.len() == 2 && records.iter().all(|one| one.imported && one.state() == RecordState::Final));
        // Once more: all that came is there.
        run(world, "archivist", &words).await.unwrap_err();
        let again = table(&folder.path().join("archive.csv.result.csv"));
        assert!(again.iter().all(|one| one[1] == "already_there") && again.len() == 2, "{again:?}");
        run(world, "archivist", &["back", "spring-2026", "--reason", "对照表有误"]).await.unwrap();
        assert!(files(world).await.iter().all(|one| one.state() == CustomerFileState::Closed));
        assert!(run(world, "archivist", &["back", "spring-2026", "--reason", "x"]).await.is_err(), "nothing stands");
        check::proven(world).await;
    }

    async fn what_was_taken_out_is_gone_on_with_and_comes_in_elsewhere(world) {
        let first = world.active(1).await;
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("moving").display().to_string();
        let words = ["out", "--into", &into, "--purpose", "audit"];
        run(world, "archivist", &words).await.unwrap();
        let second = world.active(2).await;
        run(world, "archivist", &words).await.unwrap();
        let told = world.disclosures(&first.name).await;
        assert_eq!(told.iter().filter(|one| one.purpose == "audit").count(), 1, "what left is not asked for twice");
        assert_eq!(world.disclosures(&second.name).await.len(), 1);
        assert!(run(world, "sales-1", &words).await.is_err(), "no right");
        // In the same house their numbers are given: each is told by its key.
        let words = ["in", &into, "--batch", "b", "--source", "head-office", "--reason", "迁入"];
        run(world, "archivist", &words).await.unwrap_err();
        let refused = table(&folder.path().join("moving.refused.csv"));
        let told: Vec<_> = refused.iter().map(|one| (one[0].clone(), one[1].as_str())).collect();
        let mut names = [first.name, second.name];
        names.sort();
        assert_eq!(told, names.map(|name| (name, "FIELD_VIOLATION")), "{refused:?}");
    }

    async fn a_mapping_that_does_not_fit_is_told_before_anything_is_sent(world) {
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path());
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (from, mapping) = (at("archive.csv"), at("archive.toml"));
        let words = ["in", &from, "--mapping", &mapping, "--batch", "b", "--source", "s", "--reason", "x"];
        for (from, to, told) in [
            ("column = \"电话\"", "column = \"传真\"", "传真"),
            ("note = ", "nota = ", "nota"),
            ("template = \"customer_core\"", "template = \"nothing\"", "nothing"),
        ] {
            std::fs::write(folder.path().join("archive.toml"), MAPPING.replacen(from, to, 1)).unwrap();
            let fault = run(world, "archivist", &words).await.unwrap_err();
            assert!(fault.contains(told), "{fault}");
        }
        assert!(files(world).await.is_empty());
    }
}
