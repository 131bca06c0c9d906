//! Compiles the mapping specs into Rust, and stops the build with every finding if there are errors.
#![expect(clippy::print_stderr, reason = "this is how a build script speaks to its user")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xdr_codegen::{Checked, Style, compile, disk, index, render};

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    println!("cargo:rerun-if-changed=build.rs");
    let specs = Path::new("../mapping-specs");
    for path in disk::dependencies(specs).map_err(|error| error.to_string())? {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    let inputs = disk::load(specs).map_err(|error| error.to_string())?;
    for folder in disk::passed_over(specs).map_err(|error| error.to_string())? {
        println!("cargo:warning={} holds no spec.yaml: it is no source", folder.display());
    }
    let (generated, checked) = compile(&inputs).map_err(|checked| report(&checked))?;
    for line in report(&checked).lines() {
        println!("cargo:warning={line}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    for one in &generated {
        let path = out.join(format!("{}.rs", one.module));
        disk::write(&path, &one.text).map_err(|error| error.to_string())?;
    }
    disk::write(&out.join("sources.rs"), &index(&generated)).map_err(|error| error.to_string())
}

fn report(checked: &Checked) -> String {
    render(checked, Style::Plain)
}
