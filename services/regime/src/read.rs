//! Reading YAML into the model: every fault is noted, none stops the reading.

#[macro_use]
mod shape;
mod reader;
mod tree;

pub(crate) use reader::{Reader, Shape};
pub(crate) use tree::Node;
