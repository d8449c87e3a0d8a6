// SPDX-License-Identifier: Apache-2.0
//! Names as they stand in the source.

use super::*;

#[test]
fn names_are_demangled() {
    let table = [
        ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"),
        ("_ZN5guest3runEv", "guest::run()"),
        ("plain-name", "plain-name"),
        ("_Znonsense", "_Znonsense"),
        ("", ""),
    ];
    for (mangled, expected) in table {
        assert_eq!(demangled(mangled), expected);
    }
}
