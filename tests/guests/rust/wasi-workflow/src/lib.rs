// SPDX-License-Identifier: Apache-2.0
//! A workflow whose standard library imports WASI; it is deployed with `stub_wasi = true`.

wit_bindgen::generate!({
    world: "test:rust-worlds/wasi-workflow@1.0.0",
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

use std::collections::HashMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::exports::test::rust::stubbed::Guest;
use crate::obelisk::log::log;
use crate::obelisk::types::time::{Duration, ScheduleAt};
use crate::obelisk::workflow::workflow_support as support;
use crate::test::rust::outside;

struct Guests;
export!(Guests);

impl Guest for Guests {
    fn look() -> Result<Vec<String>, String> {
        println!("nobody sees this");
        eprintln!("nor this");
        let started = Instant::now();
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|e| e.to_string())?;
        // The order of a hash map's keys comes from WASI's random numbers.
        let map: HashMap<u32, u32> = (0..20).map(|i| (i, i)).collect();
        let order: Vec<String> = map.keys().map(u32::to_string).collect();
        log::info("looked");
        let slept = support::sleep(ScheduleAt::In(Duration::Milliseconds(20)), None);
        let look = outside::look()?;
        Ok(vec![
            format!("args {}", std::env::args().count()),
            format!("variables {}", std::env::vars().count()),
            format!("directory {}", std::env::current_dir().is_ok()),
            format!("wall {}", wall.as_nanos()),
            format!("passed {}", started.elapsed().as_nanos()),
            format!("slept {}", slept.is_ok()),
            format!("order {}", order.join(" ")),
            format!("activity {}", look[1]),
        ])
    }

    fn exit() -> Result<(), String> {
        std::process::exit(3)
    }

    fn connect() -> Result<(), String> {
        match std::net::TcpStream::connect("127.0.0.1:9") {
            Ok(_) => Ok(()),
            Err(e) => Err(e.to_string()),
        }
    }
}
