//! All SQL of this service. The tables that every service shares are written through `authority`.

pub mod access_request;
pub mod approval;
pub mod audit;
pub mod decision;
pub mod delegation;
pub mod directory_snapshot;
pub mod grant;
pub mod loan;
pub mod note;
pub mod person;
