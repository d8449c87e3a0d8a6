// SPDX-License-Identifier: Apache-2.0
//! Every import of a deployment against its exporter, by structure. Dynamic linking checks no
//! types, so this is the only check there is, and it is complete.

use std::collections::BTreeMap;

use super::extensions::{self, Extension, extension_of, split_version};
use super::host::host;
use super::nearest::nearest;
use super::{Description, Function, HOST_NAMESPACE, Kind, LOG_INTERFACE, Origin};

/// One component of the deployment.
pub struct Party {
    pub component: String,
    pub kind: Kind,
    pub origin: Origin,
    pub description: Description,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub component: String,
    /// The FFQN that is imported, or exported in vain.
    pub function: String,
    pub reason: String,
}

/// For how many problems the nearest match is looked for.
const NEAREST_MAX: usize = 50;

/// Something that may be imported.
struct Offer<'a> {
    function: Function,
    /// The component that exports it or what it is derived from.
    by: &'a str,
    usable: bool,
}

/// All problems, in the order of the parties.
pub fn check_links(parties: &[Party]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let offers = offers(parties, &mut problems);
    for party in parties {
        if party.kind.types_only() {
            continue;
        }
        for import in &party.description.imports {
            let near = problems.len() < NEAREST_MAX;
            if let Err(reason) = check_import(party, import, &offers, near) {
                problems.push(problem(party, import, reason));
            }
        }
    }
    problems
}

fn problem(party: &Party, function: &Function, reason: String) -> Problem {
    Problem { component: party.component.clone(), function: shown_name(function), reason }
}

fn shown_name(function: &Function) -> String {
    if function.interface.is_empty() { function.name.clone() } else { function.ffqn() }
}

/// What all parties export, and what is derived from it; doubles are problems.
fn offers<'a>(parties: &'a [Party], problems: &mut Vec<Problem>) -> BTreeMap<String, Offer<'a>> {
    let mut offers: BTreeMap<String, Offer<'a>> = BTreeMap::new();
    let mut first: BTreeMap<&'a str, &'a Party> = BTreeMap::new();
    for party in parties.iter().filter(|party| party.kind != Kind::Webhook) {
        for export in &party.description.exports {
            if export.interface.starts_with("wasi:") {
                continue;
            }
            let owner = *first.entry(&export.interface).or_insert(party);
            let checked = check_export(party, export, &offers);
            if let Err(reason) = checked.and_then(|()| check_origin(owner, party, export)) {
                problems.push(problem(party, export, reason));
                continue;
            }
            let usable = export.extendable;
            let derived = extensions::derived(party.kind, export);
            for function in derived.into_iter().chain([export.clone()]) {
                let offer = Offer { function, by: &party.component, usable };
                offers.insert(offer.function.ffqn(), offer);
            }
        }
    }
    offers
}

fn check_export(
    party: &Party,
    export: &Function,
    offers: &BTreeMap<String, Offer<'_>>,
) -> Result<(), String> {
    let ffqn = export.ffqn();
    if export.interface.starts_with(HOST_NAMESPACE) {
        return Err(format!("`{ffqn}` belongs to the host and cannot be exported"));
    }
    if let Some(extension) = extension_of(&export.interface) {
        let suffix = extension.suffix();
        return Err(format!(
            "`{ffqn}` cannot be exported: package names ending in `{suffix}` are derived by the \
             host"
        ));
    }
    match offers.get(&ffqn) {
        Some(first) if first.by == party.component => {
            Err(format!("`{ffqn}` is exported twice by `{}`", first.by))
        }
        Some(first) => Err(format!(
            "`{ffqn}` is exported by `{}` already; only one component may export a function",
            first.by
        )),
        None => Ok(()),
    }
}

/// The functions of one interface may come from several components only if its WIT comes to be in
/// one way.
fn check_origin(owner: &Party, party: &Party, export: &Function) -> Result<(), String> {
    if owner.origin == party.origin {
        return Ok(());
    }
    Err(format!(
        "interface `{}` is exported by `{}` with {} and by `{}` with {}; components may share an \
         interface only if their WIT has the same origin",
        export.interface,
        owner.component,
        origin_name(owner.origin),
        party.component,
        origin_name(party.origin)
    ))
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Parsed => "the WIT of its binary",
        Origin::Synthesised => "WIT made of its configuration",
        Origin::Authored => "a WIT folder",
    }
}

fn check_import(
    party: &Party,
    import: &Function,
    offers: &BTreeMap<String, Offer<'_>>,
    near: bool,
) -> Result<(), String> {
    if import.interface.is_empty() {
        return Err(format!(
            "`{}` is imported outside of an interface; only functions of interfaces are provided",
            import.name
        ));
    }
    if import.interface.starts_with(HOST_NAMESPACE) {
        return check_host_import(party, import);
    }
    check_kind(party.kind, import)?;
    let ffqn = import.ffqn();
    let Some(offer) = offers.get(&ffqn) else {
        let nearest = if near { nearest_offer(import, offers) } else { None };
        return Err(not_exported(party, import, nearest));
    };
    if !offer.usable {
        return Err(format!(
            "`{ffqn}` cannot be imported: the function that `{}` exports returns `{}`, which is no \
             allowed return type",
            offer.by,
            if offer.function.result.is_empty() { "nothing" } else { &offer.function.result }
        ));
    }
    if same_types(import, &offer.function) {
        return Ok(());
    }
    Err(format!(
        "`{ffqn}` is imported with other types than it is exported with\n  imported by `{}`: {}\n  \
         exported by `{}`: {}",
        party.component,
        signature(import),
        offer.by,
        signature(&offer.function)
    ))
}

/// Which functions a kind of component may import at all (contract 1.1).
fn check_kind(kind: Kind, import: &Function) -> Result<(), String> {
    let ffqn = import.ffqn();
    match (kind, extension_of(&import.interface)) {
        (Kind::Activity, _) => Err(format!(
            "`{ffqn}` is imported by an activity; activities may import only WASI and \
             `{LOG_INTERFACE}`"
        )),
        (Kind::Webhook, Some(Extension::Ext | Extension::Stub)) => Err(format!(
            "`{ffqn}` is imported by a webhook; join sets and stubs are for workflows only"
        )),
        _ => Ok(()),
    }
}

/// What was most likely meant, among functions of the same kind of package.
fn nearest_offer<'o>(
    import: &Function,
    offers: &'o BTreeMap<String, Offer<'_>>,
) -> Option<&'o Offer<'o>> {
    let extension = extension_of(&import.interface);
    let comparable = |name: &&String| extension_of(name) == extension;
    nearest(&import.ffqn(), offers.keys().filter(comparable)).and_then(|name| offers.get(name))
}

fn not_exported(party: &Party, import: &Function, nearest: Option<&Offer<'_>>) -> String {
    let mut text = format!(
        "`{}` is exported by no component\n  imported by `{}`: {}",
        import.ffqn(),
        party.component,
        signature(import)
    );
    match nearest {
        Some(offer) => text.push_str(&format!(
            "\n  nearest match: `{}` of `{}`: {}",
            offer.function.ffqn(),
            offer.by,
            signature(&offer.function)
        )),
        None => text.push_str("\n  nothing that is exported resembles it"),
    }
    text
}

fn check_host_import(party: &Party, import: &Function) -> Result<(), String> {
    let ffqn = import.ffqn();
    let (path, version) = split_version(&import.interface);
    let package = path.split('/').next().unwrap_or_default();
    let host = host();
    let offered = |name: &&String| split_version(name).0 == path;
    let interface = host.functions.values().map(|f| &f.interface).find(offered);
    if let Some(provided) = interface
        && major(split_version(provided).1) != major(version)
    {
        return Err(format!(
            "`{ffqn}` is imported from version {}, which is no longer provided; build the \
             component against `{provided}`",
            version.trim_start_matches('@')
        ));
    }
    let allowed: &[&str] = match party.kind {
        Kind::Activity => &["obelisk:log"],
        Kind::Workflow => &["obelisk:log", "obelisk:types", "obelisk:workflow"],
        Kind::Webhook | Kind::Stub | Kind::External => {
            &["obelisk:log", "obelisk:types", "obelisk:webhook"]
        }
    };
    if !allowed.contains(&package) {
        let kind = kind_name(party.kind);
        return Err(format!(
            "`{ffqn}` cannot be imported by {kind}; of the host it may import {}",
            allowed.join(", ")
        ));
    }
    let name = interface.map_or(ffqn.clone(), |interface| format!("{interface}.{}", import.name));
    let Some(provided) = host.functions.get(&name) else {
        let mut text = format!("`{ffqn}` is not provided by the host");
        if let Some(name) = nearest(&ffqn, host.functions.keys()) {
            text.push_str(&format!("\n  nearest match: `{name}`"));
        }
        return Err(text);
    };
    if same_types(&plain_cases(import), &plain_cases(provided)) {
        return Ok(());
    }
    Err(format!(
        "`{ffqn}` is imported with other types than the host provides\n  imported by `{}`: {}\n  \
         provided: {}",
        party.component,
        signature(import),
        signature(provided)
    ))
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Activity => "an activity",
        Kind::Workflow => "a workflow",
        Kind::Webhook => "a webhook",
        Kind::Stub => "a stub",
        Kind::External => "an external activity",
    }
}

/// Names of parameters do not matter.
fn same_types(a: &Function, b: &Function) -> bool {
    let types = |function: &Function| -> Vec<String> {
        function.params.iter().map(|param| param.ty.clone()).collect()
    };
    a.result == b.result && types(a) == types(b)
}

/// The function with variants without any payload as enums: both have the same values.
fn plain_cases(function: &Function) -> Function {
    let mut function = function.clone();
    function.result = enums(&function.result);
    for param in &mut function.params {
        param.ty = enums(&param.ty);
    }
    function
}

fn enums(ty: &str) -> String {
    let mut out = String::with_capacity(ty.len());
    let mut rest = ty;
    while let Some(start) = rest.find("variant{") {
        let (before, variant) = rest.split_at(start);
        out.push_str(before);
        let body = &variant["variant{".len()..];
        let plain = body.find(['}', '(', '{', '<']).is_some_and(|end| body[end..].starts_with('}'));
        out.push_str(if plain { "enum{" } else { "variant{" });
        rest = body;
    }
    out + rest
}

/// A function's type as it would stand in WIT.
pub fn signature(function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, param.ty)).collect();
    let result = match function.result.as_str() {
        "" => String::new(),
        result => format!(" -> {result}"),
    };
    format!("func({}){result}", params.join(", "))
}
