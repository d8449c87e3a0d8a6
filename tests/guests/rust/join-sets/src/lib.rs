// SPDX-License-Identifier: Apache-2.0
//! A workflow that leaves join sets in each way that Rust has.

wit_bindgen::generate!({
    world: "test:rust-worlds/join-sets@1.0.0",
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

use crate::exports::test::rust::drops::Guest;
use crate::obelisk::types::execution::ExecutionId;
use crate::obelisk::types::join_set::JoinSet;
use crate::obelisk::types::time::{Duration, ScheduleAt};
use crate::obelisk::workflow::workflow_support as support;
use crate::test::contract_obelisk_ext::approvals;

struct Guests;
export!(Guests);

/// A named set with a stub that nobody answers.
fn open(name: &str) -> Result<(JoinSet, ExecutionId), String> {
    let set = support::join_set_create_named(name).map_err(|e| format!("{name}: {e:?}"))?;
    let asked = approvals::ask_submit(&set, name);
    Ok((set, asked))
}

/// Whether the child's response was swept by the closing of its set.
fn swept(child: &ExecutionId) -> String {
    let own = support::execution_id_current().id;
    let id = child.id.trim_start_matches(&own);
    match support::get_execution_failure_kind(child) {
        Ok(kind) => format!("{id} {kind:?}"),
        Err(_) => format!("{id} open"),
    }
}

fn refuse(_set: JoinSet) -> Result<(), String> {
    Err("refused".to_owned())
}

impl Guest for Guests {
    fn scope_order() -> Result<Vec<String>, String> {
        let (first, second);
        {
            let (_outer, a) = open("outer")?;
            let (_inner, b) = open("inner")?;
            (first, second) = (a, b);
        }
        Ok(vec![swept(&first), swept(&second)])
    }

    fn by_hand() -> Result<Vec<String>, String> {
        let (outer, a) = open("outer")?;
        let (_inner, b) = open("inner")?;
        drop(outer);
        Ok(vec![swept(&a), swept(&b)])
    }

    fn in_a_list(count: u32) -> Result<Vec<String>, String> {
        let mut sets = Vec::new();
        let mut children = Vec::new();
        for index in 0..count {
            let (set, child) = open(&format!("element-{index}"))?;
            sets.push(set);
            children.push(child);
        }
        let last = sets.pop();
        drop(sets);
        let seen = children.iter().map(swept).collect();
        drop(last);
        Ok(seen)
    }

    fn leak() -> Result<Vec<String>, String> {
        let (kept, a) = open("kept")?;
        let (_dropped, b) = open("dropped")?;
        let (other, _) = open("other")?;
        support::submit_delay(&kept, ScheduleAt::In(Duration::Hours(1)));
        std::mem::forget(kept);
        std::mem::forget(other);
        Ok(vec![swept(&a), swept(&b)])
    }

    fn moved() -> Result<Vec<String>, String> {
        let (set, child) = open("moved")?;
        let before = swept(&child);
        let refused = refuse(set);
        Ok(vec![before, format!("{refused:?}"), swept(&child)])
    }

    fn panics() -> Result<Vec<String>, String> {
        let (_first, _) = open("first")?;
        let (_second, child) = open("second")?;
        let list: Vec<u32> = Vec::new();
        Ok(vec![swept(&child), format!("{}", list[child.id.len()])])
    }
}
