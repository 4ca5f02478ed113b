//! Compiles the contracts without protoc, keeps their descriptor set for reflection, and writes down what each request says of
//! itself, so that no service repeats it.

use std::path::{Path, PathBuf};

use protox::prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, MessageDescriptor, MethodDescriptor};

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
    std::fs::write(out.join("asked.rs"), asked(&compiler.descriptor_pool()))?;
    std::fs::write(out.join("worded.rs"), worded(&compiler.descriptor_pool()))?;
    let set = compiler.file_descriptor_set();
    // Ordered maps: one message has one encoding, so that the digest of a repeated request is the same.
    tonic_prost_build::configure().btree_map(".").include_file("modules.rs").compile_fds(set)?;
    Ok(())
}

// `impl Worded` for every enum of the house that stands by itself.
fn worded(pool: &DescriptorPool) -> String {
    let house = pool.all_enums().filter(|one| one.package_name().starts_with("dossier."));
    house.filter(|one| one.parent_message().is_none()).filter_map(|one| words(&one)).collect()
}

// Its values begin with its own name: that of the value 0 says with what.
fn words(one: &EnumDescriptor) -> Option<String> {
    let zero = one.get_value(0)?.name().strip_suffix("UNSPECIFIED")?.to_owned();
    let package = one.package_name().trim_start_matches("dossier.").replace("type.", "r#type.").replace('.', "::");
    Some(format!("impl crate::Worded for crate::{package}::{} {{ worded!({zero:?}); }}\n", one.name()))
}

// `impl Asked` for the request of every rpc.
fn asked(pool: &DescriptorPool) -> String {
    let house = pool.services().filter(|service| service.package_name().starts_with("dossier."));
    house.flat_map(|service| service.methods().collect::<Vec<_>>()).map(|method| implementation(&method)).collect()
}

fn implementation(method: &MethodDescriptor) -> String {
    let (input, service) = (method.input(), method.parent_service());
    let path =
        format!("crate::{}::{}", input.package_name().trim_start_matches("dossier.").replace('.', "::"), input.name());
    let method_name = format!("{}/{}", service.full_name(), method.name());
    let has = |field: &str| input.get_field_by_name(field).is_some();
    let words =
        if has("reason") { "fn reason_mut(&mut self) -> Option<&mut String> { Some(&mut self.reason) }" } else { "" };
    format!(
        "impl crate::Asked for {path} {{
            const METHOD: &'static str = {method_name:?};
            const CHANGES: bool = {};
            fn about(&self) -> String {{ {} }}
            {words}
        }}\n",
        has("request_id"),
        about(method),
    )
}

// The name of what a request is about: said in it, or that of a collection.
fn about(method: &MethodDescriptor) -> String {
    let input = method.input();
    let named = ["name", "parent", "file", "customer"];
    if let Some(field) = named.into_iter().find(|field| input.get_field_by_name(field).is_some()) {
        return format!("self.{field}.clone()");
    }
    let updated =
        input.get_field_by_name("update_mask").and_then(|_| input.fields().find(|field| resource(field).is_some()));
    if let Some(field) = updated {
        return format!("self.{0}.as_ref().map(|one| one.name.clone()).unwrap_or_default()", field.name());
    }
    // A new one, or a page of them: of the answer's resource, wherever it lies in it.
    let made = kept(&method.output()).or_else(|| method.output().fields().find_map(|field| resource(&field)));
    format!("{:?}.to_owned()", made.map(|pattern| collection(&pattern)).unwrap_or_default())
}

// `grants/-` of `grants/{grant}`.
fn collection(pattern: &str) -> String {
    pattern.rsplit_once('/').map(|(before, _)| format!("{before}/-")).unwrap_or_default()
}

fn resource(field: &FieldDescriptor) -> Option<String> {
    kept(field.kind().as_message()?)
}

// The pattern of the names of what is a resource.
fn kept(message: &MessageDescriptor) -> Option<String> {
    let option = message.parent_pool().get_extension_by_name("google.api.resource")?;
    let options = message.options();
    let said = options.has_extension(&option).then(|| options.get_extension(&option))?;
    let patterns = said.as_message()?.get_field_by_name("pattern")?.into_owned();
    patterns.as_list()?.first()?.as_str().map(str::to_owned)
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
