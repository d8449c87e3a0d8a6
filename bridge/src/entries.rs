// SPDX-License-Identifier: Apache-2.0
//! The C entries of include/bridge.h. Ownership of every pointer is documented there.
#![allow(clippy::missing_safety_doc)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::abi::{Failed, StText, StView, entry, panic_text};
use crate::checks::Kind;
use crate::component::{Checked, Component, Exported};
use crate::config::StConfig;
use crate::engines::Engines;
use crate::guest::{Guest, Plan, StPoll};
use crate::host::StCallbacks;
use crate::http::AllowedHost;
use crate::shared::{Answer, StWakes};
use crate::values::{self, ValueError};
use crate::wasi::Environment;
use crate::wire;

/// For entries that cannot fail: a panic ends there.
fn quietly(body: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(body));
}

unsafe fn free<T>(owned: *mut T) {
    quietly(|| {
        if !owned.is_null() {
            drop(unsafe { Box::from_raw(owned) });
        }
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_engines_new(
    config: *const StConfig,
    engines: *mut *mut Engines,
    error: *mut StText,
) -> i32 {
    unsafe {
        entry(error, || {
            let made = Box::new(Engines::new(&*config)?);
            engines.write(Box::into_raw(made));
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_engines_free(engines: *mut Engines) {
    unsafe { free(engines) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_engines_tick(engines: *const Engines) {
    quietly(|| unsafe { &*engines }.core.advance_epochs());
}

/// As st_engines_facts in bridge.h.
#[repr(C)]
pub struct StFacts {
    compiled: u64,
    cached: u64,
    workflows_pooled: u8,
    others_pooled: u8,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_engines_facts(engines: *const Engines, facts: *mut StFacts) {
    use crate::config::Role;
    let core = unsafe { &(*engines).core };
    let made = StFacts {
        compiled: core.counters.compiled.load(Ordering::Relaxed),
        cached: core.counters.cached.load(Ordering::Relaxed),
        workflows_pooled: core.half(Role::Workflow).pooled.into(),
        others_pooled: core.half(Role::Other).pooled.into(),
    };
    unsafe { facts.write(made) };
}

/// As st_source in bridge.h.
#[repr(C)]
pub struct StSource {
    kind: u8,
    stub_wasi: u8,
    bytes: StView,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_component_compile(
    engines: *const Engines,
    source: *const StSource,
    component: *mut *mut Component,
    error: *mut StText,
) -> i32 {
    unsafe {
        entry(error, || {
            let source = &*source;
            let kind = Kind::of(source.kind)?;
            let core = (*engines).core.clone();
            let stub_wasi = source.stub_wasi != 0;
            // Bytes that make a reader or the compiler panic are damaged, whatever else they are.
            let made = catch_unwind(AssertUnwindSafe(|| {
                Component::compile(core, kind, source.bytes.bytes(), stub_wasi)
            }));
            let made = made.unwrap_or_else(|payload| {
                let why = panic_text(payload.as_ref());
                Err(Failed::invalid(format!("the component cannot be compiled: {why}")))
            })?;
            component.write(Box::into_raw(Box::new(made)));
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_component_free(component: *mut Component) {
    unsafe { free(component) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_component_description(
    component: *const Component,
    bytes: *mut StText,
    error: *mut StText,
) -> i32 {
    unsafe {
        entry(error, || {
            bytes.write(StText::new(wire::description(&(*component).description)));
            Ok(())
        })
    }
}

/// As st_checked in bridge.h.
#[repr(C)]
pub struct StChecked {
    text: StText,
    hash: [u8; 16],
    permanent: u8,
}

impl StChecked {
    fn new(checked: Checked) -> StChecked {
        StChecked {
            text: StText::new(checked.text),
            hash: checked.hash,
            permanent: checked.permanent.into(),
        }
    }
}

type Check = fn(&Exported, &str, &values::Limits) -> Result<Checked, ValueError>;

unsafe fn check(
    component: *const Component,
    asked: [StView; 2],
    checked: *mut StChecked,
    error: *mut StText,
    how: Check,
) -> i32 {
    unsafe {
        entry(error, || {
            let [function, json] = asked;
            let exported = (*component).function(function.text()?)?;
            let made = how(exported, json.text()?, &values::Limits::default())
                .map_err(|error| Failed::invalid(error.message))?;
            checked.write(StChecked::new(made));
            Ok(())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_component_check_params(
    component: *const Component,
    function: StView,
    json: StView,
    checked: *mut StChecked,
    error: *mut StText,
) -> i32 {
    unsafe { check(component, [function, json], checked, error, Exported::check_params) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_component_check_result(
    component: *const Component,
    function: StView,
    json: StView,
    checked: *mut StChecked,
    error: *mut StText,
) -> i32 {
    unsafe { check(component, [function, json], checked, error, Exported::check_result) }
}

/// As st_variable in bridge.h.
#[repr(C)]
pub struct StVariable {
    name: StView,
    value: StView,
}

/// As st_allowed_host in bridge.h.
#[repr(C)]
pub struct StAllowedHost {
    pattern: StView,
    methods: *const StView,
    methods_count: usize,
}

/// As st_environment in bridge.h.
#[repr(C)]
pub struct StEnvironment {
    variables: *const StVariable,
    variables_count: usize,
    hosts: *const StAllowedHost,
    hosts_count: usize,
}

/// As st_start in bridge.h.
#[repr(C)]
pub struct StStart {
    guest_id: u64,
    function: StView,
    params: StView,
    memory_bytes: u64,
    value_bytes: u64,
    cpu_us: u64,
    fuel: u64,
    backtraces: u8,
    environment: *const StEnvironment,
    callbacks: StCallbacks,
    wakes: StWakes,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_guest_new(
    component: *const Component,
    start: *const StStart,
    guest: *mut *mut Guest,
    error: *mut StText,
) -> i32 {
    unsafe {
        entry(error, || {
            let made = make_guest(&*component, &*start)?;
            guest.write(Box::into_raw(Box::new(made)));
            Ok(())
        })
    }
}

unsafe fn make_guest(component: &Component, start: &StStart) -> Result<Guest, Failed> {
    let exported = component.function(unsafe { start.function.text() }?)?;
    let pre = component.pre.clone().ok_or_else(|| Failed::invalid("a stub has no code to run"))?;
    let seat = component.core.half(component.role).seat()?;
    let limits =
        values::Limits { text_bytes: start.value_bytes as usize, ..values::Limits::default() };
    let plan = Plan {
        pre,
        function: exported.index,
        params: exported.params(unsafe { start.params.text() }?, &limits),
        callbacks: start.callbacks,
        wakes: start.wakes,
        guest_id: start.guest_id,
        memory_limit: start.memory_bytes.min(component.core.memory_bytes),
        cpu_limit_us: start.cpu_us,
        fuel: start.fuel,
        backtraces: start.backtraces != 0,
        limits,
        environment: Arc::new(unsafe { environment(start.environment.as_ref()) }?),
        needs_tokio: component.needs_tokio,
        resident: component.resident.clone(),
    };
    Ok(Guest::new(component.core.clone(), plan, seat))
}

unsafe fn environment(given: Option<&StEnvironment>) -> Result<Environment, Failed> {
    let mut made = Environment::default();
    let Some(given) = given else { return Ok(made) };
    for variable in unsafe { slice(given.variables, given.variables_count) } {
        let (name, value) = unsafe { (variable.name.text()?, variable.value.text()?) };
        made.variables.push((name.to_string(), value.to_string()));
    }
    for host in unsafe { slice(given.hosts, given.hosts_count) } {
        let methods = unsafe { slice(host.methods, host.methods_count) };
        let methods: Result<Vec<String>, Failed> =
            methods.iter().map(|method| Ok(unsafe { method.text() }?.to_string())).collect();
        let pattern = unsafe { host.pattern.text() }?;
        let allowed = AllowedHost::parse(pattern, methods?).map_err(Failed::invalid)?;
        made.allowed_hosts.push(allowed);
    }
    Ok(made)
}

unsafe fn slice<'a, T>(items: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    unsafe { std::slice::from_raw_parts(items, count) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_guest_poll(guest: *mut Guest, poll: *mut StPoll) {
    let polled = catch_unwind(AssertUnwindSafe(|| unsafe { &mut *guest }.poll()));
    unsafe { poll.write(polled.unwrap_or_else(|_| StPoll::host_panic())) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_guest_resume(guest: *mut Guest, trap: u8, text: StView) {
    quietly(|| {
        let text = String::from_utf8_lossy(unsafe { text.bytes() }).into_owned();
        let answer = if trap != 0 { Answer::Trap(text) } else { Answer::Value(text) };
        unsafe { &*guest }.resume(answer);
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_guest_interrupt(guest: *const Guest) {
    quietly(|| unsafe { &*guest }.interrupt());
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_guest_resident_bytes(guest: *const Guest) -> u64 {
    unsafe { &*guest }.resident_bytes()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_guest_free(guest: *mut Guest) {
    unsafe { free(guest) };
}
