//! Where Redis is and with which password; read again at every attempt when it stands in a file.

use std::sync::{Mutex, PoisonError};

use ::redis::Client;
use secrecy::{ExposeSecret, SecretString};

use crate::bus::BusError;
use crate::config::SecretFile;

/// The address of Redis as it is now.
pub(super) struct Address {
    file: Option<SecretFile>,
    known: Mutex<Known>,
}

struct Known {
    url: SecretString,
    client: Client,
}

// === impl Address ===

impl Address {
    /// The address `url`, which `file` gives anew.
    pub(super) fn new(url: &SecretString, file: Option<SecretFile>) -> Result<Self, BusError> {
        // What the library says about a wrong address may repeat its password.
        let invalid = |_| BusError::Invalid { operation: "open", why: "the address is no redis:// address" };
        let client = Client::open(url.expose_secret()).map_err(invalid)?;
        Ok(Self { file, known: Mutex::new(Known { url: url.clone(), client }) })
    }

    /// A client of the address that the file holds now. A file that cannot be read, or holds no address, changes nothing:
    /// whoever is writing it is not done.
    pub(super) fn client(&self) -> Client {
        let now = self.file.as_ref().and_then(|file| file.read().ok());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(url) = now.filter(|url| url.expose_secret() != known.url.expose_secret())
            && let Ok(client) = Client::open(url.expose_secret())
        {
            tracing::info!("the address of Redis was changed in its file");
            *known = Known { url, client };
        }
        known.client.clone()
    }
}
