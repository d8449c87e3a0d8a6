// SPDX-License-Identifier: Apache-2.0
//! An estimate of what a guest keeps resident. wasmtime does not show where a component's memory
//! lies, so the page faults of some guests are counted while they are polled, and stand for the
//! others of the same component. A pool slot that was used before faults less, because it kept up
//! to KEEP_RESIDENT_BYTES: so much of the largest sample counts for each guest.

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
    peak_bytes: AtomicU64,
}

/// One guest's share.
pub struct Sample {
    component: Arc<Resident>,
    sampled: bool,
    polls: AtomicU64,
    touched: AtomicU64,
}

impl Resident {
    pub fn sample(self: Arc<Resident>) -> Sample {
        let number = self.guests.fetch_add(1, Ordering::Relaxed);
        Sample {
            component: self,
            sampled: number % SAMPLED_ONE_OF == 0,
            polls: AtomicU64::new(0),
            touched: AtomicU64::new(0),
        }
    }
}

impl Sample {
    /// Page faults of this thread so far, for polls that are measured.
    pub fn begin(&self) -> Option<u64> {
        let measured = self.sampled && self.polls.fetch_add(1, Ordering::Relaxed) < POLLS_MEASURED;
        measured.then(thread_page_faults)
    }

    pub fn end(&self, begun: Option<u64>, shared: &Shared) {
        let Some(begun) = begun else { return };
        let faulted = thread_page_faults().saturating_sub(begun) * PAGE_BYTES;
        let linear = shared.linear_bytes.load(Ordering::Relaxed);
        let touched = (self.touched.load(Ordering::Relaxed) + faulted).min(linear);
        self.touched.store(touched, Ordering::Relaxed);
        self.component.peak_bytes.fetch_max(touched, Ordering::Relaxed);
        let mean = self.component.mean_bytes.load(Ordering::Relaxed);
        let next = if mean == 0 { touched } else { mean - mean / 8 + touched / 8 };
        self.component.mean_bytes.store(next, Ordering::Relaxed);
    }

    pub fn bytes(&self, linear: u64) -> u64 {
        let peak = self.component.peak_bytes.load(Ordering::Relaxed);
        let kept = peak.min(KEEP_RESIDENT_BYTES as u64);
        let touched = if self.sampled { &self.touched } else { &self.component.mean_bytes };
        touched.load(Ordering::Relaxed).max(kept).min(linear)
    }
}

fn thread_page_faults() -> u64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &mut usage) };
    (usage.ru_minflt + usage.ru_majflt) as u64
}
