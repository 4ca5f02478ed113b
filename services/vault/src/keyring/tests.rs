use std::fs;
use std::os::unix::fs::PermissionsExt;

use dossier_kernel::id::{SharedIds, System};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

fn place<'a>(org: &'a str, file: u128) -> WrapPlace<'a> {
    WrapPlace { org, file: Uuid::from_u128(file), key_id: Uuid::from_u128(9) }
}

fn secret() -> Secret {
    Secret::init_with_mut(|key| key.copy_from_slice(&[7; 32]))
}

fn fresh() -> (TempDir, std::path::PathBuf, SharedIds, Keyring) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let ids = System::shared();
    let keyring = Keyring::create(&path, &*ids).unwrap();
    (folder, path, ids, keyring)
}

fn malformed(change: impl FnOnce(String) -> String) -> String {
    let (_folder, path, ..) = fresh();
    let text = fs::read_to_string(&path).unwrap();
    let secret = text.split('"').find(|part| part.len() == 44).unwrap().to_owned();
    fs::write(&path, change(text)).unwrap();
    let Err(Fault::KeyringMalformed { fault, .. }) = Keyring::open(&path) else { panic!("it opened") };
    assert!(!fault.contains(&secret[..12]), "the fault shows a secret: {fault}");
    fault
}

#[test]
fn a_keyring_reads_back_what_it_wrote() {
    let (_folder, path, ids, made) = fresh();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let opened = Keyring::open(&path).unwrap();
    assert_eq!(opened.list(), made.list());
    assert_eq!(opened.list().len(), Purpose::ALL.len());
    let wrapped = made.wrap(&place("demo", 1), &secret(), &*ids).unwrap();
    let unwrapped = opened.unwrap(&place("demo", 1), &wrapped).unwrap();
    assert_eq!(unwrapped.expose_secret(), secret().expose_secret());
    // Only the keyring itself is left in its folder.
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn an_existing_keyring_is_never_replaced() {
    let (_folder, path, ids, made) = fresh();
    assert!(matches!(Keyring::create(&path, &*ids), Err(Fault::KeyringExists { .. })));
    assert_eq!(Keyring::open_or_create(&path, &*ids).unwrap().list(), made.list());
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn processes_that_start_together_share_one_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let lists: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Keyring::open_or_create(&path, &System).unwrap().list())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(lists.iter().all(|list| *list == lists[0]));
}

#[test]
fn a_missing_an_open_and_an_unreadable_keyring_are_told_apart() {
    let (folder, path, ..) = fresh();
    let missing = Keyring::open(&folder.path().join("none.json"));
    assert!(matches!(missing, Err(Fault::KeyringMissing { .. })));
    for mode in [0o640, 0o604, 0o644, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let Err(Fault::KeyringPermissions { mode: found, .. }) = Keyring::open(&path) else {
            panic!("{mode:o} opened")
        };
        assert_eq!(found, mode);
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    Keyring::open(&path).unwrap();
    let below_a_file = Keyring::open(&path.join("keyring.json"));
    assert!(matches!(below_a_file, Err(Fault::KeyringUnreadable { .. })));
}

#[test]
fn a_damaged_keyring_says_what_is_wrong_and_shows_nothing() {
    assert!(malformed(|_| String::new()).contains("line 1"));
    assert!(malformed(|text| text.replace("dossier-keyring/1", "dossier-keyring/2")).contains("format"));
    assert!(malformed(|text| text.replacen("\"purpose\"", "\"porpoise\"", 1)).contains("line"));
    assert!(malformed(|text| text.replacen("\"seal\"", "\"seel\"", 1)).contains("line"));
    assert!(malformed(|text| text.replacen("\"reply\"", "\"index\"", 1)).contains("two keys for index"));
    assert!(malformed(|text| text.replacen("\"secret\": \"", "\"secret\": \"!", 1)).contains("line"));
    assert!(malformed(|text| text[..text.len() / 2].to_owned()).contains("line"));
    assert!(malformed(|_| r#"{"format":"dossier-keyring/1","keys":[]}"#.to_owned()).contains("no key"));
    assert!(malformed(|_| " ".repeat(2 << 20)).contains("MiB"));
}

#[test]
fn a_repeated_id_and_an_empty_secret_are_refused() {
    let entry = |purpose, secret| {
        format!(
            r#"{{"id":"0193f000-0000-7000-8000-000000000001","purpose":"{purpose}",
                "created":"2026-11-22T00:00:00Z","secret":"{secret}"}}"#
        )
    };
    let full = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let empty = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let document = |keys: &[String]| format!(r#"{{"format":"dossier-keyring/1","keys":[{}]}}"#, keys.join(","));
    assert!(malformed(|_| document(&[entry("seal", full), entry("index", full)])).contains("twice"));
    assert!(malformed(|_| document(&[entry("seal", empty)])).contains("empty"));
}

#[test]
fn the_newest_version_wraps_and_the_older_still_opens_until_it_is_retired() {
    let (_folder, path, ids, before) = fresh();
    let old = before.newest(Purpose::Seal).unwrap();
    let wrapped = before.wrap(&place("demo", 1), &secret(), &*ids).unwrap();
    let new = Keyring::rotate(&path, Purpose::Seal, &*ids).unwrap();

    let both = Keyring::open(&path).unwrap();
    assert_eq!(both.versions(Purpose::Seal).unwrap(), [new.id, old]);
    both.unwrap(&place("demo", 1), &wrapped).unwrap();
    let again = both.wrap(&place("demo", 1), &secret(), &*ids).unwrap();
    assert_eq!(envelope::key_of(&again).unwrap(), new.id);

    assert!(matches!(Keyring::retire(&path, new.id, &*ids), Err(Fault::InUse { .. })));
    Keyring::retire(&path, old, &*ids).unwrap();
    let after = Keyring::open(&path).unwrap();
    assert!(matches!(after.unwrap(&place("demo", 1), &wrapped), Err(Fault::UnknownKey { id }) if id == old));
    after.unwrap(&place("demo", 1), &again).unwrap();
    assert!(matches!(Keyring::retire(&path, old, &*ids), Err(Fault::UnknownKey { .. })));
}

#[test]
fn a_key_under_which_values_are_compared_has_one_version() {
    let (_folder, path, ids, _) = fresh();
    for purpose in Purpose::ALL {
        let rotated = Keyring::rotate(&path, purpose, &*ids);
        assert_eq!(rotated.is_ok(), purpose.rotates(), "{purpose}");
    }
}

#[test]
fn a_wrapped_key_opens_in_its_own_place_only() {
    let (_folder, _path, ids, keyring) = fresh();
    let wrapped = keyring.wrap(&place("demo", 1), &secret(), &*ids).unwrap();
    let other_key = WrapPlace { key_id: Uuid::from_u128(8), ..place("demo", 1) };
    for wrong in [place("demo", 2), place("other", 1), other_key] {
        assert!(matches!(keyring.unwrap(&wrong, &wrapped), Err(Fault::Forged)));
    }
    for at in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[at] ^= 1;
        assert!(keyring.unwrap(&place("demo", 1), &changed).is_err(), "byte {at}");
    }
    assert!(matches!(keyring.unwrap(&place("demo", 1), &[]), Err(Fault::Malformed)));
}

#[test]
fn derived_keys_differ_by_purpose_scope_and_version() {
    let (_folder, path, ids, _) = fresh();
    Keyring::rotate(&path, Purpose::Reply, &*ids).unwrap();
    let keyring = Keyring::open(&path).unwrap();
    let mut keys = Vec::new();
    for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Seal) {
        for version in keyring.versions(purpose).unwrap() {
            for scope in ["", "a", "b"] {
                keys.push(*keyring.derive(purpose, version, scope).unwrap().expose_secret());
            }
        }
    }
    let distinct: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
    let seal = keyring.newest(Purpose::Seal).unwrap();
    assert!(matches!(keyring.derive(Purpose::Seal, seal, "a"), Err(Fault::NotExportable { .. })));
    assert!(matches!(keyring.derive(Purpose::Index, seal, "a"), Err(Fault::UnknownKey { .. })));
}

#[test]
fn debug_shows_ids_and_no_secret() {
    let (_folder, path, _, keyring) = fresh();
    let shown = format!("{keyring:?}");
    assert!(shown.contains(&keyring.newest(Purpose::Seal).unwrap().to_string()));
    for part in fs::read_to_string(path).unwrap().split('"').filter(|part| part.len() == 44) {
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, part).unwrap();
        assert!(!shown.contains(part) && !shown.contains(&format!("{bytes:?}")));
    }
}
