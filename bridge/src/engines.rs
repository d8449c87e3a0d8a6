// SPDX-License-Identifier: Apache-2.0
//! The two engines, their epochs, the tokio runtime that serves WASI, and the seats of guests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Handle, Runtime};
use wasmtime::Engine;

use crate::abi::{Failed, RESOURCE_EXHAUSTED};
use crate::cache::{Cache, Counters};
use crate::config::{Made, Role, StConfig, make_engine};

/// What one epoch counts for when ticks are given by hand.
const FIXED_TICK_US: u64 = 10_000;

pub struct Core {
    workflow: Half,
    other: Half,
    runtime: Option<Runtime>,
    pub cache: Option<Cache>,
    pub counters: Counters,
    ticks: AtomicU64,
    tick_us: u64,
    /// Whether guests are metered.
    pub fuel: bool,
    /// The largest memory that a pool slot can hold.
    pub memory_bytes: u64,
    stopping: AtomicBool,
}

/// One engine with its seats.
pub struct Half {
    pub engine: Engine,
    pub pooled: bool,
    guests_max: usize,
    seated: Arc<AtomicUsize>,
}

/// A guest's place in the pool of its engine.
pub struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Half {
    fn new(made: Made) -> Half {
        let seated = Arc::new(AtomicUsize::new(0));
        Half { engine: made.engine, pooled: made.pooled, guests_max: made.guests_max, seated }
    }

    pub fn seat(&self) -> Result<Seat, Failed> {
        if self.seated.fetch_add(1, Ordering::AcqRel) < self.guests_max {
            return Ok(Seat(self.seated.clone()));
        }
        self.seated.fetch_sub(1, Ordering::AcqRel);
        let reason = format!("all {} places for guests are taken", self.guests_max);
        Err(Failed::new(RESOURCE_EXHAUSTED, reason))
    }
}

impl Core {
    fn new(config: &StConfig) -> Result<Core, Failed> {
        let directory = unsafe { config.cache_directory.text() }?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(config.blocking_threads.clamp(1, 512) as usize)
            .thread_name("stele-wasi")
            .enable_all()
            .build()
            .map_err(|error| Failed::internal(format!("no tokio runtime: {error}")))?;
        Ok(Core {
            workflow: Half::new(make_engine(Role::Workflow, config)?),
            other: Half::new(make_engine(Role::Other, config)?),
            runtime: Some(runtime),
            cache: (!directory.is_empty()).then(|| Cache::open(Path::new(directory))).flatten(),
            counters: Counters::default(),
            ticks: AtomicU64::new(0),
            tick_us: u64::from(config.epoch_tick_us.min(FIXED_TICK_US as u32)),
            fuel: config.fuel != 0,
            memory_bytes: config.memory_bytes,
            stopping: AtomicBool::new(false),
        })
    }

    pub fn half(&self, role: Role) -> &Half {
        match role {
            Role::Workflow => &self.workflow,
            Role::Other => &self.other,
        }
    }

    pub fn handle(&self) -> &Handle {
        self.runtime.as_ref().expect("only Drop takes the runtime").handle()
    }

    pub fn advance_epochs(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        self.workflow.engine.increment_epoch();
        self.other.engine.increment_epoch();
    }

    /// How often the epochs were advanced.
    pub fn epoch(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    /// Microseconds between two epochs.
    pub fn tick_us(&self) -> u64 {
        if self.tick_us == 0 { FIXED_TICK_US } else { self.tick_us }
    }

    /// 0, or what each epoch counts for because ticks are given by hand.
    pub fn fixed_tick_us(&self) -> u64 {
        if self.tick_us == 0 { FIXED_TICK_US } else { 0 }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub struct Engines {
    pub core: Arc<Core>,
    ticker: Option<JoinHandle<()>>,
}

impl Engines {
    pub fn new(config: &StConfig) -> Result<Engines, Failed> {
        // Two rustls providers could be compiled in; ours is chosen once for the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let core = Arc::new(Core::new(config)?);
        let ticker = if core.tick_us == 0 { None } else { Some(start_ticker(core.clone())?) };
        Ok(Engines { core, ticker })
    }
}

fn start_ticker(core: Arc<Core>) -> Result<JoinHandle<()>, Failed> {
    let tick = Duration::from_micros(core.tick_us);
    std::thread::Builder::new()
        .name("stele-epoch".into())
        .spawn(move || {
            while !core.stopping.load(Ordering::Acquire) {
                std::thread::park_timeout(tick);
                core.advance_epochs();
            }
        })
        .map_err(|error| Failed::internal(format!("no epoch thread: {error}")))
}

impl Drop for Engines {
    fn drop(&mut self) {
        self.core.stopping.store(true, Ordering::Release);
        if let Some(ticker) = self.ticker.take() {
            ticker.thread().unpark();
            let _ = ticker.join();
        }
    }
}
