//! The rules in force, as access tells them: what the pack says is what clients are shown.

use dossier_proto::access::v1::{AccessMode, GetRegimeRequest};
use dossier_proto::types::AccessKind;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;

use crate::prelude::*;

on_both_stores! {
    // proves
    async fn the_rules_of_the_company_are_told_in_full(world) {
        let mut policy = world.access("sales-1").policy;
        let regime = policy.get_regime(GetRegimeRequest { name: "regimes/-".into() }).await.good();
        let levels: Vec<_> = regime.levels.iter().map(|one| (one.id.as_str(), one.label.as_str(), one.closed)).collect();
        let expected =
            [("none", "无密级", false), ("confidential", "秘密", false), ("secret", "机密", false), ("top_secret", "绝密", true)];
        assert_eq!(levels, expected);
        assert!(regime.levels.is_sorted_by_key(|one| one.rank));
        let kinds = |level: usize| regime.levels[level].rules.iter().map(|rule| rule.kind()).collect::<Vec<_>>();
        assert!(!kinds(2).contains(&AccessKind::Original) && kinds(3).is_empty());
        // The first rule that fits wins: executives borrow directly before anybody asks for an approval.
        let lent = regime.levels[0].rules.iter().filter(|rule| rule.kind() == AccessKind::Original);
        let lent: Vec<_> = lent.map(|rule| (rule.mode(), rule.posts.len(), rule.matter.as_str())).collect();
        assert_eq!(lent, [(AccessMode::Direct, 5, ""), (AccessMode::Approval, 0, "loan.unclassified")]);
        let there = regime.levels[2].rules.iter().find(|rule| rule.kind() == AccessKind::View).unwrap();
        assert_eq!((there.mode(), there.place.as_str()), (AccessMode::Approval, "archive_room"));
        let duties: Vec<_> = regime.borrower_duties.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(duties, ["keep_clean", "no_marking", "no_copying", "no_sublending", "no_loss"]);
        let acts: Vec<_> = regime.acts.iter().map(|one| (one.act.as_str(), one.matter.as_str())).collect();
        assert!(acts.contains(&("file.closed", "act.closed")) && acts.contains(&("person.appoint", "act.appoint")));
        let named = policy.get_regime(GetRegimeRequest { name: regime.name.clone() }).await.good();
        assert_eq!(named, regime);
        policy.get_regime(GetRegimeRequest { name: "regimes/R39".into() }).await.refused(Reason::ResourceNotFound);
        let kinds: Vec<_> = regime.file_kinds.iter().map(|one| (one.id.as_str(), one.retention.as_str())).collect();
        assert_eq!(kinds, [("customer", "long")]);
        let forms = ["corporate_record", "customer_core", "german_credit_applicant"].map(|id| format!("templates/{id}"));
        assert_eq!(regime.file_kinds[0].templates, forms);
        let record = &regime.record_kinds[0];
        assert_eq!((record.id.as_str(), record.template.as_str()), ("communication", "templates/communication"));
        assert_eq!((record.create.len(), record.limit.as_str(), record.stages[0].id.as_str()), (2, "many", "noted"));
    }
}

// Three kinds of file, and units one below another.
fn grouped() -> Rules {
    let rules = Rules::of("KINDS");
    let units =
        "units:\n  - {id: group, label: 集团, kind: group}\n  - {id: north, label: 华北, parent: group, kind: company}";
    rules.spoil("organisations/demo.yaml", "units:", units);
    rules
}

on_both_stores_under! {
    grouped();

    // proves: P-02, X-01, X-43
    async fn the_kinds_of_file_and_the_tree_of_units_are_told(world) {
        let mut policy = world.access("sales-1").policy;
        let regime = policy.get_regime(GetRegimeRequest::default()).await.good();
        let kinds: Vec<_> =
            regime.file_kinds.iter().map(|one| (one.id.as_str(), one.of.as_str(), one.internal)).collect();
        assert_eq!(kinds, [("customer", "", false), ("contract", "customer", false), ("archive_room", "", true)]);
        let contract = &regime.file_kinds[1];
        let links: Vec<_> = contract.links.iter().map(|one| (one.id.as_str(), one.to.as_slice())).collect();
        assert_eq!(links, [("guarantor", ["customer".to_owned()].as_slice()), ("follows", &["contract".to_owned()])]);
        assert_eq!((contract.purpose.as_str(), contract.legal_basis.as_str()), ("合同履行", "民法典"));
        assert_eq!(contract.templates, ["templates/contract_dossier"]);
        assert_eq!((contract.write.len(), regime.file_kinds[2].write[0].as_str()), (0, "archivist"));
        let unit = |id: &str| regime.units.iter().find(|one| one.id == id).unwrap();
        assert_eq!((unit("north").parent.as_str(), unit("north").kind.as_str()), ("group", "company"));
        assert_eq!((unit("sales").parent.as_str(), unit("sales").kind.as_str()), ("", ""));
    }
}
