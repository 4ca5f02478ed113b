//! One file per rpc of `NumberService`.

pub mod list;
pub mod void;
