// SPDX-License-Identifier: Apache-2.0
//! WIT of the packages that the host derives from exported functions, where sources import such a
//! package without giving it.

use std::fmt::Write;

use wit_component::WitPrinter;
use wit_parser::{
    Function, FunctionKind, Interface, PackageName, Resolve, Type, UnresolvedPackage,
    UnresolvedPackageGroup,
};

use super::SourceFile;
use super::extensions::{Extension, free_name};
use super::grammar;
use super::structure::{Mentions, Printer};
use super::synthetic::escaped;

/// The derived packages that some group refers to and none declares, as sources.
pub fn missing(groups: &[UnresolvedPackageGroup]) -> Result<Vec<SourceFile>, String> {
    let mut made: Vec<(PackageName, SourceFile)> = Vec::new();
    for wanted in packages(groups).flat_map(|package| package.foreign_deps.keys()) {
        let Some((extension, base)) = base_of(wanted) else {
            continue;
        };
        let known = packages(groups).any(|package| package.name == *wanted);
        if known || made.iter().any(|(name, _)| name == wanted) {
            continue;
        }
        if !packages(groups).any(|package| package.name == base) {
            continue;
        }
        let text = derive(groups, &base, extension, &|_, _| true)
            .map_err(|error| format!("cannot derive `{wanted}` from `{base}`: {error}"))?;
        let file = SourceFile { path: format!("{wanted}.wit"), text };
        made.push((wanted.clone(), file));
    }
    Ok(made.into_iter().map(|(_, file)| file).collect())
}

fn packages(groups: &[UnresolvedPackageGroup]) -> impl Iterator<Item = &UnresolvedPackage> {
    groups.iter().flat_map(|group| group.nested.iter().chain([&group.main]))
}

/// The package from which a package of this name is derived.
pub fn base_of(name: &PackageName) -> Option<(Extension, PackageName)> {
    let extension = Extension::ALL.into_iter().find(|e| name.name.ends_with(e.suffix()))?;
    let plain = name.name.strip_suffix(extension.suffix())?;
    Some((extension, PackageName { name: plain.to_owned(), ..name.clone() }))
}

/// The package that is derived from those functions of `base` that are `wanted` (interface, name).
pub fn derive(
    groups: &[UnresolvedPackageGroup],
    base: &PackageName,
    extension: Extension,
    wanted: &dyn Fn(&str, &str) -> bool,
) -> Result<String, String> {
    let resolve = resolve_closure(groups, base)?;
    let package = resolve.package_names.get(base).map(|id| &resolve.packages[*id]);
    let mut out = format!("package {};\n", escaped(&derived_name(base, extension).to_string()));
    for (name, id) in package.iter().flat_map(|package| &package.interfaces) {
        let interface = &resolve.interfaces[*id];
        let from = base.interface_id(name);
        let names = Names::new(interface, extension);
        let of = |function: &str| wanted(&from, function);
        let body = functions(&resolve, interface, (extension, &names), &of)?;
        if !body.is_empty() {
            let _ =
                writeln!(out, "interface %{name} {{\n{}{body}}}", uses(interface, &from, &names));
        }
    }
    Ok(out)
}

pub fn derived_name(base: &PackageName, extension: Extension) -> PackageName {
    PackageName { name: format!("{}{}", base.name, extension.suffix()), ..base.clone() }
}

/// Resolves a package and what it depends on.
fn resolve_closure(
    groups: &[UnresolvedPackageGroup],
    base: &PackageName,
) -> Result<Resolve, String> {
    let declares = |group: &UnresolvedPackageGroup, name: &PackageName| {
        group.main.name == *name || group.nested.iter().any(|package| package.name == *name)
    };
    let mut chosen: Vec<usize> = Vec::new();
    let mut wanted = vec![base.clone()];
    while let Some(name) = wanted.pop() {
        let Some(index) = groups.iter().position(|group| declares(group, &name)) else {
            if base_of(&name).is_some_and(|(_, of)| of == *base) {
                return Err(
                    "the package refers to it itself; move the world that imports it into a \
                            package of its own"
                        .into(),
                );
            }
            continue;
        };
        if chosen.contains(&index) {
            continue;
        }
        chosen.push(index);
        let group = &groups[index..=index];
        wanted.extend(packages(group).flat_map(|package| package.foreign_deps.keys().cloned()));
    }
    let mut groups: Vec<_> = chosen.into_iter().map(|index| groups[index].clone()).collect();
    if groups.is_empty() {
        return Err("it is not among the sources".into());
    }
    let main = groups.remove(0);
    let mut resolve = Resolve::new();
    match resolve.push_groups(main, groups) {
        Ok(_) => Ok(resolve),
        Err(error) => Err(error.render(&resolve.source_map)),
    }
}

/// How the host's types are called in one derived interface, beside the types of its base.
struct Names {
    /// Interface of obelisk:types, name there, name here.
    own: Vec<(&'static str, &'static str, String)>,
}

impl Names {
    fn new(interface: &Interface, extension: Extension) -> Names {
        let types: &[(&str, &str)] = match extension {
            Extension::Ext => &[
                ("execution", "execution-id"),
                ("execution", "await-next-extension-error"),
                ("execution", "get-extension-error"),
                ("join-set", "join-set"),
            ],
            Extension::Schedule => &[("execution", "execution-id"), ("time", "schedule-at")],
            Extension::Stub => &[("execution", "execution-id"), ("execution", "stub-error")],
        };
        let taken: Vec<&str> = interface.types.keys().map(String::as_str).collect();
        let own = types.iter().map(|(host, name)| (*host, *name, free_name(name, &taken)));
        Names { own: own.collect() }
    }

    fn of(&self, name: &str) -> &str {
        let found = self.own.iter().find(|(_, host, _)| *host == name);
        found.map_or("", |(_, _, own)| own.as_str())
    }
}

/// The types that the functions of one derived interface mention.
fn uses(interface: &Interface, from: &str, names: &Names) -> String {
    let mut out = String::new();
    for (host, name, own) in &names.own {
        let renamed = if name == own { String::new() } else { format!(" as {own}") };
        let _ = writeln!(out, "  use obelisk:types/{host}@5.0.0.{{{name}{renamed}}};");
    }
    let names: Vec<String> = interface.types.keys().map(|name| format!("%{name}")).collect();
    if !names.is_empty() {
        let from = from.replacen('/', "/%", 1);
        let _ = writeln!(out, "  use {}.{{{}}};", escaped(&from), names.join(", "));
    }
    out
}

fn functions(
    resolve: &Resolve,
    interface: &Interface,
    names: (Extension, &Names),
    wanted: &dyn Fn(&str) -> bool,
) -> Result<String, String> {
    let mut out = String::new();
    for function in interface.functions.values() {
        if wanted(&function.name) && usable(resolve, function)? {
            write_derived(&mut out, resolve, function, names)?;
        }
    }
    Ok(out)
}

/// Whether the host derives anything from a function.
fn usable(resolve: &Resolve, function: &Function) -> Result<bool, String> {
    let Some(result) = &function.result else {
        return Ok(false);
    };
    let mut printer = Printer::new(resolve);
    for param in &function.params {
        printer.text(&param.ty)?;
    }
    let result = printer.text(result)?;
    Ok(function.kind == FunctionKind::Freestanding
        && printer.mentions == Mentions::default()
        && grammar::extendable(&result))
}

fn write_derived(
    out: &mut String,
    resolve: &Resolve,
    function: &Function,
    (extension, host): (Extension, &Names),
) -> Result<(), String> {
    let name = &function.name;
    let result = function.result.as_ref().map(|ty| type_name(resolve, ty)).transpose()?;
    let result = result.unwrap_or_default();
    let names: Vec<&str> = function.params.iter().map(|param| &*param.name).collect();
    let mut own = String::new();
    for param in &function.params {
        let _ = write!(own, ", %{}: {}", param.name, type_name(resolve, &param.ty)?);
    }
    let (id, set_type) = (host.of("execution-id"), host.of("join-set"));
    let set = format!("{}: borrow<{set_type}>", free_name("join-set", &names));
    match extension {
        Extension::Ext => {
            let _ = writeln!(out, "  {name}-submit: func({set}{own}) -> {id};");
            let _ = writeln!(
                out,
                "  {name}-await-next: func(join-set: borrow<{set_type}>) -> \
                 result<{result}, {}>;",
                host.of("await-next-extension-error")
            );
            let _ = writeln!(
                out,
                "  {name}-get: func(execution-id: {id}) -> result<{result}, {}>;",
                host.of("get-extension-error")
            );
        }
        Extension::Schedule => {
            let at = free_name("schedule-at", &names);
            let _ = writeln!(
                out,
                "  {name}-schedule: func({at}: {}{own}) -> {id};",
                host.of("schedule-at")
            );
        }
        Extension::Stub => {
            let _ = writeln!(
                out,
                "  {name}-stub: func(execution-id: {id}, execution-result: {result}) -> \
                 result<_, {}>;",
                host.of("stub-error")
            );
        }
    }
    Ok(())
}

fn type_name(resolve: &Resolve, ty: &Type) -> Result<String, String> {
    let mut printer = WitPrinter::default();
    printer.print_type_name(resolve, ty).map_err(|e| format!("cannot print a type: {e:#}"))?;
    Ok(printer.output.to_string())
}
