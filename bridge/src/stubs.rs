// SPDX-License-Identifier: Apache-2.0
//! Deterministic WASI for workflows (contract 1.1): nothing is read from the outside, nothing is
//! written to it. Functions are matched by name, so any 0.2.x version links; wasi:io is real.

use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceAny, ResourceType, Val};
use wasmtime::{AsContextMut, Engine, StoreContextMut};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p2::bindings::io;
use wasmtime_wasi::p2::pipe::{ClosedInputStream, SinkOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use crate::abi::Failed;
use crate::failure::Broken;
use crate::host::Host;
use crate::link::internal;

/// Marks resources of stubbed interfaces; none is ever made.
struct Stub;

const RANDOM_BYTES_MAX: u64 = 64 << 10;

pub fn link(
    linker: &mut Linker<Host>,
    engine: &Engine,
    interface: &str,
    instance: &ComponentInstance,
) -> Result<(), Failed> {
    let plain = interface.split('@').next().unwrap_or(interface);
    if plain.starts_with("wasi:io/") {
        return link_io(linker, plain).map_err(internal);
    }
    if !is_stubbed(plain) {
        return Err(Failed::invalid(format!(
            "import {interface}: not among the WASI interfaces that are stubbed for workflows"
        )));
    }
    let mut out = linker.instance(interface).map_err(internal)?;
    for (name, item) in instance.exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(_) => link_function(&mut out, plain, name)?,
            ComponentItem::Resource(_) => {
                out.resource(name, resource_type(name), |_, _| Ok(())).map_err(internal)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_stubbed(plain: &str) -> bool {
    ["wasi:cli/", "wasi:clocks/", "wasi:random/", "wasi:filesystem/", "wasi:sockets/"]
        .iter()
        .any(|package| plain.starts_with(package))
}

fn link_io(linker: &mut Linker<Host>, plain: &str) -> wasmtime::Result<()> {
    struct Io;
    impl wasmtime::component::HasData for Io {
        type Data<'a> = &'a mut wasmtime::component::ResourceTable;
    }
    match plain {
        "wasi:io/error" => {
            io::error::add_to_linker::<_, Io>(linker, |host: &mut Host| host.ctx().table)
        }
        "wasi:io/poll" => {
            io::poll::add_to_linker::<_, Io>(linker, |host: &mut Host| host.ctx().table)
        }
        _ => io::streams::add_to_linker::<_, Io>(linker, |host: &mut Host| host.ctx().table),
    }
}

fn resource_type(name: &str) -> ResourceType {
    match name {
        "input-stream" => ResourceType::host::<DynInputStream>(),
        "output-stream" => ResourceType::host::<DynOutputStream>(),
        "pollable" => ResourceType::host::<DynPollable>(),
        "error" => ResourceType::host::<wasmtime::Error>(),
        _ => ResourceType::host::<Stub>(),
    }
}

fn link_function(
    out: &mut LinkerInstance<'_, Host>,
    interface: &str,
    name: &str,
) -> Result<(), Failed> {
    let interface = interface.to_string();
    let function = name.to_string();
    out.func_new(name, move |store, _, args, results| {
        let value = answer(store, &interface, &function, args)?;
        if let (Some(slot), Some(value)) = (results.first_mut(), value) {
            *slot = value;
        }
        Ok(())
    })
    .map_err(internal)
}

fn answer(
    store: StoreContextMut<'_, Host>,
    interface: &str,
    function: &str,
    args: &[Val],
) -> wasmtime::Result<Option<Val>> {
    let value = match (interface, function) {
        ("wasi:cli/environment", "get-environment" | "get-arguments")
        | ("wasi:filesystem/preopens", "get-directories") => Val::List(Vec::new()),
        ("wasi:cli/environment", "initial-cwd")
        | (
            "wasi:cli/terminal-stdin" | "wasi:cli/terminal-stdout" | "wasi:cli/terminal-stderr",
            _,
        ) => Val::Option(None),
        ("wasi:cli/stdin", _) => Val::Resource(closed_input(store)?),
        ("wasi:cli/stdout" | "wasi:cli/stderr", _) => Val::Resource(discarding_output(store)?),
        ("wasi:clocks/monotonic-clock", "now") => Val::U64(0),
        ("wasi:clocks/wall-clock", "now") => {
            Val::Record(vec![("seconds".into(), Val::U64(0)), ("nanoseconds".into(), Val::U32(0))])
        }
        ("wasi:random/random" | "wasi:random/insecure", _) => zeros(function, args)?,
        ("wasi:random/insecure-seed", _) => Val::Tuple(vec![Val::U64(0), Val::U64(0)]),
        _ if function.starts_with("[resource-drop]") => return Ok(None),
        ("wasi:cli/exit", _) => return Err(stubbed(interface)),
        _ => return Err(stubbed(&format!("{interface}.{function}"))),
    };
    Ok(Some(value))
}

fn stubbed(what: &str) -> wasmtime::Error {
    Broken::Trap(format!("{what} is stubbed")).into()
}

fn zeros(function: &str, args: &[Val]) -> wasmtime::Result<Val> {
    match args.first() {
        Some(Val::U64(count)) if *count <= RANDOM_BYTES_MAX => {
            Ok(Val::List(vec![Val::U8(0); *count as usize]))
        }
        Some(_) => {
            Err(Broken::Trap(format!("{function}: more than {RANDOM_BYTES_MAX} bytes at once"))
                .into())
        }
        None => Ok(Val::U64(0)),
    }
}

fn closed_input(mut store: StoreContextMut<'_, Host>) -> wasmtime::Result<ResourceAny> {
    let stream: DynInputStream = Box::new(ClosedInputStream);
    let own: Resource<DynInputStream> = store.data_mut().ctx().table.push(stream)?;
    own.try_into_resource_any(store.as_context_mut())
}

fn discarding_output(mut store: StoreContextMut<'_, Host>) -> wasmtime::Result<ResourceAny> {
    let stream: DynOutputStream = Box::new(SinkOutputStream);
    let own: Resource<DynOutputStream> = store.data_mut().ctx().table.push(stream)?;
    own.try_into_resource_any(store.as_context_mut())
}
