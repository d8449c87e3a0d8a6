// SPDX-License-Identifier: Apache-2.0
#include "workflow_cpp.h"
//
#include "stele/workflow.h"

namespace exports::sample::hello::flow {

stele::Result<wit::vector<wit::string>> GreetAll(wit::vector<wit::string> names,
                                                 std::uint64_t pause_ms) {
  std::vector<wit::string> greetings;
  for (const wit::string& name : stele::each(names)) {
    if (pause_ms > 0) stele::sleep(stele::in_milliseconds(pause_ms), "pause");
    auto greeting = ::sample::hello::greeter::Greet(name.get_view());  // durable, retried
    if (!greeting) return std::unexpected(std::move(greeting.error()));
    greetings.push_back(std::move(*greeting));
  }
  return stele::list(std::move(greetings));
}

}  // namespace exports::sample::hello::flow
