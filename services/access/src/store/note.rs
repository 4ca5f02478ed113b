//! Table `note`: what an earlier version kept in clear behind the promises of this service's entries. It is only emptied.

use async_trait::async_trait;
use dossier_authority::promise::{Clear, Earlier};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use uuid::Uuid;

/// The salt of one promise, and the text where it is kept nowhere else.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    /// The entry.
    pub entry: Uuid,
    /// The field, as the entry names it.
    pub field: String,
    /// The text; `None` where its own table keeps it.
    pub text: Option<String>,
    /// 32 bytes.
    pub salt: Vec<u8>,
}

/// The table.
#[derive(Clone, Copy, Debug)]
pub struct Notes;

#[async_trait]
impl Earlier for Notes {
    async fn clear(tx: &mut Tx, org: &str) -> Result<Vec<Clear>> {
        let text = "SELECT n.entry, e.topic, n.field, n.text, n.salt
                    FROM note n JOIN journal_entry e ON e.org = n.org AND e.id = n.entry
                    WHERE n.org = $1 AND LENGTH(n.salt) = 32 ORDER BY n.entry, n.field LIMIT 100";
        sql!(tx, fetch_all as Clear, text, org)
    }

    async fn delete(tx: &mut Tx, org: &str, one: &Clear) -> Result<()> {
        let text = "DELETE FROM note WHERE org = $1 AND entry = $2 AND field = $3";
        sql!(tx, execute, text, org, one.entry, &one.field)?;
        Ok(())
    }
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note").field("entry", &self.entry).field("field", &self.field).finish_non_exhaustive()
    }
}
