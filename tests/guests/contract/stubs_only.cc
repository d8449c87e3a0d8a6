// SPDX-License-Identifier: Apache-2.0
// Only the types of this component count: a stub never runs.
#include "contract_stubs_cpp.h"

namespace exports::test::contract::approvals {

std::expected<wit::string, wit::Void> Ask(wit::string) { __builtin_trap(); }
std::expected<::test::contract::types::Small, ::test::contract::types::Failure> Decide(
    std::uint32_t) {
  __builtin_trap();
}
std::expected<void, wit::Void> Notify() { __builtin_trap(); }

}  // namespace exports::test::contract::approvals
