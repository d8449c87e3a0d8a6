// SPDX-License-Identifier: Apache-2.0
//! One guest: a boxed future that owns its Store, polled by the other side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use wasmtime::component::{ComponentExportIndex, InstancePre, Val};
use wasmtime::{Store, UpdateDeadline};

use crate::abi::{StView, panic_text};
use crate::engines::{Core, Seat};
use crate::failure::{Broken, Failure, Kind, sort};
use crate::host::{Host, StCallbacks};
use crate::limits::Memory;
use crate::resident::Resident;
use crate::shared::{Answer, Bell, Shared, StWakes};
use crate::values::{self, Form};
use crate::wasi::{Environment, Wasi};

/// The outcome of a function that returned.
pub struct Finished {
    pub ok: bool,
    pub permanent: bool,
    pub value: String,
}

type Outcome = Result<Finished, Failure>;
type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// As st_poll in bridge.h.
#[repr(C)]
pub struct StPoll {
    state: u8,
    failure_kind: u8,
    ok: u8,
    permanent: u8,
    value: StView,
    reason: StView,
    detail: StView,
}

impl StPoll {
    /// What is said when not even the failure could be told.
    pub fn host_panic() -> StPoll {
        let reason = StView::of(b"the bridge panicked");
        StPoll { state: FAILED, failure_kind: Kind::Host as u8, reason, ..EMPTY_POLL }
    }
}

const FINISHED: u8 = 3;
const FAILED: u8 = 4;

/// What a guest is made of.
pub struct Plan {
    pub pre: InstancePre<Host>,
    pub function: ComponentExportIndex,
    pub params: Result<Vec<Val>, String>,
    pub callbacks: StCallbacks,
    pub wakes: StWakes,
    pub guest_id: u64,
    pub memory_limit: u64,
    pub cpu_limit_us: u64,
    /// 0: no limit; needs a core that meters.
    pub fuel: u64,
    pub backtraces: bool,
    pub limits: values::Limits,
    pub environment: Arc<Environment>,
    pub needs_tokio: bool,
    pub resident: Arc<Resident>,
}

pub struct Guest {
    running: Option<Running>,
    outcome: Option<Outcome>,
    shared: Arc<Shared>,
    bell: Arc<Bell>,
    waker: Waker,
    core: Arc<Core>,
    resident: crate::resident::Sample,
    needs_tokio: bool,
    _seat: Seat,
}

impl Guest {
    pub fn new(core: Arc<Core>, plan: Plan, seat: Seat) -> Guest {
        let shared = Arc::new(Shared::new(plan.cpu_limit_us, core.fixed_tick_us()));
        let bell = Arc::new(Bell {
            wakes: plan.wakes,
            guest_id: plan.guest_id,
            silent: AtomicBool::new(false),
        });
        let waker = Waker::from(bell.clone());
        let needs_tokio = plan.needs_tokio;
        let resident = plan.resident.clone().sample();
        let running = Box::pin(run(core.clone(), plan, shared.clone()));
        Guest {
            running: Some(running),
            outcome: None,
            shared,
            bell,
            waker,
            core,
            resident,
            needs_tokio,
            _seat: seat,
        }
    }

    pub fn poll(&mut self) -> StPoll {
        if self.outcome.is_none() {
            if let Some(outcome) = self.advance() {
                self.outcome = Some(outcome);
                self.stop();
            }
        }
        match &self.outcome {
            Some(Ok(finished)) => finished_poll(finished),
            Some(Err(failure)) => failed_poll(failure),
            None => StPoll { state: self.shared.paused() as u8, ..EMPTY_POLL },
        }
    }

    fn advance(&mut self) -> Option<Outcome> {
        if self.shared.interrupted.load(Ordering::Acquire) {
            return Some(Err(Failure::new(Kind::Interrupted, Broken::Interrupted.to_string())));
        }
        let running = self.running.as_mut()?;
        self.shared.poll_begins(self.core.epoch());
        let measure = self.resident.begin();
        let entered = self.needs_tokio.then(|| self.core.handle().enter());
        let mut context = Context::from_waker(&self.waker);
        let polled = catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut context)));
        drop(entered);
        self.resident.end(measure, &self.shared);
        match polled {
            Ok(Poll::Pending) => None,
            Ok(Poll::Ready(outcome)) => Some(outcome),
            Err(payload) => Some(Err(Failure::new(Kind::Host, panic_text(payload.as_ref())))),
        }
    }

    pub fn resume(&self, answer: Answer) {
        self.shared.put_answer(answer);
    }

    pub fn interrupt(&self) {
        self.shared.interrupted.store(true, Ordering::Release);
        self.core.advance_epochs();
    }

    pub fn resident_bytes(&self) -> u64 {
        self.resident.bytes(self.shared.linear_bytes.load(Ordering::Relaxed))
    }

    /// Drops the future and with it the Store; no guest code runs.
    fn stop(&mut self) {
        self.bell.silent.store(true, Ordering::Release);
        let Some(running) = self.running.take() else {
            return;
        };
        let _entered = self.needs_tokio.then(|| self.core.handle().enter());
        // A destructor of ours that panics must not cross the boundary.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(running)));
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.stop();
    }
}

const EMPTY_POLL: StPoll = StPoll {
    state: 0,
    failure_kind: 0,
    ok: 0,
    permanent: 0,
    value: StView::EMPTY,
    reason: StView::EMPTY,
    detail: StView::EMPTY,
};

fn finished_poll(finished: &Finished) -> StPoll {
    StPoll {
        state: FINISHED,
        ok: finished.ok.into(),
        permanent: finished.permanent.into(),
        value: StView::of(finished.value.as_bytes()),
        ..EMPTY_POLL
    }
}

fn failed_poll(failure: &Failure) -> StPoll {
    StPoll {
        state: FAILED,
        failure_kind: failure.kind as u8,
        reason: StView::of(failure.reason.as_bytes()),
        detail: StView::of(failure.detail.as_bytes()),
        ..EMPTY_POLL
    }
}

async fn run(core: Arc<Core>, plan: Plan, shared: Arc<Shared>) -> Outcome {
    let params = plan.params.map_err(|reason| Failure::new(Kind::Params, reason))?;
    let host = Host {
        callbacks: plan.callbacks,
        memory: Memory::new(plan.memory_limit, shared.linear_bytes.clone()),
        shared,
        limits: plan.limits,
        wasi: Wasi::new(plan.environment),
        backtraces: plan.backtraces,
    };
    let mut store = make_store(&core, plan.pre.engine(), host);
    let fuel = if plan.fuel == 0 { u64::MAX } else { plan.fuel };
    if core.fuel {
        store.set_fuel(fuel).map_err(|error| sort(&error, true))?;
    }
    let outcome = call(&mut store, plan.pre, plan.function, &params).await;
    let value = outcome.map_err(|failure| with_fuel(failure, fuel, &store))?;
    finish(value, &plan.limits)
}

/// Says how much was used up.
fn with_fuel(mut failure: Failure, fuel: u64, store: &Store<Host>) -> Failure {
    if failure.kind == Kind::OutOfFuel {
        let consumed = fuel - store.get_fuel().unwrap_or(0);
        failure.reason = format!("total fuel consumed: {consumed}");
    }
    failure
}

/// Instantiates and calls; answers the function's result if it has one.
async fn call(
    mut store: &mut Store<Host>,
    pre: InstancePre<Host>,
    function: ComponentExportIndex,
    params: &[Val],
) -> Result<Option<Val>, Failure> {
    let instance = pre.instantiate_async(&mut store).await.map_err(|error| sort(&error, true))?;
    let function = instance
        .get_func(&mut store, function)
        .ok_or_else(|| Failure::new(Kind::Instantiate, "the function is not exported"))?;
    // The type was checked when the component was compiled: one result at most.
    let count = function.ty(&store).results().len();
    let mut results = [Val::Bool(false)];
    function
        .call_async(&mut store, params, &mut results[..count])
        .await
        .map_err(|error| sort(&error, false))?;
    let [value] = results;
    Ok((count == 1).then_some(value))
}

fn make_store(core: &Arc<Core>, engine: &wasmtime::Engine, host: Host) -> Store<Host> {
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.memory);
    store.set_epoch_deadline(1);
    let core = core.clone();
    store.epoch_deadline_callback(move |store| {
        let shared = &store.data().shared;
        if shared.interrupted.load(Ordering::Acquire) {
            return Err(Broken::Interrupted.into());
        }
        if core.fixed_tick_us() == 0 && shared.is_fresh(core.epoch()) {
            return Ok(UpdateDeadline::Continue(1));
        }
        if let Some(limit_us) = shared.cpu_exceeded(core.tick_us()) {
            return Err(Broken::Deadline { limit_us }.into());
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(yield_once(shared.clone()))))
    });
    store
}

/// Pending once, without waking anybody: the poller sees `yielded` and comes back by itself.
async fn yield_once(shared: Arc<Shared>) {
    let mut yielded = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        shared.note_yielded();
        Poll::Pending
    })
    .await;
}

/// Splits the function's `result` into its ok or err payload.
fn finish(value: Option<Val>, limits: &values::Limits) -> Outcome {
    let (ok, payload) = match value {
        None => (true, None),
        Some(Val::Result(Ok(payload))) => (true, payload.map(|boxed| *boxed)),
        Some(Val::Result(Err(payload))) => (false, payload.map(|boxed| *boxed)),
        Some(other) => (true, Some(other)),
    };
    let permanent = !ok && is_permanent(payload.as_ref());
    let value = match &payload {
        None => "null".to_string(),
        Some(payload) => values::render_one(payload, Form::Abi, limits)
            .map_err(|error| Failure::new(Kind::Result, error.message))?,
    };
    Ok(Finished { ok, permanent, value })
}

/// Contract 2.5: an `err` whose value is a variant case with `permanent` in its name.
pub fn is_permanent(err: Option<&Val>) -> bool {
    matches!(err, Some(Val::Variant(case, _)) if case.contains("permanent"))
}

#[cfg(test)]
#[path = "guest_tests.rs"]
mod tests;
