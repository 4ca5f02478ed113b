//! What no single type can refuse: bounds, and options that contradict one another.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::faults::{ConfigFaults, Origin};
use super::issuers::issuer_fault;
use super::layers::Overrides;
use super::{Config, MOST_MESSAGE_BYTES, Server, Service};
use crate::tls::{self, Files};

/// Finds every such fault of `config`.
pub(super) fn check(config: &Config, overrides: &Overrides, faults: &mut ConfigFaults) {
    let mut check = Check { overrides, faults };
    check.services(config);
    check.peers(config);
    check.database(config);
    check.auth(config);
    check.server(config);
    check.documents(config);
    check.rest(config);
}

struct Check<'a> {
    overrides: &'a Overrides,
    faults: &'a mut ConfigFaults,
}

// === impl Check ===

impl Check<'_> {
    fn refuse(&mut self, key: &str, why: impl Into<String>) {
        let origin = self.overrides.get(key).map_or(Origin::Default, |(_, origin)| origin.clone());
        self.faults.push(origin, key, why);
    }

    fn require(&mut self, holds: bool, key: &str, why: &str) {
        if !holds {
            self.refuse(key, why);
        }
    }

    fn positive(&mut self, key: &str, value: Duration) {
        self.require(!value.is_zero(), key, "must be longer than nothing");
    }

    fn services(&mut self, config: &Config) {
        self.require(!config.data_dir.as_os_str().is_empty(), "data_dir", "must name a folder");
        let services = [("profile", &config.profile), ("access", &config.access), ("credit", &config.credit)];
        for (index, (name, service)) in services.iter().enumerate() {
            self.store_url(&format!("{name}.database"), &service.database);
            for (other, earlier) in &services[..index] {
                self.apart(name, service, other, earlier);
            }
        }
    }

    fn apart(&mut self, name: &str, service: &Service, other: &str, earlier: &Service) {
        let listen = service.listen;
        if listen.port() != 0 && listen == earlier.listen {
            self.refuse(&format!("{name}.listen"), format!("is the address of {other} too"));
        }
        if service.database.expose_secret() == earlier.database.expose_secret() {
            self.refuse(&format!("{name}.database"), format!("is the store of {other} too; each service owns its own"));
        }
    }

    // The url itself stays out of the message: it may hold a password.
    fn store_url(&mut self, key: &str, url: &SecretString) {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        let known = known.iter().any(|scheme| url.expose_secret().starts_with(scheme));
        self.require(known, key, "must begin with sqlite:, postgres:// or postgresql://");
    }

    fn peers(&mut self, config: &Config) {
        let peers = &config.peers;
        let uris = [("profile", &peers.profile), ("access", &peers.access), ("credit", &peers.credit)];
        for (name, uri) in uris {
            if let Some(uri) = uri {
                self.require(is_http(uri), &format!("peers.{name}"), "must be a uri such as http://host:7401");
            }
        }
        self.positive("peers.connect_timeout", peers.connect_timeout);
        self.positive("peers.timeout", peers.timeout);
        self.positive("peers.keepalive", peers.keepalive);
        self.pair(("peers.certificate_file", &peers.certificate_file), ("peers.key_file", &peers.key_file));
        self.material(&Files::of_peers(peers));
    }

    fn database(&mut self, config: &Config) {
        let database = &config.database;
        self.require((1..=1000).contains(&database.max_connections), "database.max_connections", "must be 1 to 1000");
        self.require((1..=100).contains(&database.attempts), "database.attempts", "must be 1 to 100");
        self.require(database.memo_bytes <= 1 << 32, "database.memo_bytes", "must be 0 to 4294967296");
        self.positive("database.acquire_timeout", database.acquire_timeout);
        self.positive("database.statement_timeout", database.statement_timeout);
        self.positive("database.busy_timeout", database.busy_timeout);
        self.positive("database.lock_timeout", database.lock_timeout);
        let known = database.pooler.as_deref().is_none_or(|pooler| pooler == "transaction");
        self.require(known, "database.pooler", "must be transaction, or empty where no pooler stands between");
    }

    fn auth(&mut self, config: &Config) {
        let auth = &config.auth;
        for (index, issuer) in auth.issuers.iter().enumerate() {
            if let Some(why) = issuer_fault(issuer) {
                self.refuse("auth.issuers", format!("issuer {}: {why}", index + 1));
            }
            if auth.issuers[..index].iter().any(|other| other.issuer == issuer.issuer) {
                self.refuse("auth.issuers", format!("issuer {}: is listed twice", index + 1));
            }
            if auth.issuers.len() > 1 && !issuer.is_bound() {
                let why = "orgs must name the organisations whose people it names, where there are several issuers";
                self.refuse("auth.issuers", format!("issuer {}: {why}", index + 1));
            }
        }
        self.require(
            auth.issuers.is_empty() || !auth.development_issuer,
            "auth.development_issuer",
            "must be false where auth.issuers names real issuers: whoever reads its key may be anybody",
        );
        let few_minutes = Duration::from_secs(300);
        self.require(auth.leeway <= few_minutes, "auth.leeway", "must be 5m or less");
        let minute = Duration::from_secs(5)..=Duration::from_secs(600);
        self.require(minute.contains(&auth.internal_token_ttl), "auth.internal_token_ttl", "must be 5s to 10m");
        self.require((16..=1_000_000).contains(&auth.cache), "auth.cache", "must be 16 to 1000000");
        self.positive("auth.keys_max_age", auth.keys_max_age);
        let days = Duration::from_secs(7 * 24 * 3600);
        self.require(auth.keys_grace <= days, "auth.keys_grace", "must be 7 days (168h) or less");
        self.positive("auth.keys_min_interval", auth.keys_min_interval);
    }

    fn server(&mut self, config: &Config) {
        let server = &config.server;
        let sizes = 1024..=MOST_MESSAGE_BYTES;
        self.require(sizes.contains(&server.max_message_bytes), "server.max_message_bytes", "must be 1024 to 4194304");
        self.require(
            (4096..=1 << 20).contains(&server.max_header_bytes),
            "server.max_header_bytes",
            "must be 4096 to 1048576",
        );
        self.require(
            (1..=1_000_000).contains(&server.max_concurrent_calls),
            "server.max_concurrent_calls",
            "must be 1 to 1000000",
        );
        self.require(server.max_concurrent_streams > 0, "server.max_concurrent_streams", "must be 1 or more");
        self.require(
            (16..=1_000_000).contains(&server.max_connections),
            "server.max_connections",
            "must be 16 to 1000000",
        );
        self.positive("server.first_call_timeout", server.first_call_timeout);
        self.require(
            server.default_deadline <= server.max_deadline,
            "server.max_deadline",
            "must not be shorter than server.default_deadline",
        );
        self.positive("server.default_deadline", server.default_deadline);
        self.positive("server.drain_deadline", server.drain_deadline);
        self.positive("server.max_connection_age", server.max_connection_age);
        self.positive("server.keepalive", server.keepalive);
        self.positive("server.keepalive_timeout", server.keepalive_timeout);
        self.pair(("server.certificate_file", &server.certificate_file), ("server.key_file", &server.key_file));
        self.material(&Files::of_server(server));
        self.client_names(server);
        self.require(
            server.client_ca_file.is_none() || server.certificate_file.is_some(),
            "server.client_ca_file",
            "needs server.certificate_file and server.key_file",
        );
    }

    // A folder that is only the default gives way to a bucket; one that somebody named does not.
    fn documents(&mut self, config: &Config) {
        let (documents, key) = (&config.documents, "documents.dir");
        let folder = !documents.dir.as_os_str().is_empty();
        let both = documents.bucket().is_some() && folder && self.overrides.contains_key(key);
        self.require(!both, key, "is given beside documents.s3.bucket; give one of them");
        let none = documents.bucket().is_none() && !folder;
        self.require(!none, key, "must name a folder, or documents.s3.bucket a bucket");
        for (name, why) in documents.s3.faults() {
            self.refuse(&format!("documents.s3.{name}"), why);
        }
    }

    fn rest(&mut self, config: &Config) {
        self.positive("lease.ttl", config.lease.ttl);
        self.positive("lease.max_clock_skew", config.lease.max_clock_skew);
        self.positive("journal.merge_delay", config.journal.merge_delay);
        self.require((1..=10_000).contains(&config.journal.batch), "journal.batch", "must be 1 to 10000");
        let url = config.journal.witness_url.as_deref();
        let known = url.is_none_or(|url| url.starts_with("http://") || url.starts_with("https://"));
        self.require(known, "journal.witness_url", "must begin with http:// or https://");
        self.positive("limits.revocation_bound", config.limits.revocation_bound);
        let url = config.bus.redis_url.as_ref().map(ExposeSecret::expose_secret);
        let known = url.is_none_or(|url| url.is_empty() || url.starts_with("redis://") || url.starts_with("rediss://"));
        self.require(known, "bus.redis_url", "must begin with redis:// or rediss://");
        self.require(!config.bus.prefix.contains(['{', '}']), "bus.prefix", "must have no braces");
        self.require(config.bus.stream_length >= 100, "bus.stream_length", "must be 100 or more");
        if let Err(fault) = config.telemetry.check() {
            self.refuse("telemetry.log_filter", fault.to_string());
        }
        if let Some(endpoint) = config.telemetry.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()) {
            self.require(is_http(endpoint), "telemetry.otlp_endpoint", "must be a uri such as http://host:4317");
        }
    }

    fn pair(&mut self, one: (&str, &Option<std::path::PathBuf>), two: (&str, &Option<std::path::PathBuf>)) {
        for (this, other) in [(one, two), (two, one)] {
            self.require(this.1.is_some() || other.1.is_none(), this.0, &format!("is missing beside {}", other.0));
        }
        // Both together are looked into; half a pair is at least looked for.
        for (key, path) in [one, two].into_iter().filter(|_| one.1.is_some() != two.1.is_some()) {
            if let Some((path, fault)) = path.as_ref().and_then(|path| Some((path, std::fs::File::open(path).err()?))) {
                self.refuse(key, format!("`{}` cannot be read: {}", path.display(), fault.kind()));
            }
        }
    }

    fn material(&mut self, files: &Files) {
        for fault in tls::faults(files) {
            self.refuse(fault.option, fault.why);
        }
    }

    fn client_names(&mut self, server: &Server) {
        let key = "server.client_names";
        let names = &server.client_names;
        self.require(names.is_empty() || server.client_ca_file.is_some(), key, "needs server.client_ca_file");
        self.require(names.iter().all(|one| !one.name.is_empty()), key, "must not hold an empty name");
        let known = ["profile", "access", "credit"];
        let services = names.iter().flat_map(|one| &one.services).all(|service| known.contains(&service.as_str()));
        self.require(services, key, "services must be some of profile, access, credit");
        let twice = names.iter().enumerate().any(|(at, one)| names[..at].iter().any(|other| other.name == one.name));
        self.require(!twice, key, "must not hold a name twice");
    }
}

pub(crate) fn is_http(text: &str) -> bool {
    text.parse::<http::Uri>()
        .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some())
}
