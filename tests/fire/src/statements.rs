//! Every statement of the services, read out of their sources.
//!
//! [`find`] finds every place where a macro of the kernel runs one, and works out its text through constants, bindings and
//! macros, `table!` and `sql_given!` among them. A place whose text cannot be told is named in [`Found::unknown`]. What is read
//! are the sources that these programs were built from, so whoever uses it runs in the repository.

mod expand;
mod scope;
mod sites;
pub mod source;
mod table;
mod text;

pub use sites::{Found, Statement, find, is_runner};
