//! The one binary of Dossier: serve, migrate, healthcheck, verify, import, the demonstration and the client commands.
//!
//! | module | what it is for |
//! |---|---|
//! | [`cli`] | the command line: what may be said, and who does it; nothing else knows it |
//! | [`globals`] | what every command takes |
//! | [`serve`] | putting the services together and running them |
//! | [`demo`] | the whole road by real calls, in plain words |
//! | [`client`] | every rpc of every service as a command, out of the contracts |
//! | [`content`] | the content of a document, in and out |
//! | [`show`] | one customer at a glance, on the screen or on paper |
//! | [`register`] | a register of the rule book, on the screen, on paper, as a file |
//! | [`scenario`] | stories of rule books as data, played against the services |
//! | [`reading`] | what those have in common that read for people |
//! | [`print`] | a record with its signatures, or an empty form |
//! | [`import`] | customer files from CSV or JSON lines |
//! | [`keyring`] | the key that wraps the keys of files, replaced and retired |
//! | [`transfer`] | whole files out and in, and an archive of before |
//! | [`token`] | tokens of the development issuer |
//! | [`lint`] | every fault of packs and organisation files |
//! | [`verify`] | journals, receipts and checkpoints, offline; taking a journal away |
//! | [`recover`] | going on after a store was restored to an earlier state |
//! | [`backtest`] | a score model against known outcomes |
//! | [`scorecard`] | a score model as a file |
//! | [`out`] | what is printed, and where |
//! | [`folder`] | a folder to work in |
//! | [`failure`] | why a command ended without success |
//!
//! # To add a command
//! 1. Give it an `Args` struct and a function in a module of its own; what it prints goes through [`out`].
//! 2. Add it to [`cli::Verb`] and to its `match`.
//! 3. Nothing is needed for a new rpc: its command is made from the contract.

pub mod backtest;
pub mod backup;
pub mod cli;
pub mod client;
pub mod content;
pub mod demo;
pub mod failure;
pub mod folder;
pub mod globals;
pub mod health;
pub mod import;
pub mod keyring;
pub mod lint;
pub mod out;
pub mod print;
pub mod reading;
pub mod recover;
pub mod register;
pub mod scenario;
pub mod scorecard;
pub mod serve;
pub mod show;
pub mod token;
pub mod transfer;
pub mod verify;

pub use failure::Failure;
