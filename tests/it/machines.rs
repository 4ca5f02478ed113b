//! Random lives of files, by real calls on SQLite, against a model that fits on a page. The machines of approvals and
//! loans stand beside the other tests of access, that of reservations beside those of credit.

mod file;

use dossier_tests::World;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestError, TestRunner};

use crate::prelude::*;

/// Runs `cases` lives, each in a world of its own; a life that goes wrong is shortened before it is shown.
fn lives<S, F>(cases: u32, strategy: S, live: F)
where
    S: Strategy,
    F: AsyncFn(&World, S::Value) + Copy,
{
    let config = Config { cases, max_shrink_iters: 24, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        runtime.block_on(async {
            let world = World::start(Store::Sqlite).await;
            live(&world, value).await;
            check::holds(&world).await;
            world.end().await;
        });
        Ok(())
    });
    if let Err(TestError::Fail(why, steps)) = outcome {
        panic!("{why}: {steps:#?}");
    }
    outcome.map_err(|fault| fault.to_string()).unwrap();
}
