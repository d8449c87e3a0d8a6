// SPDX-License-Identifier: Apache-2.0
//! Components that exist for their types only, from structural texts.

use std::collections::BTreeMap;
use std::fmt::Write;

use wit_parser::{LiftLowerAbi, ManglingAndAbi};

use super::grammar::{self, Ty};
use super::{Function, SourceFile, component, sources};

const SYNTHESISED: &str = "stele:synthesised";

/// A component that exports `functions`, each of which traps. Compiling it gives their types.
pub fn types_only(functions: &[Function]) -> Result<Vec<u8>, String> {
    let text = wit(functions)?;
    let file = SourceFile { path: "synthesised.wit".into(), text };
    let loaded = sources::load(&[file])?;
    let world = sources::select_world(&loaded, "synthesised")?;
    let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = wit_component::dummy_module(&loaded.resolve, world, mangling);
    component::embed(&mut module, &loaded.resolve, world)?;
    component::encode(&module)
}

/// An interface's name taken apart: `ns:pkg`, `ifc`, `@ver` or nothing.
pub fn split_interface(name: &str) -> Result<(&str, &str, &str), String> {
    let fail = |what: &str| Err(format!("interface name `{name}`: {what}"));
    let (path, version) = name.split_at(name.find('@').unwrap_or(name.len()));
    let Some((package, interface)) = path.split_once('/') else {
        return fail("missing `/`");
    };
    let Some((namespace, package_name)) = package.split_once(':') else {
        return fail("missing `:`");
    };
    for (part, what) in
        [(namespace, "namespace"), (package_name, "package"), (interface, "interface")]
    {
        if part.is_empty() {
            return fail(&format!("the {what} is empty"));
        }
        if wit_parser::validate_id(part).is_err() {
            return fail(&format!("`{part}` is not a kebab-case name"));
        }
    }
    if version == "@" {
        return fail("the version is empty");
    }
    Ok((package, interface, version))
}

/// The functions as WIT text: a package for each, and a world that exports them.
fn wit(functions: &[Function]) -> Result<String, String> {
    let mut interfaces: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
    for function in functions {
        interfaces.entry(&function.interface).or_default().push(function);
    }
    let mut packages: BTreeMap<String, String> = BTreeMap::new();
    let mut world = format!("package {SYNTHESISED};\nworld synthesised {{\n");
    for (name, functions) in &interfaces {
        let (package, interface, version) = split_interface(name)?;
        let body = packages.entry(format!("{}{version}", escaped(package))).or_default();
        let _ = writeln!(body, "interface %{interface} {{\n{}}}", interface_body(functions)?);
        let _ = writeln!(world, "  export {}/%{interface}{version};", escaped(package));
    }
    world.push_str("}\n");
    for (package, body) in &packages {
        let _ = writeln!(world, "package {package} {{\n{body}}}");
    }
    Ok(world)
}

/// `ns:pkg` with each part marked as a name, so that keywords are possible.
pub fn escaped(package: &str) -> String {
    package.split(':').map(|part| format!("%{part}")).collect::<Vec<_>>().join(":")
}

pub fn interface_body(functions: &[&Function]) -> Result<String, String> {
    let mut types = Types::default();
    let mut body = String::new();
    for function in functions {
        let at = |error: String| format!("function `{}`: {error}", function.ffqn());
        if wit_parser::validate_id(&function.name).is_err() {
            return Err(at("the name is not kebab-case".into()));
        }
        let mut params = Vec::new();
        for param in &function.params {
            if wit_parser::validate_id(&param.name).is_err() {
                return Err(at(format!("parameter name `{}` is not kebab-case", param.name)));
            }
            let ty = grammar::parse(&param.ty).map_err(at)?;
            params.push(format!("%{}: {}", param.name, types.reference(&ty)));
        }
        let mut line = format!("  %{}: func({})", function.name, params.join(", "));
        if !function.result.is_empty() {
            let ty = grammar::parse(&function.result).map_err(at)?;
            let _ = write!(line, " -> {}", types.reference(&ty));
        }
        let _ = writeln!(body, "{line};");
    }
    Ok(types.definitions + &body)
}

/// The named types of one interface.
#[derive(Default)]
struct Types {
    names: std::collections::HashMap<Ty, String>,
    definitions: String,
}

impl Types {
    /// How the type is written where it is used; defines what needs a name.
    fn reference(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Primitive(name) => (*name).to_owned(),
            Ty::List(ty) => format!("list<{}>", self.reference(ty)),
            Ty::Option(ty) => format!("option<{}>", self.reference(ty)),
            Ty::Tuple(types) => {
                let types: Vec<String> = types.iter().map(|ty| self.reference(ty)).collect();
                format!("tuple<{}>", types.join(", "))
            }
            Ty::Result(None, None) => "result".to_owned(),
            Ty::Result(Some(ok), None) => format!("result<{}>", self.reference(ok)),
            Ty::Result(None, Some(err)) => format!("result<_, {}>", self.reference(err)),
            Ty::Result(Some(ok), Some(err)) => {
                let ok = self.reference(ok);
                format!("result<{ok}, {}>", self.reference(err))
            }
            _ => self.named(ty),
        }
    }

    fn named(&mut self, ty: &Ty) -> String {
        if let Some(name) = self.names.get(ty) {
            return name.clone();
        }
        let (keyword, members) = self.members(ty);
        let name = format!("type-of-n{}", self.names.len());
        let members = members.join(", ");
        let _ = writeln!(self.definitions, "  {keyword} {name} {{ {members} }}");
        self.names.insert(ty.clone(), name.clone());
        name
    }

    fn members(&mut self, ty: &Ty) -> (&'static str, Vec<String>) {
        match ty {
            Ty::Record(fields) => {
                let field = |(name, ty): &(String, Ty)| format!("%{name}: {}", self.reference(ty));
                ("record", fields.iter().map(field).collect())
            }
            Ty::Variant(cases) => {
                let case = |(name, ty): &(String, Option<Ty>)| match ty {
                    Some(ty) => format!("%{name}({})", self.reference(ty)),
                    None => format!("%{name}"),
                };
                ("variant", cases.iter().map(case).collect())
            }
            Ty::Flags(names) => ("flags", names.iter().map(|name| format!("%{name}")).collect()),
            Ty::Enum(names) => ("enum", names.iter().map(|name| format!("%{name}")).collect()),
            _ => ("type", Vec::new()),
        }
    }
}
