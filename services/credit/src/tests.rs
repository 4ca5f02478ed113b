//! The road of credit through the real rpcs and a real store; access is a stand-in that records what it is asked.
//!
//! `DOSSIER_TEST_CREDIT_URL` names an empty PostgreSQL database to run on instead of SQLite, one test at a time.

mod access;
mod earlier;
mod limit;
mod rating;
mod reservation;
mod world;
