//! What is said at start when a store cannot be used.

use dossier::serve::{Ground, migrate, start};
use dossier_kernel::config::Config;
use dossier_kernel::server::Stop;

use super::{beside, database, tell};
use crate::prelude::*;

/// What `serve`, `migrate` and `verify` say to a configuration.
async fn said(world: &World, config: &Config) -> [String; 3] {
    let serve = Ground::lay(config.clone(), &[Which::Profile], world.ground().providers.clone()).await;
    let migrated = migrate(config, &[Which::Profile]).await;
    let verified = dossier::verify::stores(config, &[Which::Profile], None, Vec::new()).await.unwrap();
    let found = verified.into_iter().next().unwrap().outcome.unwrap_err();
    [serve.err().unwrap().to_string(), migrated.unwrap_err().to_string(), found]
}

async fn unusable(world: &World) {
    if world.store() == Store::Sqlite {
        return;
    }
    let url = world.url(Which::Profile);
    let mut config = Config::clone(&world.ground().config);
    config.profile.database = beside(&url, "no_such_database").into();
    for words in said(world, &config).await {
        for part in
            ["store of profile: ", "STORE_UNAVAILABLE", "sqlstate: 3D000", "name the right one in profile.database"]
        {
            assert!(words.contains(part), "{part} in {words}");
        }
    }
    let role = format!("{}_reader", database(&url));
    tell(format!("CREATE ROLE {role} LOGIN PASSWORD 'canary'")).await;
    let (_, at) = url.split_once('@').unwrap();
    config.profile.database = format!("postgres://{role}:canary@{at}").into();
    let all = said(world, &config).await;
    tell(format!("DROP ROLE {role}")).await;
    for words in all {
        assert!(words.contains("42501") && !words.contains("canary") && !words.contains("SELECT"), "{words}");
    }
}

async fn unmigrated(world: &World) {
    if world.store() == Store::Sqlite {
        return;
    }
    let url = world.url(Which::Profile);
    let empty = format!("{}_empty", database(&url));
    tell(format!("CREATE DATABASE {empty}")).await;
    let mut config = Config::clone(&world.ground().config);
    config.profile.database = beside(&url, &empty).into();
    let serve = Ground::lay(config, &[Which::Profile], world.ground().providers.clone()).await;
    tell(format!("DROP DATABASE {empty} WITH (FORCE)")).await;
    let words = serve.err().unwrap().to_string();
    for part in ["store of profile: ", "STORE_NOT_MIGRATED", "has not run here", "run `dossier migrate`"] {
        assert!(words.contains(part), "{part} in {words}");
    }
}

async fn too_many(world: &World) {
    if world.store() == Store::Sqlite {
        return;
    }
    let mut config = Config::clone(&world.ground().config);
    config.database.max_connections = 1000;
    let ground = Ground { config: std::sync::Arc::new(config), ..world.ground().clone() };
    let words = start(&ground, &Which::ALL, Stop::new()).await.unwrap_err().to_string();
    let room = world.db(Which::Profile).room().await.unwrap().unwrap();
    assert!(words.contains("may hold 3000") && words.contains(&format!("gives {}", room.most)), "{words}");
    assert!(words.contains("database.max_connections"), "{words}");
}

on_both_stores! {
    async fn a_store_that_cannot_be_used_is_named_with_its_sqlstate_and_the_remedy(world) {
        unusable(world).await;
    }

    async fn a_store_that_was_never_migrated_is_named_with_what_to_run(world) {
        unmigrated(world).await;
    }

    async fn pools_that_no_server_has_room_for_do_not_start(world) {
        too_many(world).await;
    }
}
