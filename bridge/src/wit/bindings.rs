// SPDX-License-Identifier: Apache-2.0
//! Guest bindings for C and C++.

use wit_bindgen_core::{Files, WorldGenerator};

use super::SourceFile;
use super::mend_cpp::mend;
use super::sources;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    C,
    Cpp,
}

/// A generated file. Object files that carry the component's type are bytes, not text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingsFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// The C++ generator takes a free function's parameter `self` (as `join-set-close` has it) for the
/// object of a method. No check of ours looks at the names of parameters, so it gets another one.
fn rename_self(resolve: &mut wit_parser::Resolve) {
    let interfaces = resolve.interfaces.iter_mut().map(|(_, interface)| interface);
    for function in interfaces.flat_map(|interface| interface.functions.values_mut()) {
        if function.kind != wit_parser::FunctionKind::Freestanding {
            continue;
        }
        for param in function.params.iter_mut().filter(|param| param.name == "self") {
            param.name = "handle".to_owned();
        }
    }
}

/// The files of the bindings for `world` (empty: the only one) of the sources.
pub fn bindings(
    language: Language,
    wit: &[SourceFile],
    world: &str,
) -> Result<Vec<BindingsFile>, String> {
    let mut loaded = sources::load(wit)?;
    let world = sources::select_world(&loaded, world)?;
    let mut generator: Box<dyn WorldGenerator> = match language {
        Language::C => wit_bindgen_c::Opts::default().build(),
        Language::Cpp => wit_bindgen_cpp::Opts::default().build(None),
    };
    rename_self(&mut loaded.resolve);
    let mut files = Files::default();
    generator
        .generate(&mut loaded.resolve, world, &mut files)
        .map_err(|e| format!("cannot generate bindings: {e:#}"))?;
    let file = |(path, bytes): (&str, &[u8])| BindingsFile {
        path: path.to_owned(),
        bytes: match path.ends_with(".cpp") {
            true => mend(&String::from_utf8_lossy(bytes)).into_bytes(),
            false => bytes.to_vec(),
        },
    };
    Ok(files.iter().map(file).collect())
}
