//! Ports that cannot be had.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use dossier_kernel::config::Config;
use dossier_kernel::server::ServeError;

use super::Which;
use crate::Failure;

/// Demands that the ports of `services` can be had, before anything is made or written for them; tells of all that cannot.
///
/// # Errors
/// As [`closed`], each on a line of its own.
pub(super) fn require_free(config: &Config, services: &[Which]) -> Result<(), Failure> {
    let told = services.iter().filter_map(|which| {
        let address = which.settings(config).listen;
        TcpListener::bind(address).err().map(|cause| why(*which, address, &cause))
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { Ok(()) } else { Err(Failure::call(told.join("\n"))) }
}

/// Why the port of `which` cannot be had.
pub(super) fn closed(which: Which, fault: ServeError) -> Failure {
    let ServeError::Bind { address, cause } = &fault else { return Failure::call(fault) };
    Failure::call(why(which, *address, cause))
}

// It is an option before it is an address: what has to be changed is named first.
fn why(which: Which, address: SocketAddr, cause: &io::Error) -> String {
    let why = match cause.kind() {
        ErrorKind::AddrInUse => "another process listens there: end it, or give another port".to_owned(),
        ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        ErrorKind::PermissionDenied => "this user may not listen there: give a port from 1024 on".to_owned(),
        other => other.to_string(),
    };
    format!("{which}.listen: {address} cannot be bound: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_that_is_taken_is_told_at_once() {
        let taken = [TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()];
        let [profile, credit] = taken.each_ref().map(|one| one.local_addr().unwrap());
        let mut config = Config::embedded(std::path::Path::new("nowhere")).unwrap();
        config.access.listen = "127.0.0.1:0".parse().unwrap();
        (config.profile.listen, config.credit.listen) = (profile, credit);
        let told = require_free(&config, &Which::ALL).unwrap_err().to_string();
        assert_eq!(told.matches("another process listens there").count(), 2, "{told}");
        assert!(
            told.contains(&format!("profile.listen: {profile}")) && told.contains(&format!("credit.listen: {credit}"))
        );
        drop(taken);
        require_free(&config, &Which::ALL).unwrap();
    }

    #[test]
    fn a_port_that_cannot_be_had_is_told_by_its_option_its_address_and_what_to_do() {
        let address: SocketAddr = "127.0.0.1:7401".parse().unwrap();
        for (kind, part) in [
            (ErrorKind::AddrInUse, "another process listens there"),
            (ErrorKind::AddrNotAvailable, "no such address"),
            (ErrorKind::PermissionDenied, "from 1024 on"),
            (ErrorKind::OutOfMemory, "out of memory"),
        ] {
            let words = closed(Which::Profile, ServeError::Bind { address, cause: io::Error::from(kind) }).to_string();
            assert!(words.starts_with("profile.listen: 127.0.0.1:7401 ") && words.contains(part), "{words}");
        }
        assert!(!closed(Which::Profile, ServeError::Clear).to_string().contains("listen:"));
    }
}
