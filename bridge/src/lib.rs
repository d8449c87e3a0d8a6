// SPDX-License-Identifier: Apache-2.0
//! Guests of Stele over wasmtime, behind the plain C ABI of include/bridge.h.

mod abi;
