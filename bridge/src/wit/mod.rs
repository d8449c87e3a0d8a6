// SPDX-License-Identifier: Apache-2.0
//! Looking at components and WIT texts, checking and making them; no guest runs here.

mod authored;
mod bindings;
mod component;
mod derived_wit;
mod describe;
mod entries;
mod extensions;
mod frames;
mod grammar;
mod host;
mod links;
mod mend_cpp;
mod nearest;
mod offers;
mod sources;
mod structure;
mod synthetic;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_host;
#[cfg(test)]
mod tests_links;
#[cfg(test)]
mod tests_offers;

pub use authored::{as_component, describe_wit};
pub use bindings::{Language, bindings};
pub use component::new_component;
pub use describe::{component_wit, describe, digest};
pub use links::{Party, check_links};
pub use offers::{Exporter, dependency_wit, extension_wit, support_wit};
pub use sources::print_wit;
pub use synthetic::types_only;

/// One parameter; `ty` is a structural text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    pub name: String,
    pub ty: String,
}

/// A function of an interface; `result` is empty where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub interface: String,
    pub name: String,
    pub params: Vec<Param>,
    pub result: String,
    /// Contract 2.2: usable as an activity or workflow function.
    pub extendable: bool,
}

impl Function {
    pub fn ffqn(&self) -> String {
        format!("{}.{}", self.interface, self.name)
    }
}

/// What a component exports and imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Functions of exported interfaces; those with resources, streams or maps are left out.
    pub exports: Vec<Function>,
    /// Imported functions in the order of the binary, without WASI and `obelisk:log`. A function
    /// that is imported outside of an interface has an empty `interface`.
    pub imports: Vec<Function>,
    /// Imported WASI interfaces.
    pub wasi: Vec<String>,
    /// `sha256:<hex>` of the bytes.
    pub digest: String,
}

/// A file of WIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// What a component is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Activity,
    Workflow,
    Webhook,
    Stub,
    /// Exports like an activity, and may be completed like a stub.
    External,
}

impl Kind {
    /// Whether only its exported types count.
    pub fn types_only(self) -> bool {
        matches!(self, Kind::Stub | Kind::External)
    }
}

/// Where the WIT of a component comes from (WitOrigin in toolchain.h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Parsed,
    Synthesised,
    Authored,
}

/// The namespace of the host's own packages.
pub const HOST_NAMESPACE: &str = "obelisk:";
/// The log interface, which is answered inside the engine.
pub const LOG_INTERFACE: &str = "obelisk:log/log@1.0.0";
