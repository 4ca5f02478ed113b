//! The rules, pure: no I/O; time, ids and the people of the moment come in as arguments.
//!
//! | module | what it decides |
//! |---|---|
//! | [`person`], [`appointment`], [`delegation`] | the directory, and what a letter of authorisation may lend |
//! | [`plan`], [`directory_snapshot`], [`candidate`] | who may fill which place to sign, and why somebody may not |
//! | [`approval`], [`decision`] | the life of an approval |
//! | [`act`] | what exactly an approval decides, where it decides an act of the pack |
//! | [`feasibility`] | whether distinct humans can fill what is missing |
//! | [`access_request`], [`grant`], [`loan`] | requests, the rights they lead to, originals out of the room |
//!
//! How signatures are matched to places, and who is one voice, all services share:
//! [`slot_assignment`](dossier_authority::slot_assignment), [`independence_group`](dossier_authority::independence_group).

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
pub mod loan;
pub mod person;
pub mod plan;
