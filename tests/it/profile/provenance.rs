//! Where values come from: lawful channels and demanded sources (P-19, P-20).

use dossier_proto::types::Provenance;
use dossier_tests::scene::company;

use super::numbers::sourced;
use crate::prelude::*;

on_both_stores! {
    // proves: P-19
    async fn a_channel_that_the_pack_does_not_mark_lawful_is_refused(world) {
        let mut file = company(1);
        let mut phone = sourced(file.fields["phone"].clone());
        phone.provenance.as_mut().unwrap().channel = "bought_list".into();
        file.fields.insert("phone".into(), phone);
        let refused = world.create(&mut world.profile("sales-1"), file.clone()).await.refused(Reason::ChannelNotLawful);
        assert!(refused.fields.iter().any(|field| field.contains("phone")), "{refused:?}");
        file.fields.insert("phone".into(), sourced(text("021-55550001")));
        let made = world.create(&mut world.profile("sales-1"), file).await.good();
        let origin = made.fields["phone"].provenance.clone().unwrap();
        assert_eq!(origin.channel, "customer_visit");
        assert_eq!(origin.collector, world.who("sales-1").await, "the caller when nobody is named");
    }

    // proves: P-20
    async fn where_the_pack_demands_sources_each_value_needs_one(world) {
        let mut file = company(1);
        file.template = "templates/lifecycle_customer_file".into();
        file.unit = "north".into();
        file.first_contact_time = Some(stamp(world.now()));
        file.fields.insert("industry".into(), text("manufacturing"));
        for (key, value) in
            [("customer_type", "company"), ("industry", "manufacturing"), ("cooperation_stage", "signed")]
        {
            file.classification.insert(key.into(), value.into());
        }
        let mut calls = world.profile_as(world.person("meridian", "north-1"));
        let refused = world.create(&mut calls, file.clone()).await.refused(Reason::SourceMissing);
        for key in ["name", "phone", "address"] {
            assert!(refused.fields.iter().any(|field| field.contains(key)), "{key} in {refused:?}");
        }
        for value in file.fields.values_mut() {
            *value = sourced(value.clone());
        }
        let made = world.create(&mut calls, file.clone()).await.good();
        assert_eq!(made.fields["name"].provenance.as_ref().unwrap().collect_date, "2026-03-01");
        let tomorrow =
            Provenance { collect_date: "2026-03-09".into(), ..file.fields["name"].provenance.clone().unwrap() };
        file.fields.get_mut("name").unwrap().provenance = Some(tomorrow);
        file.unit_ref = "REF-2".into();
        let refused = world.create(&mut calls, file).await.refused(Reason::FieldViolation);
        assert!(refused.fields.iter().any(|field| field.contains("collect_date")), "{refused:?}");
    }
}
