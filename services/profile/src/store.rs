//! All SQL of this service. Every statement starts from the org; what answers a person contains the predicate of
//! visibility; rows are private and become domain types here.

pub mod audit;
pub mod customer_file;
pub mod disposal;
pub mod document;
pub mod file_number;
pub mod hold;
pub mod item;
pub mod place;
pub mod reading;
pub mod record;
pub mod register;
pub mod reindex;
pub mod revision;
pub mod token;
pub mod transfer;
pub mod volume;
