//! Which rpcs there are, what their commands are called, and what the contracts say about them.

use std::collections::HashMap;
use std::sync::LazyLock;

use dossier_proto::DESCRIPTORS;
use prost_reflect::{DescriptorPool, FieldDescriptor, FileDescriptor, MethodDescriptor, Value};
use tonic::codegen::http::uri::PathAndQuery;

use crate::Failure;
use crate::serve::Which;

/// The contracts; empty only if the build broke them, which a test notices.
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).unwrap_or_default());

type Comments = HashMap<(String, Vec<i32>), String>;

static COMMENTS: LazyLock<Comments> = LazyLock::new(|| POOL.files().flat_map(|file| comments(&file)).collect());

/// One rpc and the command it has.
#[derive(Clone, Debug)]
pub struct Rpc {
    /// The name of its command, such as `get-customer-file`.
    pub command: String,
    /// The rpc.
    pub method: MethodDescriptor,
}

// === impl Rpc ===

impl Rpc {
    /// The first sentence of its comment.
    pub fn about(&self) -> String {
        first_sentence(&self.comment())
    }

    /// Its comment, and what it is called in the contracts.
    pub fn long_about(&self) -> String {
        format!("{}\n\n{}", self.comment(), self.method.full_name())
    }

    fn comment(&self) -> String {
        comment(&self.method.parent_file(), self.method.path())
    }

    /// Its path on the wire.
    ///
    /// # Errors
    /// Never for a rpc of the contracts.
    pub fn path(&self) -> Result<PathAndQuery, Failure> {
        let path = format!("/{}/{}", self.method.parent_service().full_name(), self.method.name());
        PathAndQuery::try_from(path).map_err(Failure::config)
    }
}

/// All contracts.
pub fn pool() -> &'static DescriptorPool {
    &POOL
}

/// The rpcs of a service, its journal's and its duties' among them, in the order of the contracts. A name of verb and noun
/// stands once among them.
pub fn rpcs(which: Which) -> Vec<Rpc> {
    let packages = [format!("dossier.{which}.v1"), "dossier.duty.v1".to_owned(), "dossier.journal.v1".to_owned()];
    let services = packages.iter().flat_map(|package| POOL.services().filter(move |one| one.package_name() == package));
    // What a caller would have to stream has no place on a command line.
    let methods =
        services.flat_map(|service| service.methods().collect::<Vec<_>>()).filter(|one| !one.is_client_streaming());
    methods.map(|method| Rpc { command: kebab(method.name()), method }).collect()
}

/// The comment at a place of a contract, its lines joined; paragraphs stay.
pub fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    COMMENTS.get(&(file.name().to_owned(), path.to_vec())).cloned().unwrap_or_default()
}

/// What the contract says of a field by annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// `REQUIRED`: a request without it is refused.
    Required = 2,
    /// `OUTPUT_ONLY`: what a request says in it is ignored.
    OutputOnly = 3,
    /// `IMMUTABLE`: it is given once and never changes.
    Immutable = 5,
    /// `IDENTIFIER`: the name of the resource.
    Identifier = 8,
}

/// Whether the contract says `behavior` of `field`.
pub fn says(field: &FieldDescriptor, behavior: Behavior) -> bool {
    let pool = field.parent_file().parent_pool().clone();
    let Some(extension) = pool.get_extension_by_name("google.api.field_behavior") else { return false };
    let options = field.options();
    let said = options.get_extension(&extension);
    said.as_list().is_some_and(|said| said.contains(&Value::EnumNumber(behavior as i32)))
}

/// The first sentence of a comment, without its full stop.
pub fn first_sentence(comment: &str) -> String {
    let end = comment.find(". ").or(comment.find(".\n")).unwrap_or(comment.len());
    comment[..end].trim_end_matches('.').to_owned()
}

fn comments(file: &FileDescriptor) -> Vec<((String, Vec<i32>), String)> {
    let known = file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location);
    let told = known.filter_map(|one| Some((one.path.clone(), one.leading_comments.as_deref()?)));
    told.map(|(path, text)| ((file.name().to_owned(), path), joined(text))).collect()
}

fn joined(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines().map(str::trim) {
        let fresh = line.is_empty() || line.starts_with("Errors:");
        match (fresh, joined.is_empty() || joined.ends_with('\n')) {
            (true, _) => joined.push('\n'),
            (false, false) => joined.push(' '),
            (false, true) => {}
        }
        joined.push_str(line);
    }
    joined.trim().to_owned()
}

/// `GetCustomerFile` as `get-customer-file`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rpc_has_a_command_of_its_own_and_a_sentence() {
        for which in Which::ALL {
            let rpcs = rpcs(which);
            let names: BTreeSet<_> = rpcs.iter().map(|rpc| rpc.command.as_str()).collect();
            assert!(rpcs.len() > 10, "{which}: {}", rpcs.len());
            assert_eq!(names.len(), rpcs.len(), "{which}: {names:?}");
            assert!(names.contains("list-duties") && names.contains("get-checkpoint"));
            for rpc in &rpcs {
                assert!(rpc.about().len() > 10, "{} has no comment", rpc.method.full_name());
            }
        }
    }

    #[test]
    fn every_rpc_is_a_command_of_its_name() {
        let names: Vec<_> = rpcs(Which::Access).into_iter().map(|rpc| rpc.command).collect();
        for name in ["return-loan", "return-approval", "check-out-items", "approve-step"] {
            assert!(names.contains(&name.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_comment_loses_its_lines_and_keeps_its_paragraphs() {
        let text = joined(" Makes one. More\n of it.\n Errors: A,\n B.\n");
        assert_eq!(text, "Makes one. More of it.\nErrors: A, B.");
        assert_eq!(first_sentence(&text), "Makes one");
        assert_eq!(first_sentence("Only one."), "Only one");
    }
}
