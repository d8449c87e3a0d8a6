// SPDX-License-Identifier: Apache-2.0
//! What cannot be reached through the C ABI: a panic of ours inside a guest.

use std::ffi::c_void;

use wasmtime::component::{Component, Linker};

use super::*;
use crate::abi::StView;
use crate::config::{Role, StConfig};
use crate::engines::Engines;
use crate::host::{StAnswer, StCall};

extern "C" fn no_call(_: *mut c_void, _: *const StCall, _: *mut StAnswer) {}
extern "C" fn no_text(_: *mut c_void, _: u8, _: StView) {}
extern "C" fn no_wake(_: *mut c_void, _: u64) {}

const GUEST: &str = r#"(component
  (import "boom" (func $boom))
  (core func $boom (canon lower (func $boom)))
  (core module $m (import "" "boom" (func $boom)) (func (export "run") (call $boom)))
  (core instance $c (instantiate $m (with "" (instance (export "boom" (func $boom))))))
  (func (export "run") (canon lift (core func $c "run"))))"#;

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

fn guest(engines: &Engines, boom: fn()) -> Guest {
    let half = engines.core.half(Role::Workflow);
    let component = Component::new(&half.engine, GUEST).unwrap();
    let mut linker: Linker<Host> = Linker::new(&half.engine);
    linker
        .root()
        .func_wrap("boom", move |_, ()| {
            boom();
            Ok(())
        })
        .unwrap();
    let context = std::ptr::null_mut();
    let plan = Plan {
        pre: linker.instantiate_pre(&component).unwrap(),
        function: component.get_export_index(None, "run").unwrap(),
        params: Ok(Vec::new()),
        callbacks: StCallbacks { context, call: no_call, log: no_text, stream: no_text },
        wakes: StWakes { context, woken: no_wake },
        guest_id: 1,
        memory_limit: 1 << 20,
        cpu_limit_us: 0,
        fuel: 0,
        backtraces: false,
        limits: values::Limits::default(),
        environment: Arc::default(),
        needs_tokio: false,
        resident: Arc::default(),
    };
    Guest::new(engines.core.clone(), plan, half.seat().unwrap())
}

#[test]
fn a_panicked_guest_is_dropped_and_stays_failed() {
    let engines = engines();
    let mut broken = guest(&engines, || panic!("a bug of ours"));
    for _ in 0..2 {
        let poll = broken.poll();
        assert_eq!(poll.state, FAILED);
        assert_eq!(poll.failure_kind, Kind::Host as u8);
        let reason = unsafe { poll.reason.text() }.unwrap();
        assert!(reason.contains("a bug of ours"), "{reason}");
    }
    assert!(broken.running.is_none());
    drop(broken);
    // The pool and the engine are as good as before.
    for _ in 0..10 {
        assert_eq!(guest(&engines, || ()).poll().state, FINISHED);
    }
}
