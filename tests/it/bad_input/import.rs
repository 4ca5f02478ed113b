//! An import file with broken lines: each is told by number, reason and field, the others come in.

use std::io::Cursor;

use dossier::Failure;
use dossier::client::connection::{Bearer, connect};
use dossier::import::{Format, Options, Report, run};
use dossier::serve::development_token;
use dossier_kernel::sheet::Encoding;
use dossier_proto::types::CustomerType;

use super::{CANARY, Rows};
use crate::prelude::*;

fn options(format: Format) -> Options {
    let mut options = Options::new("customer_core", "sales", CustomerType::Company);
    options.format = Some(format);
    options.batch = Some("march".into());
    options.unit_ref_from = "reference".into();
    // Told, so that a line in another encoding is one broken line and not a doubt about all.
    options.encoding = Some(Encoding::Utf8);
    // One after the other, so that of two lines with one reference the first comes in.
    options.concurrency = 1;
    options
}

async fn import(world: &World, format: Format, text: Vec<u8>) -> Report {
    with(world, &options(format), text).await.unwrap()
}

async fn with(world: &World, options: &Options, text: Vec<u8>) -> Result<Report, Failure> {
    let hour = std::time::Duration::from_secs(3600);
    let bearer = Bearer::new(&development_token(world.ground(), DEMO, "sales-1", hour).unwrap()).unwrap();
    let connection = connect(&world.uri(Which::Profile), bearer, &world.ground().config.peers).unwrap();
    run(connection, options, Cursor::new(text), |_| {}).await
}

fn told(report: &Report) -> Vec<(u64, &str, &str)> {
    report.refused.iter().map(|one| (one.line, one.reason.as_str(), one.field.as_str())).collect()
}

on_both_stores! {
    // proves: P-01, P-02
    async fn broken_lines_of_a_csv_file_are_told_and_the_others_come_in(world) {
        let mut text = b"reference,name,phone,email,uscc\n".to_vec();
        for line in [
            "R-1,客户甲,021-55550001,,\n".to_owned(),
            format!("R-2,客户乙,{CANARY},,\n"),
            format!("R-3,{},021-55550003,,\n", "长".repeat(201)),
            "R-4,客户丁\n".to_owned(),
            "R-5,客户戊,021-55550005,,91350100M000100Y44\n".to_owned(),
            "R-1,客户己,021-55550006,,\n".to_owned(),
            ",客户庚,021-55550007,,\n".to_owned(),
        ] {
            text.extend(line.into_bytes());
        }
        text.extend(b"R-8,\xff\xfe,021-55550008,,\n");
        text.extend("R-9,客户壬,021-55550009,,91350100M000100Y43\n".bytes());
        let report = import(world, Format::Csv, text.clone()).await;
        assert_eq!(report.stopped, None);
        assert_eq!(report.files.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 10], "{report:#?}");
        assert_eq!(
            told(&report),
            [
                (3, "FIELD_VIOLATION", "fields.phone"),
                (4, "FIELD_VIOLATION", "fields.name"),
                (4, "FIELD_VIOLATION", "fields.name"),
                (5, "LINE_BROKEN", ""),
                (6, "IDENTIFIER_INVALID", "fields.uscc"),
                (7, "FILE_UNIT_TAKEN", ""),
                (8, "FIELD_VIOLATION", "unit_ref"),
                (9, "LINE_BROKEN", ""),
            ],
            "{report:#?}",
        );
        let report_text = format!("{:?}", report.refused);
        for secret in [CANARY, "91350100M000100Y44", "长长", "客户"] {
            assert!(!report_text.contains(secret), "the report repeats {secret}: {report_text}");
        }
        // Once more: what is there is answered again, nothing is made twice.
        let before = Rows::of(world).await;
        let again = import(world, Format::Csv, text).await;
        assert_eq!((report.existing, again.existing), (0, 2));
        assert_eq!(Report { existing: 0, ..again }, report);
        before.only_read(world).await;
        check::holds(world).await;
    }

    // proves: P-02, I8
    async fn the_same_rows_with_other_line_ends_create_nothing_twice(world) {
        let text = "name,phone\n客户甲,021-55550001\n\n,\n客户乙,x\n客户丙,021-55550003\n";
        let mut plain = options(Format::Csv);
        plain.unit_ref_from = "{batch}-{line}".into();
        plain.template = None;
        let first = with(world, &plain, text.into()).await.unwrap();
        assert_eq!((first.files.iter().map(|(line, _)| *line).collect::<Vec<_>>(), first.empty), (vec![2, 6], 1));
        assert_eq!(told(&first), [(5, "FIELD_VIOLATION", "fields.phone")]);
        let before = Rows::of(world).await;
        for end in ["\r\n", "\r"] {
            let again = with(world, &plain, text.replace('\n', end).into()).await.unwrap();
            assert_eq!((again.files, again.existing), (first.files.clone(), 2), "{end:?}");
            assert_eq!(again.refused, first.refused, "{end:?}");
        }
        before.only_read(world).await;
    }

    async fn a_file_in_another_encoding_is_read_when_told_and_never_garbled(world) {
        // 名称,电话 / 莫沫,021-55550001 in GBK: the name by itself is UTF-8 as well.
        let mut text = b"name,phone\n\xc4\xaa\xc4\xad,021-55550001\n".to_vec();
        let mut plain = options(Format::Csv);
        (plain.encoding, plain.unit_ref_from) = (None, "{line}".into());
        let before = Rows::of(world).await;
        let doubt = with(world, &plain, text.clone()).await.unwrap_err().to_string();
        assert!(doubt.contains("gb18030"), "{doubt}");
        text.extend(b"\xbf\xcd\xbb\xa7,021-55550002\n");
        let doubt = with(world, &plain, text.clone()).await.unwrap_err().to_string();
        assert!(doubt.contains("line 3") && doubt.contains("gb18030"), "{doubt}");
        before.unchanged(world).await;
        plain.encoding = Some(Encoding::Gb18030);
        let report = with(world, &plain, text).await.unwrap();
        assert_eq!((report.encoding, report.files.len()), (Some(Encoding::Gb18030), 2));
        let read = world.read("sales-1", &report.files[0].1).await.good();
        assert_eq!(read.fields["name"].value, dossier_tests::scene::text("莫沫").value);
    }

    // proves: P-30
    async fn headings_may_be_labels_and_the_template_the_packs(world) {
        let text = "客户姓名/名称,电话\n客户甲,０２１－５５５５０００１\n";
        let mut plain = options(Format::Csv);
        (plain.template, plain.unit_ref_from) = (None, "{line}".into());
        let report = with(world, &plain, text.into()).await.unwrap();
        assert!(report.unused.is_empty(), "{:?}", report.unused);
        let read = world.read("sales-1", &report.files[0].1).await.good();
        assert_eq!(read.fields["phone"].value, dossier_tests::scene::text("021-55550001").value);
        assert_eq!(read.template, "templates/customer_core");
    }

    async fn broken_lines_of_a_json_file_are_told_and_the_others_come_in(world) {
        let text = format!(
            "{}\n{}\n{}\n{}\n\n{}\n",
            r#"{"reference": "J-1", "name": "客户甲", "phone": "021-55550001"}"#,
            r#"{"reference": "J-2", "name": "客户乙""#,
            r#"["J-3"]"#,
            format_args!(r#"{{"reference": "J-4", "name": "客户丁", "email": "{CANARY}"}}"#),
            r#"{"reference": "J-6", "name": "客户己"}"#,
        );
        let report = import(world, Format::Jsonl, text.into_bytes()).await;
        assert_eq!(report.files.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 6], "{report:#?}");
        let expected = [(2, "LINE_BROKEN", ""), (3, "LINE_BROKEN", ""), (4, "FIELD_VIOLATION", "fields.email")];
        assert_eq!(told(&report), expected, "{report:#?}");
        assert!(!format!("{:?}", report.refused).contains(CANARY));
    }
}
