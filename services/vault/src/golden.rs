//! Fixed bytes: the primitives against their published vectors, our formats against a second implementation
//! (`tests/golden/format.py`). What was stored once must open for ever.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use dossier_kernel::id::{Ids, NoRandomness};
use dossier_kernel::mutation::ReplySealer;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use uuid::Uuid;

use crate::blind::BlindIndex;
use crate::commitment::{Salt, commit};
use crate::key::DataKey;
use crate::keyring::Keyring;
use crate::normal::Kind;
use crate::provider::{KeyProvider, Purpose, Secret, WrapPlace};
use crate::replies::Replies;
use crate::seal::{Aad, open_text, seal};
use crate::sign::Signer;

const ORG: &str = "demo";
const FILE: Uuid = Uuid::from_u128(0x0193_f000_0000_7000_8000_0000_0000_00f1);
const KEY: Uuid = Uuid::from_u128(0x0193_f000_0000_7000_8000_0000_0000_00e1);
const REQUEST: Uuid = Uuid::from_u128(0x0193_f000_0000_7000_8000_0000_0000_00d1);
const PLACE: Aad<'_> = Aad { org: ORG, file: FILE, field: "name" };
const WRAP: WrapPlace<'_> = WrapPlace { org: ORG, file: FILE, key_id: KEY };

/// Draws the nonce of the examples, always.
#[derive(Debug)]
struct Fixed;

impl Ids for Fixed {
    fn uuid(&self) -> Uuid {
        KEY
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        bytes.fill(0xa5);
        Ok(())
    }
}

struct Golden {
    keyring: Arc<Keyring>,
    examples: HashMap<String, String>,
}

impl Golden {
    fn read() -> Self {
        let document: serde_json::Value = serde_json::from_str(include_str!("../tests/golden/format.json")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        fs::write(&path, document["keyring"].to_string()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let examples = serde_json::from_value(document["examples"].clone()).unwrap();
        Self { keyring: Arc::new(Keyring::open(&path).unwrap()), examples }
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex::decode(&self.examples[name]).unwrap()
    }

    fn check(&self, name: &str, made: impl AsRef<[u8]>) {
        assert_eq!(hex::encode(made), self.examples[name], "{name}");
    }
}

fn secret() -> Secret {
    Secret::init_with_mut(|key| (0..).zip(key.iter_mut()).for_each(|(n, byte)| *byte = n))
}

#[test]
fn keys_are_derived_and_wrapped_as_ever() {
    let golden = Golden::read();
    let version = golden.keyring.newest(Purpose::Index).unwrap();
    golden.check("derived_index", golden.keyring.derive(Purpose::Index, version, ORG).unwrap().expose_secret());
    golden.check("wrapped", golden.keyring.wrap(&WRAP, &secret(), &Fixed).unwrap());
    let unwrapped = golden.keyring.unwrap(&WRAP, &golden.bytes("wrapped")).unwrap();
    assert_eq!(unwrapped.expose_secret(), secret().expose_secret());
}

#[test]
fn values_are_sealed_as_ever() {
    let golden = Golden::read();
    let key = DataKey::new(KEY, &secret());
    golden.check("sealed", seal(&key, &Fixed, PLACE, "王小明".as_bytes()).unwrap());
    golden.check("sealed_empty", seal(&key, &Fixed, PLACE, b"").unwrap());
    assert_eq!(open_text(&key, PLACE, &golden.bytes("sealed")).unwrap().as_str(), "王小明");
    assert_eq!(open_text(&key, PLACE, &golden.bytes("sealed_empty")).unwrap().as_str(), "");
}

#[test]
fn tokens_are_made_as_ever() {
    let golden = Golden::read();
    let index = BlindIndex::new(golden.keyring.clone());
    golden.check("exact", index.exact(ORG, "name", Kind::Text, " 王小明 ").unwrap().unwrap());
    golden.check("exact_phone", index.exact(ORG, "phone", Kind::Phone, "+86 138-0013-8000").unwrap().unwrap());
    golden.check("grams", index.grams(ORG, "name", "王小明").unwrap().concat());
    golden.check("query", index.query(ORG, "name", "王小明").unwrap().concat());
}

#[test]
fn commitments_replies_and_digests_are_made_as_ever() {
    let golden = Golden::read();
    let salt = Salt::of(&[0x5a; 32]).unwrap();
    golden.check("commitment", commit(&salt, "name", "王小明".as_bytes()).unwrap());
    let replies = Replies::new(golden.keyring.clone(), Arc::new(Fixed)).unwrap();
    golden.check("reply", replies.seal(ORG, REQUEST, b"the reply").unwrap());
    assert_eq!(replies.open(ORG, REQUEST, &golden.bytes("reply")).unwrap(), b"the reply");
    golden.check("digest", replies.digest(ORG, "Service/Method", b"the request"));
}

#[test]
fn signing_keys_are_derived_as_ever() {
    let golden = Golden::read();
    golden.check("journal_public", Signer::journal(&*golden.keyring, "profile").unwrap().verifying_key());
    golden.check("token_public", Signer::token(&*golden.keyring).unwrap().verifying_key());
}

// RFC 5869, appendix A.1.
#[test]
fn hkdf_is_the_one_of_rfc_5869() {
    let (salt, info) =
        (hex::decode("000102030405060708090a0b0c").unwrap(), hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap());
    let mut made = [0; 42];
    Hkdf::<Sha256>::new(Some(&salt), &[0x0b; 22]).expand(&info, &mut made).unwrap();
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(hex::encode(made), expected);
}

// RFC 4231, test cases 2 and 6.
#[test]
fn hmac_is_the_one_of_rfc_4231() {
    let long = [0xaa; 131];
    let cases: [(&[u8], &[u8], &str); 2] = [
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            &long,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ];
    for (key, data, expected) in cases {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(data);
        assert_eq!(hex::encode(mac.finalize().into_bytes()), expected);
    }
}

// NIST CAVP, gcmEncryptExtIV256.rsp.
#[test]
fn aes_gcm_is_the_one_of_nist() {
    let bytes = |text| hex::decode(text).unwrap();
    let key = bytes("92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b");
    let nonce: [u8; 12] = bytes("ac93a1a6145299bde902f21a").try_into().unwrap();
    let (msg, aad) = (bytes("2d71bcfa914e4ac045b2aa60955fad24"), bytes("1e0889016f67601c8ebea4943bc23ad6"));
    let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
    let made = cipher.encrypt(&Nonce::from(nonce), Payload { msg: &msg, aad: &aad }).unwrap();
    assert_eq!(hex::encode(made), "8995ae2e6df3dbf96fac7b7137bae67feca5aa77d51d4a0a14d9c51e1da474ab");
}
