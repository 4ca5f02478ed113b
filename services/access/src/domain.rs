//! The rules, pure: no I/O; time, ids and the people of the moment come in as arguments.
//!
//! | module | what it decides |
//! |---|---|
//! | [`person`], [`appointment`], [`delegation`] | the directory, and what a letter of authorisation may lend |
//! | [`plan`], [`snapshot`], [`voice`], [`candidate`] | who may fill which place to sign, and why somebody may not |
//! | [`assignment`], [`approval`], [`decision`] | signatures matched to places, and the life of an approval |
//! | [`act`] | what exactly an approval decides, where it decides an act of the pack |
//! | [`feasibility`] | whether distinct humans can fill what is missing |
//! | [`access_request`], [`grant`], [`loan`] | requests, the rights they lead to, originals out of the room |

pub mod access_request;
pub mod act;
pub mod appointment;
pub mod approval;
pub mod candidate;
pub mod decision;
pub mod delegation;
pub mod directory_snapshot;
pub mod feasibility;
pub mod grant;
pub mod independence_group;
pub mod loan;
pub mod person;
pub mod plan;
pub mod slot_assignment;
