// SPDX-License-Identifier: Apache-2.0
//! Plain C types that cross the boundary, and the guard that keeps panics on this side of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes that the other side owns and that stay valid for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StView {
    pub data: *const u8,
    pub size: usize,
}

impl StView {
    pub const EMPTY: StView = StView { data: std::ptr::null(), size: 0 };

    pub fn of(bytes: &[u8]) -> StView {
        StView { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// # Safety
    /// `data` must point to `size` readable bytes for `'a`, or `size` is 0.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.size == 0 || self.data.is_null() {
            return &[];
        }
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    /// # Safety
    /// As for [`StView::bytes`].
    pub unsafe fn text<'a>(self) -> Result<&'a str, Failed> {
        std::str::from_utf8(unsafe { self.bytes() })
            .map_err(|_| Failed::invalid("the text is not UTF-8"))
    }
}

/// Bytes that this side allocated; the other side gives them back with `st_text_free`.
#[repr(C)]
pub struct StText {
    pub data: *mut u8,
    pub size: usize,
    pub capacity: usize,
}

impl StText {
    pub const EMPTY: StText = StText { data: std::ptr::null_mut(), size: 0, capacity: 0 };

    pub fn new(text: impl Into<Vec<u8>>) -> StText {
        let mut bytes = std::mem::ManuallyDrop::new(text.into());
        StText { data: bytes.as_mut_ptr(), size: bytes.len(), capacity: bytes.capacity() }
    }
}

/// An operating error: a code of src/base/error.h and its reason.
#[derive(Debug, Clone)]
pub struct Failed {
    pub code: i32,
    pub reason: String,
}

pub const OK: i32 = 0;
pub const INVALID_ARGUMENT: i32 = 3;
pub const NOT_FOUND: i32 = 5;
pub const RESOURCE_EXHAUSTED: i32 = 8;
pub const INTERNAL: i32 = 13;

impl Failed {
    pub fn new(code: i32, reason: impl Into<String>) -> Failed {
        Failed { code, reason: reason.into() }
    }

    pub fn invalid(reason: impl Into<String>) -> Failed {
        Failed::new(INVALID_ARGUMENT, reason)
    }

    pub fn internal(reason: impl Into<String>) -> Failed {
        Failed::new(INTERNAL, reason)
    }
}

/// What a panic said.
pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| text.to_string())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into());
    format!("the bridge panicked: {text}")
}

/// Runs one entry: 0, or a code with its reason written to `error` (which may be null).
///
/// # Safety
/// `error` must be null or point to a writable StText that holds nothing to be freed.
pub unsafe fn entry(error: *mut StText, body: impl FnOnce() -> Result<(), Failed>) -> i32 {
    let failed = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OK,
        Ok(Err(failed)) => failed,
        Err(payload) => Failed::internal(panic_text(payload.as_ref())),
    };
    if !error.is_null() {
        unsafe { error.write(StText::new(failed.reason)) };
    }
    failed.code
}

/// # Safety
/// `text` must be null or a value that this library wrote and that was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn st_text_free(text: *mut StText) {
    let Some(text) = (unsafe { text.as_mut() }) else {
        return;
    };
    if !text.data.is_null() {
        drop(unsafe { Vec::from_raw_parts(text.data, text.size, text.capacity) });
    }
    *text = StText::EMPTY;
}
