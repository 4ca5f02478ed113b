//! An import file with broken lines: each is told by number, reason and field, the others come in.

use std::io::Cursor;

use dossier::client::connection::{Bearer, connect};
use dossier::import::{Format, Options, Report, run};
use dossier::serve::development_token;
use dossier_proto::types::CustomerType;

use super::{CANARY, Rows};
use crate::prelude::*;

fn options(format: Format) -> Options {
    let mut options = Options::new("customer_core", "sales", CustomerType::Company);
    options.format = Some(format);
    options.batch = Some("march".into());
    options.unit_ref_from = "reference".into();
    // One after the other, so that of two lines with one reference the first comes in.
    options.concurrency = 1;
    options
}

async fn import(world: &World, format: Format, text: Vec<u8>) -> Report {
    let hour = std::time::Duration::from_secs(3600);
    let bearer = Bearer::new(&development_token(world.ground(), DEMO, "sales-1", hour).unwrap()).unwrap();
    let connection = connect(&world.uri(Which::Profile), bearer, &world.ground().config.peers).unwrap();
    run(connection, &options(format), Cursor::new(text), |_| {}).await.unwrap()
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
        assert_eq!(import(world, Format::Csv, text).await, report);
        before.unchanged(world).await;
        check::holds(world).await;
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
