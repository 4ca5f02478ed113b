//! The way to a service, in somebody's name.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use dossier_kernel::config::{Config, Peers};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

use crate::Failure;
use crate::serve::Which;

/// A connection that shows a credential with every call; cheap to clone. Generated clients work over it.
pub type Connection = InterceptedService<Channel, Bearer>;

/// A bearer token, or none; it does not print itself.
#[derive(Clone, Default)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

/// The flags of profile's address and of the credential, for commands that know their form.
#[derive(clap::Args, Clone)]
pub struct Given {
    /// Where the profile service is reached; the configured address unless told
    #[arg(long, value_name = "URI", env = "DOSSIER_PROFILE_ADDRESS")]
    address: Option<String>,
    /// The bearer token; rather in the environment, where other users do not see it
    #[arg(long, value_name = "JWT", env = "DOSSIER_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A file with the bearer token; wins over --token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Where a service is reached, and in whose name, as far as the command line says.
#[derive(Clone, Debug, Default)]
pub struct Access {
    address: Option<String>,
    token: Option<Bearer>,
}

// === impl Bearer ===

impl Bearer {
    /// The credential that shows `token`.
    ///
    /// # Errors
    /// When it cannot be sent in a header.
    pub fn new(token: &str) -> Result<Self, Failure> {
        let value = format!("Bearer {}", token.trim()).parse::<MetadataValue<Ascii>>();
        let mut value = value.map_err(|_| Failure::config("the token has characters that no header takes"))?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Bearer(..)" } else { "Bearer(none)" })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

// === impl Given ===

impl Given {
    /// What they say.
    ///
    /// # Errors
    /// When the token cannot be read or sent.
    pub fn access(&self) -> Result<Access, Failure> {
        let token = match &self.token_file {
            Some(path) => Some(read(path)?),
            None => self.token.clone().filter(|token| !token.is_empty()),
        };
        let token = token.map(|token| Bearer::new(&token)).transpose()?;
        Ok(Access { address: self.address.clone(), token })
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Given").field("address", &self.address).finish_non_exhaustive()
    }
}

// === impl Access ===

impl Access {
    /// Adds the flags of the address of `which` and of the credential to `command` and all below it.
    pub fn of(which: Which, command: Command) -> Command {
        let option = |name: &'static str| Arg::new(name).long(name).global(true).help_heading("Global options");
        command
            .arg(
                option("address")
                    .value_name("URI")
                    .env(variable(which))
                    .help("Where the service is reached; the configured address unless told"),
            )
            .arg(
                option("token")
                    .value_name("JWT")
                    .env("DOSSIER_TOKEN")
                    .hide_env_values(true)
                    .help("The bearer token; rather in the environment, where other users do not see it"),
            )
            .arg(
                option("token-file")
                    .value_name("FILE")
                    .value_parser(clap::value_parser!(PathBuf))
                    .help("A file with the bearer token; wins over --token"),
            )
    }

    /// Reads those flags.
    ///
    /// # Errors
    /// When the token cannot be read or sent.
    pub fn read(matches: &ArgMatches) -> Result<Self, Failure> {
        let text = |flag: &str| matches.get_one::<String>(flag).cloned();
        let token_file = matches.get_one::<PathBuf>("token-file").cloned();
        Given { address: text("address"), token: text("token"), token_file }.access()
    }

    /// Where `which` is looked for.
    ///
    /// # Errors
    /// When nobody says where it listens.
    pub fn uri(&self, which: Which, config: &Config) -> Result<String, Failure> {
        self.address.clone().map_or_else(|| address(config, which), Ok)
    }

    /// The connection to another service with the same credential, where its own variable or the configuration says it is.
    ///
    /// # Errors
    /// As [`Access::connect`].
    pub fn also(&self, which: Which, config: &Config) -> Result<Connection, Failure> {
        let told = std::env::var(variable(which)).ok().filter(|uri| !uri.is_empty());
        let uri = told.map_or_else(|| address(config, which), Ok)?;
        connect(&uri, self.token.clone().unwrap_or_default(), &config.peers)
    }

    /// The connection to `which`.
    ///
    /// # Errors
    /// When the address or the certificates cannot be used.
    pub fn connect(self, which: Which, config: &Config) -> Result<Connection, Failure> {
        connect(&self.uri(which, config)?, self.token.unwrap_or_default(), &config.peers)
    }
}

fn variable(which: Which) -> &'static str {
    match which {
        Which::Profile => "DOSSIER_PROFILE_ADDRESS",
        Which::Access => "DOSSIER_ACCESS_ADDRESS",
        Which::Credit => "DOSSIER_CREDIT_ADDRESS",
    }
}

/// A connection to `uri` that shows `bearer`. Connects when it is first needed.
///
/// # Errors
/// When the uri or the certificates cannot be used.
pub fn connect(uri: &str, bearer: Bearer, peers: &Peers) -> Result<Connection, Failure> {
    Ok(InterceptedService::new(channel(uri, peers)?, bearer))
}

/// A channel to `uri`, with the certificates of `[peers]` for https.
///
/// # Errors
/// When the uri or the certificates cannot be used.
pub fn channel(uri: &str, peers: &Peers) -> Result<Channel, Failure> {
    let fault =
        |fault: tonic::transport::Error| Failure::config(format!("the address `{uri}` cannot be used: {fault}"));
    let mut endpoint = Endpoint::from_shared(uri.to_owned()).map_err(fault)?;
    if !matches!(endpoint.uri().scheme_str(), Some("http" | "https")) {
        return Err(Failure::config(format!("the address `{uri}` must be a uri such as http://host:7401")));
    }
    endpoint = endpoint.connect_timeout(peers.connect_timeout).tcp_nodelay(true);
    if uri.starts_with("https:") {
        endpoint = endpoint.tls_config(tls(peers)?).map_err(fault)?;
    }
    Ok(endpoint.connect_lazy())
}

fn tls(peers: &Peers) -> Result<ClientTlsConfig, Failure> {
    let read = |path: &Path| std::fs::read(path).map_err(|fault| Failure::file(path, &fault));
    let tls = match &peers.ca_file {
        Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    Ok(match (&peers.certificate_file, &peers.key_file) {
        (Some(certificate), Some(key)) => tls.identity(Identity::from_pem(read(certificate)?, read(key)?)),
        _ => tls,
    })
}

/// Where a service is reached according to the configuration: as a peer, or where it listens.
///
/// # Errors
/// When it listens on any free port.
pub fn address(config: &Config, which: Which) -> Result<String, Failure> {
    if let Some(uri) = which.peer(config) {
        return Ok(uri.to_owned());
    }
    let mut listen = which.settings(config).listen;
    if listen.port() == 0 {
        return Err(Failure::config(format!("{which} listens on a free port: say which with --address")));
    }
    if listen.ip().is_unspecified() {
        listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let scheme = if config.server.certificate_file.is_some() { "https" } else { "http" };
    Ok(format!("{scheme}://{listen}"))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))
}

#[cfg(test)]
mod tests {
    use dossier_kernel::config::Sources;

    use super::*;

    fn config(flags: &[(&str, &str)]) -> Config {
        let flags = flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Config::load(&Sources { flags, ..Sources::default() }).unwrap()
    }

    #[test]
    fn the_address_is_the_peer_or_where_it_listens() {
        assert_eq!(address(&config(&[]), Which::Access).unwrap(), "http://127.0.0.1:7402");
        let any = config(&[("profile.listen", "0.0.0.0:99"), ("peers.credit", "http://c:3")]);
        assert_eq!(address(&any, Which::Profile).unwrap(), "http://127.0.0.1:99");
        assert_eq!(address(&any, Which::Credit).unwrap(), "http://c:3");
        assert!(address(&config(&[("profile.listen", "127.0.0.1:0")]), Which::Profile).is_err());
    }

    #[test]
    fn a_token_does_not_print_itself() {
        let bearer = Bearer::new("secret\n").unwrap();
        assert!(!format!("{bearer:?}").contains("secret"));
        assert!(Bearer::new("two\nlines").is_err());
    }
}
