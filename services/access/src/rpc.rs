//! The rpcs: decode, authorise, answer. What is done in between is [`work`](crate::work). The files `*_service.rs` only hand
//! each call to its own function.

mod access_request;
mod access_service;
mod approval;
mod approval_service;
mod delegation;
mod directory_service;
mod enter;
mod grant;
mod loan;
mod loan_service;
mod person;
mod plan;
mod policy;
mod policy_service;

pub(crate) use access_service::AccessRpc;
pub(crate) use approval_service::ApprovalRpc;
pub(crate) use directory_service::DirectoryRpc;
pub(crate) use loan_service::LoanRpc;
pub(crate) use policy_service::PolicyRpc;
