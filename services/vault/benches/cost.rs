//! What the vault costs, as a ratio to the plain AES-256-GCM it stands on, measured in the same run.
//!
//! `cargo bench -p dossier-vault`. The floor of a line is `Aes256Gcm::encrypt` of the same bytes with a ready key, a
//! fixed nonce and no associated data; lines without a payload are compared with the 32-byte floor.
#![expect(clippy::print_stdout, reason = "its output is what the program is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails should stop")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use dossier_kernel::id::{Ids, System};
use dossier_kernel::mutation::ReplySealer;
use dossier_vault::blind::BlindIndex;
use dossier_vault::cache::KeyCache;
use dossier_vault::commitment::{Salt, commit};
use dossier_vault::normal::Kind;
use dossier_vault::provider::WrapPlace;
use dossier_vault::seal::{open, seal};
use dossier_vault::{Aad, DataKey, KeyProvider, Keyring, Purpose, Replies};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(20);

/// Nanoseconds per call: the median of the rounds, so that a disturbed round does not count.
fn measure<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut calls = 1_u32;
    loop {
        let begun = Instant::now();
        (0..calls).for_each(|_| drop(black_box(call())));
        if begun.elapsed() >= ROUND {
            break;
        }
        calls *= 2;
    }
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            (0..calls).for_each(|_| drop(black_box(call())));
            begun.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn line(name: &str, cost: f64, floor: f64) {
    println!("{name:<44} {cost:>10.0} ns {:>8.2} x", cost / floor);
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Arc::new(Keyring::create(&folder.path().join("keyring.json"), &System).unwrap());
    println!("{:<44} {:>13} {:>10}", "operation", "per call", "to floor");
    let floor = fields(&keyring);
    keys(&keyring, floor);
    searches(&keyring, floor);
    replies(&keyring, floor);
}

// Gives the 32-byte floor.
fn fields(keyring: &Keyring) -> f64 {
    let (file, key_id) = (System.uuid(), System.uuid());
    let secret = DataKey::draw(&System).unwrap();
    let place = WrapPlace { org: "demo", file, key_id };
    let wrapped = keyring.wrap(&place, &secret, &System).unwrap();
    let key = DataKey::new(key_id, &keyring.unwrap(&place, &wrapped).unwrap());
    let place = Aad { org: "demo", file, field: "contact_phone" };
    let plain = Aes256Gcm::new(&[7; 32].into());
    let mut floors = [32_usize, 1024, 65536].map(|size| {
        let value = vec![7; size];
        let floor = measure(|| plain.encrypt(&Nonce::from([1; 12]), value.as_slice()).unwrap());
        line(&format!("floor: AES-256-GCM, {size} bytes"), floor, floor);
        let sealed = seal(&key, &System, place, &value).unwrap();
        line(&format!("seal, {size} bytes"), measure(|| seal(&key, &System, place, &value).unwrap()), floor);
        line(&format!("open, {size} bytes"), measure(|| open(&key, place, &sealed).unwrap()), floor);
        floor
    });
    floors.sort_by(f64::total_cmp);
    let mut nonce = [0; 12];
    line("of a seal: a nonce from the machine", measure(|| System.fill(&mut nonce)), floors[0]);
    floors[0]
}

fn keys(keyring: &Keyring, floor: f64) {
    let (file, key_id) = (System.uuid(), System.uuid());
    let place = WrapPlace { org: "demo", file, key_id };
    let secret = DataKey::draw(&System).unwrap();
    let wrapped = keyring.wrap(&place, &secret, &System).unwrap();
    line("wrap a data key", measure(|| keyring.wrap(&place, &secret, &System).unwrap()), floor);
    let unwrap = || DataKey::new(key_id, &keyring.unwrap(&place, &wrapped).unwrap());
    line("unwrap a data key, ready to use", measure(unwrap), floor);
    let cache = KeyCache::new(1024);
    cache.put("demo", file, Arc::new(unwrap()));
    line("data key from the cache", measure(|| cache.get("demo", file, key_id).unwrap()), floor);
    let version = keyring.newest(Purpose::Index).unwrap();
    line("derive an org's key (HKDF)", measure(|| keyring.derive(Purpose::Index, version, "demo").unwrap()), floor);
}

fn searches(keyring: &Arc<Keyring>, floor: f64) {
    let index = BlindIndex::new(keyring.clone());
    let phone = || index.exact("demo", "phone", Kind::Phone, "+86 138-0013-8000").unwrap();
    line("blind index, exact (telephone)", measure(phone), floor);
    let name = "上海多思信息技术有限公司";
    line("blind index, grams of a 12-letter name", measure(|| index.grams("demo", "name", name).unwrap()), floor);
    line("blind index, query of 4 letters", measure(|| index.query("demo", "name", "信息技术").unwrap()), floor);
    let salt = Salt::draw(&System).unwrap();
    line("commitment", measure(|| commit(&salt, "name", name.as_bytes()).unwrap()), floor);
}

fn replies(keyring: &Arc<Keyring>, floor: f64) {
    let replies = Replies::new(keyring.clone(), System::shared()).unwrap();
    let (request, reply) = (System.uuid(), [7; 32]);
    let sealed = replies.seal("demo", request, &reply).unwrap();
    line("seal a reply, 32 bytes", measure(|| replies.seal("demo", request, &reply).unwrap()), floor);
    line("open a reply, 32 bytes", measure(|| replies.open("demo", request, &sealed).unwrap()), floor);
    line("digest of a request, 32 bytes", measure(|| replies.digest("demo", "Service/Method", &reply)), floor);
}
