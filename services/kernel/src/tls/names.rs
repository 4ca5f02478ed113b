//! What a certificate calls whoever shows it.

use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// `commonName` (RFC 5280).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The names in the certificate of a caller: its DNS names and URIs, or else its common name. Empty without a certificate,
/// or for one that has no such name. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerNames(Arc<[String]>);

// === impl PeerNames ===

impl PeerNames {
    /// The names in `chain`, whose first certificate is the caller's own.
    pub(crate) fn of(chain: Option<&[CertificateDer<'_>]>) -> Self {
        let certificate = chain.and_then(|chain| chain.first()).and_then(|own| Certificate::from_der(own).ok());
        Self(certificate.map(|certificate| names(&certificate)).unwrap_or_default().into())
    }

    /// Whether `name` is one of them. Of DNS names the case does not matter; of a URI it does.
    pub fn have(&self, name: &str) -> bool {
        let exact = name.contains("://");
        self.0.iter().any(|own| own == name || (!exact && own.eq_ignore_ascii_case(name)))
    }
}

fn names(certificate: &Certificate) -> Vec<String> {
    let tbs = &certificate.tbs_certificate;
    let alternative = match tbs.get::<SubjectAltName>() {
        Ok(alternative) => alternative,
        // Nobody can say what such a certificate is called.
        Err(_) => return Vec::new(),
    };
    let names: Vec<_> = alternative.iter().flat_map(|(_, names)| &names.0).filter_map(name).collect();
    if names.is_empty() { common(&tbs.subject).into_iter().collect() } else { names }
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) | GeneralName::UniformResourceIdentifier(name) => Some(name.as_str().to_owned()),
        _ => None,
    }
}

// The last one is the most particular.
fn common(subject: &Name) -> Option<String> {
    let mut parts = subject.0.iter().flat_map(|part| part.0.iter());
    let value = parts.rfind(|part| part.oid == COMMON_NAME).map(|part| &part.value)?;
    let text = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
    text.or_else(|_| value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned())).ok()
}
