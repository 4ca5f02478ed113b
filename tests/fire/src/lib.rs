//! What the load program and the crash program share: they start real processes and speak to them as callers do.
//!
//! Both programs are run by scripts, `tests/load` and `tests/crash`; each prints what it measured.
//!
//! | module | what it is for |
//! |---|---|
//! | [`ground`] | a private PostgreSQL and Redis, the services as processes |
//! | [`scene`] | people with tokens, files and limits, by the public calls |
//! | [`rules`] | the rules of the measured company: R36 and a register |
//! | [`bulk`] | a million files with half a million records in minutes, straight into the stores |
//! | [`measure`] | closed loops, open loops, histograms, what processes spend |
//! | [`floor`], [`subjects`], [`stand`], [`trial`] | what is measured, against what, where and how |
//! | [`plans`], [`statements`] | how the stores find what the services read: no statement scans what grows |
//! | [`report`] | the page, its charts, the comparison with the last run |
//! | [`history`] | what calls did, checked by rules |

pub mod bulk;
pub mod clock;
pub mod floor;
pub mod ground;
pub mod history;
pub mod measure;
pub mod plans;
pub mod report;
pub mod rules;
pub mod scene;
pub mod stand;
pub mod statements;
pub mod subjects;
pub mod trial;
