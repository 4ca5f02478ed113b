//! The ground that both programs stand on: a private PostgreSQL, a private Redis, and real processes of the services.
//!
//! # To start the services
//! ```ignore
//! let scratch = Scratch::new("load")?;
//! let postgres = Postgres::start(&scratch).await?;
//! let redis = Redis::start(&scratch).await?;
//! let plan = Plan::on_postgres(&program, &scratch.path().join("data"), &postgres, "one").await?.with_redis(&redis);
//! let mut fleet = Fleet::start(&scratch, plan).await?;
//! let token = fleet.token("demo", "sales-1").await?;
//! let channel = fleet.replicas[0].channel(Service::Profile)?;
//! ```
//! Everything listens on free ports of 127.0.0.1 and goes away with its owner. Logs lie in the scratch folder, which is
//! removed at the end unless [`Scratch::keep`] was called.

mod backup;
mod disk;
mod fault;
mod fleet;
mod pki;
mod plan;
mod postgres;
mod process;
mod redis;
mod relay;
mod replica;
mod scratch;
mod standby;

pub use backup::Backup;
pub use disk::Disk;
pub use fault::{Fault, Result};
pub use fleet::Fleet;
pub use pki::{Issued, Pki};
pub use plan::{Plan, Service, Store};
pub use postgres::{Halt, Postgres};
pub use process::{Process, Signal};
pub use redis::Redis;
pub use relay::{Cut, Relay};
pub use replica::Replica;
pub use scratch::{Scratch, free_port};
