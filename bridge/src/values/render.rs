// SPDX-License-Identifier: Apache-2.0
//! Values to JSON text, in one pass.

use std::fmt::Write;

use wasmtime::component::Val;

use super::{ErrorKind, Form, Limits, ValueError};

pub(super) struct Writer<'a> {
    out: String,
    form: Form,
    limits: &'a Limits,
    depth: usize,
}

type Written = Result<(), ValueError>;

impl<'a> Writer<'a> {
    pub fn new(form: Form, limits: &'a Limits) -> Writer<'a> {
        Writer { out: String::with_capacity(64), form, limits, depth: 0 }
    }

    pub fn finish(self) -> Result<String, ValueError> {
        self.check_size()?;
        Ok(self.out)
    }

    fn check_size(&self) -> Written {
        if self.out.len() <= self.limits.text_bytes {
            return Ok(());
        }
        let limit = self.limits.text_bytes;
        Err(ValueError::new(ErrorKind::Limit, format!("the value exceeds {limit} bytes as JSON")))
    }

    fn enter(&mut self) -> Written {
        self.depth += 1;
        if self.depth <= self.limits.depth {
            return Ok(());
        }
        let limit = self.limits.depth;
        let text = format!("the value is nested deeper than {limit} levels");
        Err(ValueError::new(ErrorKind::Limit, text))
    }

    pub fn value(&mut self, val: &Val) -> Written {
        match val {
            Val::Bool(x) => self.out.push_str(if *x { "true" } else { "false" }),
            Val::U8(x) => self.number(x),
            Val::S8(x) => self.number(x),
            Val::U16(x) => self.number(x),
            Val::S16(x) => self.number(x),
            Val::U32(x) => self.number(x),
            Val::S32(x) => self.number(x),
            Val::U64(x) => self.number(x),
            Val::S64(x) => self.number(x),
            Val::Float32(x) => self.float(f64::from(*x), x),
            Val::Float64(x) => self.float(*x, x),
            Val::Char(x) => string(&mut self.out, x.encode_utf8(&mut [0; 4])),
            Val::String(x) => string(&mut self.out, x),
            Val::Enum(name) => self.name(name),
            _ => return self.compound(val),
        }
        self.check_size()
    }

    fn compound(&mut self, val: &Val) -> Written {
        self.enter()?;
        match val {
            Val::List(items) | Val::FixedLengthList(items) => self.list(items)?,
            Val::Tuple(items) => self.array(items.iter())?,
            Val::Record(fields) => self.record(fields)?,
            Val::Variant(name, None) => self.name(name),
            Val::Variant(name, Some(payload)) => {
                self.out.push('{');
                self.name(name);
                self.out.push(':');
                self.value(payload)?;
                self.out.push('}');
            }
            Val::Option(payload) => self.option(payload.as_deref())?,
            Val::Result(Ok(payload)) => self.wrapped("ok", payload.as_deref())?,
            Val::Result(Err(payload)) => self.wrapped("err", payload.as_deref())?,
            Val::Flags(names) => self.flags(names),
            Val::Resource(_) => return unsupported("a resource handle"),
            Val::Map(_) => return unsupported("a map"),
            Val::Future(_) => return unsupported("a future"),
            Val::Stream(_) => return unsupported("a stream"),
            _ => return unsupported("a value of this type"),
        }
        self.depth -= 1;
        self.check_size()
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        let _ = write!(self.out, "{number}");
    }

    /// `shortest` prints the fewest digits that read back as the same float.
    fn float(&mut self, value: f64, shortest: impl std::fmt::Debug) {
        if value.is_finite() {
            let _ = write!(self.out, "{shortest:?}");
        } else if self.form == Form::User {
            self.out.push_str("null");
        } else {
            let name = match value {
                _ if value.is_nan() => "nan",
                _ if value > 0.0 => "inf",
                _ => "-inf",
            };
            let _ = write!(self.out, "{{\"$float\":\"{name}\"}}");
        }
    }

    /// A kebab-case name as a snake_case string.
    fn name(&mut self, name: &str) {
        self.out.push('"');
        self.out.extend(name.chars().map(|c| if c == '-' { '_' } else { c }));
        self.out.push('"');
    }

    pub fn array<'v>(&mut self, items: impl Iterator<Item = &'v Val>) -> Written {
        self.out.push('[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.value(item)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn list(&mut self, items: &[Val]) -> Written {
        if !matches!(items.first(), Some(Val::U8(_))) {
            return self.array(items.iter());
        }
        self.out.reserve(4 * items.len().min(self.limits.text_bytes) + 2);
        self.out.push('[');
        for item in items {
            let Val::U8(byte) = item else {
                return unsupported("a list of several types");
            };
            small(&mut self.out, *byte);
            self.out.push(',');
        }
        self.out.pop();
        self.out.push(']');
        Ok(())
    }

    fn record(&mut self, fields: &[(String, Val)]) -> Written {
        self.out.push('{');
        for (index, (name, val)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.name(name);
            self.out.push(':');
            self.value(val)?;
        }
        self.out.push('}');
        Ok(())
    }

    fn option(&mut self, payload: Option<&Val>) -> Written {
        match payload {
            None => self.out.push_str("null"),
            Some(inner @ Val::Option(_)) if self.form == Form::Abi => {
                return self.wrapped("$some", Some(inner));
            }
            Some(inner) => return self.value(inner),
        }
        Ok(())
    }

    fn wrapped(&mut self, key: &str, payload: Option<&Val>) -> Written {
        let _ = write!(self.out, "{{\"{key}\":");
        match payload {
            Some(payload) => self.value(payload)?,
            None => self.out.push_str("null"),
        }
        self.out.push('}');
        Ok(())
    }

    fn flags(&mut self, names: &[String]) {
        self.out.push('[');
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.name(name);
        }
        self.out.push(']');
    }
}

fn unsupported(what: &str) -> Written {
    Err(ValueError::new(ErrorKind::Unsupported, format!("{what} cannot be written as JSON")))
}

fn small(out: &mut String, byte: u8) {
    if byte >= 100 {
        out.push(char::from(b'0' + byte / 100));
    }
    if byte >= 10 {
        out.push(char::from(b'0' + byte / 10 % 10));
    }
    out.push(char::from(b'0' + byte % 10));
}

/// Appends `text` as a JSON string.
pub(super) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[start..at]);
        start = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}
