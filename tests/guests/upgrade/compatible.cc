// SPDX-License-Identifier: Apache-2.0
#include "flow.h"

namespace upgrade {

std::uint32_t before(std::uint32_t n) { return add(n, 1); }
std::uint32_t after(std::uint32_t sum) { return add(add(sum, 100), 1000); }

}  // namespace upgrade
