// SPDX-License-Identifier: Apache-2.0
//! What can be seen wrong with one component alone: imports that its kind may not have, exports
//! that nobody could call.

use crate::abi::Failed;
use crate::link::Wasi;
use crate::wit::{self, Description, Function, Origin, Party};

/// As ComponentKind in description.h.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Activity,
    Workflow,
    Webhook,
    Stub,
    /// A stub for the guest's side, an activity for who may import what of it.
    External,
}

impl Kind {
    pub fn of(number: u8) -> Result<Kind, Failed> {
        match number {
            0 => Ok(Kind::Activity),
            1 => Ok(Kind::Workflow),
            2 => Ok(Kind::Webhook),
            3 => Ok(Kind::Stub),
            4 => Ok(Kind::External),
            _ => Err(Failed::internal(format!("component kind {number} is unknown"))),
        }
    }

    fn of_wit(self) -> wit::Kind {
        match self {
            Kind::Activity => wit::Kind::Activity,
            Kind::Workflow => wit::Kind::Workflow,
            Kind::Webhook => wit::Kind::Webhook,
            Kind::Stub => wit::Kind::Stub,
            Kind::External => wit::Kind::External,
        }
    }

    /// Whether only its exported types count and nothing of it ever runs.
    pub fn types_only(self) -> bool {
        matches!(self, Kind::Stub | Kind::External)
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Activity => "activity",
            Kind::Workflow => "workflow",
            Kind::Webhook => "webhook endpoint",
            Kind::Stub => "activity stub",
            Kind::External => "external activity",
        }
    }
}

/// The packages that exist only beside others.
pub const SUFFIXES: [&str; 3] = ["-obelisk-ext", "-obelisk-schedule", "-obelisk-stub"];

pub fn check(
    kind: Kind,
    stub_wasi: bool,
    description: &Description,
    wasi_function: impl Fn(&String) -> Option<String>,
) -> Result<Wasi, Failed> {
    check_exports(kind, description)?;
    if kind.types_only() {
        return Ok(Wasi::None);
    }
    for import in &description.imports {
        check_import(kind, import)?;
    }
    check_host_types(kind, description)?;
    match (kind, stub_wasi, description.wasi.first()) {
        (_, _, None) => Ok(Wasi::None),
        (Kind::Workflow, true, _) => Ok(Wasi::Stubs),
        (Kind::Workflow, false, Some(interface)) => Err(Failed::invalid(format!(
            "the workflow imports {}; a workflow must be deterministic and may not use WASI: \
             set `stub_wasi = true` to link deterministic stubs, or build it without WASI",
            description.wasi.iter().find_map(wasi_function).unwrap_or_else(|| interface.clone())
        ))),
        _ => Ok(Wasi::Real),
    }
}

fn check_import(kind: Kind, import: &Function) -> Result<(), Failed> {
    let refuse = |why: &str| Err(Failed::invalid(format!("import {}: {why}", shown(import))));
    let package = package_of(&import.interface);
    if import.interface.is_empty() {
        return refuse("functions outside of an interface are not provided");
    }
    if kind == Kind::Activity {
        return refuse("an activity may import only WASI, wasi:http and obelisk:log");
    }
    if import.interface.starts_with("obelisk:") {
        if !host_interface(kind, &import.interface) {
            return refuse(&format!("a {} may not import this interface", kind.name()));
        }
        return Ok(());
    }
    let denied = ["-obelisk-ext", "-obelisk-stub"].iter().any(|end| package.ends_with(end));
    if kind == Kind::Webhook && denied {
        return refuse("a webhook endpoint may not import extension or stub functions");
    }
    Ok(())
}

/// The host's own functions have the types that they are imported with; those of other components
/// are checked when all of them are known.
fn check_host_types(kind: Kind, description: &Description) -> Result<(), Failed> {
    let is_host = |function: &Function| function.interface.starts_with("obelisk:");
    let imports: Vec<Function> =
        description.imports.iter().filter(|import| is_host(import)).cloned().collect();
    if imports.is_empty() {
        return Ok(());
    }
    let party = Party {
        component: String::new(),
        kind: kind.of_wit(),
        origin: Origin::Parsed,
        description: Description { imports, ..Description::default() },
    };
    match wit::check_links(&[party]).into_iter().next() {
        None => Ok(()),
        Some(problem) => {
            Err(Failed::invalid(format!("import {}: {}", problem.function, problem.reason)))
        }
    }
}

/// The interfaces of the host itself, apart from obelisk:log, that have functions.
fn host_interface(kind: Kind, interface: &str) -> bool {
    let (plain, version) = interface.split_once('@').unwrap_or((interface, ""));
    let of_major = |major: &str| version.split('.').next() == Some(major);
    match (kind, plain) {
        (Kind::Workflow, "obelisk:types/join-set") => of_major("5"),
        (
            Kind::Workflow,
            "obelisk:workflow/workflow-support" | "obelisk:workflow/workflow-support-backtrace",
        )
        | (
            Kind::Webhook,
            "obelisk:webhook/webhook-support" | "obelisk:webhook/webhook-support-backtrace",
        ) => of_major("6"),
        _ => false,
    }
}

fn check_exports(kind: Kind, description: &Description) -> Result<(), Failed> {
    if kind == Kind::Webhook {
        return Ok(());
    }
    for export in &description.exports {
        let refuse = |why: String| Err(Failed::invalid(format!("export {}: {why}", shown(export))));
        if let Some(end) = SUFFIXES.iter().find(|end| package_of(&export.interface).ends_with(*end))
        {
            return refuse(format!("packages that end in `{end}` are made by the host"));
        }
        if export.name.ends_with("-cancellable") && kind != Kind::Workflow {
            return refuse("only workflow functions may end in `-cancellable`".into());
        }
        if !export.extendable {
            let found = if export.result.is_empty() { "nothing" } else { &export.result };
            return refuse(format!(
                "its return type is {found}; expected result, result<T>, result<T, string> or \
                 result<T, E> where E is a variant with the case `execution-failed`"
            ));
        }
    }
    if description.exports.is_empty() {
        return Err(Failed::invalid(format!(
            "the {} exports no function of an interface",
            kind.name()
        )));
    }
    Ok(())
}

/// `ns:pkg` of `ns:pkg/ifc@ver`.
fn package_of(interface: &str) -> &str {
    interface.split('/').next().unwrap_or(interface)
}

fn shown(function: &Function) -> String {
    if function.interface.is_empty() { function.name.clone() } else { function.ffqn() }
}
