//! Reading the rules, and trying an approval on them.

mod regime;
mod simulate;

pub(super) use regime::regime;
pub(crate) use regime::term;
pub(super) use simulate::simulate;
