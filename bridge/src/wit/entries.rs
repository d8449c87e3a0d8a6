// SPDX-License-Identifier: Apache-2.0
//! The C entries of bridge_toolchain.h.

use crate::abi::{Failed, StText, StView, entry};
use crate::wire;

use super::frames::{Reader, Writer, kind};
use super::{Exporter, Language, SourceFile};

/// Runs one entry that answers bytes.
///
/// # Safety
/// `out` must point to a writable StText; `error` as for [`entry`].
unsafe fn answer(
    out: *mut StText,
    error: *mut StText,
    body: impl FnOnce() -> Result<Vec<u8>, String>,
) -> i32 {
    unsafe {
        entry(error, || {
            let bytes = body().map_err(Failed::invalid)?;
            out.write(StText::new(bytes));
            Ok(())
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_inspect(
    component: StView,
    description: *mut StText,
    error: *mut StText,
) -> i32 {
    let component = unsafe { component.bytes() };
    unsafe {
        answer(description, error, || {
            super::describe(component).map(|description| wire::description(&description))
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_wit(
    component: StView,
    text: *mut StText,
    error: *mut StText,
) -> i32 {
    let component = unsafe { component.bytes() };
    unsafe { answer(text, error, || super::component_wit(component).map(String::into_bytes)) }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_print_wit(
    files: StView,
    text: *mut StText,
    error: *mut StText,
) -> i32 {
    let files = unsafe { files.bytes() };
    unsafe {
        answer(text, error, || {
            super::print_wit(&Reader::new(files).files()?).map(String::into_bytes)
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_new_component(
    module: StView,
    wit: StView,
    world: StView,
    component: *mut StText,
    error: *mut StText,
) -> i32 {
    let module = unsafe { module.bytes() };
    let (wit, world) = unsafe { (wit.text(), world.text()) };
    unsafe {
        answer(component, error, || {
            let wit = wit.map_err(|failed| failed.reason)?;
            let world = world.map_err(|failed| failed.reason)?;
            let file = SourceFile { path: "component.wit".into(), text: wit.to_owned() };
            let files = if wit.is_empty() { Vec::new() } else { vec![file] };
            super::new_component(module, &files, world)
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_bindings(
    language: u8,
    wit: StView,
    world: StView,
    files: *mut StText,
    error: *mut StText,
) -> i32 {
    let wit = unsafe { wit.bytes() };
    let world = unsafe { world.text() };
    unsafe {
        answer(files, error, || {
            let language = if language == 0 { Language::C } else { Language::Cpp };
            let world = world.map_err(|failed| failed.reason)?;
            let made = super::bindings(language, &Reader::new(wit).files()?, world)?;
            let mut writer = Writer::default();
            writer.number(made.len());
            for file in made {
                writer.bytes(file.path.as_bytes());
                writer.bytes(&file.bytes);
            }
            Ok(writer.out)
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_types_only(
    functions: StView,
    component: *mut StText,
    error: *mut StText,
) -> i32 {
    let functions = unsafe { functions.bytes() };
    unsafe { answer(component, error, || super::types_only(&Reader::new(functions).functions()?)) }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_check_links(
    parties: StView,
    problems: *mut StText,
    error: *mut StText,
) -> i32 {
    let parties = unsafe { parties.bytes() };
    unsafe {
        answer(problems, error, || {
            let found = super::check_links(&Reader::new(parties).parties()?);
            let mut writer = Writer::default();
            writer.number(found.len());
            for problem in found {
                writer.bytes(problem.component.as_bytes());
                writer.bytes(problem.function.as_bytes());
                writer.bytes(problem.reason.as_bytes());
            }
            Ok(writer.out)
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_describe_wit(
    files: StView,
    description: *mut StText,
    error: *mut StText,
) -> i32 {
    let files = unsafe { files.bytes() };
    unsafe {
        answer(description, error, || {
            let described = super::describe_wit(&Reader::new(files).files()?)?;
            Ok(wire::description(&described))
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_support_wit(
    component_kind: u8,
    files: *mut StText,
    error: *mut StText,
) -> i32 {
    unsafe {
        answer(files, error, || Ok(written(&super::support_wit(kind(u32::from(component_kind))?))))
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_extension_wit(
    component_kind: u8,
    wit: StView,
    files: *mut StText,
    error: *mut StText,
) -> i32 {
    let wit = unsafe { wit.bytes() };
    unsafe {
        answer(files, error, || {
            let kind = kind(u32::from(component_kind))?;
            super::extension_wit(kind, &Reader::new(wit).files()?).map(|files| written(&files))
        })
    }
}

/// # Safety
/// As in bridge_toolchain.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_tool_dependency_wit(
    exporters: StView,
    files: *mut StText,
    error: *mut StText,
) -> i32 {
    let exporters = unsafe { exporters.bytes() };
    unsafe {
        answer(files, error, || {
            let exporters = Reader::new(exporters).list(|r| {
                Ok(Exporter { kind: kind(r.number()?)?, component: r.blob()?.to_vec() })
            })?;
            super::dependency_wit(&exporters).map(|files| written(&files))
        })
    }
}

fn written(files: &[SourceFile]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.number(files.len());
    for file in files {
        writer.bytes(file.path.as_bytes());
        writer.bytes(file.text.as_bytes());
    }
    writer.out
}
