// SPDX-License-Identifier: Apache-2.0
// Only the types of this component count: an external activity runs elsewhere.
#include "contract_externals_cpp.h"

namespace exports::test::contract::jobs {

std::expected<std::uint32_t, wit::string> Run(wit::string, std::uint8_t) { __builtin_trap(); }

}  // namespace exports::test::contract::jobs
