// SPDX-License-Identifier: Apache-2.0
//! Symbols of a guest with DWARF, and names as they stand in the source.

use std::ffi::c_void;
use std::sync::Mutex;

use super::*;
use crate::abi::StView;
use crate::checks::Kind;
use crate::component::Component;
use crate::config::StConfig;
use crate::engines::Engines;
use crate::guest::{Guest, Plan};
use crate::host::{StAnswer, StCall, StCallbacks};
use crate::shared::StWakes;
use crate::wit::{SourceFile, new_component};

const MODULE: &[u8] = include_bytes!("fixtures/guest_with_dwarf.wasm");
const WIT: &str = "package t:p; interface act { step: func() -> result; }
    interface api { run: func() -> result; } world w { import act; export api; }";

extern "C" fn on_call(context: *mut c_void, call: *const StCall, _: *mut StAnswer) {
    let seen = unsafe { &*context.cast::<Mutex<String>>() };
    let mut text = StText::EMPTY;
    let code = unsafe { st_backtrace_render((*call).backtrace, &mut text, std::ptr::null_mut()) };
    assert_eq!(code, 0);
    let bytes = unsafe { Vec::from_raw_parts(text.data, text.size, text.capacity) };
    *seen.lock().unwrap() = String::from_utf8(bytes).unwrap();
}
extern "C" fn no_text(_: *mut c_void, _: u8, _: StView) {}
extern "C" fn no_wake(_: *mut c_void, _: u64) {}

fn engines() -> Engines {
    let config = StConfig {
        cache_directory: StView::EMPTY,
        workflow_guests: 2,
        other_guests: 2,
        memory_bytes: 1 << 20,
        epoch_tick_us: 0,
        blocking_threads: 1,
        allocation: 0,
        fuel: 0,
    };
    Engines::new(&config).unwrap()
}

#[test]
fn symbols_come_from_dwarf() {
    let file = SourceFile { path: "w.wit".into(), text: WIT.into() };
    let binary = new_component(MODULE, &[file], "w").unwrap();
    let engines = engines();
    let component =
        Component::compile(engines.core.clone(), Kind::Workflow, &binary, false).unwrap();
    let seen = Mutex::new(String::new());
    let context: *const Mutex<String> = &seen;
    let context: *mut c_void = context.cast_mut().cast();
    let plan = Plan {
        pre: component.pre.clone().unwrap(),
        function: component.function("t:p/api.run").unwrap().index,
        params: Ok(Vec::new()),
        callbacks: StCallbacks { context, call: on_call, log: no_text, stream: no_text },
        wakes: StWakes { context, woken: no_wake },
        guest_id: 1,
        memory_limit: 1 << 20,
        cpu_limit_us: 0,
        fuel: 0,
        backtraces: true,
        limits: Limits::default(),
        environment: std::sync::Arc::default(),
        needs_tokio: false,
        resident: component.resident.clone(),
    };
    let seat = engines.core.half(component.role).seat().unwrap();
    Guest::new(engines.core.clone(), plan, seat).poll();
    let trace: Value = serde_json::from_str(&seen.lock().unwrap()).unwrap();
    let at = |frame: usize| &trace["frames"][frame]["symbols"][0];
    assert_eq!((&at(0)["func_name"], &at(0)["line"]), (&json!("inner"), &json!(3)), "{trace}");
    assert_eq!((&at(1)["func_name"], &at(1)["line"]), (&json!("run"), &json!(6)), "{trace}");
    assert!(at(0)["file"].as_str().is_some_and(|file| file.ends_with("guest.c")), "{trace}");
    assert!(at(0)["col"].is_u64(), "{trace}");
}

#[test]
fn names_are_demangled() {
    let table = [
        ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"),
        ("_ZN5guest3runEv", "guest::run()"),
        ("plain-name", "plain-name"),
        ("_Znonsense", "_Znonsense"),
        ("", ""),
    ];
    for (mangled, expected) in table {
        assert_eq!(demangled(mangled), expected);
    }
}
