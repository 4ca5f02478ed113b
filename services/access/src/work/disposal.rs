//! What access says to the announced destruction of a file: a loan, a request or an approval about it keeps it (X-11, I7).

use std::collections::BTreeSet;

use async_trait::async_trait;
use dossier_authority::Base;
use dossier_authority::disposal::{Ground, Judge};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use uuid::Uuid;

use super::ending::revoke;
use crate::domain::grant::State;
use crate::store;
use crate::work::cause::Cause;

/// What keeps a file here.
pub(crate) struct Keeping<'a>(pub &'a Base);

#[async_trait]
impl Judge for Keeping<'_> {
    async fn grounds(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<BTreeSet<Ground>> {
        let mut grounds = BTreeSet::new();
        if store::loan::open_of_file(tx, org, file).await?.is_some() {
            grounds.insert(Ground::LoanOpen);
        }
        let asked = !store::access_request::open_of_file(tx, org, file).await?.is_empty();
        if asked || store::approval::is_open_about(tx, org, file).await? {
            grounds.insert(Ground::RequestOpen);
        }
        Ok(grounds)
    }

    async fn destroyed(&self, tx: &mut Tx, org: &str, file: Uuid) -> Result<()> {
        // No call began this, and the transaction is open: another connection would wait for one that waits for this.
        let cause = Cause::rule(self.0, org, micros(tx.now(&*self.0.providers.clock).await?));
        for mut grant in store::grant::unended_of_file(tx, org, file).await? {
            if grant.state(cause.now) == State::Active {
                revoke(&cause, tx, None, &[], &mut grant).await?;
            }
        }
        Ok(())
    }
}
