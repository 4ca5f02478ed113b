//! What is printed for people: a page of parts, each of labelled values and tables, as text for a screen and as HTML for paper.
//!
//! Whoever makes a page says what stands on it, and nothing of how it looks. Values come from outside: on a screen control characters
//! are taken out, in HTML everything is escaped by the template language. The HTML is one file: no script, nothing that is loaded, a
//! policy that forbids both, and margins for A4. [`form`] prints the filled form of a template, [`paper`] a record.

pub mod form;
mod html;
pub mod paper;
mod screen;

pub use html::html;
pub use screen::{columns, screen};

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printout {
    /// What it is about.
    pub title: String,
    /// The language of its texts, such as `zh-CN`.
    pub language: String,
    /// What stands below the title, as labelled values.
    pub facts: Vec<Fact>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// What stands at its end, a line each.
    pub foot: Vec<String>,
}

/// A part of a page under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The heading.
    pub heading: String,
    /// What stands in it, in order.
    pub blocks: Vec<Block>,
}

/// Something in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading of its own.
    Heading(String),
    /// Labelled values.
    Facts(Vec<Fact>),
    /// Rows below a head.
    Table {
        /// The head.
        head: Vec<String>,
        /// Rows, as wide as the head.
        rows: Vec<Vec<String>>,
    },
    /// A remark, such as why something is left out.
    Note(String),
}

/// A labelled value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// The label.
    pub label: String,
    /// The value; empty: a line to write on.
    pub value: String,
}

// === impl Printout ===

impl Printout {
    /// Adds a part; one in which nothing stands says so.
    pub fn part(&mut self, heading: impl Into<String>, blocks: Vec<Block>) {
        self.parts.push(Part { heading: heading.into(), blocks });
    }
}

// === impl Fact ===

impl Fact {
    /// A value under its label.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

#[cfg(test)]
mod tests;
