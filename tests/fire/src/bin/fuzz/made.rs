//! Inputs that must be made: tokens, notes, receipts and proofs of one small journal.

use std::sync::LazyLock;

use dossier_journal::checkpoint::{Checkpoint, Origin, VerifierKey};
use dossier_journal::merkle::{Frontier, Hash, NodeId, Plan, leaf_hash};
use dossier_journal::verify::Receipt;
use dossier_kernel::call::{Bearer, Call, Replayed};
use dossier_kernel::page::Page;
use dossier_proto::journal::v1::EntryBody;
use ed25519_dalek::SigningKey;
use prost::Message;
use serde::{Deserialize, Serialize};

/// Entries of the journal.
const ENTRIES: u64 = 9;

/// The journal, made once.
struct Journal {
    key: SigningKey,
    bodies: Vec<EntryBody>,
    nodes: Vec<(NodeId, Hash)>,
    roots: Vec<Hash>,
}

/// A proof between two sizes, as text.
#[derive(Serialize, Deserialize)]
struct Extension {
    sizes: [u64; 2],
    proof: Vec<String>,
}

static JOURNAL: LazyLock<Journal> = LazyLock::new(Journal::new);

/// What is made for the decoder of this name.
pub(crate) fn of(name: &str) -> Vec<Vec<u8>> {
    match name {
        "tokens" => tokens(),
        "checkpoints" => (1..=ENTRIES).filter_map(note).map(String::into_bytes).collect(),
        "keys" => vec![verifier().to_string().into_bytes()],
        "receipts" => (1..=ENTRIES).filter_map(receipt).filter_map(|one| serde_json::to_vec(&one).ok()).collect(),
        "extensions" => extensions(),
        "packs" => dossier_regime::Sources::library().packs.into_iter().map(|one| one.bytes).collect(),
        _ => Vec::new(),
    }
}

/// The call whose tokens are read.
pub(crate) fn call() -> Call {
    Call {
        org: "demo".to_owned(),
        subject: "gm".to_owned(),
        service: false,
        method: "dossier.access.v1.LoanService/ListLoans",
        now: jiff::Timestamp::UNIX_EPOCH,
        expires: jiff::Timestamp::MAX,
        bearer: Bearer::default(),
        deadline: None,
        trace_id: None,
        replayed: Replayed::default(),
    }
}

/// The key of the journal.
pub(crate) fn verifier() -> VerifierKey {
    VerifierKey::new(origin(), JOURNAL.key.verifying_key())
}

/// What was signed.
pub(crate) fn bodies() -> &'static [EntryBody] {
    &JOURNAL.bodies
}

/// The root over the first `size` entries.
pub(crate) fn root(size: u64) -> Option<Hash> {
    JOURNAL.roots.get(usize::try_from(size).ok()?.checked_sub(1)?).copied()
}

/// The proof between two sizes.
pub(crate) fn extension(first: u64, second: u64) -> Option<Vec<Hash>> {
    Plan::consistency(first, second)?.resolve(node)
}

/// A proof between two sizes from its text.
pub(crate) fn read_extension(text: &[u8]) -> Option<(u64, u64, Vec<Hash>)> {
    let read: Extension = serde_json::from_slice(text).ok()?;
    let proof: Option<Vec<Hash>> = read.proof.iter().map(unhex).collect();
    Some((read.sizes[0], read.sizes[1], proof?))
}

fn origin() -> Origin {
    "dossier/demo/profile".parse().unwrap_or_else(|_| unreachable!("it is the name of a journal"))
}

fn tokens() -> Vec<Vec<u8>> {
    let page = Page::of(&call(), 50, "", &["filter", "name desc"]);
    let after = ["0190a5d2-0000-7000-8000-000000000007", "7", "1700000000000000 0190a5d2-0000-7000-8000-000000000007"];
    page.iter().flat_map(|page| after.map(|after| page.token(after).into_bytes())).collect()
}

fn note(size: u64) -> Option<String> {
    let checkpoint = Checkpoint { origin: origin(), size, root: root(size)?, time: jiff::Timestamp::UNIX_EPOCH };
    Some(checkpoint.sign(&JOURNAL.key))
}

fn receipt(seq: u64) -> Option<Receipt> {
    let proof = Plan::inclusion(seq - 1, ENTRIES)?.resolve(node)?;
    let entry = dossier_proto::journal::v1::Entry {
        seq: i64::try_from(seq).ok()?,
        body: JOURNAL.bodies.get(usize::try_from(seq - 1).ok()?)?.encode_to_vec(),
        ..Default::default()
    };
    Some(Receipt {
        seq: entry.seq,
        body: base64(&entry.body),
        proof: proof.iter().map(hex::encode).collect(),
        checkpoint: note(ENTRIES)?,
    })
}

fn extensions() -> Vec<Vec<u8>> {
    let sizes = (1..=ENTRIES).flat_map(|first| (first..=ENTRIES).map(move |second| [first, second]));
    let text = |sizes: [u64; 2]| {
        let proof = extension(sizes[0], sizes[1])?.iter().map(hex::encode).collect();
        serde_json::to_vec(&Extension { sizes, proof }).ok()
    };
    sizes.filter_map(text).collect()
}

fn node(wanted: NodeId) -> Option<Hash> {
    JOURNAL.nodes.iter().find(|(node, _)| *node == wanted).map(|(_, hash)| *hash)
}

// === impl Journal ===

impl Journal {
    fn new() -> Self {
        let body = |n: u64| EntryBody {
            id: format!("0190a5d2-0000-7000-8000-{n:012}"),
            org: "demo".to_owned(),
            service: "profile".to_owned(),
            action: "file.created".to_owned(),
            ..EntryBody::default()
        };
        let bodies: Vec<_> = (0..ENTRIES).map(body).collect();
        let (mut frontier, mut nodes, mut roots) = (Frontier::default(), Vec::new(), Vec::new());
        for body in &bodies {
            nodes.extend(frontier.append(leaf_hash(&body.encode_to_vec())));
            roots.push(frontier.root());
        }
        Self { key: SigningKey::from_bytes(&[7; 32]), bodies, nodes, roots }
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn unhex(text: &String) -> Option<Hash> {
    hex::decode(text).ok()?.try_into().ok()
}
