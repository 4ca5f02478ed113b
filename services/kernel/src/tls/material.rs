//! Certificates, keys and authorities as they lie in PEM files, and what can be wrong with them.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{Error, RootCertStore};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use zeroize::Zeroizing;

use super::{Fault, File, Files};

/// What the files of one section hold.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) pair: Option<Pair>,
    pub(crate) roots: Option<Roots>,
}

/// A certificate chain and its key, which fit.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) certified: Arc<CertifiedKey>,
    pub(crate) life: Life,
}

/// Certificates that vouch for others.
#[derive(Debug)]
pub(crate) struct Roots {
    pub(crate) store: RootCertStore,
    /// That of the certificate that ends last: a bundle holds the old authority beside the new one.
    pub(crate) life: Life,
}

/// From when to when a certificate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) begins: Timestamp,
    pub(crate) ends: Timestamp,
}

/// The one provider of cryptography for TLS.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The authorities of the system, as far as they can be read.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// The authorities in `path`.
///
/// # Errors
/// A sentence that names the file.
pub(crate) fn roots(path: &Path) -> Result<Roots, String> {
    let certificates = certificates(path)?;
    let said = |why: &str| format!("`{}` {why}", path.display());
    let mut store = RootCertStore::empty();
    let mut latest: Option<Life> = None;
    for certificate in certificates {
        let life = Life::of(&certificate).ok_or_else(|| said("holds a certificate that cannot be read"))?;
        store.add(certificate).map_err(|_| said("holds a certificate that cannot be read"))?;
        latest = Some(latest.filter(|known| known.ends >= life.ends).unwrap_or(life));
    }
    let life = latest.ok_or_else(|| said("holds no certificate"))?;
    Ok(Roots { store, life })
}

// === impl Material ===

impl Material {
    /// Reads `files`.
    pub(crate) fn read(files: &Files) -> Result<Self, Fault> {
        let pair = files.pair.as_ref().map(|(certificate, key)| Pair::read(certificate, key)).transpose()?;
        let read = |file: &File| roots(&file.path).map_err(|why| Fault { option: file.option, why });
        Ok(Self { pair, roots: files.authority.as_ref().map(read).transpose()? })
    }

    /// What is shown to the other side; `None` without a pair.
    pub(crate) fn shown(&self) -> Option<Arc<SingleCertAndKey>> {
        self.pair.as_ref().map(|pair| Arc::new(SingleCertAndKey::from(Arc::clone(&pair.certified))))
    }

    /// When what each option names ends.
    pub(crate) fn lives(&self, files: &Files) -> Vec<(&'static str, Life)> {
        let pair = files.pair.as_ref().zip(self.pair.as_ref()).map(|((file, _), pair)| (file.option, pair.life));
        let roots = files.authority.as_ref().zip(self.roots.as_ref()).map(|(file, roots)| (file.option, roots.life));
        pair.into_iter().chain(roots).collect()
    }
}

// === impl Pair ===

impl Pair {
    fn read(certificate: &File, key: &File) -> Result<Self, Fault> {
        let of = |file: &File, why: String| Fault { option: file.option, why };
        let chain = certificates(&certificate.path).map_err(|why| of(certificate, why))?;
        let life = chain.first().and_then(Life::of);
        let said = |why: &str| format!("`{}` {why}", certificate.path.display());
        let life = life.ok_or_else(|| of(certificate, said("holds a certificate that cannot be read")))?;
        let private = private_key(&key.path).map_err(|why| of(key, why))?;
        match CertifiedKey::from_der(chain, private, &provider()) {
            Ok(certified) => Ok(Self { certified: Arc::new(certified), life }),
            Err(Error::InvalidCertificate(_)) => Err(of(certificate, said("holds a certificate that cannot be read"))),
            Err(Error::InconsistentKeys(_)) => Err(of(key, misfit(key, certificate))),
            Err(_) => Err(of(key, format!("`{}` holds a key of a kind that is not known here", key.path.display()))),
        }
    }
}

fn misfit(key: &File, certificate: &File) -> String {
    format!("`{}` does not fit the certificate in `{}`", key.path.display(), certificate.path.display())
}

// === impl Life ===

impl Life {
    fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let certificate = Certificate::from_der(certificate).ok()?;
        let validity = certificate.tbs_certificate.validity;
        let at = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            Timestamp::from_second(seconds).ok()
        };
        Some(Self { begins: at(validity.not_before)?, ends: at(validity.not_after)? })
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = read(path)?;
    let said = |why: &str| format!("`{}` {why}", path.display());
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let all = all.map_err(|_| said("is not in the form of PEM"))?;
    if all.is_empty() { Err(said("holds no certificate in the form of PEM")) } else { Ok(all) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let text = read(path)?;
    // Both old and new PEM say so in plain words before the key.
    if text.windows(9).any(|part| part == b"ENCRYPTED") {
        return Err(format!(
            "`{}` is encrypted; a process that starts alone needs it without a passphrase",
            path.display()
        ));
    }
    PrivateKeyDer::from_pem_slice(&text)
        .map_err(|_| format!("`{}` holds no private key in the form of PEM", path.display()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = std::fs::read(path).map_err(|fault| format!("`{}` cannot be read: {}", path.display(), fault.kind()))?;
    Ok(Zeroizing::new(text))
}
