//! The canonical forms that the contracts describe, computed here from their words and from nothing of the services.

use dossier_proto::access::v1::{GetAccessRequestRequest, GetApprovalRequest, RequestAccessRequest};
use dossier_proto::credit::v1::GetScoreModelRequest;
use dossier_proto::credit::v1::score_bin::Match;
use dossier_proto::types::{AccessKind, Scope};
use dossier_vault::Aad;
use sha2::{Digest, Sha256};

use crate::prelude::*;

/// Parts, each behind its length as eight bytes.
fn hashed(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// HMAC-SHA-256 as RFC 2104 words it; the key has 32 bytes.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect::<Vec<_>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// A commitment as `dossier.journal.v1.Commitment.digest` words it.
fn promised(salt: &[u8], field: &str, value: &str) -> Vec<u8> {
    let mut text = Vec::new();
    for part in [b"dossier/commitment/v1", field.as_bytes(), value.as_bytes()] {
        text.extend((part.len() as u32).to_be_bytes());
        text.extend(part);
    }
    hmac(salt, &text)
}

fn id(name: &str) -> Uuid {
    Uuid::parse_str(name.rsplit('/').next().unwrap()).unwrap()
}

fn micros(time: Option<&prost_types::Timestamp>) -> [u8; 8] {
    instant(time).as_microsecond().to_be_bytes()
}

on_both_stores! {
    // proves: A-40, C-14
    async fn what_approvers_sign_of_a_limit_is_what_the_contract_words(world) {
        let customer = world.active(1).await.name;
        world.model().await;
        let limit = world.submitted_limit(&customer, 1000).await;
        let (amount, from) = (limit.amount.as_ref().unwrap(), limit.valid_from.as_ref());
        let (customer_id, rating_id) = (id(&limit.customer), id(&limit.rating));
        let parts: [&[u8]; 8] = [
            b"dossier/limit/v1",
            customer_id.as_bytes(),
            &amount.minor_units.to_be_bytes(),
            amount.currency_code.as_bytes(),
            limit.payment_terms.as_bytes(),
            &from.map(|from| micros(Some(from)).to_vec()).unwrap_or_default(),
            &micros(limit.valid_until.as_ref()),
            rating_id.as_bytes(),
        ];
        assert_eq!(limit.content_digest, hashed(&parts));
    }

    // proves: C-13
    async fn the_digest_of_a_card_is_what_the_contract_words(world) {
        let name = world.model().await.name;
        let request = GetScoreModelRequest { name };
        let card = world.credit("analyst").ratings.get_score_model(request).await.good();
        let mut form: Vec<Vec<u8>> = Vec::new();
        let text = |form: &mut Vec<Vec<u8>>, text: &str| {
            form.push((text.len() as u64).to_be_bytes().to_vec());
            form.push(text.as_bytes().to_vec());
        };
        let count = |form: &mut Vec<Vec<u8>>, number: usize| form.push((number as u64).to_be_bytes().to_vec());
        let bound = |text: &str| match text.split_once('.') {
            Some((whole, part)) => format!("{whole}.{}", part.trim_end_matches('0')).trim_end_matches('.').to_owned(),
            None => text.to_owned(),
        };
        text(&mut form, "dossier/card/v1");
        text(&mut form, &card.base_points);
        count(&mut form, card.variables.len());
        for variable in &card.variables {
            text(&mut form, &variable.name);
            text(&mut form, &variable.missing_points);
            count(&mut form, variable.bins.len());
            for bin in &variable.bins {
                text(&mut form, &bin.label);
                text(&mut form, &bin.points);
                match bin.r#match.as_ref().unwrap() {
                    Match::Range(range) => {
                        text(&mut form, "range");
                        text(&mut form, &bound(&range.lower));
                        text(&mut form, &bound(&range.upper));
                    }
                    Match::Categories(set) => {
                        text(&mut form, "categories");
                        count(&mut form, set.values.len());
                        set.values.iter().for_each(|value| text(&mut form, value));
                    }
                }
            }
        }
        assert_eq!(card.digest, Sha256::digest(form.concat()).to_vec());
    }

    // proves: A-40
    async fn what_approvers_sign_of_a_request_is_what_the_contract_words(world) {
        let file = world.at_level(1, "confidential").await.name;
        let asked = world.ask("sales-2", &file, AccessKind::View).await.good().access_request.unwrap();
        let request = GetAccessRequestRequest { name: asked.name.clone() };
        let one = world.access("sales-2").requests.get_access_request(request).await.good();
        let approval = GetApprovalRequest { name: one.approval.clone() };
        let approval = world.access("sales-2").approvals.get_approval(approval).await.good();
        let length = one.duration.as_ref().map_or(0, |it| it.seconds * 1_000_000 + i64::from(it.nanos) / 1000);
        let ids = [id(&one.name), id(&one.file), id(&one.requester)];
        let mut parts: Vec<&[u8]> = vec![b"dossier access request 1", ids[0].as_bytes(), ids[1].as_bytes(), ids[2].as_bytes()];
        parts.extend(["view", &one.purpose, &one.justification, &one.reading_place, &one.level, &one.matter].map(str::as_bytes));
        let length = length.to_be_bytes();
        parts.push(&length);
        // A request for the whole file names no field.
        assert_eq!(one.scope, Some(Scope::whole_file()));
        assert_eq!(approval.content_digest, hashed(&parts));
        // What is asked for by field is signed field by field, in the order of the request.
        let scope = Some(Scope::field_set(["phone", "name"]));
        let other = RequestAccessRequest { scope: scope.clone(), ..world.asking(&file, AccessKind::View) };
        let asked = world.access("sales-manager").requests.request_access(other).await.good().access_request.unwrap();
        assert_eq!(asked.scope, scope);
        let get = GetApprovalRequest { name: asked.approval.clone() };
        let approval = world.access("sales-manager").approvals.get_approval(get).await.good();
        let ids = [id(&asked.name), id(&asked.file), id(&asked.requester)];
        let mut parts: Vec<&[u8]> = vec![b"dossier access request 1", ids[0].as_bytes(), ids[1].as_bytes(), ids[2].as_bytes()];
        parts.extend(
            ["view", &asked.purpose, &asked.justification, &asked.reading_place, &asked.level, &asked.matter].map(str::as_bytes),
        );
        let length = asked.duration.as_ref().map_or(0, |it| it.seconds * 1_000_000).to_be_bytes();
        parts.extend([&length[..], b"phone", b"name"]);
        assert_eq!(approval.content_digest, hashed(&parts));
    }

    // proves: I9, A-42
    async fn a_promise_of_the_journal_is_what_the_contract_words(world) {
        world.active(1).await;
        world.settle().await;
        let (vault, mut opened) = (&world.ground().vault, 0);
        for entry in check::journal(world, Which::Access, DEMO).await {
            let at = Uuid::parse_str(&entry.body.id).unwrap();
            for promise in &entry.body.commitments {
                let mut tx = world.db(Which::Access).read().await.unwrap();
                let text = "SELECT n.holder, n.sealed, p.display_name FROM promise n
                            LEFT JOIN person p ON p.org = n.org AND p.id = $3
                            WHERE n.org = 'demo' AND n.entry = $1 AND n.field = $2";
                let person = Uuid::try_parse(entry.body.subject.rsplit('/').next().unwrap()).unwrap_or_default();
                let row = sql!(&mut tx, fetch_one as (Uuid, Vec<u8>, Option<String>), text, at, &promise.field, person);
                let (holder, sealed, name) = row.unwrap();
                let key = vault.load_key(&mut tx, DEMO, holder).await.unwrap();
                let field = format!("promise/{at}/{}", promise.field);
                let plain = vault.open(&key, Aad { org: DEMO, file: holder, field: &field }, &sealed).unwrap();
                let (salt, text) = plain.split_at(32);
                let text = Some(String::from_utf8(text.to_vec()).unwrap()).filter(|text| !text.is_empty());
                let value = text.or(name).unwrap();
                assert_eq!(promise.digest, promised(salt, &promise.field, &value), "{}", promise.field);
                opened += 1;
            }
        }
        assert!(opened > 10, "{opened} promises");
    }
}
