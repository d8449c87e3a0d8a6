// SPDX-License-Identifier: Apache-2.0
//! The structural text of a type, for messages.

use wasmtime::component::Type;

/// The compact text of contract section 4, e.g. `record{a:u32,b-c:list<string>}`.
pub fn type_text(ty: &Type) -> String {
    let mut out = String::new();
    write(&mut out, ty);
    out
}

/// Where the text of a huge type is cut off.
const LENGTH_MAX: usize = 4096;

fn write(out: &mut String, ty: &Type) {
    if out.len() > LENGTH_MAX {
        return out.push('…');
    }
    match ty {
        Type::Bool => out.push_str("bool"),
        Type::S8 => out.push_str("s8"),
        Type::U8 => out.push_str("u8"),
        Type::S16 => out.push_str("s16"),
        Type::U16 => out.push_str("u16"),
        Type::S32 => out.push_str("s32"),
        Type::U32 => out.push_str("u32"),
        Type::S64 => out.push_str("s64"),
        Type::U64 => out.push_str("u64"),
        Type::Float32 => out.push_str("f32"),
        Type::Float64 => out.push_str("f64"),
        Type::Char => out.push_str("char"),
        Type::String => out.push_str("string"),
        Type::Own(_) => out.push_str("own"),
        Type::Borrow(_) => out.push_str("borrow"),
        Type::Map(_) => out.push_str("map"),
        Type::Future(_) => out.push_str("future"),
        Type::Stream(_) => out.push_str("stream"),
        Type::ErrorContext => out.push_str("error-context"),
        _ => compound(out, ty),
    }
}

fn compound(out: &mut String, ty: &Type) {
    match ty {
        Type::List(list) => wrapped(out, "list", ",", [list.ty()].into_iter()),
        Type::FixedLengthList(list) => {
            out.push_str("list<");
            write(out, &list.ty());
            out.push_str(&format!(", {}>", list.len()));
        }
        Type::Option(option) => wrapped(out, "option", ",", [option.ty()].into_iter()),
        Type::Tuple(tuple) => wrapped(out, "tuple", ",", tuple.types()),
        Type::Record(record) => {
            let fields = record.fields().map(|field| (field.name.to_owned(), Some(field.ty)));
            braced(out, "record", ":", "", fields);
        }
        Type::Variant(variant) => {
            let cases = variant.cases().map(|case| (case.name.to_owned(), case.ty));
            braced(out, "variant", "(", ")", cases);
        }
        Type::Enum(names) => {
            braced(out, "enum", "", "", names.names().map(|name| (name.to_owned(), None)));
        }
        Type::Flags(names) => {
            braced(out, "flags", "", "", names.names().map(|name| (name.to_owned(), None)));
        }
        Type::Result(result) => match (result.ok(), result.err()) {
            (None, None) => out.push_str("result"),
            (Some(ok), None) => wrapped(out, "result", ", ", [ok].into_iter()),
            (None, Some(err)) => {
                out.push_str("result<_, ");
                write(out, &err);
                out.push('>');
            }
            (Some(ok), Some(err)) => wrapped(out, "result", ", ", [ok, err].into_iter()),
        },
        _ => out.push_str("unknown"),
    }
}

fn wrapped(out: &mut String, name: &str, separator: &str, types: impl Iterator<Item = Type>) {
    out.push_str(name);
    out.push('<');
    for (index, ty) in types.enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        write(out, &ty);
    }
    out.push('>');
}

fn braced(
    out: &mut String,
    name: &str,
    before: &str,
    after: &str,
    members: impl Iterator<Item = (String, Option<Type>)>,
) {
    out.push_str(name);
    out.push('{');
    for (index, (member, ty)) in members.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&member);
        if let Some(ty) = ty {
            out.push_str(before);
            write(out, &ty);
            out.push_str(after);
        }
    }
    out.push('}');
}
