//! An authority of its own, the certificate that the services show, and the certificate that a port really shows.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Fault, Result};

/// How long a port may take for a handshake.
const PATIENCE: Duration = Duration::from_secs(5);

/// An authority that callers and services believe, and the files of the one certificate that all ports show.
pub struct Pki {
    folder: PathBuf,
    authority: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate for this machine, and its key.
#[derive(Debug)]
pub struct Issued {
    certificate: String,
    key: String,
    /// As it goes over the wire.
    pub der: Vec<u8>,
}

// === impl Pki ===

impl Pki {
    /// A fresh authority below `folder`, with a first certificate.
    ///
    /// # Errors
    /// When nothing can be made or written.
    pub fn new(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut params = params("authority")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(Fault::new)?;
        let authority = CertifiedIssuer::self_signed(params, key).map_err(Fault::new)?;
        let pki = Self { folder: folder.to_owned(), authority };
        pki.put(&pki.authority_file(), &pki.authority.pem())?;
        let first = pki.issue()?;
        pki.put_key(&first)?;
        pki.put_certificate(&first)?;
        Ok(pki)
    }

    /// Another certificate and its key; no file has it yet.
    ///
    /// # Errors
    /// When none can be made.
    pub fn issue(&self) -> Result<Issued> {
        let mut params = params("dossier")?;
        params.subject_alt_names = vec![SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
        let key = KeyPair::generate().map_err(Fault::new)?;
        let certificate = params.signed_by(&key, &self.authority).map_err(Fault::new)?;
        let der = certificate.der().to_vec();
        Ok(Issued { certificate: certificate.pem(), key: key.serialize_pem(), der })
    }

    /// The certificate of `issued` takes the place of the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_certificate(&self, issued: &Issued) -> Result<()> {
        self.put(&self.certificate_file(), &issued.certificate)
    }

    /// The key of `issued` takes the place of the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_key(&self, issued: &Issued) -> Result<()> {
        self.put(&self.key_file(), &issued.key)
    }

    /// What callers believe.
    pub fn authority_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// What ports show.
    pub fn certificate_file(&self) -> PathBuf {
        self.folder.join("server.pem")
    }

    /// The key of what ports show.
    pub fn key_file(&self) -> PathBuf {
        self.folder.join("server.key")
    }

    /// The certificate that a new connection to `address` is shown; one that this authority did not issue is a fault.
    ///
    /// # Errors
    /// When there is no handshake.
    pub async fn shown(&self, address: SocketAddr) -> Result<Vec<u8>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).map_err(Fault::new)?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Fault::new)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connect = async {
            let name = ServerName::from(address.ip());
            let stream = TcpStream::connect(address).await?;
            TlsConnector::from(Arc::new(config)).connect(name, stream).await
        };
        let secure = tokio::time::timeout(PATIENCE, connect).await.map_err(|_| Fault::new("no handshake"))??;
        let shown = secure.get_ref().1.peer_certificates().and_then(<[_]>::first);
        shown.map(|first| first.to_vec()).ok_or_else(|| Fault::new("no certificate was shown"))
    }

    // By another name first: nobody reads half a file.
    fn put(&self, file: &Path, text: &str) -> Result<()> {
        let next = file.with_extension("next");
        let mut made = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
        made.write_all(text.as_bytes())?;
        Ok(std::fs::rename(next, file)?)
    }
}

impl std::fmt::Debug for Pki {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pki").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn params(name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).map_err(Fault::new)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;

    // A port that shows what lies in the files of `pki`.
    async fn port(pki: &Pki) -> SocketAddr {
        let chain = CertificateDer::pem_file_iter(pki.certificate_file()).unwrap().map(|one| one.unwrap()).collect();
        let key = PrivateKeyDer::from_pem_file(pki.key_file()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = acceptor.accept(stream).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn what_a_port_shows_is_what_lay_in_its_files_and_no_other_authority_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let pki = Pki::new(&folder.path().join("one")).unwrap();
        let next = pki.issue().unwrap();
        let before = pki.shown(port(&pki).await).await.unwrap();
        assert_ne!(before, next.der);
        pki.put_key(&next).unwrap();
        pki.put_certificate(&next).unwrap();
        assert_eq!(pki.shown(port(&pki).await).await.unwrap(), next.der);
        let other = Pki::new(&folder.path().join("other")).unwrap();
        assert!(pki.shown(port(&other).await).await.is_err());
    }
}
