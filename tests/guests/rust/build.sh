#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rebuilds the components beside this file and their digests. Needs cargo, and once:
#   rustup target add wasm32-unknown-unknown wasm32-wasip2
# Usage: tests/guests/rust/build.sh [path of the stele program]
set -eu
cd "$(dirname "$0")"
stele=${1:-../../../build/check/stele}
target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/stele/rust-guests}
export CARGO_TARGET_DIR="$target"
# Paths of the machine do not become part of the components.
export RUSTFLAGS="--remap-path-prefix=$PWD=. --remap-path-prefix=$HOME=~"
cargo build --locked --release --target wasm32-unknown-unknown -p join-sets -p values
cargo build --locked --release --target wasm32-wasip2 -p wasi-workflow -p wasi-activity
"$stele" component new "$target/wasm32-unknown-unknown/release/join_sets.wasm" \
  -o rust_join_sets.wasm
"$stele" component new "$target/wasm32-unknown-unknown/release/values.wasm" \
  -o rust_values.wasm
cp "$target/wasm32-wasip2/release/wasi_workflow.wasm" rust_wasi_workflow.wasm
cp "$target/wasm32-wasip2/release/wasi_activity.wasm" rust_wasi_activity.wasm
sha256sum rust_*.wasm Cargo.* */Cargo.toml */src/lib.rs wit/*.wit > digests.sha256
