// SPDX-License-Identifier: Apache-2.0
//! The two engines' configuration: features, limits and memory pools.

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    WasmBacktraceDetails, WasmFeatures,
};

use crate::abi::{Failed, StView};

/// As st_config in bridge.h.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StConfig {
    pub cache_directory: StView,
    pub workflow_guests: u32,
    pub other_guests: u32,
    pub memory_bytes: u64,
    pub epoch_tick_us: u32,
    pub blocking_threads: u32,
    pub allocation: u8,
    pub fuel: u8,
}

const ALLOCATION_ON_DEMAND: u8 = 1;
const ALLOCATION_SMALL: u8 = 2;

pub const FIBER_STACK_BYTES: usize = 2 << 20;
const WASM_STACK_BYTES: usize = 1 << 20;
/// A core instance, its memories and tables for one guest; adapters need more than one of each.
const CORE_INSTANCES_PER_GUEST: u32 = 8;
const MEMORIES_PER_GUEST: u32 = 2;
const TABLES_PER_GUEST: u32 = 4;
pub const TABLE_ELEMENTS: usize = 100_000;
/// Dirty pages of a finished guest that its slot keeps, zeroed: the next one has no page faults.
pub const KEEP_RESIDENT_BYTES: usize = 256 << 10;
/// Mappings that one slot in use costs: memory (image, heap, guard), table, stack with its guard.
const MAPPINGS_PER_GUEST: u64 = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Workflow,
    Other,
}

/// An engine and the number of guests it can hold.
pub struct Made {
    pub engine: Engine,
    pub guests_max: usize,
    pub pooled: bool,
}

pub fn make_engine(role: Role, config: &StConfig) -> Result<Made, Failed> {
    let guests = match role {
        Role::Workflow => config.workflow_guests,
        Role::Other => config.other_guests,
    };
    let guests = guests.clamp(1, 100_000);
    if config.allocation == 0 && pool_fits(config) {
        let mut pooled = plain(role, config);
        pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(guests, config)));
        if let Ok(engine) = Engine::new(&pooled) {
            return Ok(Made { engine, guests_max: guests as usize, pooled: true });
        }
    }
    let mut on_demand = plain(role, config);
    on_demand.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    if config.allocation == ALLOCATION_SMALL {
        on_demand.memory_reservation(1 << 20);
        on_demand.memory_guard_size(64 << 10);
        on_demand.memory_reservation_for_growth(1 << 20);
    }
    debug_assert!(config.allocation <= ALLOCATION_SMALL && ALLOCATION_ON_DEMAND == 1);
    let engine = Engine::new(&on_demand)
        .map_err(|error| Failed::internal(format!("no WebAssembly engine: {error:#}")))?;
    Ok(Made { engine, guests_max: guests as usize, pooled: false })
}

/// Everything but the allocation strategy. Wasm features are listed one by one.
fn plain(role: Role, options: &StConfig) -> Config {
    let mut config = Config::new();
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.generate_address_map(true);
    config.epoch_interruption(true);
    config.consume_fuel(options.fuel != 0);
    config.cranelift_opt_level(OptLevel::Speed);
    config.async_stack_size(FIBER_STACK_BYTES);
    config.max_wasm_stack(WASM_STACK_BYTES);
    config.memory_init_cow(true);
    config.wasm_component_model(true);
    config.wasm_bulk_memory(true);
    config.wasm_multi_value(true);
    config.wasm_features(WasmFeatures::REFERENCE_TYPES, true);
    config.wasm_extended_const(true);
    config.wasm_tail_call(true);
    config.wasm_simd(true);
    config.wasm_relaxed_simd(true);
    config.wasm_multi_memory(true);
    config.wasm_memory64(false);
    config.wasm_custom_page_sizes(false);
    config.wasm_wide_arithmetic(false);
    config.shared_memory(false);
    let deterministic = role == Role::Workflow;
    config.cranelift_nan_canonicalization(deterministic);
    config.relaxed_simd_deterministic(deterministic);
    config
}

fn pool(guests: u32, config: &StConfig) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(guests);
    pool.total_core_instances(guests.saturating_mul(CORE_INSTANCES_PER_GUEST));
    pool.total_memories(guests.saturating_mul(MEMORIES_PER_GUEST));
    pool.total_tables(guests.saturating_mul(TABLES_PER_GUEST));
    pool.total_stacks(guests);
    pool.max_memory_size(config.memory_bytes.clamp(1 << 16, 4 << 30) as usize);
    pool.max_tables_per_module(TABLES_PER_GUEST);
    pool.max_memories_per_module(MEMORIES_PER_GUEST);
    pool.table_elements(TABLE_ELEMENTS);
    pool.max_core_instance_size(1 << 20);
    pool.max_component_instance_size(1 << 20);
    pool.linear_memory_keep_resident(KEEP_RESIDENT_BYTES);
    pool.table_keep_resident(16 << 10);
    pool.async_stack_keep_resident(16 << 10);
    pool.pagemap_scan(Enabled::Auto);
    pool
}

/// Both pools, full, must stay below what the kernel lets one process map.
fn pool_fits(config: &StConfig) -> bool {
    let guests = u64::from(config.workflow_guests) + u64::from(config.other_guests);
    let mappings_max = std::fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok())
        .unwrap_or(65_530);
    guests.saturating_mul(MAPPINGS_PER_GUEST) < mappings_max * 9 / 10
}
