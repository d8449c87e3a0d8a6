// SPDX-License-Identifier: Apache-2.0
//! Lists of texts and numbers as bytes, both ways: a number is a little-endian u32, a text its
//! length and its bytes, a list its count and its items (as in wire.rs).

use super::{Description, Function, Kind, Origin, Param, Party, SourceFile};

type Read<T> = Result<T, String>;

pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    fn bytes(&mut self, size: usize) -> Read<&'a [u8]> {
        if size > self.rest.len() {
            return Err("the request is cut off".into());
        }
        let (taken, rest) = self.rest.split_at(size);
        self.rest = rest;
        Ok(taken)
    }

    pub fn number(&mut self) -> Read<u32> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.bytes(4)?);
        Ok(u32::from_le_bytes(bytes))
    }

    pub fn blob(&mut self) -> Read<&'a [u8]> {
        let size = self.number()? as usize;
        self.bytes(size)
    }

    pub fn text(&mut self) -> Read<String> {
        let text = std::str::from_utf8(self.blob()?).map_err(|_| "a text is not UTF-8")?;
        Ok(text.to_owned())
    }

    pub fn list<T>(&mut self, item: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        (0..self.number()?).map(|_| item(self)).collect()
    }

    pub fn files(&mut self) -> Read<Vec<SourceFile>> {
        self.list(|r| Ok(SourceFile { path: r.text()?, text: r.text()? }))
    }

    pub fn functions(&mut self) -> Read<Vec<Function>> {
        self.list(|r| {
            Ok(Function {
                interface: r.text()?,
                name: r.text()?,
                params: r.list(|r| Ok(Param { name: r.text()?, ty: r.text()? }))?,
                result: r.text()?,
                extendable: r.number()? != 0,
            })
        })
    }

    pub fn parties(&mut self) -> Read<Vec<Party>> {
        self.list(|r| {
            Ok(Party {
                component: r.text()?,
                kind: kind(r.number()?)?,
                origin: origin(r.number()?)?,
                description: Description {
                    exports: r.functions()?,
                    imports: r.functions()?,
                    ..Description::default()
                },
            })
        })
    }
}

pub fn kind(number: u32) -> Read<Kind> {
    match number {
        0 => Ok(Kind::Activity),
        1 => Ok(Kind::Workflow),
        2 => Ok(Kind::Webhook),
        3 => Ok(Kind::Stub),
        4 => Ok(Kind::External),
        _ => Err(format!("component kind {number} is unknown")),
    }
}

fn origin(number: u32) -> Read<Origin> {
    match number {
        1 => Ok(Origin::Parsed),
        2 => Ok(Origin::Synthesised),
        3 => Ok(Origin::Authored),
        _ => Err(format!("origin {number} is unknown")),
    }
}

#[derive(Default)]
pub struct Writer {
    pub out: Vec<u8>,
}

impl Writer {
    pub fn number(&mut self, number: usize) {
        self.out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.out.extend_from_slice(bytes);
    }
}
