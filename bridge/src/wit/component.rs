// SPDX-License-Identifier: Apache-2.0
//! A component from a core module.

use wasi_preview1_component_adapter_provider as adapters;
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{Resolve, WorldId};

use super::SourceFile;
use super::sources;

const IMPORT_SECTION: u8 = 2;
const EXPORT_SECTION: u8 = 7;

/// Makes a component. `wit` is empty to use what the module embeds; `world` is empty for the only
/// world. The preview1 adapter is added only if the module imports it: the command adapter when it
/// exports `_start`, else the reactor adapter.
pub fn new_component(module: &[u8], wit: &[SourceFile], world: &str) -> Result<Vec<u8>, String> {
    let module = super::describe::binary(module)?;
    check_core(&module)?;
    sections(&module)?;
    let mut module = module.into_owned();
    if !wit.is_empty() {
        let loaded = sources::load(wit)?;
        let world = sources::select_world(&loaded, world)?;
        embed(&mut module, &loaded.resolve, world)?;
    } else if !embeds_wit(&module)? {
        return Err("the module embeds no WIT; name its WIT and world".into());
    }
    encode(&module)
}

/// Adds the types of a world to a module.
pub fn embed(module: &mut Vec<u8>, resolve: &Resolve, world: WorldId) -> Result<(), String> {
    wit_component::embed_component_metadata(module, resolve, world, StringEncoding::UTF8)
        .map_err(|e| format!("cannot embed the WIT: {e:#}"))
}

/// Encodes a module that embeds its WIT.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let sections = sections(module)?;
    let fail = |e| format!("cannot make a component: {e:#}");
    let mut encoder = ComponentEncoder::default().validate(true).module(module).map_err(fail)?;
    let name = adapters::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
    if section_names(&sections, IMPORT_SECTION, name) {
        let adapter = if section_names(&sections, EXPORT_SECTION, "_start") {
            adapters::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER
        } else {
            adapters::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER
        };
        encoder = encoder.adapter(name, adapter).map_err(fail)?;
    }
    encoder.encode().map_err(fail)
}

fn check_core(bytes: &[u8]) -> Result<(), String> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => Err("this is a component already".into()),
        _ => Err("this is no WebAssembly module of a known version".into()),
    }
}

fn embeds_wit(module: &[u8]) -> Result<bool, String> {
    let decoded = wit_component::metadata::decode(module);
    let (stripped, _) = decoded.map_err(|e| format!("the module is damaged: {e:#}"))?;
    Ok(stripped.is_some())
}

/// The sections of a module; an error for one that is cut off.
fn sections(module: &[u8]) -> Result<Vec<(u8, &[u8])>, String> {
    let mut sections = Vec::new();
    let mut rest = module.get(8..).unwrap_or_default();
    while let [id, tail @ ..] = rest {
        let section = leb128(tail).and_then(|(size, tail)| tail.split_at_checked(size));
        let Some((body, tail)) = section else {
            return Err(format!("the module is cut off at byte {}", module.len()));
        };
        sections.push((*id, body));
        rest = tail;
    }
    Ok(sections)
}

/// Whether a section of a module holds `name` as a length-prefixed string.
fn section_names(sections: &[(u8, &[u8])], section: u8, name: &str) -> bool {
    let Ok(length) = u8::try_from(name.len()) else {
        return false;
    };
    let needle: Vec<u8> = [&[length], name.as_bytes()].concat();
    let holds = |body: &[u8]| body.windows(needle.len()).any(|window| window == needle);
    sections.iter().any(|(id, body)| *id == section && holds(body))
}

fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value: u64 = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, &bytes[index + 1..]));
        }
    }
    None
}
