// SPDX-License-Identifier: Apache-2.0
// Owns: the real clocks. Life cycle: stateless. Thread: any. Must hold: monotonic() never goes
// back.
#pragma once

#include "runtime/options.h"

namespace stele::runtime {

class SystemTime final : public TimeSource {
 public:
  Instant wall() override;
  Duration monotonic() override;
};

}  // namespace stele::runtime
