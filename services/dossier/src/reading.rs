//! What commands that read for people have in common: what for, where, and where the page goes.

use std::path::{Path, PathBuf};

use dossier_kernel::printed::{Printout, html, screen};
use dossier_proto::access::v1::GetRegimeRequest;
use dossier_proto::access::v1::policy_service_client::PolicyServiceClient;

use crate::client::connection::Connection;
use crate::client::fault;
use crate::{Failure, out};

/// The flags of a reading.
#[derive(clap::Args, Clone, Debug)]
pub struct Reading {
    /// What it is read for, a label of the rule book; the first purpose that the rule book lists unless told. The disclosure in the
    /// journal says it. Who reads through a grant gives the purpose of the grant
    #[arg(long, value_name = "PURPOSE", env = "DOSSIER_PURPOSE")]
    purpose: Option<String>,
    /// Where it is read, for levels that bind a place
    #[arg(long, value_name = "PLACE", default_value = "")]
    reading_place: String,
    /// Write a page for printing to this file; without FILE, or with -, to standard output
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    html: Option<PathBuf>,
}

// === impl Reading ===

impl Reading {
    /// What it is read for: as told, or the first purpose of the rule book that `access` gives.
    ///
    /// # Errors
    /// When access refuses or cannot be reached, or the rule book has none.
    pub async fn purpose(&self, access: Connection) -> Result<String, Failure> {
        match &self.purpose {
            Some(purpose) => Ok(purpose.clone()),
            None => usual(access).await,
        }
    }

    /// Where it is read; empty: nowhere in particular.
    pub fn place(&self) -> &str {
        &self.reading_place
    }

    /// Writes a page: as text for the screen, or as HTML to a file or to standard output (`-`).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, page: &Printout) -> Result<(), Failure> {
        match self.html.as_deref() {
            None => Ok(out::text(&screen(page))?),
            Some(path) if path == Path::new("-") => Ok(out::text(&html(page))?),
            Some(path) => std::fs::write(path, html(page)).map_err(|fault| Failure::file(path, &fault)),
        }
    }
}

// What a rule book lists first is what its people mostly read for. It is told.
async fn usual(access: Connection) -> Result<String, Failure> {
    let regime = PolicyServiceClient::new(access).get_regime(GetRegimeRequest::default()).await;
    let regime =
        regime.map_err(|status| fault::refused(&status).within("say the purpose with --purpose: none is known"))?;
    let first = regime.into_inner().purposes.into_iter().next();
    let first = first.ok_or_else(|| Failure::config("the rule book lists no purpose: nothing can be read"))?;
    out::note(format!(
        "read for `{}` ({}), the first purpose of the rule book; --purpose says another",
        first.id, first.label
    ));
    Ok(first.id)
}
