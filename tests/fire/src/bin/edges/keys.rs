//! Keys that are not those of the stores.

use dossier_fire::ground::{Fault, Result};

use crate::stand::{SOON, Stand, require};

/// A second replica with an empty data folder makes no keyring of its own: it refuses and names the file.
pub(crate) async fn another_folder(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[]).await?;
    fleet.go().await?;
    let folder = stand.scratch.path().join("empty");
    std::fs::create_dir_all(&folder)?;
    let text = folder.display().to_string();
    let at = *fleet.of(dossier_fire::ground::Service::Profile).first().ok_or_else(|| Fault::new("no profile"))?;
    let replica = &mut fleet.replicas[at];
    replica.kill().await?;
    replica.start(&[("DOSSIER__DATA_DIR", &text)])?;
    let ended = match replica.process.as_mut() {
        Some(process) => process.ended(SOON).await?,
        None => false,
    };
    let said = replica.last_words();
    require(ended && said.contains("keyring.json"), format!("it did not refuse by name: {said}"))?;
    require(!folder.join("keyring.json").exists(), "it made a keyring of its own")?;
    // With the keyring, and keys between services of its own.
    for file in ["keyring.json", "tombstones.jsonl"] {
        // A list that is not there yet is an empty one.
        let _ = std::fs::copy(fleet.plan.data.join(file), folder.join(file));
    }
    let replica = &mut fleet.replicas[at];
    replica.start(&[("DOSSIER__DATA_DIR", &text)])?;
    let ended = match replica.process.as_mut() {
        Some(process) => process.ended(SOON).await?,
        None => false,
    };
    let said = replica.last_words();
    require(ended && said.contains("internal.jwks.json"), format!("it did not refuse its own key set: {said}"))?;
    Ok("refuses without the keyring and with a key set of its own, names the files, makes no keyring".into())
}
