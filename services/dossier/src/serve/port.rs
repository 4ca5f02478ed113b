//! Ports that cannot be had.

use std::io::ErrorKind;

use dossier_kernel::server::ServeError;

use super::Which;
use crate::Failure;

/// Why the port of `which` cannot be had. It is an option before it is an address: what has to be changed is named first.
pub(super) fn closed(which: Which, fault: ServeError) -> Failure {
    let ServeError::Bind { address, cause } = &fault else { return Failure::call(fault) };
    let why = match cause.kind() {
        ErrorKind::AddrInUse => "another process listens there: end it, or give another port".to_owned(),
        ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        ErrorKind::PermissionDenied => "this user may not listen there: give a port from 1024 on".to_owned(),
        other => other.to_string(),
    };
    Failure::call(format!("{which}.listen: {address} cannot be bound: {why}"))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;

    use super::*;

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
