// SPDX-License-Identifier: Apache-2.0
//! Guests of Stele over wasmtime, behind the plain C ABI of include/bridge.h.

mod abi;
mod backtrace;
mod cache;
mod checks;
mod component;
mod config;
mod engines;
mod entries;
mod failure;
mod guest;
mod host;
mod http;
mod limits;
mod link;
mod resident;
mod shared;
mod stubs;
mod values;
mod wasi;
mod wire;
mod wit;
