// SPDX-License-Identifier: Apache-2.0
//! WIT files for those who build components: the host's packages, the packages that are derived,
//! and all that a deployment's components offer to each other.

use std::collections::BTreeMap;
use std::fmt::Write;

use wit_component::WitPrinter;
use wit_parser::{InterfaceId, PackageName, Resolve, UnresolvedPackageGroup};

use super::authored::{self, Offered};
use super::extensions::Extension;
use super::{Function, HOST_NAMESPACE, Kind, SourceFile};
use super::{derived_wit, describe, host, sources, synthetic};

/// A component whose exports others may import; its bytes may also be WIT.
pub struct Exporter {
    pub kind: Kind,
    pub component: Vec<u8>,
}

/// The host's packages that a component of this kind may import.
pub fn support_wit(kind: Kind) -> Vec<SourceFile> {
    let packages: &[&str] = match kind {
        Kind::Activity => &["obelisk:log@1.0.0"],
        Kind::Workflow => &["obelisk:types@5.0.0", "obelisk:workflow@6.0.0", "obelisk:log@1.0.0"],
        Kind::Webhook => &["obelisk:types@5.0.0", "obelisk:webhook@6.0.0", "obelisk:log@1.0.0"],
        Kind::Stub | Kind::External => &["obelisk:types@5.0.0"],
    };
    packages.iter().filter_map(|package| host_file(package)).collect()
}

fn host_file(package: &str) -> Option<SourceFile> {
    let declared = |file: &SourceFile| sources::declared(&file.text).as_deref() == Some(package);
    let file = host::sources().into_iter().find(declared)?;
    Some(SourceFile { path: path_of(package), text: file.text })
}

/// The packages that are derived from the sources' own interfaces. Where the main package has none
/// that can be called (it holds worlds), they are those of the package that it uses first.
pub fn extension_wit(kind: Kind, files: &[SourceFile]) -> Result<Vec<SourceFile>, String> {
    let (groups, _) = sources::own(files)?;
    let bases = groups.iter().map(|group| group.main.name.clone()).filter(|name| {
        let foreign = ["obelisk", "wasi"].contains(&name.namespace.as_str());
        !foreign && derived_wit::base_of(name).is_none()
    });
    for base in bases.collect::<Vec<_>>() {
        let mut made = Vec::new();
        for extension in kind.extensions() {
            made.extend(derived(&groups, &base, *extension, &|_, _| true)?);
        }
        if !made.is_empty() {
            return made.into_iter().map(|file| printed(file, files)).collect();
        }
    }
    Ok(Vec::new())
}

/// A derived package, unless it would be empty.
fn derived(
    groups: &[UnresolvedPackageGroup],
    base: &PackageName,
    extension: Extension,
    wanted: &dyn Fn(&str, &str) -> bool,
) -> Result<Option<SourceFile>, String> {
    let text = derived_wit::derive(groups, base, extension, wanted)
        .map_err(|error| format!("cannot derive packages from `{base}`: {error}"))?;
    let path = path_of(&derived_wit::derived_name(base, extension).to_string());
    Ok(text.contains("interface ").then_some(SourceFile { path, text }))
}

/// The file as the printer writes it; `others` are what it refers to.
fn printed(file: SourceFile, others: &[SourceFile]) -> Result<SourceFile, String> {
    let path = file.path.clone();
    let own = sources::declared(&file.text);
    let mut files = vec![file];
    files.extend(others.iter().filter(|other| sources::declared(&other.text) != own).cloned());
    let loaded = sources::load(&files)?;
    let mut printer = WitPrinter::default();
    let printed = printer.print(&loaded.resolve, loaded.main, &[]);
    printed.map_err(|e| format!("cannot print {path}: {e:#}"))?;
    Ok(SourceFile { path, text: printer.output.to_string() })
}

/// `ns:pkg@ver` to `ns_pkg@ver/pkg.wit`.
fn path_of(package: &str) -> String {
    let (path, _) = package.split_at(package.find('@').unwrap_or(package.len()));
    let name = path.split_once(':').map_or(path, |(_, name)| name);
    format!("{}/{name}.wit", package.replacen(':', "_", 1))
}

/// All that may be imported in a deployment of these components.
pub fn dependency_wit(exporters: &[Exporter]) -> Result<Vec<SourceFile>, String> {
    let mut gathered = Gathered::default();
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for exporter in exporters.iter().filter(|exporter| exporter.kind != Kind::Webhook) {
        let offered = authored::offered(&exporter.component)?;
        let described = describe::describe(&authored::as_component(&exporter.component)?)?;
        for function in described.exports {
            kinds.entry(function.ffqn()).or_insert(exporter.kind);
            gathered.functions.entry(function.interface.clone()).or_default().push(function);
        }
        gathered.take(offered)?;
    }
    let mut files = gathered.files()?;
    if files.is_empty() {
        return Ok(files);
    }
    let (groups, _) = sources::own(&files)?;
    let mut made = Vec::new();
    for package in gathered.packages.keys() {
        let base = groups.iter().find(|group| group.main.name.to_string() == *package);
        let Some(base) = base.map(|group| group.main.name.clone()) else {
            continue;
        };
        for extension in Extension::ALL {
            let wanted = |interface: &str, function: &str| {
                let kind = kinds.get(&format!("{interface}.{function}"));
                kind.is_some_and(|kind| kind.extensions().contains(&extension))
            };
            made.extend(derived(&groups, &base, extension, &wanted)?);
        }
    }
    files.extend(made);
    let files: Result<Vec<_>, String> =
        files.iter().map(|file| printed(file.clone(), &files)).collect();
    let mut files = files?;
    files.extend(host_file("obelisk:types@5.0.0"));
    Ok(files)
}

/// The interfaces of several components, one text for each item.
#[derive(Default)]
struct Gathered {
    /// By package, then by interface.
    packages: BTreeMap<String, BTreeMap<String, Items>>,
    /// What is exported of each interface.
    functions: BTreeMap<String, Vec<Function>>,
}

/// Types and functions of an interface, as they are written.
#[derive(Default)]
struct Items {
    types: Vec<(String, String)>,
    functions: Vec<(String, String)>,
    /// A type that two components write differently.
    clash: Option<String>,
}

impl Gathered {
    /// The offered interfaces whole, and the types that they refer to.
    fn take(&mut self, offered: Offered) -> Result<(), String> {
        let Offered { mut resolve, interfaces } = offered;
        let mut reached: Vec<InterfaceId> = interfaces.clone();
        let mut at = 0;
        while at < reached.len() {
            let next: Vec<InterfaceId> = resolve.interface_direct_deps(reached[at]).collect();
            let fresh = |id: &InterfaceId| !reached.contains(id);
            let next: Vec<InterfaceId> = next.into_iter().filter(fresh).collect();
            reached.extend(next);
            at += 1;
        }
        for id in reached {
            let name = resolve.id_of(id).unwrap_or_default();
            if !name.starts_with(HOST_NAMESPACE) && !name.is_empty() {
                self.take_interface(&mut resolve, id, interfaces.contains(&id))?;
            }
        }
        Ok(())
    }

    fn take_interface(
        &mut self,
        resolve: &mut Resolve,
        id: InterfaceId,
        exported: bool,
    ) -> Result<(), String> {
        let whole = resolve.interfaces[id].clone();
        let (Some(package), Some(name)) = (whole.package, &whole.name) else {
            return Ok(());
        };
        let package = resolve.packages[package].name.to_string();
        let items = self.packages.entry(package).or_default().entry(name.clone()).or_default();
        resolve.interfaces[id].functions.clear();
        for (name, ty) in &whole.types {
            resolve.interfaces[id].types = [(name.clone(), *ty)].into_iter().collect();
            let text = item(resolve, id)?;
            match items.types.iter().find(|(known, _)| known == name) {
                None => items.types.push((name.clone(), text)),
                Some((_, known)) if *known != text => items.clash = Some(name.clone()),
                Some(_) => {}
            }
        }
        resolve.interfaces[id].types.clear();
        for (name, function) in whole.functions.iter().filter(|_| exported) {
            if function.kind.resource().is_none() && !items.functions.iter().any(|f| f.0 == *name) {
                resolve.interfaces[id].functions =
                    [(name.clone(), function.clone())].into_iter().collect();
                items.functions.push((name.clone(), item(resolve, id)?));
            }
        }
        resolve.interfaces[id] = whole;
        Ok(())
    }

    fn files(&self) -> Result<Vec<SourceFile>, String> {
        let mut files = Vec::new();
        for (package, interfaces) in &self.packages {
            let mut text = format!("package {};\n", synthetic::escaped(package));
            for (name, items) in interfaces {
                let _ =
                    writeln!(text, "interface %{name} {{\n{}}}", self.body(package, name, items)?);
            }
            files.push(SourceFile { path: path_of(package), text });
        }
        Ok(files)
    }

    /// An interface whose types clash is written by the structure of its functions.
    fn body(&self, package: &str, name: &str, items: &Items) -> Result<String, String> {
        let Some(clash) = &items.clash else {
            let all = items.types.iter().chain(&items.functions);
            return Ok(all.map(|(_, text)| text.as_str()).collect());
        };
        let (path, version) = package.split_at(package.find('@').unwrap_or(package.len()));
        let interface = format!("{path}/{name}{version}");
        let Some(functions) = self.functions.get(&interface) else {
            return Err(format!("two components mean different types by `{interface}.{clash}`"));
        };
        let mut once: BTreeMap<&str, &Function> = BTreeMap::new();
        for function in functions {
            once.entry(&function.name).or_insert(function);
        }
        synthetic::interface_body(&once.into_values().collect::<Vec<_>>())
    }
}

/// The only item that an interface has, as text.
fn item(resolve: &Resolve, id: InterfaceId) -> Result<String, String> {
    let mut printer = WitPrinter::default();
    printer
        .print_interface(resolve, id)
        .map_err(|e| format!("cannot print an interface: {e:#}"))?;
    Ok(printer.output.to_string())
}
