// SPDX-License-Identifier: Apache-2.0
//! The grammar of structural type texts (contract section 4): parser, printer, return types.

use std::fmt;

/// A type by its structure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    Primitive(&'static str),
    List(Box<Ty>),
    Option(Box<Ty>),
    Tuple(Vec<Ty>),
    Result(Option<Box<Ty>>, Option<Box<Ty>>),
    Record(Vec<(String, Ty)>),
    Variant(Vec<(String, Option<Ty>)>),
    Enum(Vec<String>),
    Flags(Vec<String>),
}

const PRIMITIVES: [&str; 13] =
    ["bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string"];
const DEPTH_MAX: usize = 64;
const TEXT_MAX: usize = 1 << 20;

/// Parses a whole text. White space is allowed, anything after the type is not.
pub fn parse(text: &str) -> Result<Ty, String> {
    if text.len() > TEXT_MAX {
        return Err(format!("the type is longer than {TEXT_MAX} bytes"));
    }
    let mut parser = Parser { text, at: 0, depth: 0 };
    let ty = parser.ty()?;
    parser.skip_space();
    if parser.at < text.len() {
        return parser.fail("unexpected characters after the type");
    }
    Ok(ty)
}

/// Contract 2.2: whether a function with this result can be an activity or a workflow.
pub fn extendable(result: &str) -> bool {
    match parse(result) {
        Ok(Ty::Result(_, None)) => true,
        Ok(Ty::Result(_, Some(err))) => match *err {
            Ty::Primitive(name) => name == "string",
            Ty::Variant(cases) => {
                cases.iter().any(|(name, ty)| name == "execution-failed" && ty.is_none())
            }
            _ => false,
        },
        _ => false,
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, String>;

impl<'a> Parser<'a> {
    fn fail<T>(&self, what: &str) -> Parsed<T> {
        Err(format!("{what} at position {} of type `{}`", self.at + 1, self.text))
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: char) -> bool {
        self.skip_space();
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn expect(&mut self, token: char) -> Parsed<()> {
        if self.take(token) {
            return Ok(());
        }
        self.fail(&format!("expected `{token}`"))
    }

    /// After a member: true when another follows. A comma before `close` is allowed in braces.
    fn more(&mut self, close: char) -> Parsed<bool> {
        if self.take(',') {
            return Ok(close != '}' || !self.take(close));
        }
        self.expect(close).map(|()| false)
    }

    fn word(&mut self) -> Parsed<&'a str> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
        if end == 0 {
            return self.fail("expected a name");
        }
        self.at += end;
        Ok(&rest[..end])
    }

    /// A kebab-case name of a field, case or flag.
    fn name(&mut self) -> Parsed<String> {
        self.take('%');
        let start = self.at;
        let word = self.word()?;
        if wit_parser::validate_id(word).is_err() {
            self.at = start;
            return self.fail(&format!("`{word}` is not a kebab-case name"));
        }
        Ok(word.to_owned())
    }

    fn ty(&mut self) -> Parsed<Ty> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.fail("the type is nested too deeply");
        }
        self.skip_space();
        let start = self.at;
        let word = self.word()?;
        let ty = match word {
            "list" => Ty::List(Box::new(self.single()?)),
            "option" => Ty::Option(Box::new(self.single()?)),
            "tuple" => Ty::Tuple(self.tuple()?),
            "result" => self.result()?,
            "record" => {
                let fields = self.members(|parser| {
                    let name = parser.name()?;
                    parser.expect(':')?;
                    Ok((name, parser.ty()?))
                })?;
                unique(self, fields.iter().map(|(name, _)| name))?;
                Ty::Record(fields)
            }
            "variant" => {
                let cases = self.members(Parser::case)?;
                unique(self, cases.iter().map(|(name, _)| name))?;
                Ty::Variant(cases)
            }
            "enum" => Ty::Enum(self.names()?),
            "flags" => Ty::Flags(self.names()?),
            _ => match PRIMITIVES.iter().find(|name| **name == word) {
                Some(name) => Ty::Primitive(name),
                None => {
                    self.at = start;
                    return self.fail(&format!("unknown type `{word}`"));
                }
            },
        };
        self.depth -= 1;
        Ok(ty)
    }

    fn single(&mut self) -> Parsed<Ty> {
        self.expect('<')?;
        let ty = self.ty()?;
        self.expect('>')?;
        Ok(ty)
    }

    fn tuple(&mut self) -> Parsed<Vec<Ty>> {
        self.expect('<')?;
        let mut types = vec![self.ty()?];
        while self.more('>')? {
            types.push(self.ty()?);
        }
        Ok(types)
    }

    fn result(&mut self) -> Parsed<Ty> {
        if !self.take('<') {
            return Ok(Ty::Result(None, None));
        }
        let ok = if self.take('_') { None } else { Some(Box::new(self.ty()?)) };
        if ok.is_some() && self.take('>') {
            return Ok(Ty::Result(ok, None));
        }
        self.expect(',')?;
        let err = Some(Box::new(self.ty()?));
        self.expect('>')?;
        Ok(Ty::Result(ok, err))
    }

    fn case(&mut self) -> Parsed<(String, Option<Ty>)> {
        let name = self.name()?;
        if !self.take('(') {
            return Ok((name, None));
        }
        let ty = self.ty()?;
        self.expect(')')?;
        Ok((name, Some(ty)))
    }

    fn names(&mut self) -> Parsed<Vec<String>> {
        let names = self.members(Parser::name)?;
        unique(self, names.iter())?;
        Ok(names)
    }

    fn members<T>(&mut self, member: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect('{')?;
        let mut members = vec![member(self)?];
        while self.more('}')? {
            members.push(member(self)?);
        }
        Ok(members)
    }
}

fn unique<'n>(parser: &Parser<'_>, names: impl Iterator<Item = &'n String>) -> Parsed<()> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return parser.fail(&format!("`{name}` is given twice, found"));
        }
    }
    Ok(())
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Primitive(name) => f.write_str(name),
            Ty::List(ty) => write!(f, "list<{ty}>"),
            Ty::Option(ty) => write!(f, "option<{ty}>"),
            Ty::Tuple(types) => {
                let types: Vec<String> = types.iter().map(Ty::to_string).collect();
                write!(f, "tuple<{}>", types.join(","))
            }
            Ty::Result(None, None) => f.write_str("result"),
            Ty::Result(Some(ok), None) => write!(f, "result<{ok}>"),
            Ty::Result(None, Some(err)) => write!(f, "result<_, {err}>"),
            Ty::Result(Some(ok), Some(err)) => write!(f, "result<{ok}, {err}>"),
            Ty::Record(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(n, ty)| format!("{n}:{ty}")).collect();
                write!(f, "record{{{}}}", fields.join(","))
            }
            Ty::Variant(cases) => {
                let case = |(name, ty): &(String, Option<Ty>)| match ty {
                    Some(ty) => format!("{name}({ty})"),
                    None => name.clone(),
                };
                let cases: Vec<String> = cases.iter().map(case).collect();
                write!(f, "variant{{{}}}", cases.join(","))
            }
            Ty::Enum(names) => write!(f, "enum{{{}}}", names.join(",")),
            Ty::Flags(names) => write!(f, "flags{{{}}}", names.join(",")),
        }
    }
}
