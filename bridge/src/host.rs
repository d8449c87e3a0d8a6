// SPDX-License-Identifier: Apache-2.0
//! What lies in a guest's Store, and the dispatch of its calls to the host.

use std::ffi::c_void;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use wasmtime::component::{Resource, ResourceAny, Type, Val};
use wasmtime::{AsContext, AsContextMut, StoreContextMut};

use crate::abi::{Failed, StText, StView, entry};
use crate::backtrace::Backtrace;
use crate::failure::Broken;
use crate::limits::Memory;
use crate::shared::{Answer, Shared};
use crate::values::{self, ErrorKind, Form, ValueError};
use crate::wasi::Wasi;

pub const NO_HANDLE: u32 = u32::MAX;
pub const DROP_JOIN_SET: u32 = u32::MAX;

/// Marks the host's resource `join-set`; the handle's representation is the number of the set.
pub struct JoinSet;

/// As st_call in bridge.h.
#[repr(C)]
pub struct StCall {
    import: u32,
    handle: u32,
    hash: [u8; 16],
    params: *const Params<'static>,
    pub backtrace: *const Backtrace<'static>,
}

/// The parameters of the call in hand; lives while the callback runs.
pub struct Params<'a> {
    values: &'a [Val],
    limits: &'a values::Limits,
}

/// As st_answer in bridge.h.
#[repr(C)]
pub struct StAnswer {
    kind: u8,
    text: StView,
}

const ANSWERED: u8 = 0;
const PENDING: u8 = 1;

/// As st_callbacks in bridge.h.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StCallbacks {
    pub context: *mut c_void,
    pub call: extern "C" fn(*mut c_void, *const StCall, *mut StAnswer),
    pub log: extern "C" fn(*mut c_void, u8, StView),
    pub stream: extern "C" fn(*mut c_void, u8, StView),
}

// The contract of bridge.h: the context may be used by whichever thread polls the guest.
unsafe impl Send for StCallbacks {}
unsafe impl Sync for StCallbacks {}

/// One imported function, prepared when the component is linked.
pub struct Import {
    pub index: u32,
    pub takes_handle: bool,
    /// The last parameter is the guest's own backtrace: no part of what the host is asked.
    pub takes_backtrace: bool,
    pub result: Option<Type>,
}

pub struct Host {
    pub callbacks: StCallbacks,
    pub shared: Arc<Shared>,
    pub memory: Memory,
    pub limits: values::Limits,
    pub wasi: Wasi,
    pub backtraces: bool,
}

type Store<'a> = StoreContextMut<'a, Host>;

/// Asks the host; parks until `resume` where the answer is pending.
pub async fn call(
    mut store: Store<'_>,
    import: Arc<Import>,
    args: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    let mut question = Question { handle: NO_HANDLE, values: args, given: None };
    if import.takes_backtrace {
        (question.given, question.values) = take_backtrace(question.values)?;
    }
    // Borrowed handles become numbers before the first await.
    if import.takes_handle {
        question.handle = take_handle(&mut store, question.values.first())?;
        question.values = &question.values[1..];
    }
    if ask(&mut store, &import, &question, results)? {
        return Ok(());
    }
    let answer = parked(store.data().shared.clone()).await;
    store.set_epoch_deadline(1);
    match answer {
        Answer::Value(text) => finish(&mut store, &import, &text, results),
        Answer::Trap(reason) => Err(Broken::Trap(reason).into()),
    }
}

/// The destructor of a join-set handle: a call that may suspend.
pub async fn drop_join_set(mut store: Store<'_>, number: u32) -> wasmtime::Result<()> {
    let import =
        Import { index: DROP_JOIN_SET, takes_handle: true, takes_backtrace: false, result: None };
    let question = Question { handle: number, values: &[], given: None };
    if ask(&mut store, &import, &question, &mut [])? {
        return Ok(());
    }
    let answer = parked(store.data().shared.clone()).await;
    store.set_epoch_deadline(1);
    match answer {
        Answer::Value(_) => Ok(()),
        Answer::Trap(reason) => Err(Broken::Trap(reason).into()),
    }
}

/// What the guest asks: the values without handle and backtrace.
struct Question<'a> {
    handle: u32,
    values: &'a [Val],
    given: Option<&'a Val>,
}

/// True if the answer came at once and is in `results`.
fn ask(
    store: &mut Store<'_>,
    import: &Import,
    question: &Question<'_>,
    results: &mut [Val],
) -> wasmtime::Result<bool> {
    let host = store.data();
    host.shared.cpu_restart();
    let callbacks = host.callbacks;
    let backtrace = Backtrace { given: question.given, store: store.as_context() };
    let params = Params { values: question.values, limits: &host.limits };
    let call = StCall {
        import: import.index,
        handle: question.handle,
        hash: values::hash(question.values),
        params: (&raw const params).cast(),
        backtrace: if host.backtraces { (&raw const backtrace).cast() } else { std::ptr::null() },
    };
    let mut answer = StAnswer { kind: PENDING, text: StView::EMPTY };
    (callbacks.call)(callbacks.context, &call, &mut answer);
    if answer.kind == PENDING {
        return Ok(false);
    }
    // Safety: bridge.h says that the text stays until the next callback of this guest.
    let text = unsafe { answer.text.text() }.map_err(|failed| Broken::Host(failed.reason))?;
    if answer.kind != ANSWERED {
        return Err(Broken::Trap(text.to_string()).into());
    }
    finish(store, import, text, results)?;
    Ok(true)
}

async fn parked(shared: Arc<Shared>) -> Answer {
    poll_fn(move |_| match shared.take_answer() {
        Some(answer) => Poll::Ready(answer),
        None => {
            shared.note_parked();
            Poll::Pending
        }
    })
    .await
}

/// Turns the answer's text into the call's result.
fn finish(
    store: &mut Store<'_>,
    import: &Import,
    text: &str,
    results: &mut [Val],
) -> wasmtime::Result<()> {
    let (Some(ty), Some(slot)) = (&import.result, results.first_mut()) else {
        return Ok(());
    };
    if let Some(value) = scalar(ty, text) {
        *slot = value;
        return Ok(());
    }
    let limits = values::Limits { ..store.data().limits };
    let mut own = |number: u32| own_join_set(store, number);
    *slot = values::parse_one(ty, text, Form::Abi, &limits, &mut own)
        .map_err(|error| Broken::Host(format!("the host's answer: {}", error.message)))?;
    Ok(())
}

fn own_join_set(store: &mut Store<'_>, number: u32) -> Result<ResourceAny, ValueError> {
    Resource::<JoinSet>::new_own(number).try_into_resource_any(store.as_context_mut()).map_err(
        |error| ValueError::new(ErrorKind::Mismatch, format!("join-set handle: {error:#}")),
    )
}

/// The common small results, without a look at the general parser.
fn scalar(ty: &Type, text: &str) -> Option<Val> {
    match ty {
        Type::U64 => digits(text).map(Val::U64),
        Type::U32 => digits(text).and_then(|value| value.try_into().ok()).map(Val::U32),
        _ => None,
    }
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty()
        && text.len() <= 19
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    plain.then(|| text.bytes().fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0')))
}

/// The backtrace that the guest gave as its last parameter, and the parameters before it.
fn take_backtrace(args: &[Val]) -> wasmtime::Result<(Option<&Val>, &[Val])> {
    match args.split_last() {
        Some((Val::Option(given), values)) => Ok((given.as_deref(), values)),
        _ => Err(Broken::Host("the last parameter is no backtrace".into()).into()),
    }
}

fn take_handle(store: &mut Store<'_>, value: Option<&Val>) -> wasmtime::Result<u32> {
    let Some(Val::Resource(resource)) = value else {
        return Err(Broken::Host("the first parameter is no join-set handle".into()).into());
    };
    let handle: Resource<JoinSet> = resource.try_into_resource(store.as_context_mut())?;
    Ok(handle.rep())
}

/// Renders the parameters of the call in hand.
///
/// # Safety
/// `params` comes from the st_call of a callback that has not returned; `text` and `error` are
/// writable and hold nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_params_render(
    params: *const Params<'_>,
    text: *mut StText,
    error: *mut StText,
) -> i32 {
    unsafe {
        entry(error, || {
            let params = &*params;
            let rendered = values::render(params.values, Form::Abi, params.limits)
                .map_err(|error| Failed::invalid(error.message))?;
            text.write(StText::new(rendered));
            Ok(())
        })
    }
}
