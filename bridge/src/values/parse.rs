// SPDX-License-Identifier: Apache-2.0
//! JSON text to values, driven by their types, in one pass and without a tree.

use wasmtime::component::{ResourceAny, Type, Val};

use super::scan::{Next, Scan, Scanner, shortened};
use super::type_text::type_text;
use super::{ErrorKind, Form, Limits, ValueError};

type Own<'a> = &'a mut dyn FnMut(u32) -> Result<ResourceAny, ValueError>;

pub(super) struct Parser<'a, 'o> {
    pub(super) scan: Scanner<'a>,
    pub(super) form: Form,
    depth: usize,
    depth_limit: usize,
    own: Own<'o>,
}

pub(super) fn params(
    types: &[(String, Type)],
    json: &str,
    form: Form,
    limits: &Limits,
) -> Result<Vec<Val>, ValueError> {
    check_size(json, limits)?;
    let mut own = super::no_handles;
    let mut parser = Parser::new(json, form, limits, &mut own);
    let mut values = Vec::with_capacity(types.len());
    match parser.params(types, &mut values) {
        Ok(true) => Ok(values),
        Ok(false) => Err(whole_error(json, types.len(), values.len(), None)),
        Err(fault) => Err(whole_error(json, types.len(), values.len(), Some(fault))),
    }
}

pub(super) fn one(
    ty: &Type,
    json: &str,
    form: Form,
    limits: &Limits,
    own: Own<'_>,
) -> Result<Val, ValueError> {
    check_size(json, limits)?;
    let mut parser = Parser::new(json, form, limits, own);
    let value = parser.value(ty)?;
    parser.scan.end()?;
    Ok(value)
}

fn check_size(json: &str, limits: &Limits) -> Result<(), ValueError> {
    if json.len() <= limits.text_bytes {
        return Ok(());
    }
    let (size, limit) = (json.len(), limits.text_bytes);
    let text = format!("the JSON text of {size} bytes exceeds the limit of {limit} bytes");
    Err(ValueError::new(ErrorKind::Limit, text))
}

/// The error to report: bad JSON before a wrong number of parameters before a wrong parameter.
fn whole_error(
    json: &str,
    expected: usize,
    parsed: usize,
    fault: Option<ValueError>,
) -> ValueError {
    let specified = match count_elements(json) {
        Ok(Some(count)) => count,
        Ok(None) => {
            return ValueError::new(ErrorKind::Mismatch, "params must be a json array");
        }
        Err(error) => {
            let text = format!("cannot parse params as JSON array: {error}");
            return ValueError::new(ErrorKind::Syntax, text);
        }
    };
    if specified != expected {
        let text =
            format!("parameter cardinality mismatch, expected: {expected}, specified: {specified}");
        return ValueError::new(ErrorKind::Mismatch, text);
    }
    let (kind, reason) = match fault {
        Some(fault) => (fault.kind, fault.message),
        None => (ErrorKind::Mismatch, "unexpected end".to_owned()),
    };
    let ordinal = parsed + 1;
    let text = format!(
        "parameters cannot be deserialized: cannot parse {ordinal}-th parameter - `{reason}`"
    );
    ValueError::new(kind, text)
}

/// How many elements a JSON array has; None when the text is JSON but no array.
fn count_elements(json: &str) -> Scan<Option<usize>> {
    let mut scan = Scanner::new(json);
    if scan.next()? != Next::Array {
        scan.skip()?;
        return scan.end().map(|()| None);
    }
    scan.expect(b'[')?;
    let mut count = 0;
    let mut more = !scan.take(b']');
    while more {
        scan.skip()?;
        count += 1;
        more = scan.more(b']')?;
    }
    scan.end().map(|()| Some(count))
}

/// A kebab-case name against its kebab-case or snake_case spelling.
fn same_name(kebab: &str, given: &str) -> bool {
    let given = given.bytes().map(|b| if b == b'_' { b'-' } else { b });
    kebab.len() == given.len() && kebab.bytes().eq(given)
}

fn mismatch<T>(text: impl Into<String>) -> Scan<T> {
    Err(ValueError::new(ErrorKind::Mismatch, text))
}

impl<'a, 'o> Parser<'a, 'o> {
    fn new(json: &'a str, form: Form, limits: &Limits, own: Own<'o>) -> Parser<'a, 'o> {
        Parser { scan: Scanner::new(json), form, depth: 0, depth_limit: limits.depth, own }
    }

    /// False when the number of elements is wrong.
    fn params(&mut self, types: &[(String, Type)], values: &mut Vec<Val>) -> Scan<bool> {
        self.scan.expect(b'[')?;
        let mut more = !self.scan.take(b']');
        for (_, ty) in types {
            if !more {
                return Ok(false);
            }
            values.push(self.value(ty)?);
            more = self.scan.more(b']')?;
        }
        if more {
            return Ok(false);
        }
        self.scan.end().map(|()| true)
    }

    pub(super) fn wrong_type<T>(&mut self, ty: &Type) -> Scan<T> {
        self.wrong("type", ty)
    }

    pub(super) fn wrong<T>(&mut self, what: &str, ty: &Type) -> Scan<T> {
        let found = self.scan.describe()?;
        let expected = type_text(ty);
        mismatch(format!("invalid {what}: {found}, expected value matching \"{expected}\""))
    }

    fn value(&mut self, ty: &Type) -> Scan<Val> {
        match ty {
            Type::Bool => {
                self.require(Next::Bool, ty)?;
                self.scan.boolean().map(Val::Bool)
            }
            Type::S8 => self.integer(ty, Val::S8),
            Type::U8 => self.integer(ty, Val::U8),
            Type::S16 => self.integer(ty, Val::S16),
            Type::U16 => self.integer(ty, Val::U16),
            Type::S32 => self.integer(ty, Val::S32),
            Type::U32 => self.integer(ty, Val::U32),
            Type::S64 => self.integer(ty, Val::S64),
            Type::U64 => self.integer(ty, Val::U64),
            Type::Float32 => self.float32(ty),
            Type::Float64 => self.float64(ty),
            Type::Char => self.character(ty),
            Type::String => {
                self.require(Next::String, ty)?;
                Ok(Val::String(self.scan.string()?.into_owned()))
            }
            Type::Enum(names) => {
                self.require(Next::String, ty)?;
                let given = self.scan.string()?;
                match names.names().find(|name| same_name(name, &given)) {
                    Some(name) => Ok(Val::Enum(name.to_owned())),
                    None => unknown("enum case", &given, ty),
                }
            }
            Type::Own(_) if self.form == Form::Abi => {
                let Val::U32(number) = self.integer(&Type::U32, Val::U32)? else {
                    return mismatch("expected a join-set handle");
                };
                (self.own)(number).map(Val::Resource)
            }
            _ => self.compound(ty),
        }
    }

    fn compound(&mut self, ty: &Type) -> Scan<Val> {
        self.depth += 1;
        if self.depth > self.depth_limit {
            let limit = self.depth_limit;
            let text = format!("the value is nested deeper than {limit} levels");
            return Err(ValueError::new(ErrorKind::Limit, text));
        }
        let value = match ty {
            Type::List(list) => self.list(ty, &list.ty()).map(Val::List),
            Type::FixedLengthList(list) => {
                let types = (0..list.len()).map(|_| list.ty());
                self.tuple(ty, types).map(Val::FixedLengthList)
            }
            Type::Tuple(tuple) => self.tuple(ty, tuple.types()).map(Val::Tuple),
            Type::Record(record) => self.record(ty, record),
            Type::Variant(variant) => self.variant(ty, variant),
            Type::Option(option) => self.option(ty, &option.ty()),
            Type::Result(result) => self.result(ty, result),
            Type::Flags(flags) => self.flags(ty, flags),
            _ => {
                let text = format!("unsupported type \"{}\"", type_text(ty));
                Err(ValueError::new(ErrorKind::Unsupported, text))
            }
        }?;
        self.depth -= 1;
        Ok(value)
    }

    pub(super) fn require(&mut self, next: Next, ty: &Type) -> Scan<()> {
        if self.scan.next()? == next { Ok(()) } else { self.wrong_type(ty) }
    }

    fn character(&mut self, ty: &Type) -> Scan<Val> {
        self.require(Next::String, ty)?;
        let start = self.scan.position();
        let text = self.scan.string()?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(found), None) => Ok(Val::Char(found)),
            _ => {
                self.scan.go_to(start);
                self.wrong("value", ty)
            }
        }
    }

    fn list(&mut self, ty: &Type, element: &Type) -> Scan<Vec<Val>> {
        self.require(Next::Array, ty)?;
        self.scan.expect(b'[')?;
        let mut items = Vec::new();
        let mut more = !self.scan.take(b']');
        let small = *element == Type::U8;
        while more {
            match if small { self.scan.small_u8() } else { None } {
                Some(byte) => items.push(Val::U8(byte)),
                None => items.push(self.value(element)?),
            }
            more = self.scan.more(b']')?;
        }
        Ok(items)
    }

    fn tuple(&mut self, ty: &Type, types: impl ExactSizeIterator<Item = Type>) -> Scan<Vec<Val>> {
        self.require(Next::Array, ty)?;
        self.scan.expect(b'[')?;
        let length = types.len();
        let mut items = Vec::with_capacity(length.min(1024));
        let mut more = !self.scan.take(b']');
        for element in types {
            if !more {
                break;
            }
            items.push(self.value(&element)?);
            more = self.scan.more(b']')?;
        }
        if items.len() == length && !more {
            return Ok(items);
        }
        let expected = type_text(ty);
        mismatch(format!("invalid length, expected {length} elements matching \"{expected}\""))
    }

    fn record(&mut self, ty: &Type, record: &wasmtime::component::types::Record) -> Scan<Val> {
        self.require(Next::Object, ty)?;
        self.scan.expect(b'{')?;
        let mut values: Vec<Option<Val>> = vec![None; record.fields().len()];
        let mut expected = 0;
        let mut more = !self.scan.take(b'}');
        while more {
            let key = self.scan.key()?;
            let field =
                record.fields().enumerate().skip(expected).find(|f| same_name(f.1.name, &key));
            let field =
                field.or_else(|| record.fields().enumerate().find(|f| same_name(f.1.name, &key)));
            let Some((index, field)) = field else {
                let key = shortened(&key);
                return mismatch(format!("unexpected record field name `{key}`"));
            };
            if values[index].is_some() {
                return mismatch(format!("duplicate record field name `{}`", field.name));
            }
            values[index] = Some(self.value(&field.ty)?);
            expected = index + 1;
            more = self.scan.more(b'}')?;
        }
        complete(record, values).map(Val::Record)
    }

    fn variant(&mut self, ty: &Type, variant: &wasmtime::component::types::Variant) -> Scan<Val> {
        let next = self.scan.next()?;
        let given = match next {
            Next::String => self.scan.string()?,
            Next::Object => {
                self.scan.expect(b'{')?;
                if self.scan.byte() == b'}' {
                    return mismatch("a variant must be serialized as a map with one key");
                }
                self.scan.key()?
            }
            _ => return self.wrong_type(ty),
        };
        let Some(case) = variant.cases().find(|case| same_name(case.name, &given)) else {
            return unknown("variant case", &given, ty);
        };
        let name = case.name.to_owned();
        match (case.ty, next) {
            (None, Next::String) => Ok(Val::Variant(name, None)),
            (None, _) => mismatch(format!("variant case `{name}` must be serialized as string")),
            (Some(_), Next::String) => {
                mismatch(format!("variant case `{name}` must be serialized as map"))
            }
            (Some(payload), _) => {
                let payload = self.value(&payload)?;
                self.only_key("a variant")?;
                Ok(Val::Variant(name, Some(Box::new(payload))))
            }
        }
    }

    fn only_key(&mut self, what: &str) -> Scan<()> {
        if self.scan.more(b'}')? {
            return mismatch(format!("{what} must be serialized as a map with one key"));
        }
        Ok(())
    }

    fn option(&mut self, ty: &Type, inner: &Type) -> Scan<Val> {
        if self.scan.next()? == Next::Null {
            self.scan.null()?;
            return Ok(Val::Option(None));
        }
        let nested = self.form == Form::Abi && matches!(inner, Type::Option(_));
        if !nested {
            return Ok(Val::Option(Some(Box::new(self.value(inner)?))));
        }
        self.require(Next::Object, ty)?;
        self.scan.expect(b'{')?;
        if self.scan.key()? != "$some" {
            return mismatch("expected the key `$some`");
        }
        let value = self.value(inner)?;
        self.only_key("an option in an option")?;
        Ok(Val::Option(Some(Box::new(value))))
    }

    fn result(&mut self, ty: &Type, result: &wasmtime::component::types::ResultType) -> Scan<Val> {
        self.require(Next::Object, ty)?;
        self.scan.expect(b'{')?;
        if self.scan.byte() == b'}' {
            return mismatch("a result needs the key `ok` or `err`");
        }
        let key = self.scan.key()?;
        let value = match &*key {
            "ok" => Val::Result(Ok(self.payload(result.ok())?)),
            "err" => Val::Result(Err(self.payload(result.err())?)),
            _ => {
                let key = shortened(&key);
                return mismatch(format!("a result needs the key `ok` or `err`, not `{key}`"));
            }
        };
        self.only_key("a result")?;
        Ok(value)
    }

    fn payload(&mut self, ty: Option<Type>) -> Scan<Option<Box<Val>>> {
        if let Some(ty) = ty {
            return Ok(Some(Box::new(self.value(&ty)?)));
        }
        if self.scan.next()? != Next::Null {
            return mismatch("invalid result value, expected null");
        }
        self.scan.null().map(|()| None)
    }

    fn flags(&mut self, ty: &Type, flags: &wasmtime::component::types::Flags) -> Scan<Val> {
        self.require(Next::Array, ty)?;
        self.scan.expect(b'[')?;
        let mut set = vec![false; flags.names().len()];
        let mut more = !self.scan.take(b']');
        while more {
            self.require(Next::String, ty)?;
            let given = self.scan.string()?;
            let Some(index) = flags.names().position(|name| same_name(name, &given)) else {
                return unknown("flag", &given, ty);
            };
            if set[index] {
                return mismatch(format!("duplicate flag `{}`", shortened(&given)));
            }
            set[index] = true;
            more = self.scan.more(b']')?;
        }
        let chosen = flags.names().zip(set).filter(|(_, on)| *on);
        Ok(Val::Flags(chosen.map(|(name, _)| name.to_owned()).collect()))
    }
}

fn unknown<T>(what: &str, given: &str, ty: &Type) -> Scan<T> {
    let (given, expected) = (shortened(given), type_text(ty));
    mismatch(format!("unknown {what} `{given}`, expected value matching \"{expected}\""))
}

/// The fields of a record, with `none` where an option is absent.
fn complete(
    record: &wasmtime::component::types::Record,
    values: Vec<Option<Val>>,
) -> Scan<Vec<(String, Val)>> {
    let mut fields = Vec::with_capacity(values.len());
    let mut missing = Vec::new();
    for (field, value) in record.fields().zip(values) {
        match value {
            Some(value) => fields.push((field.name.to_owned(), value)),
            None if matches!(field.ty, Type::Option(_)) => {
                fields.push((field.name.to_owned(), Val::Option(None)));
            }
            None => missing.push(format!("`{}`", field.name)),
        }
    }
    if missing.is_empty() {
        return Ok(fields);
    }
    mismatch(format!("cannot deserialize record: missing fields {}", missing.join(", ")))
}
