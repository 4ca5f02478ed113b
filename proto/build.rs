//! Compiles the contracts without protoc and keeps their descriptor set for reflection.

use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // tonic-prost-build 0.14 no longer prints this itself, and a folder covers files that are added later.
    println!("cargo:rerun-if-changed=dossier");
    println!("cargo:rerun-if-changed=google");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut files = Vec::new();
    collect(Path::new("dossier"), &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    // As the compiler has it: the decoded form below has no place for annotations.
    std::fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let set = compiler.file_descriptor_set();
    // Ordered maps: one message has one encoding, so that the digest of a repeated request is the same.
    tonic_prost_build::configure().btree_map(".").include_file("modules.rs").compile_fds(set)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
