//! The rules of customer files, without any I/O: clock, ids and stored rows come in as arguments.

pub mod changed;
pub mod classification;
pub mod completeness;
pub mod condition;
pub mod custody;
pub mod customer_file;
pub mod derived;
pub mod document;
pub mod duplicate;
pub mod fact;
pub mod field_visibility;
pub mod file_number;
pub mod filling;
pub mod form;
pub mod header;
pub mod kind;
pub mod merge;
pub mod origin;
pub mod overview;
pub mod record;
pub mod register;
pub mod statistic;
pub mod text;
pub mod ties;
pub mod timeline;
pub mod typed;
