// SPDX-License-Identifier: Apache-2.0
//! What each kind of type says to a JSON value that is not its own.

use super::tests::{parse, types};
use super::{ErrorKind, Form, Limits, no_handles, parse_one, parse_params};

/// The whole table is printed at once where a row differs.
fn check(table: &[(&str, &str, &str)]) {
    let mut wrong = String::new();
    for (ty, json, expected) in table {
        let said = match parse(ty, json, Form::User) {
            Ok(val) => format!("accepted as {val:?}"),
            Err(error) => error.message,
        };
        if said != *expected {
            wrong += &format!("{ty} {json}\n  {said}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn scalars() {
    check(&[
        ("bool", "1", "invalid type: integer `1`, expected value matching \"bool\""),
        ("bool", "\"true\"", "invalid type: string \"true\", expected value matching \"bool\""),
        ("bool", "null", "invalid type: null, expected value matching \"bool\""),
        ("u16", "65536", "invalid value: integer `65536`, expected value matching \"u16\""),
        (
            "u32",
            "4294967296",
            "invalid value: integer `4294967296`, expected value matching \"u32\"",
        ),
        ("u32", "-1", "invalid value: integer `-1`, expected value matching \"u32\""),
        (
            "u64",
            "18446744073709551616",
            "invalid value: integer `18446744073709551616`, expected value matching \"u64\"",
        ),
        ("u64", "-1.0", "invalid value: floating point `-1.0`, expected value matching \"u64\""),
        ("s8", "128", "invalid value: integer `128`, expected value matching \"s8\""),
        ("s8", "-129", "invalid value: integer `-129`, expected value matching \"s8\""),
        ("s16", "32768", "invalid value: integer `32768`, expected value matching \"s16\""),
        (
            "s32",
            "2147483648",
            "invalid value: integer `2147483648`, expected value matching \"s32\"",
        ),
        (
            "s64",
            "9223372036854775808",
            "invalid value: integer `9223372036854775808`, expected value matching \"s64\"",
        ),
        ("s64", "0.5", "invalid value: floating point `0.5`, expected value matching \"s64\""),
        (
            "s64",
            "-9007199254740992.0",
            "invalid value: floating point `-9007199254740992.0`, expected value matching \"s64\"",
        ),
        ("s64", "\"1\"", "invalid type: string \"1\", expected value matching \"s64\""),
        ("f64", "\"1\"", "invalid type: string \"1\", expected value matching \"f64\""),
        ("f64", "true", "invalid type: boolean `true`, expected value matching \"f64\""),
        (
            "f64",
            "-1e400",
            "invalid value: floating point `-1e400`, expected value matching \"f64\"",
        ),
        ("f32", "null", "invalid type: null, expected value matching \"f32\""),
        ("f32", "-1e39", "invalid value: floating point `-1e39`, expected value matching \"f32\""),
        ("char", "1", "invalid type: integer `1`, expected value matching \"char\""),
        ("char", "null", "invalid type: null, expected value matching \"char\""),
        ("string", "null", "invalid type: null, expected value matching \"string\""),
        ("string", "{}", "invalid type: map, expected value matching \"string\""),
        ("string", "[]", "invalid type: sequence, expected value matching \"string\""),
    ]);
}

#[test]
fn sequences() {
    check(&[
        (
            "list<u8>",
            "\"AQ==\"",
            "invalid type: string \"AQ==\", expected value matching \"list<u8>\"",
        ),
        ("list<u8>", "null", "invalid type: null, expected value matching \"list<u8>\""),
        ("list<string>", "[1]", "invalid type: integer `1`, expected value matching \"string\""),
        ("tuple<u8>", "[]", "invalid length, expected 1 elements matching \"tuple<u8>\""),
        ("tuple<u8>", "1", "invalid type: integer `1`, expected value matching \"tuple<u8>\""),
        ("flags{a}", "\"a\"", "invalid type: string \"a\", expected value matching \"flags{a}\""),
        ("flags{a}", "[1]", "invalid type: integer `1`, expected value matching \"flags{a}\""),
        ("flags{a-b}", "[\"a-b\",\"a_b\"]", "duplicate flag `a_b`"),
    ]);
}

#[test]
fn named() {
    let record = "record{a-b:u8}";
    let variant = "variant{none,with-data(u8)}";
    check(&[
        (record, "[1]", "invalid type: sequence, expected value matching \"record{a-b:u8}\""),
        (record, "null", "invalid type: null, expected value matching \"record{a-b:u8}\""),
        (record, r#"{"a_b":null}"#, "invalid type: null, expected value matching \"u8\""),
        (record, r#"{"aB":1}"#, "unexpected record field name `aB`"),
        (record, r#"{"a_b":1,"a_b":1}"#, "duplicate record field name `a-b`"),
        (record, r#"{"a_b":1,"x":1}"#, "unexpected record field name `x`"),
        (
            variant,
            "1",
            "invalid type: integer `1`, expected value matching \"variant{none,with-data(u8)}\"",
        ),
        (variant, "{}", "a variant must be serialized as a map with one key"),
        (
            variant,
            r#"{"with_data":"x"}"#,
            "invalid type: string \"x\", expected value matching \"u8\"",
        ),
        (
            variant,
            r#"{"with_data":1,"with_data":1}"#,
            "a variant must be serialized as a map with one key",
        ),
        (
            variant,
            r#"{"other":1}"#,
            "unknown variant case `other`, expected value matching \"variant{none,with-data(u8)}\"",
        ),
        ("enum{a}", "1", "invalid type: integer `1`, expected value matching \"enum{a}\""),
        ("enum{a}", r#"{"a":null}"#, "invalid type: map, expected value matching \"enum{a}\""),
        ("option<u8>", "\"x\"", "invalid type: string \"x\", expected value matching \"u8\""),
        ("result", "null", "invalid type: null, expected value matching \"result\""),
        ("result", "\"ok\"", "invalid type: string \"ok\", expected value matching \"result\""),
        ("result", r#"{"err":1}"#, "invalid result value, expected null"),
        (
            "result",
            r#"{"ok":null,"err":null}"#,
            "a result must be serialized as a map with one key",
        ),
        ("result", r#"{"ok":null,"ok":null}"#, "a result must be serialized as a map with one key"),
        ("result<u8>", r#"{"ok":null}"#, "invalid type: null, expected value matching \"u8\""),
    ]);
}

#[test]
fn texts_that_no_reader_should_trust() {
    let ty = &types(&["list<string>"])[0];
    let limits = Limits::default();
    let all = std::slice::from_ref(ty);
    let deep = "[".repeat(200_000);
    let digits = "9".repeat(100_000);
    let texts = [
        deep.clone(),
        format!("[{deep}"),
        format!("[[{digits}]]"),
        format!("[[1e{digits}]]"),
        format!("[[\"{}", "\\u00".repeat(1000)),
        "[[\"\u{7f}\\".to_owned(),
    ];
    for text in texts {
        assert!(parse_params(all, &text, Form::User, &limits).is_err());
        assert!(parse_one(&ty.1, &text, Form::Abi, &limits, &mut no_handles).is_err());
    }
    let number = &types(&["u64", "f64"]);
    for (_, ty) in number {
        let error = parse_one(ty, &digits, Form::User, &limits, &mut no_handles);
        // As a float it is the same as 1e100000.
        assert_eq!(error.unwrap_err().kind, ErrorKind::Mismatch);
    }
    let large = Limits { text_bytes: 100, ..limits };
    let text = format!("[[\"{}\"]]", "x".repeat(100));
    let error = parse_params(all, &text, Form::User, &large).unwrap_err();
    assert_eq!(error.message, "the JSON text of 106 bytes exceeds the limit of 100 bytes");
}
