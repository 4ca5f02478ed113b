//! The rpcs: decode, authorise, answer. The files `*_service.rs` only hand each call to its own function.

pub mod access_request;
mod access_service;
pub mod approval;
mod approval_service;
mod delegation;
mod directory_service;
pub(crate) mod enter;
pub mod grant;
pub mod loan;
mod loan_service;
pub(crate) mod person;
pub(crate) mod plan;
mod policy;
mod policy_service;
pub(crate) mod record;

pub(crate) use access_service::AccessRpc;
pub(crate) use approval::plan_digest;
pub(crate) use approval_service::ApprovalRpc;
pub(crate) use directory_service::DirectoryRpc;
pub(crate) use loan_service::LoanRpc;
pub(crate) use policy_service::PolicyRpc;
