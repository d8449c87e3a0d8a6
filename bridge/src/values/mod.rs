// SPDX-License-Identifier: Apache-2.0
//! Component values as JSON text and back, checked against their types, and their hash.
//!
//! `Form::User` is what users write and see. `Form::Abi` is the stored form: the same, except that
//! what JSON cannot carry is escaped by objects whose only key begins with `$`, which no record
//! field, case or flag can: `{"$float":"nan"}`, `{"$float":"inf"}`, `{"$float":"-inf"}`, and
//! `{"$some":x}` for the `some` of an option directly in an option.

mod blake;
mod hash;
mod numbers;
mod parse;
mod render;
mod scan;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_random;
#[cfg(test)]
mod tests_refusals;
mod type_text;

use wasmtime::component::{ResourceAny, Type, Val};

pub use hash::hash;

/// Which text form is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Abi,
    User,
}

/// Bounds that are checked before and while values are converted.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub text_bytes: usize,
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { text_bytes: 4 << 20, depth: 64 }
    }
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not JSON.
    Syntax,
    /// The JSON does not fit the type.
    Mismatch,
    /// A limit is exceeded.
    Limit,
    /// The value or type cannot be written as JSON at all.
    Unsupported,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    pub kind: ErrorKind,
    pub message: String,
}

impl ValueError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> ValueError {
        ValueError { kind, message: message.into() }
    }
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// The values as a JSON array.
pub fn render(vals: &[Val], form: Form, limits: &Limits) -> Result<String, ValueError> {
    let mut writer = render::Writer::new(form, limits);
    writer.array(vals.iter())?;
    writer.finish()
}

/// One value as JSON.
pub fn render_one(val: &Val, form: Form, limits: &Limits) -> Result<String, ValueError> {
    let mut writer = render::Writer::new(form, limits);
    writer.value(val)?;
    writer.finish()
}

/// A JSON array as the parameters of a function. `types` are (name, type) in order.
pub fn parse_params(
    types: &[(String, Type)],
    json: &str,
    form: Form,
    limits: &Limits,
) -> Result<Vec<Val>, ValueError> {
    parse::params(types, json, form, limits)
}

/// One JSON value as a value of `ty`. `own` makes a join-set handle of its number (ABI form only).
pub fn parse_one(
    ty: &Type,
    json: &str,
    form: Form,
    limits: &Limits,
    own: &mut dyn FnMut(u32) -> Result<ResourceAny, ValueError>,
) -> Result<Val, ValueError> {
    parse::one(ty, json, form, limits, own)
}

/// An `own` for texts that may not hold handles.
pub fn no_handles(_number: u32) -> Result<ResourceAny, ValueError> {
    Err(ValueError::new(ErrorKind::Unsupported, "a join-set handle cannot be passed here"))
}
