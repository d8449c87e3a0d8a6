// SPDX-License-Identifier: Apache-2.0
//! An activity that uses WASI through the standard library.

wit_bindgen::generate!({
    world: "test:rust-worlds/wasi-activity@1.0.0",
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

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::exports::test::rust::outside::Guest;

struct Guests;
export!(Guests);

impl Guest for Guests {
    fn look() -> Result<Vec<String>, String> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|e| e.to_string())?;
        let differ = RandomState::new().hash_one(1) != 0;
        let files = std::fs::read_dir("/").map_or(0, Iterator::count);
        Ok(vec![
            format!("args {}", std::env::args().count()),
            format!("greeting {:?}", std::env::var("GREETING").ok()),
            format!("home {:?}", std::env::var("HOME").ok()),
            format!("years {}", since.as_secs() / (365 * 24 * 3600) > 50),
            format!("random {differ}"),
            format!("files {files}"),
        ])
    }

    fn print(text: String) -> Result<(), String> {
        println!("{text}");
        eprintln!("{text} too");
        Ok(())
    }

    fn nap(ms: u32) -> Result<u32, String> {
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(u64::from(ms)));
        u32::try_from(start.elapsed().as_millis()).map_err(|e| e.to_string())
    }
}
