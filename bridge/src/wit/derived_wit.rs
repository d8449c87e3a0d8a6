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
        let text = derive(groups, &base, extension)
            .map_err(|error| format!("cannot derive `{wanted}` from `{base}`: {error}"))?;
        let file = SourceFile {
            path: format!("{wanted}.wit"),
            text,
        };
        made.push((wanted.clone(), file));
    }
    Ok(made.into_iter().map(|(_, file)| file).collect())
}

fn packages(groups: &[UnresolvedPackageGroup]) -> impl Iterator<Item = &UnresolvedPackage> {
    groups
        .iter()
        .flat_map(|group| group.nested.iter().chain([&group.main]))
}

/// The package from which a package of this name is derived.
fn base_of(name: &PackageName) -> Option<(Extension, PackageName)> {
    let extension = Extension::ALL
        .into_iter()
        .find(|e| name.name.ends_with(e.suffix()))?;
    let plain = name.name.strip_suffix(extension.suffix())?;
    Some((
        extension,
        PackageName {
            name: plain.to_owned(),
            ..name.clone()
        },
    ))
}

fn derive(
    groups: &[UnresolvedPackageGroup],
    base: &PackageName,
    extension: Extension,
) -> Result<String, String> {
    let resolve = resolve_closure(groups, base)?;
    let package = resolve
        .package_names
        .get(base)
        .map(|id| &resolve.packages[*id]);
    let mut out = format!("package {};\n", derived_name(base, extension));
    for (name, id) in package.iter().flat_map(|package| &package.interfaces) {
        let interface = &resolve.interfaces[*id];
        let from = base.interface_id(name);
        let body = functions(&resolve, interface, extension)?;
        if !body.is_empty() {
            let _ = writeln!(
                out,
                "interface %{name} {{\n{}{body}}}",
                uses(interface, &from, extension)
            );
        }
    }
    Ok(out)
}

fn derived_name(base: &PackageName, extension: Extension) -> PackageName {
    PackageName {
        name: format!("{}{}", base.name, extension.suffix()),
        ..base.clone()
    }
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
    let mut groups: Vec<_> = chosen
        .into_iter()
        .map(|index| groups[index].clone())
        .collect();
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

/// The types that the functions of one derived interface mention.
fn uses(interface: &Interface, from: &str, extension: Extension) -> String {
    let host = "obelisk:types";
    let mut out = match extension {
        Extension::Ext => format!(
            "  use {host}/execution@5.0.0.{{execution-id, await-next-extension-error, \
             get-extension-error}};\n  use {host}/join-set@5.0.0.{{join-set}};\n"
        ),
        Extension::Schedule => format!(
            "  use {host}/execution@5.0.0.{{execution-id}};\n  \
             use {host}/time@5.0.0.{{schedule-at}};\n"
        ),
        Extension::Stub => format!("  use {host}/execution@5.0.0.{{execution-id, stub-error}};\n"),
    };
    let names: Vec<String> = interface
        .types
        .keys()
        .map(|name| format!("%{name}"))
        .collect();
    if !names.is_empty() {
        let _ = writeln!(out, "  use {from}.{{{}}};", names.join(", "));
    }
    out
}

fn functions(
    resolve: &Resolve,
    interface: &Interface,
    extension: Extension,
) -> Result<String, String> {
    let mut out = String::new();
    for function in interface.functions.values() {
        if usable(resolve, function)? {
            write_derived(&mut out, resolve, function, extension)?;
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
    extension: Extension,
) -> Result<(), String> {
    let name = &function.name;
    let result = function
        .result
        .as_ref()
        .map(|ty| type_name(resolve, ty))
        .transpose()?;
    let result = result.unwrap_or_default();
    let names: Vec<&str> = function.params.iter().map(|param| &*param.name).collect();
    let mut own = String::new();
    for param in &function.params {
        let _ = write!(own, ", %{}: {}", param.name, type_name(resolve, &param.ty)?);
    }
    let set = format!("{}: borrow<join-set>", free_name("join-set", &names));
    match extension {
        Extension::Ext => {
            let _ = writeln!(out, "  {name}-submit: func({set}{own}) -> execution-id;");
            let _ = writeln!(
                out,
                "  {name}-await-next: func(join-set: borrow<join-set>) -> \
                 result<{result}, await-next-extension-error>;"
            );
            let _ = writeln!(
                out,
                "  {name}-get: func(execution-id: execution-id) -> \
                 result<{result}, get-extension-error>;"
            );
        }
        Extension::Schedule => {
            let at = free_name("schedule-at", &names);
            let _ = writeln!(
                out,
                "  {name}-schedule: func({at}: schedule-at{own}) -> execution-id;"
            );
        }
        Extension::Stub => {
            let _ = writeln!(
                out,
                "  {name}-stub: func(execution-id: execution-id, execution-result: {result}) -> \
                 result<_, stub-error>;"
            );
        }
    }
    Ok(())
}

fn type_name(resolve: &Resolve, ty: &Type) -> Result<String, String> {
    let mut printer = WitPrinter::default();
    printer
        .print_type_name(resolve, ty)
        .map_err(|e| format!("cannot print a type: {e:#}"))?;
    Ok(printer.output.to_string())
}
