//! What every store of contents must do, as one suite that runs on each kind of place.
//!
//! A check takes an empty store and says what it found wrong; nothing here panics, so that a suite that should fail can be seen
//! failing.

use futures::future::{BoxFuture, join_all};

use super::Objects;
use crate::error::{Error, Reason};

/// A check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The name of the check.
    pub check: &'static str,
    /// What it found.
    pub why: String,
}

type Verdict = Result<(), String>;
type Check = fn(Objects) -> BoxFuture<'static, Verdict>;

const CHECKS: &[(&str, Check)] = &[
    ("this process is let in, and what is there stays", |objects| Box::pin(looked_at(objects))),
    ("a piece is found as it was put", |objects| Box::pin(found(objects))),
    ("a piece is written once", |objects| Box::pin(once(objects))),
    ("of many who write one piece a single one does", |objects| Box::pin(crowd(objects))),
    ("a list shows what is below, and nothing beside", |objects| Box::pin(below(objects))),
    ("a long list is whole", |objects| Box::pin(long(objects))),
    ("what is removed is gone, and what was never there is no fault", |objects| Box::pin(removed(objects))),
    ("a folder is cleared of what does not stay", |objects| Box::pin(cleared(objects))),
];

/// Runs every check, each on an empty store from `make`, and returns those that failed.
pub async fn suite(make: impl AsyncFn() -> Objects) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (name, check) in CHECKS {
        let verdict = check(make().await).await;
        failures.extend(verdict.err().map(|why| Failure { check: name, why }));
    }
    failures
}

async fn looked_at(objects: Objects) -> Verdict {
    objects.reach().await.map_err(say)?;
    for _ in 0..2 {
        objects.look().await.map_err(say)?;
    }
    listed(&objects, "demo", &[]).await
}

async fn found(objects: Objects) -> Verdict {
    // Nothing, a little, and a whole piece with its seal.
    for (path, size) in [("demo/a/1", 0), ("demo/a/2", 3), ("demo/a/3", (4 << 20) + 64)] {
        let piece: Vec<u8> = (0..=u8::MAX).cycle().take(size).collect();
        objects.put(path, piece.clone()).await.map_err(say)?;
        same("a piece", objects.get(path).await.map_err(say)?.map(|kept| kept == piece), Some(true))?;
    }
    same("a piece that was never put", objects.get("demo/a/4").await.map_err(say)?, None)
}

async fn once(objects: Objects) -> Verdict {
    objects.put("demo/a/1", vec![1, 2]).await.map_err(say)?;
    same(
        "another one",
        objects.put("demo/a/1", vec![3]).await.map_err(|fault| fault.reason()),
        Err(Reason::ConflictRetry),
    )?;
    same("the first", objects.get("demo/a/1").await.map_err(say)?, Some(vec![1, 2]))?;
    // Its writer did not hear that it is kept.
    objects.put("demo/a/1", vec![1, 2]).await.map_err(say)
}

async fn crowd(objects: Objects) -> Verdict {
    let writers = (0..8_u8).map(|who| objects.put("demo/a/1", vec![who; 100_000]));
    let done = join_all(writers).await;
    let winners: Vec<_> = (0..8_u8).zip(&done).filter(|(_, done)| done.is_ok()).map(|(who, _)| who).collect();
    let refused = done.iter().filter(|done| matches!(done, Err(fault) if fault.reason() == Reason::ConflictRetry));
    same("one writes, the others are refused", (winners.len(), refused.count()), (1, 7))?;
    let kept = objects.get("demo/a/1").await.map_err(say)?;
    same("what is kept", kept, winners.first().map(|who| vec![*who; 100_000]))
}

async fn below(objects: Objects) -> Verdict {
    for path in ["demo/a/1", "demo/a/2", "demo/ab/1", "other/a/1"] {
        objects.put(path, vec![1]).await.map_err(say)?;
    }
    listed(&objects, "demo/a", &["demo/a/1", "demo/a/2"]).await?;
    listed(&objects, "demo", &["demo/a/1", "demo/a/2", "demo/ab/1"]).await?;
    listed(&objects, "demo/b", &[]).await
}

async fn long(objects: Objects) -> Verdict {
    // More than a server tells at once.
    let paths: Vec<_> = (0..1_020).map(|at| format!("demo/a/{at:04}")).collect();
    for some in paths.chunks(60) {
        for done in join_all(some.iter().map(|path| objects.put(path, vec![1]))).await {
            done.map_err(say)?;
        }
    }
    same("how many there are", objects.below("demo/a").await.map_err(say)?.len(), paths.len())?;
    objects.clear("demo/a", &paths[..1]).await.map_err(say)?;
    listed(&objects, "demo", &["demo/a/0000"]).await
}

async fn removed(objects: Objects) -> Verdict {
    objects.put("demo/a/1", vec![1]).await.map_err(say)?;
    objects.remove("demo/a/1").await.map_err(say)?;
    objects.remove("demo/a/1").await.map_err(say)?;
    same("a piece that was removed", objects.get("demo/a/1").await.map_err(say)?, None)?;
    objects.put("demo/a/1", vec![2]).await.map_err(say)
}

async fn cleared(objects: Objects) -> Verdict {
    for path in ["demo/a/1", "demo/a/2", "demo/ab/1"] {
        objects.put(path, vec![1]).await.map_err(say)?;
    }
    objects.clear("demo/a", &["demo/a/2".to_owned()]).await.map_err(say)?;
    listed(&objects, "demo", &["demo/a/2", "demo/ab/1"]).await?;
    for _ in 0..2 {
        objects.clear("demo/a", &[]).await.map_err(say)?;
    }
    listed(&objects, "demo", &["demo/ab/1"]).await
}

async fn listed(objects: &Objects, folder: &str, wanted: &[&str]) -> Verdict {
    let mut found = objects.below(folder).await.map_err(say)?;
    found.sort();
    same("what lies below", found, wanted.iter().map(|&path| path.to_owned()).collect())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Verdict {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:.60?}, not {wanted:.60?}")) }
}

fn say(fault: Error) -> String {
    format!("failed with {:?}", fault.reason())
}
