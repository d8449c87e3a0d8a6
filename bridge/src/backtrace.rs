// SPDX-License-Identifier: Apache-2.0
//! Where a guest stands in a host call: what it said itself, or its stack, read only when asked.

use serde_json::{Value, json};
use wasmtime::component::Val;
use wasmtime::{FrameInfo, FrameSymbol, StoreContext, WasmBacktrace};

use crate::abi::{Failed, StText, entry};
use crate::host::Host;
use crate::values::{self, Form, Limits};

/// The backtrace of the call in hand; lives while the callback runs.
pub struct Backtrace<'a> {
    /// A `wasm-backtrace` of an interpreted language; it wins.
    pub given: Option<&'a Val>,
    pub store: StoreContext<'a, Host>,
}

impl Backtrace<'_> {
    fn render(&self) -> Result<String, Failed> {
        if let Some(given) = self.given {
            return values::render_one(given, Form::User, &Limits::default())
                .map_err(|error| Failed::invalid(error.message));
        }
        let trace = WasmBacktrace::force_capture(&self.store);
        let frames: Vec<Value> = trace.frames().iter().map(frame).collect();
        Ok(json!({ "frames": frames }).to_string())
    }
}

fn frame(frame: &FrameInfo) -> Value {
    let symbols: Vec<Value> = frame.symbols().iter().map(symbol).collect();
    json!({
        "module": frame.module().name(),
        "func_name": frame.func_name().map(demangled),
        "symbols": symbols,
    })
}

fn symbol(symbol: &FrameSymbol) -> Value {
    json!({
        "func_name": symbol.name().map(demangled),
        "file": symbol.file(),
        "line": symbol.line(),
        "col": symbol.column(),
    })
}

/// A name as it stands in the source, of Rust without its hash.
fn demangled(name: &str) -> String {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}");
    }
    let symbol = cpp_demangle::Symbol::new(name).ok();
    symbol.and_then(|symbol| symbol.demangle().ok()).unwrap_or_else(|| name.to_owned())
}

/// Renders where the guest stands.
///
/// # Safety
/// `backtrace` comes from the st_call of a callback that has not returned; `text` and `error` are
/// writable and hold nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_backtrace_render(
    backtrace: *const Backtrace<'_>,
    text: *mut StText,
    error: *mut StText,
) -> i32 {
    unsafe {
        entry(error, || {
            let rendered = (*backtrace).render()?;
            text.write(StText::new(rendered));
            Ok(())
        })
    }
}

#[cfg(test)]
#[path = "backtrace_tests.rs"]
mod tests;
