// SPDX-License-Identifier: Apache-2.0
//! The type grammar, descriptions, synthesised components, sources and bindings.

use super::{Function, Language, Param, SourceFile, grammar};
use super::{bindings, component_wit, describe, new_component, print_wit, types_only};

pub fn function(interface: &str, name: &str, params: &[(&str, &str)], result: &str) -> Function {
    let param = |(name, ty): &(&str, &str)| Param { name: (*name).into(), ty: (*ty).into() };
    Function {
        interface: interface.into(),
        name: name.into(),
        params: params.iter().map(param).collect(),
        result: result.into(),
        extendable: grammar::extendable(result),
    }
}

pub fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.into(), text: text.into() }
}

#[test]
fn grammar_accepts_and_normalises() {
    let table = [
        ("u8", "u8"),
        (" list < string > ", "list<string>"),
        ("option<option<f64>>", "option<option<f64>>"),
        ("tuple<u8 , char>", "tuple<u8,char>"),
        ("result", "result"),
        ("result<u8>", "result<u8>"),
        ("result<_,string>", "result<_, string>"),
        ("result< u8 ,\n string >", "result<u8, string>"),
        ("record { a : u32 , b-c:list<u8>, }", "record{a:u32,b-c:list<u8>}"),
        ("variant{x, y(bool)}", "variant{x,y(bool)}"),
        ("enum{ok,not-ok}", "enum{ok,not-ok}"),
        ("flags{a,b}", "flags{a,b}"),
        ("record{%type:u8}", "record{type:u8}"),
    ];
    for (given, expected) in table {
        let parsed = grammar::parse(given).map(|ty| ty.to_string());
        assert_eq!(parsed, Ok(expected.to_owned()), "{given}");
    }
}

#[test]
fn grammar_refuses() {
    let deep = "list<".repeat(70) + "u8" + &">".repeat(70);
    let table = [
        ("", "expected a name at position 1 of type ``"),
        ("int", "unknown type `int` at position 1 of type `int`"),
        ("u8 u8", "unexpected characters after the type at position 4 of type `u8 u8`"),
        ("list<u8", "expected `>` at position 8 of type `list<u8`"),
        ("record{}", "expected a name at position 8 of type `record{}`"),
        ("record{a}", "expected `:` at position 9 of type `record{a}`"),
        ("enum{a,a}", "`a` is given twice, found at position 10 of type `enum{a,a}`"),
        ("enum{a_b}", "expected `}` at position 7 of type `enum{a_b}`"),
        ("enum{1a}", "`1a` is not a kebab-case name at position 6 of type `enum{1a}`"),
        ("result<u8, _>", "expected a name at position 12 of type `result<u8, _>`"),
        ("own<join-set>", "unknown type `own` at position 1 of type `own<join-set>`"),
        ("üñ", "expected a name at position 1 of type `üñ`"),
    ];
    for (given, expected) in table {
        assert_eq!(grammar::parse(given), Err(expected.to_owned()), "{given}");
    }
    assert!(grammar::parse(&deep).unwrap_err().starts_with("the type is nested too deeply"));
}

#[test]
fn return_types() {
    let allowed = [
        "result",
        "result<u8>",
        "result<_, string>",
        "result<u8, string>",
        "result<_, variant{execution-failed}>",
        "result<list<u8>, variant{a(u8),execution-failed}>",
    ];
    for ty in allowed {
        assert!(grammar::extendable(ty), "{ty}");
    }
    let refused = [
        "",
        "u8",
        "option<u8>",
        "result<u8, u8>",
        "result<u8, enum{execution-failed}>",
        "result<u8, variant{a}>",
        "result<u8, variant{execution-failed(string)}>",
        "result<u8, record{execution-failed:u8}>",
    ];
    for ty in refused {
        assert!(!grammar::extendable(ty), "{ty}");
    }
}

#[test]
fn types_only_is_described_as_given() {
    let functions = [
        function("a:b/first@1.2.0", "go", &[], "result"),
        function(
            "a:b/first@1.2.0",
            "with",
            &[("list", "list<record{type:u8,b:option<enum{x,y}>}>"), ("in", "tuple<char,f32>")],
            "result<variant{none,some(record{type:u8,b:option<enum{x,y}>})}, string>",
        ),
        function("interface:record/func", "flags", &[("p", "flags{a,b-c}")], "result<_, string>"),
        function("a:b/second@1.2.0", "go", &[("x", "u64")], "result<u64>"),
    ];
    let component = types_only(&functions).unwrap();
    let mut described = describe(&component).unwrap();
    described.exports.sort_by_key(Function::ffqn);
    let mut expected = functions.to_vec();
    expected.sort_by_key(Function::ffqn);
    assert_eq!(described.exports, expected);
    assert_eq!(described.imports, []);
    assert_eq!(described.digest.len(), 71);
    let wit = component_wit(&component).unwrap();
    assert!(wit.contains("export a:b/first@1.2.0;"), "{wit}");
    assert!(wit.contains("package a:b@1.2.0"), "{wit}");
}

#[test]
fn types_only_names_what_is_wrong() {
    let table = [
        (function("a/b", "f", &[], "result"), "interface name `a/b`: missing `:`"),
        (function("a:b", "f", &[], "result"), "interface name `a:b`: missing `/`"),
        (function("a:/b", "f", &[], "result"), "interface name `a:/b`: the package is empty"),
        (function("a:b/c@", "f", &[], "result"), "interface name `a:b/c@`: the version is empty"),
        (
            function("a:b/c", "F_x", &[], "result"),
            "function `a:b/c.F_x`: the name is not kebab-case",
        ),
        (
            function("a:b/c", "f", &[("p", "u9")], "result"),
            "function `a:b/c.f`: unknown type `u9` at position 1 of type `u9`",
        ),
    ];
    for (given, expected) in table {
        assert_eq!(types_only(&[given]), Err(expected.to_owned()));
    }
}

#[test]
fn what_is_no_component_is_refused() {
    let core = wat::parse_str("(module)").unwrap();
    assert!(describe(&core).unwrap_err().contains("stele component new"));
    assert_eq!(describe(b"hello").unwrap_err(), "this is not WebAssembly");
    assert_eq!(describe(&[]).unwrap_err(), "this is not WebAssembly");
    assert_eq!(describe(&[0xff; 40]).unwrap_err(), "this is not WebAssembly");
    let whole = types_only(&[function("a:b/c", "f", &[("x", "string")], "result")]).unwrap();
    // A cut between two sections leaves a component, with less in it.
    let described = (8..whole.len()).filter(|length| describe(&whole[..*length]).is_ok()).count();
    assert!(described * 10 < whole.len(), "{described} of {}", whole.len());
}

#[test]
fn damaged_components_never_panic() {
    let whole = types_only(&[function("a:b/c", "f", &[("x", "list<string>")], "result")]).unwrap();
    for at in 8..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        let _ = describe(&damaged);
        let _ = component_wit(&damaged);
    }
}

const WORKFLOW: &str = "package demo:flow;
world flow {
  import obelisk:workflow/workflow-support@6.0.0;
  import obelisk:log/log@1.0.0;
  import demo:act/api;
  export run;
}
interface run { run: func(n: u32) -> result<u32, string>; }
";
const ACTIVITY: &str = "package demo:act;
/// Steps.
interface api { step: func(n: u32) -> result<u32>; }";

#[test]
fn sources_are_printed_in_any_order() {
    let printed = print_wit(&[file("flow.wit", WORKFLOW), file("act.wit", ACTIVITY)]).unwrap();
    assert!(printed.starts_with("package demo:flow;"), "{printed}");
    assert!(printed.contains("package demo:act {"), "{printed}");
    assert!(!printed.contains("package obelisk"), "{printed}");
    let again = print_wit(&[file("all.wit", &printed)]).unwrap();
    assert_eq!(again, printed);
}

#[test]
fn wrong_sources_name_the_place() {
    let error =
        print_wit(&[file("bad.wit", "package a:b;\ninterface x { f: func( }")]).unwrap_err();
    assert!(error.contains("bad.wit:2"), "{error}");
    let error = print_wit(&[file("flow.wit", WORKFLOW)]).unwrap_err();
    assert!(error.contains("demo:act"), "{error}");
    assert_eq!(print_wit(&[]).unwrap_err(), "there is no WIT source");
}

#[test]
fn carriage_returns_are_blanks() {
    let text = "package a:b;\r\ninterface x {\r\n  //\r$in.\n  f: func();\r\n}\r\n";
    let printed = print_wit(&[file("a.wit", text)]).unwrap();
    assert!(!printed.contains('\r'), "{printed:?}");
    assert_eq!(print_wit(&[file("b.wit", &printed)]).unwrap(), printed);
}

#[test]
fn bindings_are_generated() {
    let sources = [file("flow.wit", WORKFLOW), file("act.wit", ACTIVITY)];
    let made = bindings(Language::C, &sources, "flow").unwrap();
    let names: Vec<&str> = made.iter().map(|file| &*file.path).collect();
    assert_eq!(names, ["flow.c", "flow.h", "flow_component_type.o"]);
    assert!(made[2].bytes.starts_with(b"\0asm"));
    let header = String::from_utf8(made[1].bytes.clone()).unwrap();
    assert!(header.contains("demo_act_api_step"), "{header}");
    let made = bindings(Language::Cpp, &sources, "").unwrap();
    assert!(made.iter().any(|file| file.path == "flow_cpp.h"));
    let error = bindings(Language::C, &sources, "nothing").unwrap_err();
    assert_eq!(error, "no world is named `nothing`; the sources have demo:flow/flow");
}

#[test]
fn modules_that_are_cut_off_are_refused() {
    let core = wat::parse_str(CORE).unwrap();
    for length in 0..core.len() {
        assert!(new_component(&core[..length], &[], "").is_err());
    }
    let error = new_component(&core[..core.len() - 1], &[], "").unwrap_err();
    assert_eq!(error, format!("the module is cut off at byte {}", core.len() - 1));
}

const CORE: &str = r#"(module
  (func (export "demo:act/api#step") (param i32) (result i32) unreachable)
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;

#[test]
fn components_are_made_of_core_modules() {
    let wit = format!("{ACTIVITY}\nworld w {{ export api; }}");
    let made = new_component(CORE.as_bytes(), &[file("w.wit", &wit)], "w").unwrap();
    let described = describe(&made).unwrap();
    let expected = function("demo:act/api", "step", &[("n", "u32")], "result<u32>");
    assert_eq!(described.exports, [expected]);
    assert_eq!(described.wasi, Vec::<String>::new());
    let error = new_component(CORE.as_bytes(), &[], "").unwrap_err();
    assert_eq!(error, "the module embeds no WIT; name its WIT and world");
    let error = new_component(&made, &[], "").unwrap_err();
    assert_eq!(error, "this is a component already");
    let wit = format!("{ACTIVITY}\nworld w {{ export api; export missing: func(); }}");
    let error = new_component(CORE.as_bytes(), &[file("w.wit", &wit)], "w").unwrap_err();
    assert!(error.contains("missing"), "{error}");
}

#[test]
fn the_adapter_comes_with_preview1_only() {
    let core = CORE.replacen(
        "(module",
        r#"(module (import "wasi_snapshot_preview1" "fd_write"
             (func (param i32 i32 i32 i32) (result i32)))"#,
        1,
    );
    let wit = format!("{ACTIVITY}\nworld w {{ export api; }}");
    let made = new_component(core.as_bytes(), &[file("w.wit", &wit)], "w").unwrap();
    let wasi = describe(&made).unwrap().wasi;
    assert!(wasi.iter().any(|name| name.starts_with("wasi:io/streams@0.2")), "{wasi:?}");
}

#[test]
fn derived_packages_need_not_be_written() {
    let base = "package a:b@1.0.0; interface c {
        record item { id: u32 }
        step: func(join-set: item, l: list<item>) -> result<item, string>;
        plain: func() -> u32;
    }";
    let world = "package a:worlds; world w {
        import a:b-obelisk-ext/c@1.0.0;
        import a:b-obelisk-schedule/c@1.0.0;
        import a:b-obelisk-stub/c@1.0.0;
    }";
    let sources = [file("w.wit", world), file("b.wit", base)];
    let made = bindings(Language::C, &sources, "w").unwrap();
    let header = String::from_utf8(made[1].bytes.clone()).unwrap();
    for name in ["ext_c_step_submit", "ext_c_step_await_next", "ext_c_step_get"] {
        assert!(header.contains(name), "{name}: {header}");
    }
    assert!(header.contains("schedule_c_step_schedule"), "{header}");
    assert!(header.contains("stub_c_step_stub"), "{header}");
    assert!(!header.contains("c_plain_"), "{header}");
    assert!(!print_wit(&sources).unwrap().contains("step-submit"));
    let within = "package a:b@1.0.0; interface c { f: func() -> result; }
        world w { import a:b-obelisk-ext/c@1.0.0; }";
    assert_eq!(
        bindings(Language::C, &[file("w.wit", within)], "w").unwrap_err(),
        "cannot derive `a:b-obelisk-ext@1.0.0` from `a:b@1.0.0`: the package refers to it itself; \
         move the world that imports it into a package of its own"
    );
}

#[test]
fn a_section_longer_than_the_file_is_damage() {
    let preamble = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    for tail in [
        &[0_u8, 0xff, 0xff, 0xff, 0xff, 0x0f][..],
        &[0, 0x80],
        &[0, 0x80, 0x80, 0x80, 0x80, 0x80],
        &[7, 2, 1],
    ] {
        let refused = super::describe::check_kind(&[&preamble[..], tail].concat());
        assert_eq!(
            refused,
            Err("the component is damaged: a section is longer than the file".into())
        );
    }
    assert_eq!(super::describe::check_kind(&preamble), Ok(()));
}

/// An instance type whose type is exported under a name that is none: the decoder panics.
#[test]
fn types_that_the_decoder_cannot_follow_are_damage() {
    let component = b"\0asm\x0d\0\x01\0\x07\x10\x01A\x02\x01B\0\x04\x01\x05e:e/e\x05\0\
                      \x0a\x07\x01\0\x01e\x03\0\0";
    let refused = super::describe::decoded(component).map(|_| ());
    assert_eq!(
        refused,
        Err("the component is damaged: its types cannot be read; build it again".into())
    );
}
