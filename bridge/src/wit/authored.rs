// SPDX-License-Identifier: Apache-2.0
//! WIT that was written by hand: what its interfaces offer, as if a component exported them.

use std::borrow::Cow;
use std::fmt::Write;

use wit_component::DecodedWasm;
use wit_parser::{InterfaceId, LiftLowerAbi, ManglingAndAbi, PackageId, Resolve, WorldItem};

use super::{Description, SourceFile, component, describe, sources, synthetic};

/// Resolved WIT and the interfaces of it that are offered.
pub struct Offered {
    pub resolve: Resolve,
    pub interfaces: Vec<InterfaceId>,
}

/// Reads a component, an encoded WIT package or WIT text.
pub fn offered(bytes: &[u8]) -> Result<Offered, String> {
    if is_wit_text(bytes) {
        let loaded = sources::load(&[text_file(bytes)])?;
        return Ok(Offered::of_package(loaded.resolve, loaded.main));
    }
    let binary = describe::binary(bytes)?;
    describe::check_kind(&binary)?;
    match describe::decoded(&binary)? {
        DecodedWasm::WitPackage(resolve, main) => Ok(Offered::of_package(resolve, main)),
        DecodedWasm::Component(resolve, world) => {
            let exports = resolve.worlds[world].exports.values();
            let interfaces = exports.filter_map(interface_of).collect();
            Ok(Offered { resolve, interfaces })
        }
    }
}

/// A component that has the exports of `bytes`: itself, or one made of WIT.
pub fn as_component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if !is_wit_text(bytes) {
        let binary = describe::binary(bytes)?;
        describe::check_kind(&binary)?;
        let decoded = describe::decoded(&binary)?;
        if matches!(decoded, DecodedWasm::Component(..)) {
            return Ok(binary);
        }
    }
    offered(bytes)?.component().map(Cow::Owned)
}

/// What the functions of the sources' own interfaces look like.
pub fn describe_wit(files: &[SourceFile]) -> Result<Description, String> {
    let loaded = sources::load_own(files)?;
    let offered = Offered::of_package(loaded.resolve, loaded.main);
    describe::describe(&offered.component()?)
}

/// Whether the bytes are WIT as text.
pub fn is_wit_text(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"\0asm")
        && std::str::from_utf8(bytes).is_ok_and(|text| sources::declared(text).is_some())
}

/// The only file of a WIT text.
pub fn text_file(bytes: &[u8]) -> SourceFile {
    SourceFile { path: "types.wit".into(), text: String::from_utf8_lossy(bytes).into_owned() }
}

impl Offered {
    /// The package's interfaces, and those of others that its worlds export.
    pub fn of_package(resolve: Resolve, main: PackageId) -> Offered {
        let package = &resolve.packages[main];
        let mut interfaces: Vec<InterfaceId> = package.interfaces.values().copied().collect();
        for world in package.worlds.values() {
            for id in resolve.worlds[*world].exports.values().filter_map(interface_of) {
                if !interfaces.contains(&id) {
                    interfaces.push(id);
                }
            }
        }
        interfaces.retain(|id| resolve.interfaces[*id].name.is_some());
        Offered { resolve, interfaces }
    }

    /// A component that exports the interfaces that have functions, each of which traps.
    fn component(mut self) -> Result<Vec<u8>, String> {
        let mut text = "package stele:offered;\nworld offered {\n".to_owned();
        for id in &self.interfaces {
            let name = self.resolve.id_of(*id).unwrap_or_default();
            if !self.resolve.interfaces[*id].functions.is_empty() {
                let (package, interface, version) = synthetic::split_interface(&name)?;
                let package = synthetic::escaped(package);
                let _ = writeln!(text, "  export {package}/%{interface}{version};");
            }
        }
        text.push_str("}\n");
        let fail = |e: anyhow::Error| format!("cannot export the WIT: {e:#}");
        let package = self.resolve.push_str("offered.wit", &text).map_err(|e| fail(e.into()))?;
        let world = self.resolve.select_world(&[package], None).map_err(fail)?;
        let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
        let mut module = wit_component::dummy_module(&self.resolve, world, mangling);
        component::embed(&mut module, &self.resolve, world)?;
        component::encode(&module)
    }
}

fn interface_of(item: &WorldItem) -> Option<InterfaceId> {
    match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    }
}
