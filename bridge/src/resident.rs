// SPDX-License-Identifier: Apache-2.0
//! An estimate of what a guest keeps resident. wasmtime does not show where a component's memory
//! lies, so the page faults of some guests are counted while they are polled, and their mean stands
//! for the others of the same component.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::KEEP_RESIDENT_BYTES;
use crate::shared::Shared;

const SAMPLED_ONE_OF: u64 = 16;
/// Most pages are touched at the start; later polls are too short to be measured each time.
const POLLS_MEASURED: u64 = 64;
const PAGE_BYTES: u64 = 4096;

#[derive(Default)]
pub struct Resident {
    guests: AtomicU64,
    mean_bytes: AtomicU64,
}

/// One guest's share.
pub struct Sample {
    component: Arc<Resident>,
    sampled: bool,
    polls: AtomicU64,
    bytes: AtomicU64,
}

impl Resident {
    pub fn sample(self: Arc<Resident>) -> Sample {
        let number = self.guests.fetch_add(1, Ordering::Relaxed);
        Sample {
            component: self,
            sampled: number % SAMPLED_ONE_OF == 0,
            polls: AtomicU64::new(0),
            bytes: AtomicU64::new(KEEP_RESIDENT_BYTES as u64),
        }
    }
}

impl Sample {
    /// Page faults of this thread so far, for guests that are sampled.
    pub fn begin(&self) -> Option<u64> {
        let measured = self.sampled && self.polls.fetch_add(1, Ordering::Relaxed) < POLLS_MEASURED;
        measured.then(thread_page_faults)
    }

    pub fn end(&self, begun: Option<u64>, shared: &Shared) {
        let Some(begun) = begun else { return };
        let touched = thread_page_faults().saturating_sub(begun) * PAGE_BYTES;
        let linear = shared.linear_bytes.load(Ordering::Relaxed);
        let bytes = (self.bytes.load(Ordering::Relaxed) + touched).min(linear);
        self.bytes.store(bytes, Ordering::Relaxed);
        let mean = self.component.mean_bytes.load(Ordering::Relaxed);
        let next = if mean == 0 { bytes } else { mean - mean / 8 + bytes / 8 };
        self.component.mean_bytes.store(next, Ordering::Relaxed);
    }

    pub fn bytes(&self, linear: u64) -> u64 {
        let own = self.bytes.load(Ordering::Relaxed);
        let mean = self.component.mean_bytes.load(Ordering::Relaxed);
        (if self.sampled { own } else { mean.max(PAGE_BYTES) }).min(linear)
    }
}

fn thread_page_faults() -> u64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &mut usage) };
    (usage.ru_minflt + usage.ru_majflt) as u64
}
