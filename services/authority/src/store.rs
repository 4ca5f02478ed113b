//! The shared tables and all their statements: access writes them as it decides, the other services as they hear.
//!
//! # To call one
//! Each function takes a `&mut Tx`, the org, and what it needs; each is an upsert that bears being repeated.

pub mod appointment;
pub mod approval;
pub mod audit;
pub mod delegation;
pub mod disposal;
pub mod duty;
pub mod file;
pub mod grant;
pub mod loan;
pub mod number;
pub mod principal;
pub mod rules;
pub mod submission;
