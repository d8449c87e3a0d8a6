// SPDX-License-Identifier: Apache-2.0
//! BLAKE2b-128 over a canonical encoding of typed values: what replay compares.

use wasmtime::component::Val;

use super::blake::Blake2b128;

/// The version of the encoding; its first byte. It is stored beside the hashes.
pub const HASH_VERSION: u8 = 1;

/// The hash of a list of values. Equal for equal values: records in the order of the type, cases
/// and flags by name, floats by their bits with one NaN.
pub fn hash(vals: &[Val]) -> [u8; 16] {
    let mut encoder = Encoder { hasher: Blake2b128::new() };
    encoder.byte(HASH_VERSION);
    encoder.sequence(tag::LIST, vals);
    encoder.hasher.finish()
}

mod tag {
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const U8: u8 = 3;
    pub const S8: u8 = 4;
    pub const U16: u8 = 5;
    pub const S16: u8 = 6;
    pub const U32: u8 = 7;
    pub const S32: u8 = 8;
    pub const U64: u8 = 9;
    pub const S64: u8 = 10;
    pub const F32: u8 = 11;
    pub const F64: u8 = 12;
    pub const CHAR: u8 = 13;
    pub const STRING: u8 = 14;
    pub const LIST: u8 = 15;
    pub const BYTES: u8 = 16;
    pub const TUPLE: u8 = 17;
    pub const RECORD: u8 = 18;
    pub const CASE: u8 = 19;
    pub const CASE_WITH: u8 = 20;
    pub const ENUM: u8 = 21;
    pub const FLAGS: u8 = 22;
    pub const NONE: u8 = 23;
    pub const SOME: u8 = 24;
    pub const OK: u8 = 25;
    pub const OK_WITH: u8 = 26;
    pub const ERR: u8 = 27;
    pub const ERR_WITH: u8 = 28;
    pub const MAP: u8 = 29;
    pub const HANDLE: u8 = 30;
}

struct Encoder {
    hasher: Blake2b128,
}

impl Encoder {
    fn bytes(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    fn byte(&mut self, byte: u8) {
        self.bytes(&[byte]);
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.byte(tag);
        self.bytes(bytes);
    }

    fn length(&mut self, length: usize) {
        self.bytes(&(length as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    fn sequence(&mut self, tag: u8, vals: &[Val]) {
        self.byte(tag);
        self.length(vals.len());
        for val in vals {
            self.value(val);
        }
    }

    fn value(&mut self, val: &Val) {
        match val {
            Val::Bool(x) => self.byte(if *x { tag::TRUE } else { tag::FALSE }),
            Val::U8(x) => self.tagged(tag::U8, &x.to_le_bytes()),
            Val::S8(x) => self.tagged(tag::S8, &x.to_le_bytes()),
            Val::U16(x) => self.tagged(tag::U16, &x.to_le_bytes()),
            Val::S16(x) => self.tagged(tag::S16, &x.to_le_bytes()),
            Val::U32(x) => self.tagged(tag::U32, &x.to_le_bytes()),
            Val::S32(x) => self.tagged(tag::S32, &x.to_le_bytes()),
            Val::U64(x) => self.tagged(tag::U64, &x.to_le_bytes()),
            Val::S64(x) => self.tagged(tag::S64, &x.to_le_bytes()),
            Val::Float32(x) => {
                let bits = if x.is_nan() { 0x7fc0_0000 } else { x.to_bits() };
                self.tagged(tag::F32, &bits.to_le_bytes());
            }
            Val::Float64(x) => {
                let bits = if x.is_nan() { 0x7ff8_0000_0000_0000 } else { x.to_bits() };
                self.tagged(tag::F64, &bits.to_le_bytes());
            }
            Val::Char(x) => self.tagged(tag::CHAR, &u32::from(*x).to_le_bytes()),
            Val::String(x) => {
                self.byte(tag::STRING);
                self.text(x);
            }
            _ => self.compound(val),
        }
    }

    fn compound(&mut self, val: &Val) {
        match val {
            Val::List(items) | Val::FixedLengthList(items) => self.list(items),
            Val::Tuple(items) => self.sequence(tag::TUPLE, items),
            Val::Record(fields) => {
                self.byte(tag::RECORD);
                self.length(fields.len());
                for (name, val) in fields {
                    self.text(name);
                    self.value(val);
                }
            }
            Val::Variant(name, payload) => {
                self.byte(if payload.is_some() { tag::CASE_WITH } else { tag::CASE });
                self.text(name);
                self.payload(payload.as_deref());
            }
            Val::Enum(name) => {
                self.byte(tag::ENUM);
                self.text(name);
            }
            Val::Flags(names) => {
                self.byte(tag::FLAGS);
                self.length(names.len());
                names.iter().for_each(|name| self.text(name));
            }
            Val::Option(payload) => {
                self.byte(if payload.is_some() { tag::SOME } else { tag::NONE });
                self.payload(payload.as_deref());
            }
            Val::Result(Ok(payload)) => {
                self.byte(if payload.is_some() { tag::OK_WITH } else { tag::OK });
                self.payload(payload.as_deref());
            }
            Val::Result(Err(payload)) => {
                self.byte(if payload.is_some() { tag::ERR_WITH } else { tag::ERR });
                self.payload(payload.as_deref());
            }
            Val::Map(pairs) => {
                self.byte(tag::MAP);
                self.length(pairs.len());
                for (key, val) in pairs {
                    self.value(key);
                    self.value(val);
                }
            }
            // A handle is no part of the value: the caller knows it by its number.
            _ => self.byte(tag::HANDLE),
        }
    }

    fn payload(&mut self, payload: Option<&Val>) {
        if let Some(val) = payload {
            self.value(val);
        }
    }

    fn list(&mut self, items: &[Val]) {
        if !matches!(items.first(), Some(Val::U8(_))) {
            return self.sequence(tag::LIST, items);
        }
        self.byte(tag::BYTES);
        self.length(items.len());
        for piece in items.chunks(64) {
            let mut bytes = [0; 64];
            for (byte, item) in bytes.iter_mut().zip(piece) {
                *byte = if let Val::U8(value) = item { *value } else { 0 };
            }
            self.bytes(&bytes[..piece.len()]);
        }
    }
}
