// SPDX-License-Identifier: Apache-2.0
//! What a component exports and imports.

use std::borrow::Cow;
use std::panic::catch_unwind;

use sha2::{Digest, Sha256};
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{InterfaceId, Resolve, World, WorldItem, WorldKey};

use super::authored;
use super::grammar;
use super::structure::{Mentions, Printer};
use super::{Description, Function, LOG_INTERFACE, Param};

/// Where the types of a component are too large, all its functions taken together.
const TEXT_MAX: usize = 16 << 20;

/// Reads the exports and imports of a component, binary or text. The digest is that of the bytes
/// as they are given.
pub fn describe(component: &[u8]) -> Result<Description, String> {
    let (resolve, world) = decode(&binary(component)?)?;
    let mut description = Description { digest: digest(component), ..Description::default() };
    let mut total = 0;
    for (key, item) in &world.imports {
        import(&resolve, (key, item), &mut description, &mut total)?;
    }
    for (key, item) in &world.exports {
        if let WorldItem::Interface { id, .. } = item {
            export(
                &resolve,
                &resolve.name_world_key(key),
                *id,
                &mut description.exports,
                &mut total,
            )?;
        }
    }
    Ok(description)
}

/// The WIT of a component, or of WIT, as text.
pub fn component_wit(component: &[u8]) -> Result<String, String> {
    if authored::is_wit_text(component) {
        return super::print_wit(&[authored::text_file(component)]);
    }
    let component = binary(component)?;
    check_kind(&component)?;
    let decoded = decoded(&component)?;
    let (resolve, main) = (decoded.resolve(), decoded.package());
    let others: Vec<_> =
        resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != main).collect();
    let mut printer = WitPrinter::default();
    printer.print(resolve, main, &others).map_err(|e| format!("cannot print the WIT: {e:#}"))?;
    Ok(printer.output.to_string().replace("\n\n\n", "\n\n"))
}

/// `sha256:<hex>` of some bytes.
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// The binary of a component that may be given as text.
pub fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if bytes.starts_with(b"\0asm") {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NOT_WASM.to_owned())?;
    if !text.contains("(component") && !text.contains("(module") {
        return Err(NOT_WASM.into());
    }
    wat::parse_str(text).map(Cow::Owned).map_err(|e| format!("cannot parse the text format: {e}"))
}

const NOT_WASM: &str = "this is not WebAssembly";

/// Refuses what is no component binary, with the way out where there is one.
pub fn check_kind(bytes: &[u8]) -> Result<(), String> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            Err("this is a core module, not a component; `stele component new` makes one of it"
                .into())
        }
        [0, b'a', b's', b'm', _, _, 1, 0, sections @ ..] if sections_fit(sections) => Ok(()),
        [0, b'a', b's', b'm', _, _, 1, 0, ..] => {
            Err("the component is damaged: a section is longer than the file".into())
        }
        [0, b'a', b's', b'm', ..] => Err("this is no WebAssembly of a known version".into()),
        _ => Err(NOT_WASM.into()),
    }
}

/// Sizes are looked at before the decoder believes them: it makes room for what a section claims.
fn sections_fit(mut rest: &[u8]) -> bool {
    while let [_, after @ ..] = rest {
        let Some((size, body)) = leb_u32(after) else { return false };
        let Some(next) = body.get(size..) else { return false };
        rest = next;
    }
    true
}

/// A LEB128 number of 32 bits at most, and what follows it.
fn leb_u32(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let value = usize::try_from(u32::try_from(value).ok()?).ok()?;
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

/// What a binary says of its types. The decoder panics on some that no toolchain writes.
pub fn decoded(binary: &[u8]) -> Result<DecodedWasm, String> {
    match catch_unwind(|| wit_component::decode(binary)) {
        Ok(decoded) => decoded.map_err(|error| format!("the component is damaged: {error:#}")),
        Err(_) => Err("the component is damaged: its types cannot be read; build it again".into()),
    }
}

fn decode(component: &[u8]) -> Result<(Resolve, World), String> {
    check_kind(component)?;
    match decoded(component)? {
        DecodedWasm::Component(resolve, world) => {
            let world = resolve.worlds[world].clone();
            Ok((resolve, world))
        }
        DecodedWasm::WitPackage(..) => {
            Err("this is an encoded WIT package, not a component that can run".into())
        }
    }
}

fn import(
    resolve: &Resolve,
    (key, item): (&WorldKey, &WorldItem),
    description: &mut Description,
    total: &mut usize,
) -> Result<(), String> {
    match item {
        WorldItem::Interface { id, .. } => {
            let name = resolve.name_world_key(key);
            if name.starts_with("wasi:") {
                description.wasi.push(name);
            } else if name != LOG_INTERFACE {
                for function in resolve.interfaces[*id].functions.values() {
                    let (function, _) = read(resolve, &name, function)?;
                    push(&mut description.imports, function, total)?;
                }
            }
        }
        WorldItem::Function(function) => {
            let (function, _) = read(resolve, "", function)?;
            push(&mut description.imports, function, total)?;
        }
        WorldItem::Type { .. } => {}
    }
    Ok(())
}

fn export(
    resolve: &Resolve,
    name: &str,
    id: InterfaceId,
    exports: &mut Vec<Function>,
    total: &mut usize,
) -> Result<(), String> {
    for function in resolve.interfaces[id].functions.values() {
        let (mut function, mentions) = read(resolve, name, function)?;
        if mentions == Mentions::default() {
            function.extendable = grammar::extendable(&function.result);
            push(exports, function, total)?;
        }
    }
    Ok(())
}

/// Adds a function, unless the types are too many to be written out.
fn push(
    functions: &mut Vec<Function>,
    function: Function,
    total: &mut usize,
) -> Result<(), String> {
    let params = function.params.iter().map(|param| param.ty.len()).sum::<usize>();
    *total += params + function.result.len();
    if *total > TEXT_MAX {
        return Err(format!("the types of all functions are larger than {TEXT_MAX} bytes as text"));
    }
    functions.push(function);
    Ok(())
}

/// The function with structural types, and what these mention.
fn read(
    resolve: &Resolve,
    interface: &str,
    function: &wit_parser::Function,
) -> Result<(Function, Mentions), String> {
    let at = |error: String| format!("function `{interface}.{}`: {error}", function.name);
    if function.kind.is_async() {
        return Err(at("async functions are not supported".into()));
    }
    let mut printer = Printer::new(resolve);
    let mut params = Vec::with_capacity(function.params.len());
    for param in &function.params {
        let ty = printer.text(&param.ty).map_err(at)?;
        params.push(Param { name: param.name.clone(), ty });
    }
    let result = match &function.result {
        Some(ty) => printer.text(ty).map_err(at)?,
        None => String::new(),
    };
    let read = Function {
        interface: interface.to_owned(),
        name: function.name.clone(),
        params,
        result,
        extendable: false,
    };
    Ok((read, printer.mentions))
}
