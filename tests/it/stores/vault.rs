//! The vault's keys on both stores; its own crate tells the stories, this one travels every statement.

use dossier_vault::seal::Aad;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{Fault, Keyring, Vault};
use std::sync::Arc;

use super::BENCH;
use crate::prelude::*;

fn place(file: Uuid) -> Aad<'static> {
    Aad { org: BENCH, file, field: "fields.phone" }
}

on_both_stores! {
    async fn a_destroyed_key_opens_nothing_and_stays_destroyed(world) {
        let (db, vault) = (world.db(Which::Profile), &world.ground().vault);
        let file = Uuid::from_u128(1);
        let sealed = {
            let mut tx = db.write().await.unwrap();
            let key = vault.create_key(&mut tx, BENCH, file, world.now()).await.unwrap();
            tx.commit().await.unwrap();
            vault.seal(&key, place(file), "13800138000".as_bytes()).unwrap()
        };
        let key = vault.load_key(&mut db.read().await.unwrap(), BENCH, file).await.unwrap();
        assert_eq!(vault.open_text(&key, place(file), &sealed).unwrap().as_str(), "13800138000");
        let mut tx = db.write().await.unwrap();
        vault.destroy_key(&mut tx, BENCH, file, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        vault.bury(db).await.unwrap();
        let fault = vault.load_key(&mut db.read().await.unwrap(), BENCH, file).await.unwrap_err();
        assert!(matches!(fault, Fault::KeyDestroyed { .. }), "{fault}");
        let fault = vault.create_key(&mut db.write().await.unwrap(), BENCH, file, world.now()).await.unwrap_err();
        assert!(matches!(fault, Fault::KeyDestroyed { .. }), "{fault}");
    }

    async fn a_restored_key_is_destroyed_again_at_the_next_start(world) {
        let (db, vault) = (world.db(Which::Profile), &world.ground().vault);
        let (file, now) = (Uuid::from_u128(2), world.now());
        let mut tx = db.write().await.unwrap();
        vault.create_key(&mut tx, BENCH, file, now).await.unwrap();
        tx.commit().await.unwrap();
        let text = "SELECT wrapped, root FROM file_key WHERE org = $1 AND file = $2";
        let mut tx = db.read().await.unwrap();
        let (wrapped, root) = sql!(&mut tx, fetch_one as (Vec<u8>, Uuid), text, BENCH, file).unwrap();
        drop(tx);
        let mut tx = db.write().await.unwrap();
        vault.destroy_key(&mut tx, BENCH, file, now).await.unwrap();
        tx.commit().await.unwrap();
        vault.bury(db).await.unwrap();
        // The backup is from before the destruction: neither the tombstone row nor the empty key is in it.
        let mut tx = db.write().await.unwrap();
        let text = "UPDATE file_key SET wrapped = $3, root = $4, destroyed_at = NULL WHERE org = $1 AND file = $2";
        sql!(&mut tx, execute, text, BENCH, file, wrapped, root).unwrap();
        sql!(&mut tx, execute, "DELETE FROM tombstone WHERE org = $1", BENCH).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(vault.reapply_tombstones(db).await.unwrap().destroyed, 1);
        assert!(vault.load_key(&mut db.read().await.unwrap(), BENCH, file).await.is_err());
    }

    async fn keys_are_wrapped_anew_under_a_new_root(world) {
        let (db, ground) = (world.db(Which::Profile), world.ground());
        let file = Uuid::from_u128(3);
        let mut tx = db.write().await.unwrap();
        let key = ground.vault.create_key(&mut tx, BENCH, file, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        let sealed = ground.vault.seal(&key, place(file), b"value").unwrap();
        // A keyring with a newer version of the sealing key, beside the old one.
        let path = world.folder().join("rotated.json");
        std::fs::copy(&ground.config.keyring.file, &path).unwrap();
        let ids = ground.providers.ids.as_ref();
        Keyring::rotate(&path, dossier_vault::Purpose::Seal, ids).unwrap();
        let provider = Arc::new(Keyring::open(&path).unwrap());
        let tombstones = Tombstones::open(world.folder().join("other-tombstones.jsonl")).unwrap();
        let vault = Vault::new(provider, ground.providers.ids.clone(), tombstones);
        assert_eq!(vault.rewrap(db, BENCH).await.unwrap(), 1);
        assert_eq!(vault.rewrap(db, BENCH).await.unwrap(), 0);
        let key = vault.load_key(&mut db.read().await.unwrap(), BENCH, file).await.unwrap();
        assert_eq!(&**vault.open(&key, place(file), &sealed).unwrap(), b"value");
    }
}
