//! What an operator may rely on: the default stands in one file, every fault is named, no secret shows.

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Config, ConfigFaults, Sources};

fn file(folder: &Path, text: &str) -> Sources {
    let path = folder.join("my.toml");
    std::fs::write(&path, text).unwrap();
    Sources { file: Some(path), ..Sources::default() }
}

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn lines(faults: &ConfigFaults) -> Vec<String> {
    faults.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn the_documented_file_is_the_default() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.profile.listen.port(), 7401);
    assert_eq!(config.profile.database.expose_secret(), "sqlite:dossier-data/profile.db");
    assert_eq!(config.server.default_deadline, Duration::from_secs(10));
    assert_eq!(config.auth.internal_token_ttl, Duration::from_secs(60));
    assert!(config.peers.access.is_none() && config.telemetry.metrics_addr.is_none());
}

#[test]
fn every_option_of_the_default_has_a_sentence() {
    let mut commented = false;
    for line in super::DEFAULT.lines() {
        let key = line.split(" = ").next().unwrap_or_default();
        // The same three options stand in each service; keys and their files are explained together.
        let shared = ["listen", "database", "profile", "access", "credit"].contains(&key)
            || key.ends_with("_file")
            || key == "keepalive_timeout";
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(commented || shared, "{key} is not explained");
        }
        commented = line.starts_with('#');
    }
}

#[test]
fn a_later_layer_wins_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources =
        file(folder.path(), "[server]\ndefault_deadline = '1s'\nmax_deadline = '2s'\ndrain_deadline = '3s'\n");
    sources.environment =
        pairs(&[("DOSSIER__SERVER__MAX_DEADLINE", "20s"), ("DOSSIER__SERVER__DRAIN_DEADLINE", "30s"), ("PATH", "/")]);
    sources.flags = pairs(&[("server.drain_deadline", "40s")]);
    let server = Config::load(&sources).unwrap().server;
    let seconds = [server.default_deadline, server.max_deadline, server.drain_deadline].map(|time| time.as_secs());
    assert_eq!(seconds, [1, 20, 40]);
}

#[test]
fn all_faults_of_all_layers_are_reported_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = file(
        folder.path(),
        "colour = 'red'\n[server]\nmax_deadline = 'soon'\nmax_message_bytes = 'big'\n[sever]\nx = 1\n[auth]\nleeway = '1h'\n",
    );
    sources.environment = pairs(&[("DOSSIER__BUS__STREAM_LENGHT", "5"), ("DOSSIER__DATABASE__ATTEMPTS", "many")]);
    sources.flags = pairs(&[("profile.listen", "here"), ("credit.database", "mysql://root:hunter2@db/x")]);
    let faults = Config::load(&sources).unwrap_err();
    let lines = lines(&faults);
    let expected = [
        ("my.toml:1", "colour", "unknown key"),
        ("my.toml:3", "server.max_deadline", "is not a duration"),
        ("my.toml:4", "server.max_message_bytes", "is a string, not an integer"),
        ("my.toml:5", "sever", "unknown key"),
        ("my.toml:8", "auth.leeway", "5m or less"),
        ("variable DOSSIER__BUS__STREAM_LENGHT", "bus.stream_lenght", "section bus has"),
        ("variable DOSSIER__DATABASE__ATTEMPTS", "database.attempts", "is not an integer"),
        ("flag --set profile.listen", "profile.listen", "socket address"),
        ("flag --set credit.database", "credit.database", "must begin with sqlite:"),
    ];
    for (place, key, why) in expected {
        let found =
            lines.iter().any(|line| line.contains(place) && line.contains(&format!(" {key}: ")) && line.contains(why));
        assert!(found, "{place} {key} {why} in\n{faults}");
    }
    assert_eq!(lines.len(), expected.len(), "{faults}");
    assert!(!faults.to_string().contains("hunter2"));
}

#[test]
fn a_pooler_is_in_transaction_mode_or_not_there() {
    let with = |pooler: &str| Sources { flags: pairs(&[("database.pooler", pooler)]), ..Sources::default() };
    assert!(!Config::load(&with("")).map(|config| config.store(&config.profile).pooled).unwrap());
    assert!(Config::load(&with("transaction")).map(|config| config.store(&config.profile).pooled).unwrap());
    let faults = Config::load(&with("session")).unwrap_err().to_string();
    assert!(faults.contains("database.pooler: must be transaction"), "{faults}");
}

#[test]
fn a_file_that_is_no_toml_names_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Config::load(&file(folder.path(), "[server]\nmax_deadline = \n")).unwrap_err();
    assert!(lines(&faults)[0].contains("my.toml:2: "), "{faults}");
    let missing = Sources { file: Some(folder.path().join("none.toml")), ..Sources::default() };
    assert!(Config::load(&missing).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn secrets_are_redacted_and_may_come_as_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("url"), "postgres://dossier:hunter2@db/profile\n").unwrap();
    let config = Config::load(&file(folder.path(), "[profile]\ndatabase_file = 'url'\n")).unwrap();
    assert_eq!(config.profile.database.expose_secret(), "postgres://dossier:hunter2@db/profile");
    assert!(!format!("{config:?}").contains("hunter2"));
    // Whoever rotates it writes the file anew, and the store reads it again.
    std::fs::write(folder.path().join("url"), "postgres://dossier:hunter3@db/profile\n").unwrap();
    let store = config.store(&config.profile);
    let again = store.url_file.as_ref().unwrap().read().unwrap();
    assert_eq!((again.expose_secret(), store.service), ("postgres://dossier:hunter3@db/profile", "profile"));
    assert!(config.store(&config.access).url_file.is_none() && config.bus.redis_url_file.is_none());
    let both = "[profile]\ndatabase = 'sqlite:x.db'\ndatabase_file = 'url'\n";
    let faults = Config::load(&file(folder.path(), both)).unwrap_err();
    assert!(faults.to_string().contains("profile.database is given too"), "{faults}");
    let none = Config::load(&file(folder.path(), "[bus]\nredis_url_file = 'nowhere'\n")).unwrap_err();
    assert!(none.to_string().contains("my.toml:2: bus.redis_url_file"), "{none}");
}

#[test]
fn relative_paths_are_meant_from_the_file_and_the_data_directory_is_put_in() {
    let folder = tempfile::tempdir().unwrap();
    let text = "data_dir = 'd'\n[keyring]\nfile = 'k.json'\n[credit]\ndatabase = 'sqlite:c.db'\n";
    let mut sources = file(folder.path(), text);
    sources.flags = pairs(&[("regimes.dir", "packs")]);
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.keyring.file, folder.path().join("k.json"));
    assert_eq!(config.keyring.tombstones_file, folder.path().join("d").join("tombstones.jsonl"));
    assert_eq!(config.credit.database.expose_secret(), format!("sqlite:{}", folder.path().join("c.db").display()));
    assert_eq!(config.regimes.dir, Path::new("packs"));
}

#[test]
fn an_issuer_needs_one_source_of_keys_and_switches_the_development_issuer_off() {
    let issuer =
        "[{ issuer = 'https://id', audience = 'dossier', jwks_url = 'ftp://x' }, { issuer = 'b', audience = 'c' }]";
    let sources = Sources { flags: pairs(&[("auth.issuers", issuer)]), ..Sources::default() };
    let faults = Config::load(&sources).unwrap_err().to_string();
    assert!(faults.contains("issuer 1: jwks_url must be a http or https url"), "{faults}");
    assert!(faults.contains("issuer 2: give one of jwks_file and jwks_url"), "{faults}");
    assert!(faults.contains("auth.development_issuer: must be false"), "{faults}");
    assert!(faults.contains("issuer 1: orgs must name the organisations"), "{faults}");
    let hmac = "[{ issuer = 'a', audience = 'b', jwks_url = 'http://x', algorithms = ['HS256'] }]";
    let sources = Sources { flags: pairs(&[("auth.issuers", hmac)]), ..Sources::default() };
    assert!(Config::load(&sources).unwrap_err().to_string().contains("unknown variant `HS256`"));
}

#[test]
fn half_a_tls_pair_and_a_shared_store_are_refused() {
    let flags = pairs(&[
        ("server.certificate_file", "/nowhere.pem"),
        ("access.database", "sqlite:{data_dir}/profile.db"),
        ("access.listen", "127.0.0.1:7401"),
    ]);
    let faults = Config::load(&Sources { flags, ..Sources::default() }).unwrap_err().to_string();
    for expected in [
        "server.certificate_file: `/nowhere.pem` cannot be read",
        "server.key_file: is missing beside",
        "access.database: is the store of profile too",
        "access.listen: is the address of profile too",
    ] {
        assert!(faults.contains(expected), "{expected} in\n{faults}");
    }
}

#[test]
fn contents_lie_in_a_folder_or_in_a_bucket_and_what_does_not_fit_is_named() {
    let with = |given: &[(&str, &str)]| Config::load(&Sources { flags: pairs(given), ..Sources::default() });
    let whole = [
        ("documents.s3.bucket", "contents"),
        ("documents.s3.access_key_id", "AKIA7"),
        ("documents.s3.secret_access_key", "hunter2"),
    ];
    assert!(with(&[]).unwrap().documents.bucket().is_none());
    let config = with(&whole).unwrap();
    assert_eq!(
        (config.documents.bucket().unwrap().bucket.as_str(), config.documents.key()),
        ("contents", "documents.s3")
    );
    assert!(!format!("{config:?}").contains("AKIA7") && !format!("{config:?}").contains("hunter2"));
    for (given, key, why) in [
        (("documents.dir", "kept"), "documents.dir", "is given beside documents.s3.bucket"),
        (("documents.s3.bucket", "a/b"), "documents.s3.bucket", "must be the name of a bucket"),
        (("documents.s3.region", ""), "documents.s3.region", "must be a region"),
        (("documents.s3.prefix", "a//b"), "documents.s3.prefix", "must be names parted by /"),
        (("documents.s3.style", "virtual"), "documents.s3.style", "unknown variant"),
        (("documents.s3.endpoint", "s3.example.org"), "documents.s3.endpoint", "must be a uri"),
        (("documents.s3.endpoint", "https://me:hunter3@s3.example.org"), "documents.s3.endpoint", "must be a uri"),
        (("documents.s3.endpoint", "http://s3.example.org"), "documents.s3.endpoint", "allow_http says where"),
        (("documents.s3.ca_file", "/nowhere.pem"), "documents.s3.ca_file", "cannot be read"),
        (("documents.s3.timeout", "1ms"), "documents.s3.timeout", "must be 100ms to 5m"),
        (("documents.s3.access_key_id", ""), "documents.s3.access_key_id", "is missing"),
        (("documents.s3.secret_access_key", ""), "documents.s3.secret_access_key", "is missing"),
        (("documents.s3.bucket", ""), "documents.s3.bucket", "is missing beside documents.s3.access_key_id"),
    ] {
        let given: Vec<_> = whole.into_iter().filter(|(key, _)| *key != given.0).chain([given]).collect();
        let faults = with(&given).unwrap_err().to_string();
        assert!(faults.contains(&format!("{key}: ")) && faults.contains(why), "{key} {why} in\n{faults}");
        assert_eq!((faults.lines().count(), faults.contains("hunter")), (1, false), "{faults}");
    }
    let none = with(&[("documents.dir", "")]).unwrap_err().to_string();
    assert!(none.contains("documents.dir: must name a folder, or documents.s3.bucket a bucket"), "{none}");
}

#[test]
fn the_keys_of_a_bucket_may_come_as_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("id"), "AKIA7\n").unwrap();
    std::fs::write(folder.path().join("key"), "hunter2\n").unwrap();
    let text = "[documents.s3]\nbucket = 'contents'\naccess_key_id_file = 'id'\nsecret_access_key_file = 'key'\n";
    let s3 = Config::load(&file(folder.path(), text)).unwrap().documents.s3;
    assert_eq!((s3.access_key_id.expose_secret(), s3.secret_access_key.expose_secret()), ("AKIA7", "hunter2"));
    let again = [&s3.access_key_id_file, &s3.secret_access_key_file].map(|file| file.as_ref().unwrap().read().unwrap());
    assert_eq!(again.each_ref().map(ExposeSecret::expose_secret), ["AKIA7", "hunter2"]);
}
