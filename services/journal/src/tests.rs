//! The journal on an SQLite store: sequencing, publishing, consuming, disclosing, answering.

mod consuming;
mod disclosing;
mod fixture;
mod rpc;
mod sequencing;

pub(crate) use fixture::{Fixture, log};
