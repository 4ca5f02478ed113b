//! The rules of credit, pure: no I/O, no store, no transport; time comes in as an argument.
//!
//! | module | what it rules |
//! |---|---|
//! | [`number`], [`money`] | decimal texts and amounts, exact |
//! | [`score_model`], [`score`] | scorecards, and what a card says of a customer (C-13) |
//! | [`limit`] | from proposal through approval to a limit in force (C-14) |
//! | [`exposure`] | what is drawn and held of a limit (I2) |
//! | [`reservation`] | credit set aside, committed, released, run out (C-14) |

pub mod exposure;
pub mod limit;
pub mod money;
pub mod number;
pub mod reservation;
pub mod score;
pub mod score_model;
