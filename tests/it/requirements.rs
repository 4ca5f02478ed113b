//! Each requirement of the first road has a test that would fail without it, and each rpc a test that calls it.

use std::path::Path;

use dossier_proto::DESCRIPTORS;
use dossier_tests::marks::{REQUIRED, collect, root, table};
use prost::Message;
use prost_types::FileDescriptorSet;

// Since the stores of the services are reached by their calls, this is also how every store function is reached on both.
#[test]
fn every_rpc_is_called_by_a_test() {
    let mut text = String::new();
    for folder in ["tests/it", "tests/src"] {
        read(&root().join(folder), &mut text);
    }
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let services = set.file.iter().filter(|file| file.package().starts_with("dossier.")).flat_map(|file| &file.service);
    let methods: Vec<_> = services.flat_map(|one| one.method.iter().map(move |rpc| (one.name(), rpc.name()))).collect();
    assert!(methods.len() > 60, "only {} rpcs found", methods.len());
    let called = |rpc: &str| {
        let name = snake(rpc);
        [format!(".{name}("), format!(".r#{name}("), format!("/{rpc}\"")].iter().any(|call| text.contains(call))
    };
    let silent: Vec<_> = methods.into_iter().filter(|(_, rpc)| !called(rpc)).collect();
    assert!(silent.is_empty(), "no test calls {silent:?}");
}

fn read(folder: &Path, text: &mut String) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read(&path, text);
        } else if path.file_name().is_none_or(|name| name != "requirements.rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[test]
fn every_requirement_of_this_issue_has_a_test() {
    let root = root();
    let (proofs, strays) = collect(&root);
    assert!(strays.is_empty(), "marks that stand above no test: {strays:#?}");
    let missing: Vec<_> = REQUIRED.iter().filter(|id| !proofs.contains_key(**id)).collect();
    assert!(missing.is_empty(), "no test proves {missing:?}");
    let (path, table) = (root.join("tests/golden/requirements.md"), table(&proofs));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, table, "the kept table is old: renew it with UPDATE_GOLDEN=1");
}
