// SPDX-License-Identifier: Apache-2.0
//! A compiled component: checked, linked, and ready to make guests.

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component as Compiled, ComponentExportIndex, InstancePre, Type, Val};

use crate::abi::{Failed, NOT_FOUND};
use crate::checks::{self, Kind};
use crate::config::Role;
use crate::engines::Core;
use crate::guest::is_permanent;
use crate::host::Host;
use crate::link::{self, Indices, Wasi};
use crate::resident::Resident;
use crate::values::{self, ErrorKind, Form, ValueError};
use crate::wit::{self, Description};

pub struct Component {
    pub core: Arc<Core>,
    pub role: Role,
    pub description: Description,
    functions: HashMap<String, Exported>,
    /// None for stubs and external activities, which never run.
    pub pre: Option<InstancePre<Host>>,
    pub needs_tokio: bool,
    pub resident: Arc<Resident>,
}

/// One exported function.
pub struct Exported {
    pub index: ComponentExportIndex,
    params: Vec<(String, Type)>,
    result: Option<Type>,
}

/// A value that was checked against its type.
pub struct Checked {
    pub text: String,
    pub hash: [u8; 16],
    pub permanent: bool,
}

impl Component {
    pub fn compile(
        core: Arc<Core>,
        kind: Kind,
        bytes: &[u8],
        stub_wasi: bool,
    ) -> Result<Component, Failed> {
        let given = if kind.types_only() { wit::as_component(bytes) } else { Ok(bytes.into()) };
        let given = given.map_err(Failed::invalid)?;
        let mut description = wit::describe(&given).map_err(Failed::invalid)?;
        let binary =
            wat::parse_bytes(&given).map_err(|error| Failed::invalid(error.to_string()))?;
        let role = if kind == Kind::Workflow { Role::Workflow } else { Role::Other };
        let compiled = translate(&core, role, &description.digest, &binary)?;
        description.digest = wit::digest(bytes);
        let wasi = checks::check(kind, stub_wasi, &description, |interface| {
            first_function(&compiled, interface)
        })?;
        let functions = exported_functions(&compiled, &description);
        let pre = match kind {
            Kind::Stub | Kind::External => None,
            _ => Some(link::link(&compiled, wasi, &indices(&description))?),
        };
        Ok(Component {
            core,
            role,
            description,
            functions,
            pre,
            needs_tokio: wasi != Wasi::None,
            resident: Arc::new(Resident::default()),
        })
    }

    pub fn function(&self, ffqn: &str) -> Result<&Exported, Failed> {
        self.functions.get(ffqn).ok_or_else(|| {
            Failed::new(NOT_FOUND, format!("the component exports no function {ffqn}"))
        })
    }
}

impl Exported {
    /// Params in ABI form, for a call.
    pub fn params(&self, json: &str, limits: &values::Limits) -> Result<Vec<Val>, String> {
        values::parse_params(&self.params, json, Form::Abi, limits).map_err(|error| error.message)
    }

    pub fn check_params(&self, json: &str, limits: &values::Limits) -> Result<Checked, ValueError> {
        let params = values::parse_params(&self.params, json, Form::User, limits)?;
        let text = values::render(&params, Form::Abi, limits)?;
        Ok(Checked { text, hash: values::hash(&params), permanent: false })
    }

    /// Checks {"ok":…} or {"err":…} against the function's result.
    pub fn check_result(&self, json: &str, limits: &values::Limits) -> Result<Checked, ValueError> {
        let none = || ValueError::new(ErrorKind::Unsupported, "the function returns nothing");
        let ty = self.result.as_ref().ok_or_else(none)?;
        let mut no_handles =
            |_| Err(ValueError::new(ErrorKind::Unsupported, "a result has no handles"));
        let value = values::parse_one(ty, json, Form::User, limits, &mut no_handles)?;
        let text = values::render_one(&value, Form::Abi, limits)?;
        let permanent = match &value {
            Val::Result(Err(payload)) => is_permanent(payload.as_deref()),
            _ => false,
        };
        Ok(Checked { text, hash: values::hash(std::slice::from_ref(&value)), permanent })
    }
}

fn translate(core: &Core, role: Role, digest: &str, binary: &[u8]) -> Result<Compiled, Failed> {
    let engine = &core.half(role).engine;
    let compiled = match &core.cache {
        Some(cache) => cache.component(engine, digest, binary, &core.counters),
        None => Compiled::from_binary(engine, binary),
    };
    compiled.map_err(|error| {
        Failed::invalid(format!("the component cannot be compiled: {}", error.root_cause()))
    })
}

/// The interface's first function, as a name to show.
fn first_function(compiled: &Compiled, interface: &str) -> Option<String> {
    let engine = compiled.engine();
    let item = compiled.component_type().get_import(engine, interface)?.ty;
    let ComponentItem::ComponentInstance(instance) = item else {
        return None;
    };
    let mut functions = instance
        .exports(engine)
        .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
    functions.next().map(|(name, _)| format!("{interface}.{name}"))
}

fn indices(description: &Description) -> Indices {
    let key = |import: &wit::Function| (import.interface.clone(), import.name.clone());
    let imports = description.imports.iter().zip(0..);
    imports.map(|(import, index)| (key(import), index)).collect()
}

fn exported_functions(compiled: &Compiled, description: &Description) -> HashMap<String, Exported> {
    let find = |function: &wit::Function| {
        let (_, interface) = compiled.get_export(None, function.interface.as_str())?;
        let (item, index) = compiled.get_export(Some(&interface), function.name.as_str())?;
        let ComponentItem::ComponentFunc(ty) = item else {
            return None;
        };
        let params = ty.params().map(|(name, ty)| (name.to_string(), ty)).collect();
        Some((function.ffqn(), Exported { index, params, result: ty.results().next() }))
    };
    description.exports.iter().filter_map(find).collect()
}
