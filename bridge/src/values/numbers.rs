// SPDX-License-Identifier: Apache-2.0
//! Numbers of JSON as integers and floats, without loss.

use std::borrow::Cow;

use wasmtime::component::{Type, Val};

use super::Form;
use super::parse::Parser;
use super::scan::{Next, Scan, is_integer};

/// The largest integer up to which every integer is a float of its own.
const FLOAT_EXACT: f64 = 9_007_199_254_740_991.0;

impl<'a> Parser<'a, '_> {
    pub(super) fn integer<T: TryFrom<i128>>(&mut self, ty: &Type, wrap: fn(T) -> Val) -> Scan<Val> {
        self.require(Next::Number, ty)?;
        let start = self.scan.position();
        let number = self.scan.number()?;
        let value = if is_integer(number) {
            number.parse::<i128>().ok()
        } else {
            let float: f64 = number.parse().unwrap_or(f64::NAN);
            let exact = float.fract() == 0.0 && float.abs() <= FLOAT_EXACT;
            exact.then_some(float as i128)
        };
        match value.and_then(|value| T::try_from(value).ok()) {
            Some(value) => Ok(wrap(value)),
            None => {
                self.scan.go_to(start);
                self.wrong("value", ty)
            }
        }
    }

    /// The escaped form of what is no JSON number.
    fn not_finite(&mut self, ty: &Type) -> Scan<f64> {
        let start = self.scan.position();
        let found = self.escaped_float()?;
        match found.as_deref() {
            Some("nan") => Ok(f64::NAN),
            Some("inf") => Ok(f64::INFINITY),
            Some("-inf") => Ok(f64::NEG_INFINITY),
            _ => {
                self.scan.go_to(start);
                self.wrong_type(ty)
            }
        }
    }

    fn escaped_float(&mut self) -> Scan<Option<Cow<'a, str>>> {
        self.scan.expect(b'{')?;
        if self.scan.byte() != b'"' || self.scan.key()? != "$float" || self.scan.byte() != b'"' {
            return Ok(None);
        }
        let name = self.scan.string()?;
        self.scan.expect(b'}')?;
        Ok(Some(name))
    }

    fn escapes(&mut self) -> bool {
        self.form == Form::Abi && self.scan.byte() == b'{'
    }

    pub(super) fn float64(&mut self, ty: &Type) -> Scan<Val> {
        if self.escapes() {
            return self.not_finite(ty).map(Val::Float64);
        }
        self.require(Next::Number, ty)?;
        let start = self.scan.position();
        let number = self.scan.number()?;
        let value: f64 = number.parse().unwrap_or(f64::NAN);
        if value.is_finite() && exact_integer(number, value) {
            return Ok(Val::Float64(value));
        }
        self.scan.go_to(start);
        self.wrong("value", ty)
    }

    pub(super) fn float32(&mut self, ty: &Type) -> Scan<Val> {
        if self.escapes() {
            return self.not_finite(ty).map(|value| Val::Float32(value as f32));
        }
        self.require(Next::Number, ty)?;
        let start = self.scan.position();
        let number = self.scan.number()?;
        let value: f32 = number.parse().unwrap_or(f32::NAN);
        let wide: f64 = number.parse().unwrap_or(f64::NAN);
        let kept = f64::from(value) == wide || format!("{value:?}").parse() == Ok(wide);
        if value.is_finite() && kept && exact_integer(number, f64::from(value)) {
            return Ok(Val::Float32(value));
        }
        self.scan.go_to(start);
        self.wrong("value", ty)
    }
}

/// True unless `number` is an integer that `value` does not hold exactly. Integers beyond 64 bits
/// count as floats.
fn exact_integer(number: &str, value: f64) -> bool {
    let Some(integer) = is_integer(number).then(|| number.parse::<i128>().ok()).flatten() else {
        return true;
    };
    let wide = integer > i128::from(u64::MAX) || integer < i128::from(i64::MIN);
    wide || value as i128 == integer
}
