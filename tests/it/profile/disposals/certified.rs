//! The certificate of a destruction in the hands of a stranger.

use dossier::client::{catalogue, json};
use dossier_proto::profile::v1::{Disposal, DisposalCertificate};
use prost::Message as _;
use prost_reflect::DynamicMessage;

use crate::journal::proof::key;
use crate::prelude::*;

/// What a stranger finds with the certificate and the key of the journal; a word of it changed is found too.
pub(super) async fn certified(world: &World, paper: DisposalCertificate, gone: &Disposal) {
    assert_eq!(paper.disposal.as_ref(), Some(gone));
    verified(world, &paper).await.unwrap();
    let mut forged = paper.clone();
    forged.disposal.as_mut().unwrap().file_number = "DA-1".into();
    assert!(verified(world, &forged).await.unwrap_err().contains("shows another `file_number`"));
    let mut forged = paper;
    forged.checkpoint.as_mut().unwrap().tree_size += 1;
    verified(world, &forged).await.unwrap_err();
}

async fn verified(world: &World, paper: &DisposalCertificate) -> Result<(), String> {
    let of = catalogue::pool().get_message_by_name("dossier.profile.v1.DisposalCertificate").unwrap();
    let text = json::text(&DynamicMessage::decode(of, paper.encode_to_vec().as_slice()).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certificate.json");
    std::fs::write(&path, text).unwrap();
    let (path, key) = (path.display().to_string(), key(world, Which::Profile).to_string());
    let line = ["dossier", "verify", "receipt", &path, "--key", &key].map(Into::into).to_vec();
    let run = move || dossier::cli::run(line).map(drop).map_err(|failure| failure.to_string());
    tokio::task::spawn_blocking(run).await.unwrap()
}
