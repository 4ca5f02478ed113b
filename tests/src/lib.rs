//! What every test stands on: the services in one process on a store of their own, callers, and checkers of the
//! invariants.
//!
//! | module | what it is for |
//! |---|---|
//! | [`world`] | [`World`]: three services on SQLite or PostgreSQL, a clock to move, callers with tokens |
//! | [`answer`] | reading what a call answered or why it was refused |
//! | [`bucket`] | a bucket of an S3 server for contents of documents, which fails when it is told to |
//! | [`scene`] | short ways to the middle of a story: an active file, a rated customer, a loan |
//! | [`check`] | I1, I2, I3, I4, I6, I8, I10, I11 proved from the stores, without the services' code |
//! | [`marks`] | which test proves which requirement |
//! | [`raw`] | calls as bytes: broken messages, and answers compared byte by byte |
//!
//! # To write a test
//! ```ignore
//! on_both_stores! {
//!     // proves: P-05
//!     async fn a_number_is_issued_once(world) {
//!         let file = world.active_file("sales-1", "客户甲").await;
//!         assert_eq!(file.number, "KH-2026-00001");
//!     }
//! }
//! ```
//! makes `a_number_is_issued_once::sqlite` and `a_number_is_issued_once::postgres`. Without `DOSSIER_TEST_POSTGRES` the
//! second says that it was skipped.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is nothing but tests: a fault ends the test and says where"
)]

pub mod answer;
pub mod bucket;
pub mod check;
pub mod log;
pub mod marks;
pub mod raw;
pub mod rules;
pub mod scene;
pub mod world;

pub use answer::{Answer, Refused};
pub use bucket::Bucket;
pub use world::{Replica, Store, World};

/// Runs one behaviour on both stores: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both_stores {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a behaviour may need nothing of its module")]
            use super::*;

            async fn behaviour($world: &$crate::World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn sqlite() {
                $crate::world::run($crate::Store::Sqlite, module_path!(), |world| Box::pin(behaviour(world))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn postgres() {
                $crate::world::run($crate::Store::Postgres, module_path!(), |world| Box::pin(behaviour(world))).await;
            }
        }
    )+};
}

/// As [`on_both_stores`], in a world under other rules: `on_both_stores_under! { Rules::of("KINDS"); async fn ... }`.
#[macro_export]
macro_rules! on_both_stores_under {
    ($rules:expr; $($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a behaviour may need nothing of its module")]
            use super::*;

            async fn behaviour($world: &$crate::World) $body

            async fn on(store: $crate::Store) {
                $crate::world::run_under(store, module_path!(), &$rules, |world| Box::pin(behaviour(world))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn sqlite() {
                on($crate::Store::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn postgres() {
                on($crate::Store::Postgres).await;
            }
        }
    )+};
}

/// Runs one behaviour on SQLite alone: for what does not touch the store's dialect, or takes many cases.
#[macro_export]
macro_rules! on_sqlite {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        $(#[$meta])*
        async fn $name() {
            async fn behaviour($world: &$crate::World) $body
            $crate::world::run($crate::Store::Sqlite, stringify!($name), |world| Box::pin(behaviour(world))).await;
        }
    )+};
}
