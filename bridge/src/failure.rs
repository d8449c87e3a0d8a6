// SPDX-License-Identifier: Apache-2.0
//! How a guest breaks: the errors that we raise inside one, and the sorting of all others.

use std::fmt;

use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// As FailureKind in guest.h.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Trap = 0,
    MemoryLimit = 1,
    StackOverflow = 2,
    Deadline = 3,
    Interrupted = 4,
    Params = 5,
    Result = 6,
    Instantiate = 7,
    Host = 8,
    OutOfFuel = 9,
}

/// Raised by the host inside a guest, to unwind it.
#[derive(Debug)]
pub enum Broken {
    MemoryLimit { wanted: u64, limit: u64 },
    TableLimit { wanted: u64, limit: u64 },
    Deadline { limit_us: u64 },
    Interrupted,
    Trap(String),
    Host(String),
}

impl std::error::Error for Broken {}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::MemoryLimit { wanted, limit } => {
                write!(out, "the guest wants {wanted} bytes of memory, its limit is {limit} bytes")
            }
            Broken::TableLimit { wanted, limit } => write!(
                out,
                "the guest wants {wanted} table elements, its limit is {limit} table elements"
            ),
            Broken::Deadline { limit_us } => write!(
                out,
                "the guest computed for more than {} ms without a host call",
                limit_us / 1000
            ),
            Broken::Interrupted => out.write_str("the guest was interrupted"),
            Broken::Trap(reason) | Broken::Host(reason) => out.write_str(reason),
        }
    }
}

impl Broken {
    fn kind(&self) -> Kind {
        match self {
            Broken::MemoryLimit { .. } | Broken::TableLimit { .. } => Kind::MemoryLimit,
            Broken::Deadline { .. } => Kind::Deadline,
            Broken::Interrupted => Kind::Interrupted,
            Broken::Trap(_) => Kind::Trap,
            Broken::Host(_) => Kind::Host,
        }
    }
}

#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub reason: String,
    pub detail: String,
}

impl Failure {
    pub fn new(kind: Kind, reason: impl Into<String>) -> Failure {
        Failure { kind, reason: reason.into(), detail: String::new() }
    }
}

/// `instantiating`: nothing of the function itself has run yet.
pub fn sort(error: &wasmtime::Error, instantiating: bool) -> Failure {
    let detail = error
        .downcast_ref::<WasmBacktrace>()
        .map(|trace| trace.to_string().trim_end().to_string())
        .unwrap_or_default();
    let (kind, reason) = kind_and_reason(error, instantiating);
    Failure { kind, reason, detail }
}

fn kind_and_reason(error: &wasmtime::Error, instantiating: bool) -> (Kind, String) {
    if let Some(broken) = error.downcast_ref::<Broken>() {
        return (broken.kind(), broken.to_string());
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        let kind = match trap {
            Trap::StackOverflow => Kind::StackOverflow,
            Trap::OutOfFuel => Kind::OutOfFuel,
            _ => Kind::Trap,
        };
        return (kind, trap.to_string());
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return (Kind::Trap, format!("the guest called exit({})", exit.0));
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return (Kind::Host, format!("too many guests at once: {}", error.root_cause()));
    }
    let kind = if instantiating { Kind::Instantiate } else { Kind::Trap };
    (kind, error.root_cause().to_string())
}
