// SPDX-License-Identifier: Apache-2.0
//! Structural texts of WIT types: names of types resolved, one text for one structure.

use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

/// Where an expanded type is refused.
const TEXT_MAX: usize = 1 << 20;
/// The resource that workflows hold; printed by its bare name.
const JOIN_SET: &str = "obelisk:types/join-set@";

/// What a type mentions that values cannot carry as JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    pub resources: bool,
    pub unsupported: bool,
}

pub struct Printer<'a> {
    resolve: &'a Resolve,
    out: String,
    pub mentions: Mentions,
}

impl<'a> Printer<'a> {
    pub fn new(resolve: &'a Resolve) -> Printer<'a> {
        Printer { resolve, out: String::new(), mentions: Mentions::default() }
    }

    /// The text of one type.
    pub fn text(&mut self, ty: &Type) -> Result<String, String> {
        self.out.clear();
        self.write(ty)?;
        Ok(std::mem::take(&mut self.out))
    }

    fn write(&mut self, ty: &Type) -> Result<(), String> {
        if self.out.len() > TEXT_MAX {
            return Err(format!("a type is larger than {TEXT_MAX} bytes as text"));
        }
        let name = match ty {
            Type::Bool => "bool",
            Type::U8 => "u8",
            Type::U16 => "u16",
            Type::U32 => "u32",
            Type::U64 => "u64",
            Type::S8 => "s8",
            Type::S16 => "s16",
            Type::S32 => "s32",
            Type::S64 => "s64",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Char => "char",
            Type::String => "string",
            Type::ErrorContext => {
                self.mentions.unsupported = true;
                "error-context"
            }
            Type::Id(id) => return self.defined(*id),
        };
        self.out.push_str(name);
        Ok(())
    }

    fn defined(&mut self, id: TypeId) -> Result<(), String> {
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.write(ty),
            TypeDefKind::List(ty) => self.wrapped("list<", ",", &[*ty]),
            TypeDefKind::Option(ty) => self.wrapped("option<", ",", &[*ty]),
            TypeDefKind::Tuple(tuple) => self.wrapped("tuple<", ",", &tuple.types),
            TypeDefKind::Result(result) => match (result.ok, result.err) {
                (None, None) => {
                    self.out.push_str("result");
                    Ok(())
                }
                (Some(ok), None) => self.wrapped("result<", ", ", &[ok]),
                (None, Some(err)) => self.wrapped("result<_, ", "", &[err]),
                (Some(ok), Some(err)) => self.wrapped("result<", ", ", &[ok, err]),
            },
            TypeDefKind::FixedLengthList(ty, length) => {
                self.out.push_str("list<");
                self.write(ty)?;
                self.out.push_str(&format!(", {length}>"));
                Ok(())
            }
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| (&*field.name, Some(field.ty)));
                self.braced("record", (":", ""), fields)
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| (&*case.name, case.ty));
                self.braced("variant", ("(", ")"), cases)
            }
            TypeDefKind::Enum(names) => {
                let cases = names.cases.iter().map(|case| (&*case.name, None));
                self.braced("enum", ("", ""), cases)
            }
            TypeDefKind::Flags(names) => {
                let flags = names.flags.iter().map(|flag| (&*flag.name, None));
                self.braced("flags", ("", ""), flags)
            }
            TypeDefKind::Handle(Handle::Own(id)) => self.handle("own", *id),
            TypeDefKind::Handle(Handle::Borrow(id)) => self.handle("borrow", *id),
            TypeDefKind::Resource => self.handle("own", id),
            kind => {
                self.mentions.unsupported = true;
                self.out.push_str(kind.as_str());
                Ok(())
            }
        }
    }

    fn wrapped(&mut self, open: &str, separator: &str, types: &[Type]) -> Result<(), String> {
        self.out.push_str(open);
        for (index, ty) in types.iter().enumerate() {
            if index > 0 {
                self.out.push_str(separator);
            }
            self.write(ty)?;
        }
        self.out.push('>');
        Ok(())
    }

    fn braced<'m>(
        &mut self,
        name: &str,
        around: (&str, &str),
        members: impl Iterator<Item = (&'m str, Option<Type>)>,
    ) -> Result<(), String> {
        self.out.push_str(name);
        self.out.push('{');
        for (index, (member, ty)) in members.enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out.push_str(member);
            if let Some(ty) = ty {
                self.out.push_str(around.0);
                self.write(&ty)?;
                self.out.push_str(around.1);
            }
        }
        self.out.push('}');
        Ok(())
    }

    fn handle(&mut self, kind: &str, id: TypeId) -> Result<(), String> {
        self.mentions.resources = true;
        let name = resource_name(self.resolve, id);
        self.out.push_str(&format!("{kind}<{name}>"));
        Ok(())
    }
}

/// `join-set` for the host's resource, `ns:pkg/ifc@ver.name` for any other.
fn resource_name(resolve: &Resolve, id: TypeId) -> String {
    let mut ty = &resolve.types[id];
    while let TypeDefKind::Type(Type::Id(next)) = ty.kind {
        ty = &resolve.types[next];
    }
    let name = ty.name.clone().unwrap_or_default();
    let owner = match ty.owner {
        TypeOwner::Interface(interface) => resolve.id_of(interface).unwrap_or_default(),
        TypeOwner::World(_) | TypeOwner::None => String::new(),
    };
    if owner.starts_with(JOIN_SET) && name == "join-set" {
        return name;
    }
    format!("{owner}.{name}")
}
