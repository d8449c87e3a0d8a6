// SPDX-License-Identifier: Apache-2.0
//! The packages that the host derives from exported functions (contract 2.1).

use super::host::host;
use super::{Function, Kind, Param};

/// Which derived package a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    Ext,
    Schedule,
    Stub,
}

impl Extension {
    pub const ALL: [Extension; 3] = [Extension::Ext, Extension::Schedule, Extension::Stub];

    /// The end of the package's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Extension::Ext => "-obelisk-ext",
            Extension::Schedule => "-obelisk-schedule",
            Extension::Stub => "-obelisk-stub",
        }
    }
}

impl Kind {
    /// The derived packages of what a component of this kind exports.
    pub fn extensions(self) -> &'static [Extension] {
        match self {
            Kind::Activity | Kind::Workflow => &[Extension::Ext, Extension::Schedule],
            Kind::Webhook => &[],
            Kind::Stub => &[Extension::Ext, Extension::Stub],
            Kind::External => &Extension::ALL,
        }
    }
}

/// An interface's name without its version, and the version with its `@`.
pub fn split_version(interface: &str) -> (&str, &str) {
    interface.split_at(interface.find('@').unwrap_or(interface.len()))
}

/// The extension whose package an interface belongs to.
pub fn extension_of(interface: &str) -> Option<Extension> {
    let package = interface.split('/').next().unwrap_or_default();
    Extension::ALL.into_iter().find(|extension| package.ends_with(extension.suffix()))
}

/// The functions derived from one exported function of a component of this kind.
pub fn derived(kind: Kind, function: &Function) -> Vec<Function> {
    let host = host();
    let id = host.named("execution", "execution-id");
    let result_of =
        |error: &str| format!("result<{}, {}>", function.result, host.named("execution", error));
    let mut out = vec![
        make(function, Extension::Ext, "submit", &[("join-set", "borrow<join-set>")], true, id),
        make(
            function,
            Extension::Ext,
            "await-next",
            &[("join-set", "borrow<join-set>")],
            false,
            &result_of("await-next-extension-error"),
        ),
        make(
            function,
            Extension::Ext,
            "get",
            &[("execution-id", id)],
            false,
            &result_of("get-extension-error"),
        ),
    ];
    if kind.extensions().contains(&Extension::Stub) {
        let params = [("execution-id", id), ("execution-result", function.result.as_str())];
        let result = format!("result<_, {}>", host.named("execution", "stub-error"));
        out.push(make(function, Extension::Stub, "stub", &params, false, &result));
    }
    if kind.extensions().contains(&Extension::Schedule) {
        let at = [("schedule-at", host.named("time", "schedule-at"))];
        out.push(make(function, Extension::Schedule, "schedule", &at, true, id));
    }
    out
}

fn make(
    function: &Function,
    extension: Extension,
    name: &str,
    first: &[(&str, &str)],
    with_params: bool,
    result: &str,
) -> Function {
    let own: &[Param] = if with_params { &function.params } else { &[] };
    let names: Vec<&str> = own.iter().map(|param| &*param.name).collect();
    let mut params: Vec<Param> = first
        .iter()
        .map(|(name, ty)| Param { name: free_name(name, &names), ty: (*ty).to_owned() })
        .collect();
    params.extend_from_slice(own);
    Function {
        interface: interface(&function.interface, extension),
        name: format!("{}-{name}", function.name),
        params,
        result: result.to_owned(),
        extendable: false,
    }
}

/// The injected name, with `-a` … `-z` appended where a parameter has it already.
pub fn free_name(name: &str, params: &[&str]) -> String {
    let mut candidates = ('a'..='z').map(|letter| format!("{name}-{letter}"));
    if params.contains(&name) {
        candidates.find(|candidate| !params.contains(&&**candidate)).unwrap_or_default()
    } else {
        name.to_owned()
    }
}

/// `ns:pkg/ifc@ver` to `ns:pkg-obelisk-ext/ifc@ver`.
fn interface(name: &str, extension: Extension) -> String {
    match name.split_once('/') {
        Some((package, rest)) => format!("{package}{}/{rest}", extension.suffix()),
        None => name.to_owned(),
    }
}
