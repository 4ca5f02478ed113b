//! Reading YAML into types: every fault is noted, none stops the reading.
//!
//! Packs, templates and organisations are read by it, and whatever else is written as data:
//!
//! ```
//! dossier_regime::shape! {
//!     /// A word and how often it is said.
//!     pub struct Said {
//!         /// The word.
//!         pub word: String,
//!         /// How often; once where nothing is said.
//!         pub times: u32 = 1,
//!     }
//! }
//! let source = dossier_regime::Source { file: "said.yaml".into(), bytes: b"word: yes\ntimes: often\n".to_vec() };
//! let faults = dossier_regime::read::document::<Said>(&source).unwrap_err();
//! assert_eq!(faults.0[0].line, 2);
//! ```

#[macro_use]
mod shape;
mod merge;
mod outline;
mod reader;
mod tree;

use crate::fault::Faults;
use crate::source::Source;

pub(crate) use merge::{merge, take};
pub use outline::{Key, Keyed, Outline, Scalar, Words};
pub use reader::{Fields, Reader, Shape};

pub use tree::{Entry, Node, Place, Value, quoted};

/// The one document of a file.
///
/// # Errors
/// Every fault of the file, in the order of its lines.
pub fn document<T: Shape>(source: &Source) -> Result<T, Faults> {
    let mut faults = Vec::new();
    let read = Node::of(source, &mut faults).map(|root| T::read(&root, &mut Reader::new(&mut faults)));
    faults.sort();
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(Faults(faults)),
    }
}
