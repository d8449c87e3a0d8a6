// SPDX-License-Identifier: Apache-2.0
//! Which imports meet an export, and what is said when they do not.

use super::links::Problem;
use super::tests::function;
use super::{Description, Function, Kind, Origin, Party, check_links};

const ID: &str = "record{id:string}";
const AT: &str = "variant{now,at(record{seconds:u64,nanoseconds:u32}),\
in(variant{milliseconds(u64),seconds(u64),minutes(u32),hours(u32),days(u32)})}";
const SET: &str = "borrow<join-set>";
const FUNCTION: &str = "record{interface-name:string,function-name:string}";

fn party(name: &str, kind: Kind, exports: Vec<Function>, imports: Vec<Function>) -> Party {
    let description = Description { exports, imports, ..Description::default() };
    Party { component: name.into(), kind, origin: Origin::Parsed, description }
}

fn mismatch() -> String {
    format!(
        "function-mismatch(record{{specified-function:{FUNCTION},\
         actual-function:option<{FUNCTION}>,\
         actual-id:variant{{execution-id({ID}),delay-id({ID})}}}})"
    )
}

fn activity() -> Party {
    let step = function("a:b/c@1.0.0", "step", &[("n", "u32")], "result<u32, string>");
    party("act", Kind::Activity, vec![step], vec![])
}

fn stub() -> Party {
    party("stub", Kind::Stub, vec![function("s:t/u", "wait", &[], "result<_, string>")], vec![])
}

/// The problems of a party with one import, beside an activity and a stub.
fn reasons(kind: Kind, import: Function) -> Vec<String> {
    let parties = [activity(), stub(), party("me", kind, vec![], vec![import])];
    check_links(&parties).into_iter().map(|problem| problem.reason).collect()
}

#[test]
fn derived_functions_are_met() {
    let ext = "a:b-obelisk-ext/c@1.0.0";
    let mismatch = mismatch();
    let next = format!("result<result<u32, string>, variant{{all-processed,{mismatch}}}>");
    let get = format!(
        "result<result<u32, string>, variant{{{mismatch},not-found-in-processed-responses}}>"
    );
    let stub_error = "result<_, variant{execution-not-found,type-check-error(string),conflict}>";
    let imports = [
        function(ext, "step-submit", &[("set", SET), ("n", "u32")], ID),
        function(ext, "step-await-next", &[("set", SET)], &next),
        function(ext, "step-get", &[("id", ID)], &get),
        function("a:b-obelisk-schedule/c@1.0.0", "step-schedule", &[("at", AT), ("n", "u32")], ID),
        function("s:t-obelisk-ext/u", "wait-submit", &[("set", SET)], ID),
        function(
            "s:t-obelisk-stub/u",
            "wait-stub",
            &[("id", ID), ("execution-result", "result<_, string>")],
            stub_error,
        ),
        function("obelisk:types/join-set@5.0.0", "[method]join-set.id", &[("self", SET)], "string"),
        function(
            "obelisk:workflow/workflow-support@6.0.0",
            "join-next",
            &[("set", SET)],
            "result<result<option<string>, option<string>>, enum{all-processed}>",
        ),
        function(
            "obelisk:workflow/workflow-support@6.0.0",
            "join-next",
            &[("set", SET)],
            "result<result<option<string>, option<string>>, variant{all-processed}>",
        ),
        function(
            "obelisk:workflow/workflow-support@6.1.0",
            "join-set-create",
            &[],
            "own<join-set>",
        ),
    ];
    for import in imports {
        let name = import.ffqn();
        assert_eq!(reasons(Kind::Workflow, import), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_not_derived_is_refused() {
    let schedule = function("s:t-obelisk-schedule/u", "wait-schedule", &[("at", AT)], ID);
    let reason = &reasons(Kind::Workflow, schedule)[0];
    assert!(
        reason.starts_with("`s:t-obelisk-schedule/u.wait-schedule` is exported by no component")
    );
    let stub = function("a:b-obelisk-stub/c@1.0.0", "step-stub", &[("id", ID)], "result");
    assert!(reasons(Kind::Workflow, stub)[0].contains("is exported by no component"));
    let wrong = function("a:b-obelisk-ext/c@1.0.0", "step-submit", &[("set", SET)], ID);
    assert_eq!(
        reasons(Kind::Workflow, wrong)[0],
        "`a:b-obelisk-ext/c@1.0.0.step-submit` is imported with other types than it is exported \
         with\n  imported by `me`: func(set: borrow<join-set>) -> record{id:string}\n  exported by \
         `act`: func(join-set: borrow<join-set>, n: u32) -> record{id:string}"
    );
}

#[test]
fn kinds_may_not_import_everything() {
    let plain = || function("a:b/c@1.0.0", "step", &[("n", "u32")], "result<u32, string>");
    let submit =
        || function("a:b-obelisk-ext/c@1.0.0", "step-submit", &[("set", SET), ("n", "u32")], ID);
    assert!(reasons(Kind::Webhook, plain()).is_empty());
    assert_eq!(
        reasons(Kind::Activity, plain()),
        ["`a:b/c@1.0.0.step` is imported by an activity; activities may import only WASI and \
          `obelisk:log/log@1.0.0`"]
    );
    assert_eq!(
        reasons(Kind::Webhook, submit()),
        ["`a:b-obelisk-ext/c@1.0.0.step-submit` is imported by a webhook; join sets and stubs \
          are for workflows only"]
    );
    let webhook =
        function("obelisk:webhook/webhook-support@6.0.0", "execution-id-current", &[], ID);
    assert!(reasons(Kind::Webhook, webhook.clone()).is_empty());
    assert_eq!(
        reasons(Kind::Workflow, webhook),
        ["`obelisk:webhook/webhook-support@6.0.0.execution-id-current` cannot be imported by a \
          workflow; of the host it may import obelisk:log, obelisk:types, obelisk:workflow"]
    );
    assert!(reasons(Kind::Stub, function("x:y/z", "f", &[], "result")).is_empty());
}

#[test]
fn host_functions_are_checked() {
    let support = |version: &str| format!("obelisk:workflow/workflow-support@{version}");
    let table = [
        (
            function(&support("5.1.0"), "execution-id-current", &[], ID),
            "`obelisk:workflow/workflow-support@5.1.0.execution-id-current` is imported from \
             version 5.1.0, which is no longer provided; build the component against \
             `obelisk:workflow/workflow-support@6.0.0`",
        ),
        (
            function(&support("6.0.0"), "random-u63", &[], "u64"),
            "`obelisk:workflow/workflow-support@6.0.0.random-u63` is not provided by the host\n  \
             nearest match: `obelisk:workflow/workflow-support@6.0.0.random-u64`",
        ),
        (
            function(&support("6.0.0"), "random-u64", &[("min", "u64")], "u64"),
            "`obelisk:workflow/workflow-support@6.0.0.random-u64` is imported with other types \
             than the host provides\n  imported by `me`: func(min: u64) -> u64\n  provided: \
             func(min: u64, max-exclusive: u64) -> u64",
        ),
    ];
    for (import, expected) in table {
        assert_eq!(reasons(Kind::Workflow, import), [expected]);
    }
}

#[test]
fn exports_are_exclusive() {
    let log = function("obelisk:log/log@1.0.0", "info", &[], "result");
    let ext = function("a:b-obelisk-ext/c", "f", &[], "result");
    let parties = [
        activity(),
        party("again", Kind::Workflow, activity().description.exports, vec![]),
        party("odd", Kind::Activity, vec![log, ext], vec![]),
    ];
    let problem = |component: &str, function: &str, reason: &str| Problem {
        component: component.into(),
        function: function.into(),
        reason: reason.into(),
    };
    assert_eq!(
        check_links(&parties),
        [
            problem(
                "again",
                "a:b/c@1.0.0.step",
                "`a:b/c@1.0.0.step` is exported by `act` already; only one component may export a \
                 function"
            ),
            problem(
                "odd",
                "obelisk:log/log@1.0.0.info",
                "`obelisk:log/log@1.0.0.info` belongs to the host and cannot be exported"
            ),
            problem(
                "odd",
                "a:b-obelisk-ext/c.f",
                "`a:b-obelisk-ext/c.f` cannot be exported: package names ending in `-obelisk-ext` \
                 are derived by the host"
            ),
        ]
    );
}

#[test]
fn unusable_exports_cannot_be_imported() {
    let plain = function("a:b/c", "f", &[], "u32");
    let parties = [
        party("act", Kind::Activity, vec![plain.clone()], vec![]),
        party("flow", Kind::Workflow, vec![], vec![plain]),
    ];
    assert_eq!(
        check_links(&parties)[0].reason,
        "`a:b/c.f` cannot be imported: the function that `act` exports returns `u32`, which is no \
         allowed return type"
    );
}

#[test]
fn functions_outside_of_interfaces_are_named() {
    assert_eq!(
        reasons(Kind::Workflow, function("", "run", &[], "")),
        ["`run` is imported outside of an interface; only functions of interfaces are provided"]
    );
}

#[test]
fn external_activities_offer_what_activities_and_stubs_do() {
    let wait = function("s:t/u", "wait", &[], "result<_, string>");
    let stub_params = [("id", ID), ("execution-result", "result<_, string>")];
    let stub_error = "result<_, variant{execution-not-found,type-check-error(string),conflict}>";
    let imports = [
        function("s:t/u", "wait", &[], "result<_, string>"),
        function("s:t-obelisk-ext/u", "wait-submit", &[("set", SET)], ID),
        function("s:t-obelisk-schedule/u", "wait-schedule", &[("at", AT)], ID),
        function("s:t-obelisk-stub/u", "wait-stub", &stub_params, stub_error),
    ];
    let problems = |importer: Kind| {
        let parties = [
            party("outside", Kind::External, vec![wait.clone()], vec![imports[0].clone()]),
            party("me", importer, vec![], imports.to_vec()),
        ];
        check_links(&parties).into_iter().map(|problem| problem.function).collect::<Vec<_>>()
    };
    assert!(problems(Kind::Workflow).is_empty());
    let refused = ["s:t-obelisk-ext/u.wait-submit", "s:t-obelisk-stub/u.wait-stub"];
    assert_eq!(problems(Kind::Webhook), refused);
}

#[test]
fn an_interface_has_one_origin() {
    let of = |name: &str, origin, exported: &str| Party {
        origin,
        ..party(name, Kind::Activity, vec![function("a:b/c", exported, &[], "result")], vec![])
    };
    let split = [of("x", Origin::Synthesised, "f"), of("y", Origin::Synthesised, "g")];
    assert_eq!(check_links(&split), []);
    let both = [function("a:b/c", "f", &[], "result"), function("a:b/c", "g", &[], "result")];
    let [x, y] = split;
    assert_eq!(check_links(&[x, y, party("flow", Kind::Workflow, vec![], both.to_vec())]), []);
    let mixed = [
        of("x", Origin::Parsed, "f"),
        of("y", Origin::Synthesised, "g"),
        of("z", Origin::Authored, "h"),
    ];
    let reasons: Vec<String> =
        check_links(&mixed).into_iter().map(|problem| problem.reason).collect();
    assert_eq!(
        reasons,
        [
            "interface `a:b/c` is exported by `x` with the WIT of its binary and by `y` with WIT \
             made of its configuration; components may share an interface only if their WIT has \
             the same origin",
            "interface `a:b/c` is exported by `x` with the WIT of its binary and by `z` with a \
             WIT folder; components may share an interface only if their WIT has the same origin",
        ]
    );
}
