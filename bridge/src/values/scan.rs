// SPDX-License-Identifier: Apache-2.0
//! A pull scanner over JSON text: no tree, no recursion.

use std::borrow::Cow;

use super::{ErrorKind, ValueError};

pub(super) type Scan<T> = Result<T, ValueError>;

/// What the next value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, bytes: text.as_bytes(), at: 0 }
    }

    pub fn position(&self) -> usize {
        self.at
    }

    pub fn go_to(&mut self, position: usize) {
        self.at = position;
    }

    /// The error "what at byte N".
    pub fn syntax<T>(&self, what: &str) -> Scan<T> {
        let text = format!("{what} at byte {}", self.at);
        Err(ValueError::new(ErrorKind::Syntax, text))
    }

    /// The byte after white space; 0 at the end.
    pub fn byte(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    pub fn next(&mut self) -> Scan<Next> {
        match self.byte() {
            b'{' => Ok(Next::Object),
            b'[' => Ok(Next::Array),
            b'"' => Ok(Next::String),
            b'-' | b'0'..=b'9' => Ok(Next::Number),
            b't' | b'f' => Ok(Next::Bool),
            b'n' => Ok(Next::Null),
            _ if self.at == self.bytes.len() => self.syntax("the JSON text ends too early"),
            _ => self.syntax("expected a JSON value"),
        }
    }

    /// Takes `byte` if it is the next one.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.byte() == byte && self.at < self.bytes.len();
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, byte: u8) -> Scan<()> {
        if self.take(byte) {
            return Ok(());
        }
        self.syntax(&format!("expected `{}`", char::from(byte)))
    }

    /// After an element: true when another follows, false when `close` was taken.
    pub fn more(&mut self, close: u8) -> Scan<bool> {
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(close) {
            return Ok(false);
        }
        self.syntax(&format!("expected `,` or `{}`", char::from(close)))
    }

    pub fn end(&mut self) -> Scan<()> {
        self.byte();
        if self.at == self.bytes.len() {
            return Ok(());
        }
        self.syntax("trailing characters")
    }

    fn word(&mut self, word: &str) -> Scan<()> {
        self.byte();
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        self.syntax("expected a JSON value")
    }

    pub fn null(&mut self) -> Scan<()> {
        self.word("null")
    }

    pub fn boolean(&mut self) -> Scan<bool> {
        let value = self.byte() == b't';
        self.word(if value { "true" } else { "false" })?;
        Ok(value)
    }

    fn digits(&mut self) -> Scan<()> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            return self.syntax("expected a digit");
        }
        Ok(())
    }

    /// The text of a number, by the grammar of JSON.
    pub fn number(&mut self) -> Scan<&'a str> {
        self.byte();
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            if self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                return self.syntax("a number with a leading zero");
            }
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    /// A small unsigned integer without fraction or exponent; None leaves the position as it was.
    pub fn small_u8(&mut self) -> Option<u8> {
        self.byte();
        let start = self.at;
        let mut value: u32 = 0;
        while let Some(digit) = self.bytes.get(self.at).filter(|b| b.is_ascii_digit()) {
            value = value * 10 + u32::from(digit - b'0');
            self.at += 1;
            if self.at - start > 3 {
                break;
            }
        }
        let length = self.at - start;
        let plain = !matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E'));
        let zero_first = length > 1 && self.bytes[start] == b'0';
        if plain && (1..=3).contains(&length) && !zero_first && value <= 255 {
            return Some(value as u8);
        }
        self.at = start;
        None
    }

    /// A string; borrowed from the text when nothing in it is escaped.
    pub fn string(&mut self) -> Scan<Cow<'a, str>> {
        self.expect(b'"')?;
        let start = self.at;
        let end = self.plain_run();
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Cow::Borrowed(&self.text[start..end]));
        }
        let mut out = String::with_capacity(end - start + 16);
        out.push_str(&self.text[start..end]);
        self.at = end;
        loop {
            match self.bytes.get(self.at) {
                None => return self.syntax("a string without end"),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(_) => {
                    let end = self.plain_run();
                    if end == self.at {
                        return self.syntax("a control character in a string");
                    }
                    out.push_str(&self.text[self.at..end]);
                    self.at = end;
                }
            }
        }
    }

    /// Where the bytes that stand for themselves end.
    fn plain_run(&self) -> usize {
        let rest = &self.bytes[self.at..];
        let run = rest.iter().position(|&b| b < 0x20 || b == b'"' || b == b'\\');
        self.at + run.unwrap_or(rest.len())
    }

    fn escape(&mut self) -> Scan<char> {
        let Some(&byte) = self.bytes.get(self.at) else {
            return self.syntax("a string without end");
        };
        let plain = match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return self.syntax("an unknown escape"),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Scan<char> {
        let high = self.hex4()?;
        if !(0xd800..0xe000).contains(&high) {
            return match char::from_u32(high) {
                Some(found) => Ok(found),
                None => self.syntax("an invalid code point"),
            };
        }
        let pair =
            self.bytes.get(self.at) == Some(&b'\\') && self.bytes.get(self.at + 1) == Some(&b'u');
        if high >= 0xdc00 || !pair {
            return self.syntax("a lone surrogate");
        }
        self.at += 1;
        let low = self.hex4()?;
        if !(0xdc00..0xe000).contains(&low) {
            return self.syntax("a lone surrogate");
        }
        let point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        char::from_u32(point).map_or_else(|| self.syntax("an invalid code point"), Ok)
    }

    /// `uXXXX`, with the position at the `u`.
    fn hex4(&mut self) -> Scan<u32> {
        let mut value = 0;
        for offset in 1..=4 {
            let digit = self.bytes.get(self.at + offset).and_then(|b| char::from(*b).to_digit(16));
            let Some(digit) = digit else {
                return self.syntax("expected four hexadecimal digits");
            };
            value = value * 16 + digit;
        }
        self.at += 5;
        Ok(value)
    }

    /// Skips one value of any shape, checking its syntax, with a stack of its own.
    pub fn skip(&mut self) -> Scan<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            let opened = match self.next()? {
                Next::Object => self.open(b'}', &mut open)?,
                Next::Array => self.open(b']', &mut open)?,
                Next::String => self.string().map(|_| false)?,
                Next::Number => self.number().map(|_| false)?,
                Next::Bool => self.boolean().map(|_| false)?,
                Next::Null => self.null().map(|()| false)?,
            };
            if !opened && !self.close(&mut open)? {
                return Ok(());
            }
        }
    }

    /// Enters a container; false when it is empty.
    fn open(&mut self, close: u8, open: &mut Vec<u8>) -> Scan<bool> {
        self.at += 1;
        if self.take(close) {
            return Ok(false);
        }
        open.push(close);
        if close == b'}' {
            self.key()?;
        }
        Ok(true)
    }

    /// Leaves the containers that end here; false when the outermost value is complete.
    fn close(&mut self, open: &mut Vec<u8>) -> Scan<bool> {
        while let Some(&close) = open.last() {
            if self.more(close)? {
                if close == b'}' {
                    self.key()?;
                }
                return Ok(true);
            }
            open.pop();
        }
        Ok(false)
    }

    /// A key and its colon.
    pub fn key(&mut self) -> Scan<Cow<'a, str>> {
        if self.byte() != b'"' {
            return self.syntax("expected a key");
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// The next value in words, for messages; its position stays.
    pub fn describe(&mut self) -> Scan<String> {
        let start = self.at;
        let text = match self.next()? {
            Next::Object => "map".to_owned(),
            Next::Array => "sequence".to_owned(),
            Next::Null => "null".to_owned(),
            Next::Bool => format!("boolean `{}`", self.boolean()?),
            Next::String => format!("string {:?}", shortened(&self.string()?)),
            Next::Number => {
                let number = self.number()?;
                let kind = if is_integer(number) { "integer" } else { "floating point" };
                format!("{kind} `{}`", shortened(number))
            }
        };
        self.at = start;
        Ok(text)
    }
}

/// A number written without fraction and exponent.
pub(super) fn is_integer(number: &str) -> bool {
    !number.bytes().any(|b| matches!(b, b'.' | b'e' | b'E'))
}

/// At most 64 characters of a text.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(64) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
