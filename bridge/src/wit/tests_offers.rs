// SPDX-License-Identifier: Apache-2.0
//! WIT that is given and made: stubs without code, derived packages, a deployment's offers.

use super::tests::{file, function};
use super::{Description, Exporter, Kind, Origin, Party, SourceFile};
use super::{as_component, check_links, component_wit, dependency_wit, describe};
use super::{
    describe_wit, digest, extension_wit, new_component, print_wit, support_wit, types_only,
};

const ACTIVITY: &str = "package a:b@1.0.0;
/// What steps are made of.
interface types { record item { id: u32, execution-id: string } }
/// Steps.
interface c {
  use types.{item};
  use obelisk:types/execution@5.0.0.{execution-id};
  resource thing { m: func() -> result; }
  step: func(join-set: item, join-set-a: u8, schedule-at: list<item>) -> result<item, string>;
  %list: func(of: execution-id) -> result;
  plain: func() -> u32;
  held: func(t: borrow<thing>) -> result;
}";

fn paths(files: &[SourceFile]) -> Vec<&str> {
    files.iter().map(|file| &*file.path).collect()
}

/// The imports of a component that imports these interfaces and nothing else.
fn importing(interfaces: &[&str], sources: &[SourceFile]) -> Vec<super::Function> {
    let mut world = "package test:worlds;\nworld w {\n".to_owned();
    for interface in interfaces {
        world += &format!("  import {interface};\n");
    }
    let files = [&[file("w.wit", &(world + "}\n"))], sources].concat();
    let loaded = super::sources::load(&files).unwrap_or_else(|error| panic!("{error}"));
    let world = super::sources::select_world(&loaded, "w").unwrap();
    let mangling = wit_parser::ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync);
    let mut module = wit_component::dummy_module(&loaded.resolve, world, mangling);
    super::component::embed(&mut module, &loaded.resolve, world).unwrap();
    describe(&super::component::encode(&module).unwrap()).unwrap().imports
}

fn encoded(text: &str) -> Vec<u8> {
    let loaded = super::sources::load(&[file("x.wit", text)]).unwrap();
    wit_component::encode(&loaded.resolve, loaded.main).unwrap()
}

#[test]
fn support_is_what_a_kind_may_import() {
    let types = "obelisk_types@5.0.0/types.wit";
    let log = "obelisk_log@1.0.0/log.wit";
    assert_eq!(paths(&support_wit(Kind::Activity)), [log]);
    let workflow = "obelisk_workflow@6.0.0/workflow.wit";
    assert_eq!(paths(&support_wit(Kind::Workflow)), [types, workflow, log]);
    let webhook = "obelisk_webhook@6.0.0/webhook.wit";
    assert_eq!(paths(&support_wit(Kind::Webhook)), [types, webhook, log]);
    assert_eq!(paths(&support_wit(Kind::Stub)), [types]);
    assert_eq!(paths(&support_wit(Kind::External)), [types]);
    for kind in [Kind::Activity, Kind::Workflow, Kind::Webhook, Kind::Stub] {
        print_wit(&support_wit(kind)).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
}

#[test]
fn derived_packages_are_written_for_each_kind() {
    let sources = [file("b.wit", ACTIVITY)];
    let made = |kind| {
        let files = extension_wit(kind, &sources).unwrap_or_else(|error| panic!("{error}"));
        files.into_iter().map(|file| file.path).collect::<Vec<String>>()
    };
    let ext = "a_b-obelisk-ext@1.0.0/b-obelisk-ext.wit";
    let schedule = "a_b-obelisk-schedule@1.0.0/b-obelisk-schedule.wit";
    let stub = "a_b-obelisk-stub@1.0.0/b-obelisk-stub.wit";
    assert_eq!(made(Kind::Activity), [ext, schedule]);
    assert_eq!(made(Kind::Workflow), [ext, schedule]);
    assert_eq!(made(Kind::Stub), [ext, stub]);
    assert_eq!(made(Kind::External), [ext, schedule, stub]);
    assert!(made(Kind::Webhook).is_empty());
    let nothing = [file("x.wit", "package x:y; interface z { f: func() -> u8; }")];
    assert_eq!(extension_wit(Kind::Activity, &nothing), Ok(vec![]));
    let world = "package c:worlds; world activity { export a:b/c@1.0.0; }";
    let behind_worlds = [file("b.wit", ACTIVITY), file("w.wit", world)];
    let files = extension_wit(Kind::Activity, &behind_worlds);
    assert_eq!(files.map(|files| files.len()), Ok(2));
}

#[test]
fn names_that_collide_get_a_letter_and_resources_are_left_out() {
    let made = extension_wit(Kind::External, &[file("b.wit", ACTIVITY)]).unwrap();
    let ext = &made[0].text;
    let step = "step-submit: func(join-set-b: borrow<join-set>, join-set: item, join-set-a: u8, \
                schedule-at: list<item>) -> execution-id-a;";
    assert!(ext.contains(step), "{ext}");
    assert!(ext.contains("use obelisk:types/execution@5.0.0.{execution-id as execution-id-a"));
    assert!(ext.contains("list-submit: func(join-set: borrow<join-set>, of: execution-id)"));
    assert!(!ext.contains("held") && !ext.contains("plain"), "{ext}");
    let schedule = &made[1].text;
    assert!(schedule.contains("step-schedule: func(schedule-at-a: schedule-at, join-set: item"));
    assert!(made[2].text.contains(
        "step-stub: func(execution-id: execution-id-a, execution-result: result<item, string>) -> \
         result<_, stub-error>;"
    ));
}

/// A component that imports all that is derived from an exporter links to it.
#[test]
fn derived_packages_meet_their_exporter() {
    let own = [file("b.wit", ACTIVITY)];
    let exported = describe_wit(&own).unwrap();
    let table: [(Kind, &[&str]); 4] = [
        (Kind::Activity, &["-obelisk-ext", "-obelisk-schedule"]),
        (Kind::Workflow, &["-obelisk-ext", "-obelisk-schedule"]),
        (Kind::Stub, &["-obelisk-ext", "-obelisk-stub"]),
        (Kind::External, &["-obelisk-ext", "-obelisk-schedule", "-obelisk-stub"]),
    ];
    for (kind, suffixes) in table {
        let derived = extension_wit(kind, &own).unwrap();
        let sources = [support_wit(Kind::Workflow), own.to_vec(), derived].concat();
        let interfaces: Vec<String> =
            suffixes.iter().map(|suffix| format!("a:b{suffix}/c@1.0.0")).collect();
        let interfaces: Vec<&str> = interfaces.iter().map(String::as_str).collect();
        let imports = importing(&interfaces, &sources);
        let derived = |import: &super::Function| import.interface.contains("-obelisk-");
        let imports: Vec<_> = imports.into_iter().filter(derived).collect();
        assert_eq!(imports.len(), if kind == Kind::External { 10 } else { 8 }, "{kind:?}");
        let parties = [
            Party {
                component: "base".into(),
                kind,
                origin: Origin::Authored,
                description: exported.clone(),
            },
            Party {
                component: "flow".into(),
                kind: Kind::Workflow,
                origin: Origin::Parsed,
                description: Description { imports, ..Description::default() },
            },
        ];
        assert_eq!(check_links(&parties), [], "{kind:?}");
    }
}

#[test]
fn sources_are_described_as_if_exported() {
    let user = "package z:%own; interface %list { use a:b/types@1.0.0.{item};
        go: func(i: item) -> result<item>; }";
    let expected = function(
        "z:own/list",
        "go",
        &[("i", "record{id:u32,execution-id:string}")],
        "result<record{id:u32,execution-id:string}>",
    );
    let (own, dependency) = (file("i.wit", user), file("deps/b/b.wit", ACTIVITY));
    let orders = [[own.clone(), dependency.clone()], [dependency, own.clone()]];
    for sources in orders.iter().chain([&[file("b.wit", ACTIVITY), own]]) {
        let described = describe_wit(sources).unwrap();
        assert_eq!(described.exports, std::slice::from_ref(&expected));
    }
    let derived = extension_wit(Kind::Stub, &[file("deps/b.wit", ACTIVITY), file("i.wit", user)]);
    assert_eq!(paths(&derived.unwrap()).len(), 2);
    assert!(describe_wit(&[]).is_err());
    assert!(describe_wit(&[file("x.wit", "package a:b; interface")]).is_err());
}

#[test]
fn stubs_may_be_wit_without_code() {
    let text =
        "// about\npackage a:b@1.0.0; interface %type { wait: func(n: u8) -> result<string>; }";
    let expected = function("a:b/type@1.0.0", "wait", &[("n", "u8")], "result<string>");
    for bytes in [text.as_bytes().to_vec(), encoded(text)] {
        let component = as_component(&bytes).unwrap();
        assert_eq!(describe(&component).unwrap().exports, std::slice::from_ref(&expected));
        assert!(component_wit(&bytes).unwrap().contains("wait: func(n: u8) -> result<string>"));
    }
    let component = types_only(&[expected]).unwrap();
    assert_eq!(digest(&as_component(&component).unwrap()), digest(&component));
    assert_eq!(as_component(b"hello").unwrap_err(), "this is not WebAssembly");
    assert!(as_component(b"package a:b; interface {").unwrap_err().contains("types.wit:1"));
    assert!(describe(&encoded(text)).unwrap_err().contains("encoded WIT package"));
}

#[test]
fn a_deployment_offers_all_that_may_be_imported() {
    let shared = |name: &str, result: &str| {
        let item = "record{a:u8}";
        types_only(&[function("s:h/x", name, &[("p", item)], result)]).unwrap()
    };
    let own = "package w:f; interface go { use a:b/types@1.0.0.{item};
        run: func(i: item) -> result<item, string>; }";
    let world = "package w:c; world w { import a:b/c@1.0.0; export w:f/go; }";
    let files = [file("c.wit", world), file("f.wit", own), file("b.wit", ACTIVITY)];
    let workflow = new_component(FLOW.as_bytes(), &files, "w").unwrap();
    let exporter = |kind, component: Vec<u8>| Exporter { kind, component };
    let made = dependency_wit(&[
        exporter(Kind::Workflow, workflow),
        exporter(Kind::Activity, shared("one", "result<variant{x,y(u8)}, string>")),
        exporter(Kind::Stub, shared("two", "result<enum{x,y}>")),
        exporter(Kind::Activity, ACTIVITY.into()),
        exporter(Kind::Webhook, b"is not looked at".to_vec()),
    ])
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        paths(&made),
        [
            "a_b@1.0.0/b.wit",
            "s_h/h.wit",
            "w_f/f.wit",
            "a_b-obelisk-ext@1.0.0/b-obelisk-ext.wit",
            "a_b-obelisk-schedule@1.0.0/b-obelisk-schedule.wit",
            "s_h-obelisk-ext/h-obelisk-ext.wit",
            "s_h-obelisk-schedule/h-obelisk-schedule.wit",
            "s_h-obelisk-stub/h-obelisk-stub.wit",
            "w_f-obelisk-ext/f-obelisk-ext.wit",
            "w_f-obelisk-schedule/f-obelisk-schedule.wit",
            "obelisk_types@5.0.0/types.wit",
        ]
    );
    assert!(made[0].text.contains("step: func("), "{}", made[0].text);
    assert!(made[1].text.contains("one: func(") && made[1].text.contains("two: func("));
    assert!(made[6].text.contains("one-schedule") && !made[6].text.contains("two-schedule"));
    assert!(made[7].text.contains("two-stub") && !made[7].text.contains("one-stub"));
    let names = ["w:f-obelisk-ext/go", "s:h-obelisk-stub/x", "s:h/x"];
    assert_eq!(importing(&names, &made).iter().filter(|f| f.extendable).count(), 0);
    assert_eq!(dependency_wit(&[]), Ok(vec![]));
}

const FLOW: &str = r#"(module
  (func (export "w:f/go#run") (param i32 i32 i32) (result i32) unreachable)
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
