//! The rules in force, as access tells them: what the pack says is what clients are shown.

use dossier_proto::access::v1::{AccessMode, GetRegimeRequest};
use dossier_proto::types::AccessKind;

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
    }
}
