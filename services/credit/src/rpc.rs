//! The rpcs: decode, authorise, answer. What is done in between is [`work`](crate::work). The files `*_service.rs` only hand
//! each call to its own function.

pub(crate) mod enter;
mod exposure;
mod exposure_service;
pub(crate) mod limit;
mod limit_service;
mod rating;
mod rating_service;
mod reservation;
pub(crate) mod score_model;

pub(crate) use crate::work::record;
pub(crate) use exposure_service::ExposureRpc;
pub(crate) use limit_service::LimitRpc;
pub(crate) use rating_service::RatingRpc;
