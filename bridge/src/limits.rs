// SPDX-License-Identifier: Apache-2.0
//! What one guest may use: memory and tables summed over all its instances. Growth past the limit
//! traps, so that a guest never sees it fail and cannot depend on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::ResourceLimiter;

use crate::config::TABLE_ELEMENTS;
use crate::failure::Broken;

const TABLE_ELEMENT_BYTES: u64 = 16;

pub struct Memory {
    limit: u64,
    used: u64,
    growing: u64,
    beyond_declared: bool,
    /// Of all tables of the guest.
    table_elements: u64,
    /// Linear memory only, read by other threads.
    linear: Arc<AtomicU64>,
}

impl Memory {
    pub fn new(limit: u64, linear: Arc<AtomicU64>) -> Memory {
        Memory { limit, used: 0, growing: 0, beyond_declared: false, table_elements: 0, linear }
    }

    fn grow(&mut self, by: u64, beyond_declared: bool) -> wasmtime::Result<bool> {
        self.beyond_declared = beyond_declared;
        self.growing = 0;
        if beyond_declared {
            return Ok(false);
        }
        let wanted = self.used.saturating_add(by);
        if wanted > self.limit {
            return Err(Broken::MemoryLimit { wanted, limit: self.limit }.into());
        }
        self.used = wanted;
        self.growing = by;
        Ok(true)
    }

    fn grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if self.beyond_declared {
            return Ok(()); // the module's own maximum: the same everywhere
        }
        self.used -= self.growing;
        Err(Broken::Host(format!("no memory for the guest: {error:#}")).into())
    }
}

/// Whether it is the module's own maximum that is passed. A maximum from the limit on may be that
/// of the pool, which must not show.
fn beyond(maximum: Option<usize>, desired: usize, limit: u64) -> bool {
    maximum.is_some_and(|maximum| (maximum as u64) < limit && desired > maximum)
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let by = desired.saturating_sub(current) as u64;
        let grown = self.grow(by, beyond(maximum, desired, self.limit))?;
        if grown {
            self.linear.fetch_add(by, Ordering::Relaxed);
        }
        Ok(grown)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.grow_failed(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let by = desired.saturating_sub(current) as u64;
        let beyond_declared = beyond(maximum, desired, TABLE_ELEMENTS as u64);
        let wanted = self.table_elements.saturating_add(by);
        if !beyond_declared && wanted > TABLE_ELEMENTS as u64 {
            return Err(Broken::TableLimit { wanted, limit: TABLE_ELEMENTS as u64 }.into());
        }
        let grown = self.grow(by.saturating_mul(TABLE_ELEMENT_BYTES), beyond_declared)?;
        if grown {
            self.table_elements = wanted;
        }
        Ok(grown)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.grow_failed(error)
    }

    fn instances(&self) -> usize {
        64
    }
    fn memories(&self) -> usize {
        16
    }
    fn tables(&self) -> usize {
        64
    }
}
