//! One file per rpc of `TemplateService`, and how templates look in the contract.

pub mod get;
pub mod list;
pub mod render;
pub mod validate_identifier;
pub mod view;
