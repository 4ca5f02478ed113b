//! What a file holds: completeness, identifiers, masking, sealing (P-31, P-34).

use dossier_proto::profile::v1::{
    CheckCompletenessRequest, CustomerFile, IdentifierFault, IdentifierKind, ValidateIdentifierRequest,
};
use dossier_proto::types::unmet_condition::What;
use dossier_tests::scene::company;
use prost::Message as _;

use crate::prelude::*;

on_both_stores! {
    // proves: P-31, P-34
    async fn completeness_is_filled_weight_per_applicable_weight_and_gates_the_submission(world) {
        let mut file = company(1);
        file.fields.remove("address");
        let draft = world.create(&mut world.profile("sales-1"), file).await.good();
        let mut calls = world.profile("sales-1").files;
        let request = CheckCompletenessRequest { name: draft.name.clone(), purpose: String::new() };
        let empty = |key: &str| Some(What::Field(key.to_owned()));
        let report = calls.check_completeness(request).await.good().completeness.unwrap();
        assert!(!report.complete);
        let points = report.filled_weight * 10_000 / report.applicable_weight;
        assert_eq!(i64::from(report.basis_points), points);
        assert_eq!(report.sections.iter().map(|one| one.applicable_weight).sum::<i64>(), report.applicable_weight);
        let missing = report.missing.iter().find(|one| one.what == empty("address")).unwrap();
        assert!(missing.required && missing.section == "contact");
        assert!(report.missing.iter().all(|one| one.what != empty("gender")), "does not apply to a company");
        let refused = world.submit(&draft.name).await.refused(Reason::FileIncomplete);
        assert!(refused.metadata["missing"].contains("address"), "{refused:?}");
        assert_eq!(refused.unmet, [("FIELD".to_owned(), "address".to_owned())]);
        let full = world.draft(2).await;
        let request = CheckCompletenessRequest { name: full.name.clone(), purpose: "activate".into() };
        assert!(calls.check_completeness(request).await.good().completeness.unwrap().complete);
        world.submit(&full.name).await.good();
        let request = CheckCompletenessRequest { name: full.name, purpose: "nothing".into() };
        assert!(calls.check_completeness(request).await.refused(Reason::FieldViolation).names("purpose"));
    }

    // proves: P-34
    async fn an_empty_critical_field_is_named(world) {
        let mut file = company(1);
        file.fields.remove("cooperation_stage");
        let outcome = world.create(&mut world.profile("sales-1"), file).await;
        let Ok(draft) = outcome else {
            assert!(outcome.bad().fields.iter().any(|field| field.contains("cooperation_stage")));
            return;
        };
        let refused = world.submit(&draft.get_ref().name).await.refused(Reason::FileIncomplete);
        assert!(refused.metadata["missing"].contains("cooperation_stage"), "{refused:?}");
    }

    // proves: P-04
    async fn identifiers_are_checked_by_structure_and_check_digit(world) {
        let mut calls = world.profile("sales-1").templates;
        let cases = [
            (IdentifierKind::Gb11643, "11010519491231002X", true, IdentifierFault::Unspecified),
            (IdentifierKind::Gb11643, " 11010519491231002x ", true, IdentifierFault::Unspecified),
            (IdentifierKind::Gb11643, "110105194912310021", false, IdentifierFault::CheckDigit),
            (IdentifierKind::Gb11643, "11010519491331002X", false, IdentifierFault::Date),
            (IdentifierKind::Gb11643, "1101051949123100", false, IdentifierFault::Length),
            (IdentifierKind::Gb32100, "91350100M000100Y43", true, IdentifierFault::Unspecified),
            (IdentifierKind::Gb32100, "91350100M000100Y44", false, IdentifierFault::CheckDigit),
            (IdentifierKind::Gb32100, "91350100M000100I43", false, IdentifierFault::Character),
        ];
        for (kind, value, valid, fault) in cases {
            let request = ValidateIdentifierRequest { kind: kind.into(), value: value.into() };
            let answer = calls.validate_identifier(request).await.good();
            assert_eq!((answer.valid, answer.fault()), (valid, fault), "{value}");
            assert_eq!(answer.normalized, if valid { value.trim().to_uppercase() } else { String::new() });
        }
        calls.validate_identifier(ValidateIdentifierRequest::default()).await.refused(Reason::FieldViolation);
    }

    // proves: P-04
    async fn a_file_with_a_wrong_check_digit_is_refused_without_repeating_it(world) {
        let mut file = company(1);
        file.fields.insert("uscc".into(), text("91350100M000100Y44"));
        let refused =
            world.create(&mut world.profile("sales-1"), file.clone()).await.refused(Reason::IdentifierInvalid);
        assert!(refused.fields.iter().any(|field| field.contains("uscc")), "{refused:?}");
        assert!(!format!("{refused:?}").contains("91350100M000100Y44"));
        file.fields.insert("uscc".into(), text("91350100m000100y43"));
        let made = world.create(&mut world.profile("sales-1"), file).await.good();
        assert_eq!(made.fields["uscc"].value, text("91350100M000100Y43").value);
    }

    // proves: P-04
    async fn a_genuine_code_that_fails_its_check_is_kept_with_its_flag(world) {
        let mut file = company(1);
        let mut code = text("91350100M000100Y44");
        code.provenance = Some(dossier_proto::types::Provenance {
            source_note: "licence seen on 2026-03-12".into(),
            check_digit_waived: true,
            ..Default::default()
        });
        file.fields.insert("uscc".into(), code);
        let made = world.create(&mut world.profile("sales-1"), file).await.good();
        let read = world.read("sales-1", &made.name).await.good();
        assert_eq!(read.fields["uscc"].value, text("91350100M000100Y44").value);
        assert!(read.fields["uscc"].provenance.as_ref().unwrap().check_digit_waived);
        // The journal tells the field, never the code.
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let bodies = sql!(&mut tx, fetch_all as (Vec<u8>,), "SELECT body FROM journal_entry").unwrap();
        let found = bodies.iter().filter_map(|(body,)| dossier_proto::journal::v1::EntryBody::decode(body.as_slice()).ok());
        let waived = found.filter_map(|entry| match entry.event?.kind? {
            dossier_proto::journal::v1::event::Kind::FileChanged(changed) => Some(changed.waived_fields),
            _ => None,
        });
        assert_eq!(waived.flatten().collect::<Vec<_>>(), ["uscc"]);
    }

    async fn fields_above_the_grade_are_masked_and_cannot_be_written(world) {
        // A file of customer service's own unit: its staff sees internal fields only.
        let file = CustomerFile { unit: "customer-service".into(), ..company(1) };
        let made = world.create(&mut world.profile("office-director"), file).await.good();
        let read = world.read("service-1", &made.name).await.good();
        assert!(read.fields.contains_key("industry") && !read.fields.contains_key("phone"));
        assert!(read.masked_fields.contains(&"phone".to_owned()) && read.masked_fields.is_sorted());
        assert!(read.unit_ref.is_empty(), "treated like a confidential field");
        let request = dossier_proto::profile::v1::UpdateCustomerFileRequest {
            customer_file: Some(CustomerFile {
                name: made.name.clone(),
                fields: company(2).fields,
                ..CustomerFile::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields.phone".into()] }),
            request_id: world.request_id(),
            ..Default::default()
        };
        let refused = world.profile("service-1").files.update_customer_file(request).await.bad();
        assert!(
            matches!(refused.reason, Reason::UpdateMaskInvalid | Reason::PermissionDenied | Reason::FieldViolation),
            "{refused:?}"
        );
        assert_eq!(
            world.read("office-director", &made.name).await.good().fields["phone"].value,
            made.fields["phone"].value
        );
    }

    // proves: P-03
    async fn sealed_fields_lie_in_no_table_and_in_no_journal_in_clear(world) {
        let file = world.active(1).await;
        world.read("sales-2", &file.name).await.good();
        world.settle().await;
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let mut bytes = Vec::new();
        for text in [
            "SELECT content FROM customer_file_revision",
            "SELECT header FROM customer_file_revision",
            "SELECT unit_ref FROM customer_file",
            "SELECT body FROM journal_entry",
        ] {
            bytes.extend(sql!(&mut tx, fetch_all as (Vec<u8>,), text).unwrap().into_iter().flat_map(|(bytes,)| bytes));
        }
        for canary in ["021-55550001", "客户001有限公司", "中山东路1号", "REF-000001"] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary} lies open");
        }
        assert!(
            bytes.windows("机械制造".len()).any(|window| window == "机械制造".as_bytes()),
            "internal fields are plain"
        );
    }
}
