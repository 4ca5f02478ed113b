"""The vault's formats written a second time, from their description and with other libraries.

`python3 format.py > format.json` makes the examples that src/golden.rs compares; needs the package `cryptography`.
The formats are final: a difference is a fault of the program, never a reason to make the examples anew.
"""

import base64
import hashlib
import hmac
import json
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORG, FIELD = "demo", "name"
FILE = uuid.UUID("0193f000-0000-7000-8000-0000000000f1")
KEY = uuid.UUID("0193f000-0000-7000-8000-0000000000e1")
REQUEST = uuid.UUID("0193f000-0000-7000-8000-0000000000d1")
DATA_KEY = bytes(range(32))
NONCE = bytes([0xA5] * 12)
SALT = bytes([0x5A] * 32)
PURPOSES = ["seal", "index", "reply", "digest", "journal-sign", "token-sign"]
ROOTS = {
    purpose: (uuid.UUID(f"0193f000-0000-7000-8000-00000000000{at}"), bytes([at] * 32))
    for at, purpose in enumerate(PURPOSES, 1)
}


def parts(*items):
    items = [item.encode() if isinstance(item, str) else item for item in items]
    return b"".join(len(item).to_bytes(4, "big") + item for item in items)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def derive(purpose, scope):
    extracted = mac(b"dossier/keyring/v1", ROOTS[purpose][1])
    return mac(extracted, parts(purpose, scope) + b"\x01")


def envelope(key, key_id, aad, content):
    return b"\x01" + key_id.bytes + NONCE + AESGCM(key).encrypt(NONCE, content, aad)


def public(purpose, scope):
    key = Ed25519PrivateKey.from_private_bytes(derive(purpose, scope))
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def gram(text):
    return mac(derive("index", ORG), parts("gram", FIELD, text))[:8]


keyring = {
    "format": "dossier-keyring/1",
    "keys": [
        {
            "id": str(key_id),
            "purpose": purpose,
            "created": "2026-11-22T00:00:00Z",
            "secret": base64.b64encode(secret).decode(),
        }
        for purpose, (key_id, secret) in ROOTS.items()
    ],
}
value = "王小明".encode()
reply_key = mac(derive("reply", ORG), parts("dossier/reply-key/v1", REQUEST.bytes))
examples = {
    "derived_index": derive("index", ORG),
    "wrapped": envelope(
        derive("seal", ORG), ROOTS["seal"][0], parts("dossier/wrap/v1", ORG, FILE.bytes, KEY.bytes), DATA_KEY
    ),
    "sealed": envelope(DATA_KEY, KEY, parts("dossier/seal/v1", ORG, FILE.bytes, FIELD, KEY.bytes), value),
    "sealed_empty": envelope(DATA_KEY, KEY, parts("dossier/seal/v1", ORG, FILE.bytes, FIELD, KEY.bytes), b""),
    "exact": mac(derive("index", ORG), parts("exact", FIELD, value))[:16],
    "exact_phone": mac(derive("index", ORG), parts("exact", "phone", "13800138000"))[:16],
    "grams": b"".join(sorted(gram(text) for text in ["王", "小", "明", "王小", "小明"])),
    "query": b"".join(sorted(gram(text) for text in ["王小", "小明"])),
    "commitment": mac(SALT, parts("dossier/commitment/v1", FIELD, value)),
    "reply": envelope(
        reply_key, ROOTS["reply"][0], parts("dossier/reply/v1", ORG, REQUEST.bytes), b"the reply"
    ),
    "digest": mac(derive("digest", ""), parts(ORG, "Service/Method", b"the request")),
    "journal_public": public("journal-sign", "profile"),
    "token_public": public("token-sign", ""),
}
document = {"keyring": keyring, "examples": {name: data.hex() for name, data in examples.items()}}
print(json.dumps(document, indent=2, ensure_ascii=False))
