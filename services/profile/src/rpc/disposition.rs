//! The rpcs of disposition: for how long files are kept, and which are due.

pub mod evaluate;
pub mod list_due;
