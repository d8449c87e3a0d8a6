// SPDX-License-Identifier: Apache-2.0
//! Stored text to the text that users see, without types: the escapes are told by their `$`.

use super::ValueError;
use super::scan::{Next, Scan, Scanner};

/// `{"$float":…}` becomes `null`, `{"$some":x}` becomes `x`; white space between tokens is
/// dropped.
pub fn to_user(abi: &str) -> Result<String, ValueError> {
    if !abi.contains("\"$") {
        return Ok(abi.to_owned());
    }
    let mut scan = Scanner::new(abi);
    let mut out = String::with_capacity(abi.len());
    let mut open: Vec<u8> = Vec::new();
    while let Some(position) = step(&mut scan, abi, &mut out, &mut open)? {
        scan.go_to(position);
    }
    Ok(out)
}

/// Copies one token. A `$some` wrapper is remembered by 0 in `open` and its brackets are dropped.
fn step(
    scan: &mut Scanner<'_>,
    abi: &str,
    out: &mut String,
    open: &mut Vec<u8>,
) -> Scan<Option<usize>> {
    let byte = scan.byte();
    let start = scan.position();
    match byte {
        0 => return Ok(None),
        b'{' => match escape(abi, start)? {
            Some((true, end)) => {
                out.push_str("null");
                return Ok(Some(end));
            }
            Some((false, end)) => {
                open.push(0);
                return Ok(Some(end));
            }
            None => {
                open.push(byte);
                out.push('{');
            }
        },
        b'}' => {
            if open.pop() != Some(0) {
                out.push('}');
            }
        }
        b'"' => {
            scan.string()?;
            out.push_str(&abi[start..scan.position()]);
            return Ok(Some(scan.position()));
        }
        _ => {
            let rest = abi[start..].char_indices().nth(1).map_or(abi.len(), |(n, _)| start + n);
            out.push_str(&abi[start..rest]);
            return Ok(Some(rest));
        }
    }
    Ok(Some(start + 1))
}

/// At an object: whether it is an escape, of a float (true) or of `some`, and where to go on.
fn escape(abi: &str, start: usize) -> Scan<Option<(bool, usize)>> {
    let mut scan = Scanner::new(abi);
    scan.go_to(start);
    scan.expect(b'{')?;
    if scan.next().ok() != Some(Next::String) {
        return Ok(None);
    }
    match &*scan.key()? {
        "$float" => {
            scan.skip()?;
            scan.expect(b'}')?;
            Ok(Some((true, scan.position())))
        }
        "$some" => Ok(Some((false, scan.position()))),
        _ => Ok(None),
    }
}
