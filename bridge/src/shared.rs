// SPDX-License-Identifier: Apache-2.0
//! What a guest shares with those who wake, resume and interrupt it.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::Wake;

pub enum Answer {
    Value(String),
    Trap(String),
}

/// As PollState in guest.h, for a guest that is neither finished nor failed.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Paused {
    Parked = 0,
    Waiting = 1,
    Yielded = 2,
}

pub struct Shared {
    answer: Mutex<Option<Answer>>,
    paused: AtomicU8,
    pub interrupted: AtomicBool,
    pub linear_bytes: Arc<AtomicU64>,
    /// The epoch in which the poll in hand began.
    epoch: AtomicU64,
    cpu: Cpu,
}

/// Guest computing since the last host call. Only the polling thread writes.
struct Cpu {
    limit_us: u64,
    spent_us: AtomicU64,
    /// Thread CPU time at the start of this slice, 0 if it was not taken.
    slice_start_us: AtomicU64,
    /// 0: taken from the thread's clock; else what one epoch counts for.
    tick_us: u64,
}

impl Shared {
    pub fn new(cpu_limit_us: u64, tick_us: u64) -> Shared {
        Shared {
            answer: Mutex::new(None),
            paused: AtomicU8::new(Paused::Waiting as u8),
            interrupted: AtomicBool::new(false),
            linear_bytes: Arc::new(AtomicU64::new(0)),
            epoch: AtomicU64::new(0),
            cpu: Cpu {
                limit_us: cpu_limit_us,
                spent_us: AtomicU64::new(0),
                slice_start_us: AtomicU64::new(0),
                tick_us,
            },
        }
    }

    pub fn put_answer(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(answer);
    }

    pub fn take_answer(&self) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take()
    }

    pub fn note_parked(&self) {
        self.paused.store(Paused::Parked as u8, Ordering::Relaxed);
    }

    pub fn note_yielded(&self) {
        self.paused.store(Paused::Yielded as u8, Ordering::Relaxed);
    }

    /// Called before a poll: whoever pauses for another reason than ours waits for I/O.
    pub fn poll_begins(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::Relaxed);
        // A slice that is being measured goes on with this thread's clock.
        let measured = self.cpu.slice_start_us.load(Ordering::Relaxed) != 0;
        if measured || self.paused() == Paused::Yielded {
            self.slice_begins();
        }
        self.paused.store(Paused::Waiting as u8, Ordering::Relaxed);
    }

    /// The guest has just been polled: its deadline is an old one, from before it waited.
    pub fn is_fresh(&self, epoch: u64) -> bool {
        self.epoch.load(Ordering::Relaxed) == epoch
    }

    pub fn paused(&self) -> Paused {
        match self.paused.load(Ordering::Relaxed) {
            0 => Paused::Parked,
            1 => Paused::Waiting,
            _ => Paused::Yielded,
        }
    }

    pub fn cpu_restart(&self) {
        self.cpu.spent_us.store(0, Ordering::Relaxed);
        self.cpu.slice_start_us.store(0, Ordering::Relaxed);
    }

    fn slice_begins(&self) {
        if self.cpu.limit_us != 0 && self.cpu.tick_us == 0 {
            self.cpu.slice_start_us.store(thread_cpu_us(), Ordering::Relaxed);
        }
    }

    /// At an epoch check: charges the slice; the limit in microseconds if it is used up.
    pub fn cpu_exceeded(&self, tick_us: u64) -> Option<u64> {
        if self.cpu.limit_us == 0 {
            return None;
        }
        let started = self.cpu.slice_start_us.load(Ordering::Relaxed);
        let slice = match (self.cpu.tick_us, started) {
            (0, 0) => tick_us, // the slice began with a host call: at most one tick ago
            (0, started) => thread_cpu_us().saturating_sub(started),
            (fixed, _) => fixed,
        };
        self.slice_begins();
        let spent = self.cpu.spent_us.fetch_add(slice, Ordering::Relaxed) + slice;
        (spent >= self.cpu.limit_us).then_some(self.cpu.limit_us)
    }
}

fn thread_cpu_us() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    (time.tv_sec as u64) * 1_000_000 + (time.tv_nsec as u64) / 1_000 + 1
}

/// As st_wakes in bridge.h.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StWakes {
    pub context: *mut c_void,
    pub woken: extern "C" fn(*mut c_void, u64),
}

unsafe impl Send for StWakes {}
unsafe impl Sync for StWakes {}

/// The waker of one life of a guest. Ids are never used twice, so an id is its own generation;
/// a waker that outlives its guest is silenced.
pub struct Bell {
    pub wakes: StWakes,
    pub guest_id: u64,
    pub silent: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.silent.load(Ordering::Acquire) {
            (self.wakes.woken)(self.wakes.context, self.guest_id);
        }
    }
}
