//! One look at the stamps for all who ask at the same time.

use std::sync::Arc;

use uuid::Uuid;

use super::{HEAD, Row, Stamp, TAIL, stamps, wanted};
use crate::db::Db;
use crate::error::Result;
use crate::glance_rows;
use crate::shared::{Look, Shared};

/// Reads stamps for many callers at once; cheap to clone.
#[derive(Clone, Debug)]
pub struct Stamps(Shared<At>);

#[derive(Debug)]
struct At(Db);

// === impl Stamps ===

impl Stamps {
    /// Starts reading the stamps of `db`. Needs a running tokio runtime.
    pub fn start(db: &Db) -> Self {
        Self(Shared::start(At(db.clone())))
    }

    /// The stamp of `subject` and its org at a moment after this call began; `None` when the store does not answer.
    pub async fn read(&self, org: &Arc<str>, subject: Uuid) -> Option<Stamp> {
        self.0.together((Arc::clone(org), subject)).await
    }
}

// === impl At ===

#[async_trait::async_trait]
impl Look for At {
    type Question = (Arc<str>, Uuid);
    type Answer = Stamp;

    const NAME: &'static str = "stamps";

    async fn look(&self, asked: &[Self::Question]) -> Result<Vec<Stamp>> {
        let subjects: Vec<(&str, Uuid)> = asked.iter().map(|(org, subject)| (&**org, *subject)).collect();
        let (head, rows, tail) = (HEAD, wanted(&subjects), TAIL);
        let rows = glance_rows!(&self.0, fetch_all as Row, head, rows, (org, subject) => [org, subject], tail)?;
        Ok(stamps(&subjects, rows))
    }
}
