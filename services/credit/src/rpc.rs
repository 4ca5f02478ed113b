//! The rpcs: decode, authorise, answer. The files `*_service.rs` only hand each call to its own function.

pub(crate) mod enter;
pub(crate) mod exposure;
mod exposure_service;
pub(crate) mod limit;
mod limit_service;
pub(crate) mod rating;
mod rating_service;
pub(crate) mod record;
pub(crate) mod reservation;
pub(crate) mod score_model;

pub(crate) use exposure_service::ExposureRpc;
pub(crate) use limit_service::LimitRpc;
pub(crate) use rating::promised_score;
pub(crate) use rating_service::RatingRpc;
