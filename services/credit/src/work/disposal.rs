//! What credit says to the announced destruction of a file: what its customer owes, may draw or asks for keeps it (C-06, I7).

use std::collections::BTreeSet;

use async_trait::async_trait;
use dossier_authority::disposal::{Ground, Judge};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use uuid::Uuid;

use crate::store::exposure;

/// What keeps a file here.
pub(crate) struct Owing;

#[async_trait]
impl Judge for Owing {
    async fn grounds(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<BTreeSet<Ground>> {
        let open = exposure::is_open(tx, org, file).await?;
        Ok(open.then_some(Ground::ExposureOpen).into_iter().collect())
    }

    // Limits that ended and ratings stay as lines; what they say of a person is sealed under the key that goes.
    async fn destroyed(&self, _: &mut Tx, _: &str, _: Uuid) -> Result<()> {
        Ok(())
    }
}
