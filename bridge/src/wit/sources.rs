// SPDX-License-Identifier: Apache-2.0
//! WIT sources: packages gathered from files in any order, resolved together, printed.

use std::collections::BTreeMap;

use wit_component::WitPrinter;
use wit_parser::{PackageId, PackageName, Resolve, SourceMap, UnresolvedPackageGroup, WorldId};

use super::SourceFile;
use super::{derived_wit, host};

/// Resolved sources; `main` is the package of the first file.
pub struct Loaded {
    pub resolve: Resolve,
    pub main: PackageId,
    /// Packages of the host, its own and derived ones, that no file gave.
    host_packages: Vec<String>,
}

/// Parses and prints WIT sources normalised: the first file's package, then the others.
pub fn print_wit(sources: &[SourceFile]) -> Result<String, String> {
    let loaded = load(sources)?;
    let given = |id: &PackageId| {
        let name = loaded.resolve.packages[*id].name.to_string();
        *id != loaded.main && !loaded.host_packages.contains(&name)
    };
    let others: Vec<_> = loaded.resolve.topological_packages().into_iter().filter(given).collect();
    let mut printer = WitPrinter::default();
    let printed = printer.print(&loaded.resolve, loaded.main, &others);
    printed.map_err(|e| format!("cannot print the WIT: {e:#}"))?;
    Ok(printer.output.to_string().replace("\n\n\n", "\n\n"))
}

/// Resolves the files together. Packages of the host, and those that it derives from packages among
/// the files, are added where they are not given.
pub fn load(sources: &[SourceFile]) -> Result<Loaded, String> {
    let mut groups = parse(sources)?;
    let host_packages = complete(&mut groups)?;
    resolve(groups, host_packages)
}

/// As `load`, with the package that is no dependency as `main`, whatever the order of the files.
pub fn load_own(sources: &[SourceFile]) -> Result<Loaded, String> {
    let (groups, host_packages) = own(sources)?;
    resolve(groups, host_packages)
}

/// All packages, parsed, with the one that is no dependency first; and the names of those that were
/// added.
pub fn own(sources: &[SourceFile]) -> Result<(Vec<UnresolvedPackageGroup>, Vec<String>), String> {
    let is_dependency = |file: &SourceFile| file.path.split('/').any(|folder| folder == "deps");
    let (dependencies, first): (Vec<_>, Vec<_>) = sources.iter().cloned().partition(is_dependency);
    let candidates = if first.is_empty() { usize::MAX } else { buckets(&first)?.len() };
    let mut groups = parse(&[first, dependencies].concat())?;
    let is_own = |group: &UnresolvedPackageGroup| {
        !groups.iter().any(|other| refers(other, &group.main.name))
    };
    let main = groups.iter().take(candidates).position(is_own).unwrap_or(0);
    groups[..=main].rotate_right(1);
    let host_packages = complete(&mut groups)?;
    Ok((groups, host_packages))
}

/// Whether a group needs the package, or one that is derived from it.
fn refers(group: &UnresolvedPackageGroup, name: &PackageName) -> bool {
    let packages = group.nested.iter().chain([&group.main]);
    let mut needed = packages.flat_map(|package| package.foreign_deps.keys());
    let derived = |needed| derived_wit::base_of(needed).is_some_and(|(_, base)| base == *name);
    needed.any(|needed| needed == name || derived(needed))
}

fn parse(sources: &[SourceFile]) -> Result<Vec<UnresolvedPackageGroup>, String> {
    let mut groups = Vec::new();
    for bucket in buckets(sources)? {
        let mut map = SourceMap::default();
        for file in bucket {
            map.push_str(&file.path, &one_kind_of_blank(&file.text));
        }
        groups.push(map.parse().map_err(|(map, error)| error.render(&map))?);
    }
    Ok(groups)
}

/// A carriage return is a blank in WIT; in a comment the printer would add one at each printing.
/// Places stay where they are.
fn one_kind_of_blank(text: &str) -> String {
    text.replace('\r', " ")
}

/// Adds the host's own and derived packages that are not given; answers their names.
fn complete(groups: &mut Vec<UnresolvedPackageGroup>) -> Result<Vec<String>, String> {
    let derived = derived_wit::missing(groups)?;
    let mut host_packages = Vec::new();
    for file in derived.into_iter().chain(host::sources()) {
        let group = parse_one(&file)?;
        let name = group.main.name.to_string();
        if !declares(groups, &name) {
            host_packages.push(name);
            groups.push(group);
        }
    }
    Ok(host_packages)
}

fn resolve(
    mut groups: Vec<UnresolvedPackageGroup>,
    host_packages: Vec<String>,
) -> Result<Loaded, String> {
    let main = groups.remove(0);
    let mut resolve = Resolve::new();
    match resolve.push_groups(main, groups) {
        Ok(main) => Ok(Loaded { resolve, main, host_packages }),
        Err(error) => Err(error.render(&resolve.source_map)),
    }
}

/// The world of a name, in the first file's package or in the only package that has it.
pub fn select_world(loaded: &Loaded, world: &str) -> Result<WorldId, String> {
    let resolve = &loaded.resolve;
    if world.contains(['/', ':']) {
        return resolve.select_world(&[loaded.main], Some(world)).map_err(|e| format!("{e:#}"));
    }
    let fits = |id: &WorldId| world.is_empty() || resolve.worlds[*id].name == world;
    let all: Vec<WorldId> = resolve.worlds.iter().map(|(id, _)| id).collect();
    let fitting: Vec<WorldId> = all.iter().copied().filter(fits).collect();
    let in_main = |id: &&WorldId| resolve.worlds[**id].package == Some(loaded.main);
    let main: Vec<WorldId> = fitting.iter().filter(in_main).copied().collect();
    match (&main[..], &fitting[..]) {
        ([one], _) | ([], [one]) => Ok(*one),
        _ if fitting.is_empty() => {
            Err(format!("no world is named `{world}`; {}", names(resolve, &all)))
        }
        _ => Err(format!("a world must be named; {}", names(resolve, &fitting))),
    }
}

fn names(resolve: &Resolve, worlds: &[WorldId]) -> String {
    let name = |id: &WorldId| {
        let world = &resolve.worlds[*id];
        world.package.map_or(world.name.clone(), |package| resolve.id_of_name(package, &world.name))
    };
    let names: Vec<String> = worlds.iter().map(name).collect();
    match names.len() {
        0 => "the sources have no world".into(),
        _ => format!("the sources have {}", names.join(", ")),
    }
}

fn parse_one(file: &SourceFile) -> Result<UnresolvedPackageGroup, String> {
    UnresolvedPackageGroup::parse(&file.path, &file.text).map_err(|(map, error)| error.render(&map))
}

fn declares(groups: &[UnresolvedPackageGroup], name: &str) -> bool {
    groups.iter().any(|group| {
        let nested = group.nested.iter().any(|package| package.name.to_string() == name);
        nested || group.main.name.to_string() == name
    })
}

/// The files of each package, that of the first file first. A file that declares none belongs to
/// the package of its folder.
fn buckets(sources: &[SourceFile]) -> Result<Vec<Vec<&SourceFile>>, String> {
    let mut by_folder: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in sources {
        if let Some(package) = declared(&file.text) {
            let folder = by_folder.entry(folder(&file.path)).or_default();
            if !folder.contains(&package) {
                folder.push(package);
            }
        }
    }
    let mut order: Vec<(String, Vec<&SourceFile>)> = Vec::new();
    for file in sources {
        let key = match declared(&file.text) {
            Some(package) => package,
            None => owner(file, by_folder.get(folder(&file.path)))?,
        };
        match order.iter_mut().find(|(name, _)| *name == key) {
            Some((_, files)) => files.push(file),
            None => order.push((key, vec![file])),
        }
    }
    if order.is_empty() {
        return Err("there is no WIT source".into());
    }
    Ok(order.into_iter().map(|(_, files)| files).collect())
}

/// The package of a file without a declaration of its own.
fn owner(file: &SourceFile, packages: Option<&Vec<String>>) -> Result<String, String> {
    match packages.map(Vec::as_slice) {
        Some([one]) => Ok(one.clone()),
        Some(_) => {
            Err(format!("{}: the file declares no package and its folder holds several", file.path))
        }
        None => Ok(format!("file {}", file.path)),
    }
}

fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..end])
}

/// The name in `package ns:name@version;`, which is the first item after comments.
pub fn declared(text: &str) -> Option<String> {
    let mut rest = text.trim_start();
    loop {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]).trim_start();
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]).trim_start();
        } else {
            break;
        }
    }
    let rest = rest.strip_prefix("package")?;
    let end = rest.find([';', '{'])?;
    if !rest[end..].starts_with(';') {
        return None;
    }
    Some(rest[..end].chars().filter(|c| !c.is_whitespace() && *c != '%').collect())
}
