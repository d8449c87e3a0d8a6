// SPDX-License-Identifier: Apache-2.0
//! What is accepted, refused and written, by tables (contract section 4).

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Type, Val};
use wasmtime::{Config, Engine};

use super::{ErrorKind, Form, Limits, ValueError};
use super::{hash, no_handles, parse_one, parse_params, render, render_one};
use crate::wit::{Function, Param, types_only};

/// The types that the texts stand for, as parameters p0, p1, …
pub fn types(texts: &[&str]) -> Vec<(String, Type)> {
    let param =
        |(index, ty): (usize, &&str)| Param { name: format!("p{index}"), ty: (*ty).to_owned() };
    let function = Function {
        interface: "a:b/c".into(),
        name: "f".into(),
        params: texts.iter().enumerate().map(param).collect(),
        result: "result".into(),
        extendable: true,
    };
    let engine = Engine::new(&Config::new()).unwrap();
    let component = Component::new(&engine, types_only(&[function]).unwrap()).unwrap();
    let ty = component.component_type();
    let Some(ComponentItem::ComponentInstance(instance)) =
        ty.get_export(&engine, "a:b/c").map(|item| item.ty)
    else {
        panic!("no interface");
    };
    let Some(ComponentItem::ComponentFunc(function)) =
        instance.get_export(&engine, "f").map(|item| item.ty)
    else {
        panic!("no function");
    };
    function.params().map(|(name, ty)| (name.to_owned(), ty)).collect()
}

pub fn parse(ty: &str, json: &str, form: Form) -> Result<Val, ValueError> {
    parse_one(&types(&[ty])[0].1, json, form, &Limits::default(), &mut no_handles)
}

fn written(val: &Val, form: Form) -> String {
    render_one(val, form, &Limits::default()).unwrap()
}

#[test]
fn accepted_forms() {
    let record = "record{a-b:u8,c:option<string>}";
    let variant = "variant{none-at-all,with-data(u8)}";
    let table = [
        ("bool", " true ", "true"),
        ("u8", "255", "255"),
        ("u8", "255.0", "255"),
        ("u8", "2.55e2", "255"),
        ("s8", "-128", "-128"),
        ("s8", "-0", "0"),
        ("u64", "18446744073709551615", "18446744073709551615"),
        ("s64", "-9223372036854775808", "-9223372036854775808"),
        ("s64", "9007199254740991.0", "9007199254740991"),
        ("u16", "65535", "65535"),
        ("s16", "-32768", "-32768"),
        ("u32", "4294967295", "4294967295"),
        ("s32", "-2147483648", "-2147483648"),
        ("s64", "-9007199254740991.0", "-9007199254740991"),
        ("u32", "4.294967295e9", "4294967295"),
        ("u8", "-0.0", "0"),
        ("bool", "false", "false"),
        ("f64", "0", "0.0"),
        ("f64", "5e-324", "5e-324"),
        ("f64", "1e-999", "0.0"),
        ("f64", "1", "1.0"),
        ("f64", "-0.0", "-0.0"),
        ("f64", "1e300", "1e300"),
        ("f64", "9007199254740992", "9007199254740992.0"),
        ("f64", "100000000000000000000000000000000000000000", "1e41"),
        ("f32", "0.1", "0.1"),
        ("f32", "16777216", "16777216.0"),
        ("f32", "0.10000000149011612", "0.1"),
        ("char", "\"x\"", "\"x\""),
        ("char", "\"\\ud83d\\ude00\"", "\"😀\""),
        ("string", r#""a\"\\\/\b\f\n\r\t\u00e9""#, "\"a\\\"\\\\/\\u0008\\u000c\\n\\r\\té\""),
        ("list<u8>", "[1, 2.0,255]", "[1,2,255]"),
        ("list<list<string>>", "[[],[\"\"]]", "[[],[\"\"]]"),
        ("tuple<u8,string>", "[1,\"a\"]", "[1,\"a\"]"),
        (record, r#"{"a_b":1,"c":"x"}"#, r#"{"a_b":1,"c":"x"}"#),
        (record, r#"{"c":null,"a-b":1}"#, r#"{"a_b":1,"c":null}"#),
        (record, r#"{"a\u005fb":1}"#, r#"{"a_b":1,"c":null}"#),
        (variant, "\"none_at_all\"", "\"none_at_all\""),
        (variant, "\"none-at-all\"", "\"none_at_all\""),
        (variant, r#"{"with-data":7}"#, r#"{"with_data":7}"#),
        ("enum{a-b,c}", "\"a-b\"", "\"a_b\""),
        ("flags{a-b,c,d}", r#"["d","a_b"]"#, r#"["a_b","d"]"#),
        ("record{a-b:option<u8>}", "{}", r#"{"a_b":null}"#),
        ("flags{a-b,c,d}", "[]", "[]"),
        ("flags{a-b}", "[\"a-b\"]", r#"["a_b"]"#),
        ("enum{a-b,c}", "\"c\"", "\"c\""),
        (variant, r#"{"with_data":7}"#, r#"{"with_data":7}"#),
        ("variant{a(option<u8>)}", r#"{"a":null}"#, r#"{"a":null}"#),
        ("tuple<u8>", "[1]", "[1]"),
        ("string", "\"\"", "\"\""),
        ("list<string>", "[]", "[]"),
        ("option<option<u8>>", "null", "null"),
        ("option<list<u8>>", "[]", "[]"),
        ("option<u8>", "1", "1"),
        ("result<_, string>", r#"{"ok":null}"#, r#"{"ok":null}"#),
        ("result<u8>", r#"{"err":null}"#, r#"{"err":null}"#),
        ("result<result, result>", r#"{"err":{"ok":null}}"#, r#"{"err":{"ok":null}}"#),
        ("option<u8>", "null", "null"),
        ("option<option<u8>>", "3", "3"),
        ("result", r#"{"ok":null}"#, r#"{"ok":null}"#),
        ("result<u8, string>", r#"{"err":"x"}"#, r#"{"err":"x"}"#),
        ("result<option<u8>>", r#"{"ok":null}"#, r#"{"ok":null}"#),
    ];
    for (ty, json, expected) in table {
        let val = parse(ty, json, Form::User).unwrap_or_else(|e| panic!("{ty} {json}: {e}"));
        assert_eq!(written(&val, Form::User), expected, "{ty} {json}");
        let stored = written(&val, Form::Abi);
        assert_eq!(parse(ty, &stored, Form::Abi).unwrap(), val, "{ty} {stored}");
    }
}

#[test]
fn refused_forms() {
    let record = "record{a-b:u8,c:option<string>,d:bool}";
    let variant = "variant{none-at-all,with-data(u8)}";
    let table = [
        ("u8", "\"42\"", r#"invalid type: string "42", expected value matching "u8""#),
        ("u8", "256", r#"invalid value: integer `256`, expected value matching "u8""#),
        ("u8", "-1", r#"invalid value: integer `-1`, expected value matching "u8""#),
        ("u8", "1.5", r#"invalid value: floating point `1.5`, expected value matching "u8""#),
        ("u8", "true", r#"invalid type: boolean `true`, expected value matching "u8""#),
        ("u8", "null", r#"invalid type: null, expected value matching "u8""#),
        (
            "u64",
            "9007199254740992.0",
            "invalid value: floating point `9007199254740992.0`, \
            expected value matching \"u64\"",
        ),
        (
            "u64",
            "1e999999999",
            "invalid value: floating point `1e999999999`, \
            expected value matching \"u64\"",
        ),
        (
            "f64",
            "9007199254740993",
            "invalid value: integer `9007199254740993`, \
            expected value matching \"f64\"",
        ),
        ("f64", "1e400", "invalid value: floating point `1e400`, expected value matching \"f64\""),
        ("f64", "null", "invalid type: null, expected value matching \"f64\""),
        ("f64", r#"{"$float":"nan"}"#, "invalid type: map, expected value matching \"f64\""),
        ("f32", "1e39", "invalid value: floating point `1e39`, expected value matching \"f32\""),
        ("f32", "16777217", "invalid value: integer `16777217`, expected value matching \"f32\""),
        (
            "f32",
            "0.123456789012",
            "invalid value: floating point `0.123456789012`, \
            expected value matching \"f32\"",
        ),
        ("char", "\"\"", "invalid value: string \"\", expected value matching \"char\""),
        ("char", "\"ab\"", "invalid value: string \"ab\", expected value matching \"char\""),
        ("list<u8>", "{}", "invalid type: map, expected value matching \"list<u8>\""),
        ("list<u8>", "[1,300]", "invalid value: integer `300`, expected value matching \"u8\""),
        ("tuple<u8,u8>", "[1]", "invalid length, expected 2 elements matching \"tuple<u8,u8>\""),
        ("tuple<u8>", "[1,2]", "invalid length, expected 1 elements matching \"tuple<u8>\""),
        (record, "{}", "cannot deserialize record: missing fields `a-b`, `d`"),
        (record, r#"{"x":1}"#, "unexpected record field name `x`"),
        (record, r#"{"a_b":1,"a-b":1}"#, "duplicate record field name `a-b`"),
        (
            variant,
            r#"{"none_at_all":null}"#,
            "variant case `none-at-all` must be serialized as string",
        ),
        (variant, "\"with_data\"", "variant case `with-data` must be serialized as map"),
        (variant, r#"{"with_data":1,"x":2}"#, "a variant must be serialized as a map with one key"),
        (
            variant,
            "\"other\"",
            "unknown variant case `other`, expected value matching \
            \"variant{none-at-all,with-data(u8)}\"",
        ),
        ("enum{a}", "\"b\"", "unknown enum case `b`, expected value matching \"enum{a}\""),
        ("flags{a}", "[\"a\",\"a\"]", "duplicate flag `a`"),
        ("flags{a}", "[\"b\"]", "unknown flag `b`, expected value matching \"flags{a}\""),
        ("result", r#"{"ok":1}"#, "invalid result value, expected null"),
        ("result", "{}", "a result needs the key `ok` or `err`"),
        ("result", r#"{"okay":null}"#, "a result needs the key `ok` or `err`, not `okay`"),
        (
            "option<option<u8>>",
            r#"{"$some":1}"#,
            "invalid type: map, expected value matching \"u8\"",
        ),
    ];
    for (ty, json, expected) in table {
        let error = parse(ty, json, Form::User).unwrap_err();
        assert_eq!((error.kind, &*error.message), (ErrorKind::Mismatch, expected), "{ty} {json}");
    }
}

#[test]
fn damaged_json_is_a_syntax_error() {
    let texts = [
        "",
        " ",
        "tru",
        "nul",
        "01",
        "1.",
        "1e",
        "-",
        "\"",
        "\"\\",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\x\"",
        "\"\u{1}\"",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1,",
        "{1:1}",
        "1 2",
        "[1}",
        "\u{feff}1",
        "'a'",
        "NaN",
    ];
    let everything = ["u8", "string", "list<u8>", "record{a:u8}", "variant{a(u8)}", "option<u8>"];
    for ty in everything {
        let ty = &types(&[ty])[0].1;
        for json in texts {
            let parsed = parse_one(ty, json, Form::User, &Limits::default(), &mut no_handles);
            assert!(parsed.is_err(), "{ty:?} {json}");
        }
    }
    assert_eq!(parse("string", "\"\\ud800\"", Form::User).unwrap_err().kind, ErrorKind::Syntax);
}

#[test]
fn params_are_counted_and_numbered() {
    let types = types(&["u8", "record{a:string}"]);
    let table = [
        ("[1]", "parameter cardinality mismatch, expected: 2, specified: 1"),
        ("[]", "parameter cardinality mismatch, expected: 2, specified: 0"),
        ("[1,2,{\"a\":[]}]", "parameter cardinality mismatch, expected: 2, specified: 3"),
        (
            "[\"42\",{\"a\":\"\"}]",
            "parameters cannot be deserialized: cannot parse 1-th parameter \
            - `invalid type: string \"42\", expected value matching \"u8\"`",
        ),
        (
            "[1,{\"a\":2}]",
            "parameters cannot be deserialized: cannot parse 2-th parameter \
            - `invalid type: integer `2`, expected value matching \"string\"`",
        ),
        ("{}", "params must be a json array"),
        ("nonsense", "cannot parse params as JSON array: expected a JSON value at byte 0"),
        ("[1,{\"a\":\"\"}] x", "cannot parse params as JSON array: trailing characters at byte 13"),
        ("[1,{\"a\":2}", "cannot parse params as JSON array: expected `,` or `]` at byte 10"),
    ];
    for (json, expected) in table {
        let error = parse_params(&types, json, Form::User, &Limits::default()).unwrap_err();
        assert_eq!(error.message, expected, "{json}");
    }
    assert_eq!(parse_params(&[], " [ ] ", Form::User, &Limits::default()).unwrap(), vec![]);
}

#[test]
fn what_json_lacks_is_escaped_in_stored_text() {
    let none = || Val::Option(None);
    let some = |val| Val::Option(Some(Box::new(val)));
    let table = [
        ("f64", Val::Float64(f64::NAN), r#"{"$float":"nan"}"#, "null"),
        ("f64", Val::Float64(f64::INFINITY), r#"{"$float":"inf"}"#, "null"),
        ("f32", Val::Float32(f32::NEG_INFINITY), r#"{"$float":"-inf"}"#, "null"),
        ("option<option<u8>>", some(none()), r#"{"$some":null}"#, "null"),
        ("option<option<u8>>", some(some(Val::U8(1))), r#"{"$some":1}"#, "1"),
        ("option<option<u8>>", none(), "null", "null"),
        (
            "option<option<option<f32>>>",
            some(some(some(Val::Float32(f32::NAN)))),
            r#"{"$some":{"$some":{"$float":"nan"}}}"#,
            "null",
        ),
        (
            "record{a:option<option<string>>}",
            Val::Record(vec![("a".into(), some(some(Val::String("{\"$some\":1}".into()))))]),
            r#"{"a":{"$some":"{\"$some\":1}"}}"#,
            r#"{"a":"{\"$some\":1}"}"#,
        ),
    ];
    for (ty, val, stored, shown) in table {
        assert_eq!(written(&val, Form::Abi), stored);
        assert_eq!(written(&val, Form::User), shown);
        assert_eq!(parse(ty, stored, Form::Abi).unwrap(), val);
    }
}

#[test]
fn limits_hold() {
    let tight = Limits { text_bytes: 10, depth: 2 };
    let ty = &types(&["list<list<list<u8>>>"])[0].1;
    let parse = |json| parse_one(ty, json, Form::User, &tight, &mut no_handles).unwrap_err();
    assert_eq!(parse("[[[]]]").message, "the value is nested deeper than 2 levels");
    assert_eq!(
        parse("[         ]").message,
        "the JSON text of 11 bytes exceeds the limit of 10 bytes"
    );
    let long = Val::String("x".repeat(9));
    assert_eq!(
        render_one(&long, Form::Abi, &tight).unwrap_err().message,
        "the value exceeds 10 bytes as JSON"
    );
    let deep = Val::Tuple(vec![Val::Tuple(vec![Val::Tuple(vec![])])]);
    assert_eq!(render_one(&deep, Form::Abi, &tight).unwrap_err().kind, ErrorKind::Limit);
    let bottomless = "[".repeat(1_000_000);
    let error = parse_params(&[], &bottomless, Form::User, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Syntax);
}

#[test]
fn hashes_tell_values_apart() {
    let values = [
        vec![],
        vec![Val::U8(1)],
        vec![Val::S8(1)],
        vec![Val::U16(1)],
        vec![Val::U8(1), Val::U8(1)],
        vec![Val::List(vec![Val::U8(1)])],
        vec![Val::List(vec![Val::U16(1)])],
        vec![Val::Tuple(vec![Val::U8(1)])],
        vec![Val::String("a".into()), Val::String("bc".into())],
        vec![Val::String("ab".into()), Val::String("c".into())],
        vec![Val::Float64(0.0)],
        vec![Val::Float64(-0.0)],
        vec![Val::Float64(f64::NAN)],
        vec![Val::Option(None)],
        vec![Val::Option(Some(Box::new(Val::Option(None))))],
        vec![Val::Result(Ok(None))],
        vec![Val::Result(Err(None))],
        vec![Val::Enum("a".into())],
        vec![Val::Variant("a".into(), None)],
        vec![Val::Flags(vec!["a".into()])],
        vec![Val::String("x".repeat(255))],
        vec![Val::String("x".repeat(256))],
        vec![Val::String("x".repeat(257))],
    ];
    let hashes: std::collections::HashSet<_> = values.iter().map(|v| hash(v)).collect();
    assert_eq!(hashes.len(), values.len());
    let other_nan = Val::Float64(f64::from_bits(0xfff8_0000_0000_0001));
    assert_eq!(hash(&[other_nan]), hash(&[Val::Float64(f64::NAN)]));
    // The encoding is stored in journals: a change needs a new HASH_VERSION.
    let text: String = hash(&[Val::U8(1)]).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(text, GOLDEN_HASH);
}

const GOLDEN_HASH: &str = "93396862bb26f45c36fc50bfebcb3c77";

#[test]
fn arrays_are_written_in_order() {
    let vals = [Val::U8(1), Val::String("a\u{7f}\u{2028}".into()), Val::Char('"')];
    let text = render(&vals, Form::User, &Limits::default()).unwrap();
    assert_eq!(text, "[1,\"a\u{7f}\u{2028}\",\"\\\"\"]");
}
