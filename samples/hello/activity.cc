// SPDX-License-Identifier: Apache-2.0
#include "activity_cpp.h"
//
#include "stele/guest.h"

namespace exports::sample::hello::greeter {

stele::Result<wit::string> Greet(wit::string name) {
  if (name.empty()) return stele::error("nobody to greet");
  ::obelisk::log::log::Info(stele::join("greeting ", name));
  return stele::text(stele::join("Hello, ", name, "!"));
}

}  // namespace exports::sample::hello::greeter
