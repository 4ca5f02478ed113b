//! Certificates on real files and real connections: what is refused at start, and what takes effect while a port is open.

use rcgen::{BasicConstraints, CertificateParams, IsCa};

/// What an authority called `name` has in its certificate.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}
