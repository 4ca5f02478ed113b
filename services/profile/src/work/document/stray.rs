//! What lies in the store of contents and no row knows: what came in before the store was put back to an earlier state.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Base;
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::objects::Objects;
use dossier_kernel::transact;
use jiff::Timestamp;
use uuid::Uuid;

pub use crate::domain::document::content::Leftover;
use crate::store::document::{self, leftover};

/// How many uploads one look at the store asks for.
const BATCH: usize = 500;

/// The uploads of `org` under which something lies, and which are neither the content of a document, nor under way, nor known to be
/// left over.
///
/// # Errors
/// `CONTENT_UNAVAILABLE`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn strays(objects: &Objects, db: &Db, org: &str) -> Result<Vec<Leftover>> {
    let lying: BTreeMap<_, _> = objects.below(org).await?.iter().filter_map(|path| upload(org, path)).collect();
    let mut strays = Vec::new();
    let all: Vec<_> = lying.into_iter().collect();
    for some in all.chunks(BATCH) {
        let mut tx = db.read().await?;
        let known = known(&mut tx, org, some).await?;
        let unknown = some.iter().filter(|(id, _)| !known.contains(id));
        strays.extend(unknown.map(|(id, (file, document))| Leftover {
            id: *id,
            document: *document,
            file: *file,
            ended_at: Timestamp::UNIX_EPOCH,
            version: 1,
        }));
    }
    Ok(strays)
}

/// Notes strays of `org` as left over, so that they are dropped after a day like whatever an upload leaves.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn note(base: &Base, org: &str, strays: &[Leftover]) -> Result<()> {
    let now = base.store_time().await?;
    for some in strays.chunks(BATCH) {
        transact!(base.db, tx => {
            for one in some {
                leftover::note(tx, org, &Leftover { ended_at: now, ..one.clone() }).await?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

// The ids in `{org}/{file}/{document}/{upload}/{piece}`; whatever else lies there is none of this store's.
fn upload(org: &str, path: &str) -> Option<(Uuid, (Uuid, Uuid))> {
    let mut parts = path.strip_prefix(org)?.strip_prefix('/')?.split('/').map(|part| part.parse().ok());
    let (file, document, id) = (parts.next()??, parts.next()??, parts.next()??);
    Some((id, (file, document)))
}

async fn known(tx: &mut Tx, org: &str, some: &[(Uuid, (Uuid, Uuid))]) -> Result<BTreeSet<Uuid>> {
    let ids: BTreeSet<_> = some.iter().map(|(id, _)| *id).collect();
    let mut known = leftover::known(tx, org, &ids).await?;
    let documents: BTreeSet<_> = some.iter().map(|(_, (_, document))| *document).collect();
    let kept = document::each(tx, org, &documents).await?;
    known.extend(kept.into_values().filter_map(|one| Some(one.content?.place.upload)));
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_there_is_known_by_its_ids() {
        let [file, document, id] = [1, 2, 3].map(Uuid::from_u128);
        let path = format!("demo/{file}/{document}/{id}/00000000-1");
        assert_eq!(upload("demo", &path), Some((id, (file, document))));
        for other in
            [format!("demo2/{file}/{document}/{id}/1"), format!("demo/{file}/{document}"), "demo/notes.txt".into()]
        {
            assert_eq!(upload("demo", &other), None, "{other}");
        }
    }
}
