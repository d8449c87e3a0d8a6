// SPDX-License-Identifier: Apache-2.0
//! The host's own interfaces: all functions, and the same ones with a backtrace.

use super::host::host;
use super::links::signature;

fn names(interface: &str) -> Vec<&'static str> {
    let of = host().functions.values().filter(|function| function.interface == interface);
    of.map(|function| function.name.as_str()).collect()
}

const BACKTRACE: &str = "option<record{frames:list<record{module:string,func-name:string,\
symbols:list<record{func-name:option<string>,file:option<string>,line:option<u32>,\
col:option<u32>}>}>}>";

#[test]
fn interfaces_have_the_functions_of_the_contract() {
    let log = ["debug", "error", "info", "trace", "warn"];
    assert_eq!(names("obelisk:log/log@1.0.0"), log);
    let set = ["[method]join-set.id", "[method]join-set.last-id"];
    assert_eq!(names("obelisk:types/join-set@5.0.0"), set);
    let mut workflow = [
        "execution-id-current",
        "random-u64",
        "random-u64-inclusive",
        "random-string",
        "sleep",
        "join-set-create",
        "join-set-create-named",
        "join-set-close",
        "submit-json",
        "get-result-json",
        "get-execution-failure-kind",
        "last-direct-call-id",
        "last-oneoff-id",
        "submit-delay",
        "join-next",
        "join-next-try",
        "execution-id-generate",
        "schedule-json",
        "call-json",
        "stub-json",
    ];
    workflow.sort_unstable();
    assert_eq!(names("obelisk:workflow/workflow-support@6.0.0"), workflow);
    let mut webhook = [
        "execution-id-generate",
        "execution-id-current",
        "call-json",
        "schedule-json",
        "get-status",
        "get-execution-failure-kind",
        "last-direct-call-id",
        "get",
        "try-get",
    ];
    webhook.sort_unstable();
    assert_eq!(names("obelisk:webhook/webhook-support@6.0.0"), webhook);
}

#[test]
fn functions_with_a_backtrace_have_one_parameter_more() {
    let table = [("obelisk:workflow/workflow-support", 15), ("obelisk:webhook/webhook-support", 2)];
    for (plain, count) in table {
        let with = format!("{plain}-backtrace@6.0.0");
        let functions: Vec<_> =
            host().functions.values().filter(|function| function.interface == with).collect();
        assert_eq!(functions.len(), count);
        for function in functions {
            let same = &host().functions[&format!("{plain}@6.0.0.{}", function.name)];
            let (last, first) = function.params.split_last().unwrap();
            assert_eq!((&*last.name, &*last.ty), ("backtrace", BACKTRACE));
            assert_eq!((first, &function.result), (&*same.params, &same.result));
        }
    }
}

#[test]
fn signatures_are_those_of_the_contract() {
    let function = "record{interface-name:string,function-name:string}";
    let time = "record{seconds:u64,nanoseconds:u32}";
    let at = format!(
        "variant{{now,at({time}),in(variant{{milliseconds(u64),seconds(u64),minutes(u32),\
         hours(u32),days(u32)}})}}"
    );
    let jres = "result<option<string>, option<string>>";
    let json_error = "variant{ffqn-parsing-error(string),function-not-found,\
                      type-check-error(string)}";
    let failure = "timed-out,nondeterminism-detected,out-of-fuel,cancelled,uncategorized";
    let table = [
        ("sleep", format!("func(schedule-at: {at}, name: option<string>) -> result<{time}>")),
        ("join-set-close", "func(self: own<join-set>)".into()),
        (
            "join-set-create-named",
            "func(name: string) -> result<own<join-set>, variant{conflict,invalid-name(string)}>"
                .into(),
        ),
        (
            "submit-json",
            format!(
                "func(join-set: borrow<join-set>, function: {function}, params: string) -> \
                 result<record{{id:string}}, {json_error}>"
            ),
        ),
        (
            "call-json",
            format!("func(function: {function}, params: string) -> result<{jres}, {json_error}>"),
        ),
        (
            "join-next-try",
            format!(
                "func(join-set: borrow<join-set>) -> result<{jres}, \
                 variant{{all-processed,pending}}>"
            ),
        ),
        (
            "get-execution-failure-kind",
            format!(
                "func(execution-id: record{{id:string}}) -> result<option<enum{{{failure}}}>, \
                 variant{{execution-id-parsing-error(string),not-found-in-processed-responses}}>"
            ),
        ),
        (
            "stub-json",
            "func(execution-id: record{id:string}, result-json: string) -> result<_, \
             variant{execution-id-parsing-error(string),execution-not-found,\
             type-check-error(string),conflict}>"
                .into(),
        ),
        ("random-string", "func(min-length: u16, max-length-exclusive: u16) -> string".into()),
    ];
    for (name, expected) in table {
        let name = format!("obelisk:workflow/workflow-support@6.0.0.{name}");
        assert_eq!(signature(&host().functions[&name]), expected, "{name}");
    }
    let status = &host().functions["obelisk:webhook/webhook-support@6.0.0.get-status"];
    let expected = format!(
        "result<variant{{pending-at({time}),locked,paused,blocked-by-join-set,cancelling,\
         finished(variant{{ok,err,execution-failure(enum{{{failure}}})}})}}, \
         variant{{execution-id-parsing-error(string),not-found}}>"
    );
    assert_eq!(status.result, expected);
}
