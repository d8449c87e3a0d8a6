// SPDX-License-Identifier: Apache-2.0
//! Descriptions as bytes for the other side: every number is a little-endian u32, every text its
//! length and its bytes, every list its count and its items, in the order of description.h.

use crate::wit::{Description, Function};

pub fn description(description: &Description) -> Vec<u8> {
    let mut out = Vec::new();
    functions(&mut out, &description.exports);
    functions(&mut out, &description.imports);
    number(&mut out, description.wasi.len());
    for interface in &description.wasi {
        text(&mut out, interface);
    }
    text(&mut out, &description.digest);
    out
}

fn functions(out: &mut Vec<u8>, functions: &[Function]) {
    number(out, functions.len());
    for function in functions {
        text(out, &function.interface);
        text(out, &function.name);
        number(out, function.params.len());
        for param in &function.params {
            text(out, &param.name);
            text(out, &param.ty);
        }
        text(out, &function.result);
        number(out, usize::from(function.extendable));
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}
