// SPDX-License-Identifier: Apache-2.0
//! Values of each kind through the host, and backtraces that a guest makes itself.

wit_bindgen::generate!({
    world: "test:rust-worlds/values@1.0.0",
    path: [
        "../../../../wit/obelisk-log.wit",
        "../../../../wit/obelisk-types.wit",
        "../../../../wit/obelisk-workflow.wit",
        "../../contract/wit/contract.wit",
        "../../contract/wit/contract-ext.wit",
        "../../contract/wit/contract-stub.wit",
        "../wit/rust.wit",
        "../wit/worlds.wit",
    ],
    generate_all,
});

use crate::exports::test::rust::values::Guest;
use crate::obelisk::types::backtrace::{FrameInfo, FrameSymbol, WasmBacktrace};
use crate::obelisk::types::execution::Function;
use crate::obelisk::types::time::{Duration, ScheduleAt};
use crate::obelisk::workflow::workflow_support as support;
use crate::obelisk::workflow::workflow_support_backtrace as traced;
use crate::test::contract::types::{Everything, Failure, Small};
use crate::test::contract::work;
use crate::test::contract_obelisk_ext::approvals;
use crate::test::contract_obelisk_ext::work as ext;
use crate::test::contract_obelisk_stub::approvals as stub;

struct Guests;
export!(Guests);

fn function(name: &str) -> Function {
    Function {
        interface_name: "test:contract/work@1.0.0".to_owned(),
        function_name: name.to_owned(),
    }
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

/// None for each fourth line.
fn frames(line: u32) -> Option<WasmBacktrace> {
    let known = FrameSymbol {
        func_name: Some("interpreted".to_owned()),
        file: Some("script.txt".to_owned()),
        line: Some(line),
        col: Some(3),
    };
    let unknown = FrameSymbol {
        func_name: None,
        file: None,
        line: None,
        col: None,
    };
    let frame = |symbols| FrameInfo {
        module: "script".to_owned(),
        func_name: "main".to_owned(),
        symbols,
    };
    (line % 4 != 0).then(|| WasmBacktrace {
        frames: vec![frame(vec![known, unknown]), frame(vec![])],
    })
}

fn traced_sets(seen: &mut Vec<String>) -> Result<(), String> {
    let set = traced::join_set_create(frames(1).as_ref());
    let named = traced::join_set_create_named("traced", frames(2).as_ref()).map_err(text)?;
    let again = traced::join_set_create_named("traced", frames(3).as_ref()).map(|_| ());
    seen.push(format!("{} {} {again:?}", set.id(), named.id()));
    let add = traced::submit_json(&set, &function("add"), "[1,2]", frames(5).as_ref());
    let delay = traced::submit_delay(&named, ScheduleAt::Now, frames(6).as_ref());
    seen.push(format!(
        "{} {}",
        add.is_ok(),
        delay.id.ends_with(".n:traced_1")
    ));
    seen.push(text(traced::join_next(&set, frames(7).as_ref())));
    seen.push(text(traced::join_next_try(&set, frames(8).as_ref())));
    seen.push(text(traced::join_next(&named, frames(9).as_ref())));
    seen.push(text(traced::join_next(&named, frames(10).as_ref())));
    traced::join_set_close(named, frames(11).as_ref());
    traced::join_set_close(set, frames(12).as_ref());
    Ok(())
}

fn traced_calls(seen: &mut Vec<String>) {
    seen.push(text(traced::call_json(
        &function("add"),
        "[3,4]",
        frames(13).as_ref(),
    )));
    let id = traced::execution_id_generate(frames(14).as_ref());
    let now = ScheduleAt::Now;
    let scheduled = traced::schedule_json(&id, now, &function("unit"), "[]", frames(15).as_ref());
    seen.push(text(scheduled));
    let stubbed = traced::stub_json(&id, "{\"ok\":1}", frames(17).as_ref());
    seen.push(format!("{}", stubbed.is_err()));
    let numbers = (
        traced::random_u64(4, 5, frames(18).as_ref()),
        traced::random_u64_inclusive(6, 6, frames(19).as_ref()),
        traced::random_string(3, 4, frames(21).as_ref()).len(),
    );
    seen.push(format!("{numbers:?}"));
    let at = ScheduleAt::In(Duration::Milliseconds(1));
    seen.push(format!(
        "{}",
        traced::sleep(at, Some("traced"), frames(22).as_ref()).is_ok()
    ));
}

impl Guest for Guests {
    fn echo(value: Everything) -> Result<Everything, String> {
        let direct = work::echo(&value)?;
        let set = support::join_set_create();
        let child = ext::echo_submit(&set, &direct);
        let awaited = ext::echo_await_next(&set).map_err(text)??;
        let result = support::get_result_json(&child).map_err(text)?;
        let json = result.map_err(text)?.ok_or("no JSON of the result")?;
        let params = format!("[{json}]");
        let by_name = support::call_json(&function("echo"), &params).map_err(text)?;
        if by_name != Ok(Some(json)) {
            return Err("the JSON has changed on its way".to_owned());
        }
        Ok(awaited)
    }

    fn traced() -> Result<Vec<String>, String> {
        let mut seen = Vec::new();
        traced_sets(&mut seen)?;
        traced_calls(&mut seen);
        Ok(seen)
    }

    fn stubs() -> Result<Vec<String>, String> {
        let set = support::join_set_create();
        let mut seen = Vec::new();
        let small = Small {
            size: 8,
            long_name: Some("a longer text of a record".to_owned()),
        };
        let refused = Failure::PermanentRefusal("a longer text of an error".to_owned());
        for value in [Ok(small), Err(refused), Err(Failure::ExecutionFailed)] {
            let child = approvals::decide_submit(&set, 1);
            let value = value.as_ref().map_err(|e| e);
            seen.push(text(stub::decide_stub(&child, value)));
            seen.push(text(stub::decide_stub(&child, value)));
            let awaited = approvals::decide_await_next(&set);
            seen.push(text(&awaited));
            seen.push(
                text(approvals::decide_get(&child))
                    .eq(&text(awaited.as_ref()))
                    .to_string(),
            );
        }
        Ok(seen)
    }
}
