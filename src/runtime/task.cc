// SPDX-License-Identifier: Apache-2.0
#include "runtime/task.h"

#include "base/trace.h"

namespace stele::runtime {

bool GuestCell::set(std::unique_ptr<wasm::Guest> guest) {
  const Lock lock(mutex_);
  guest_ = std::move(guest);
  if (interrupted_) guest_->interrupt();
  return !interrupted_;
}

void GuestCell::interrupt() {
  const Lock lock(mutex_);
  interrupted_ = true;
  if (guest_) guest_->interrupt();
}

wasm::PollResult Task::poll_guest(const char* what) {
  const TraceSpan span(what, name.key.value);
  return cell.get()->poll();
}

}  // namespace stele::runtime
