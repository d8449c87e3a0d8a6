// SPDX-License-Identifier: Apache-2.0
// A deployment file: settings, or an error with its place.
#include "fuzz/fuzz.h"
#include "server/deployment_file.h"

namespace stele {
namespace {

std::optional<std::string> variable(const std::string& name) {
  if (name == "SET") return "value";
  if (name == "EMPTY") return "";
  if (name == "NESTED") return "${SET}";
  return std::nullopt;
}

}  // namespace

void fuzz(std::string_view input) {
  const auto read = server::parse_deployment(input, "deployment.toml", variable);
  if (!read) {
    CHECK(read.error().code == Code::invalid_argument);
    CHECK(read.error().reason.starts_with("deployment.toml"));
  } else {
    for (const auto& component : read->components) CHECK(!component.name.empty());
  }
  const auto text = server::interpolate(input, variable);
  CHECK(text || text.error().code == Code::invalid_argument);
}

}  // namespace stele
