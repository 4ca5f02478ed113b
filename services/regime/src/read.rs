//! Reading YAML into the model: every fault is noted, none stops the reading.

#[macro_use]
mod shape;
mod merge;
mod outline;
mod reader;
mod tree;

pub(crate) use merge::{merge, take};
pub(crate) use outline::{Key, Keyed, Outline, Scalar, Words};
pub(crate) use reader::{Reader, Shape};
pub(crate) use tree::{Entry, Node, Place, Value, quoted};
