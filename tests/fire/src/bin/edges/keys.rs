//! Keys that are not those of the stores.

use dossier_fire::ground::{Fault, Result};

use crate::stand::{Stand, refuses, require};

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
    let elsewhere = [("DOSSIER__DATA_DIR", text.as_str())];
    refuses(replica, &elsewhere, "keyring.json").await?;
    require(!folder.join("keyring.json").exists(), "it made a keyring of its own")?;
    // With the keyring, and keys between services of its own.
    for file in ["keyring.json", "tombstones.jsonl"] {
        // A list that is not there yet is an empty one.
        let _ = std::fs::copy(fleet.plan.data.join(file), folder.join(file));
    }
    refuses(replica, &elsewhere, "internal.jwks.json").await?;
    Ok("refuses without the keyring and with a key set of its own, names the files, makes no keyring".into())
}
