//! Compiles the catalogues whose dispatch `bench scale` compares.

#[path = "src/scale/spec.rs"]
#[expect(dead_code, unreachable_pub, reason = "the package uses the rest, and it is public there")]
mod spec;

use std::path::PathBuf;

use xdr_codegen::{Input, Style, compile, disk, index, render};

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/scale/spec.rs");
    let inputs = spec::SIZES.map(|size| {
        let folder = spec::folder(&spec::catalogue_name(size), 0, size);
        let mut files = vec![("spec.yaml".to_owned(), folder.spec.into_bytes())];
        files.extend(folder.catalogue.map(|text| ("catalogue.yaml".to_owned(), text.into_bytes())));
        Input { name: folder.name, files }
    });
    let (generated, _) = compile(&inputs).map_err(|checked| render(&checked, Style::Plain))?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    for one in &generated {
        disk::write(&out.join(format!("{}.rs", one.module)), &one.text).map_err(|error| error.to_string())?;
    }
    disk::write(&out.join("sources.rs"), &index(&generated)).map_err(|error| error.to_string())
}
