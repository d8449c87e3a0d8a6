// SPDX-License-Identifier: Apache-2.0
//! Linking: each import of a component is answered by the host's callback, by obelisk:log, or by
//! WASI (real, or deterministic stubs for workflows).

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, InstancePre, Linker, LinkerInstance, ResourceType, Type};

use crate::abi::{Failed, StView};
use crate::host::{self, Host, Import, JoinSet};
use crate::stubs;

pub const LOG_INTERFACE: &str = "obelisk:log/log@1.";

/// Their functions have a last parameter more than those without `-backtrace`.
const BACKTRACE_INTERFACES: [&str; 2] =
    ["obelisk:workflow/workflow-support-backtrace@", "obelisk:webhook/webhook-support-backtrace@"];

/// How the WASI imports of a component are answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wasi {
    Real,
    Stubs,
    None,
}

/// (interface, function) to ImportIndex.
pub type Indices = HashMap<(String, String), u32>;

pub fn link(
    component: &Component,
    wasi: Wasi,
    indices: &Indices,
) -> Result<InstancePre<Host>, Failed> {
    let engine = component.engine();
    let mut linker: Linker<Host> = Linker::new(engine);
    if wasi == Wasi::Real {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).map_err(internal)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).map_err(internal)?;
    }
    for (interface, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            if matches!(item.ty, ComponentItem::Type(_)) {
                continue;
            }
            return Err(Failed::invalid(format!(
                "import `{interface}` is no interface; only functions of interfaces are provided"
            )));
        };
        if interface.starts_with("wasi:") {
            if wasi == Wasi::Stubs {
                stubs::link(&mut linker, engine, interface, &instance)?;
            }
        } else {
            let mut out = linker.instance(interface).map_err(internal)?;
            link_interface(&mut out, component, interface, &instance, indices)?;
        }
    }
    linker.instantiate_pre(component).map_err(|error| {
        Failed::invalid(format!("the imports cannot be met: {}", error.root_cause()))
    })
}

fn link_interface(
    out: &mut LinkerInstance<'_, Host>,
    component: &Component,
    interface: &str,
    instance: &ComponentInstance,
    indices: &Indices,
) -> Result<(), Failed> {
    for (name, item) in instance.exports(component.engine()) {
        match item.ty {
            ComponentItem::ComponentFunc(_) if interface.starts_with(LOG_INTERFACE) => {
                link_log(out, name)?;
            }
            ComponentItem::ComponentFunc(ty) => {
                let key = (interface.to_string(), name.to_string());
                let index = indices.get(&key).ok_or_else(|| {
                    Failed::internal(format!("import {interface}.{name} has no index"))
                })?;
                link_function(out, interface, name, (*index, &ty))?;
            }
            ComponentItem::Resource(_) if name == "join-set" => {
                out.resource_async(name, ResourceType::host::<JoinSet>(), |store, number| {
                    Box::new(host::drop_join_set(store, number))
                })
                .map_err(internal)?;
            }
            ComponentItem::Resource(_) => {
                return Err(Failed::invalid(format!(
                    "import {interface}.{name}: the host has no such resource"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

fn link_function(
    out: &mut LinkerInstance<'_, Host>,
    interface: &str,
    name: &str,
    (index, ty): (u32, &ComponentFunc),
) -> Result<(), Failed> {
    let takes_handle =
        ty.params().next().is_some_and(|(_, ty)| matches!(ty, Type::Own(_) | Type::Borrow(_)));
    let takes_backtrace = BACKTRACE_INTERFACES.iter().any(|prefix| interface.starts_with(prefix));
    let result = ty.results().next();
    let import = Arc::new(Import { index, takes_handle, takes_backtrace, result });
    out.func_new_async(name, move |store, _, args, results| {
        Box::new(host::call(store, import.clone(), args, results))
    })
    .map_err(internal)
}

fn link_log(out: &mut LinkerInstance<'_, Host>, name: &str) -> Result<(), Failed> {
    let levels = ["trace", "debug", "info", "warn", "error"];
    let Some(position) = levels.iter().position(|level| *level == name) else {
        return Err(Failed::invalid(format!("import obelisk:log/log.{name}: no such function")));
    };
    let level = position as u8 + 1;
    out.func_wrap(name, move |store, (message,): (String,)| {
        let callbacks = &store.data().callbacks;
        (callbacks.log)(callbacks.context, level, StView::of(message.as_bytes()));
        Ok(())
    })
    .map_err(internal)
}

pub fn internal(error: wasmtime::Error) -> Failed {
    Failed::internal(format!("linking: {error:#}"))
}
