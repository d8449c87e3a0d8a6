// SPDX-License-Identifier: Apache-2.0
// A load through the API: submits workflows of the test guests and waits for their ends.
//
//   stele_load ADDRESS seq STEPS           one workflow of so many sequential steps
//   stele_load ADDRESS par WORKFLOWS STEPS so many workflows at the same time
//   stele_load ADDRESS fan CHILDREN TIMES  one workflow after another that fans out
//
// Prints {"steps":…,"seconds":…}: from the first submission to the last end, as this client saw it.
#include <fmt/format.h>
#include <time.h>

#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/grpc/client.h"
#include "cli/api_client.h"

namespace {

using stele::Result;
using stele::cli::ApiClient;

struct Load {
  std::string function;
  std::uint64_t param = 0;
  std::uint64_t at_once = 1;
  std::uint64_t rounds = 1;
};

constexpr long poll_ns = 2'000'000;

double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Result<void> wait_for(ApiClient& client, const std::string& id) {
  for (;;) {
    const auto seen = TRY(client.get(id));
    if (seen.state == "finished") {
      const bool ok = seen.result && seen.result->kind == stele::cli::ResultKind::ok;
      if (ok) return {};
      return stele::fail(stele::Code::internal, "a workflow of the load has failed", id);
    }
    const timespec pause{.tv_sec = 0, .tv_nsec = poll_ns};
    nanosleep(&pause, nullptr);
  }
}

Result<void> run_round(ApiClient& client, const Load& load) {
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; i < load.at_once; ++i) {
    const auto answer = TRY(client.submit({.id = {},
                                           .ffqn = "test:guests/flows@1.0.0." + load.function,
                                           .params = fmt::format("[{}]", load.param),
                                           .requester = "bench"}));
    ids.push_back(answer.id);
  }
  for (const std::string& id : ids) TRY(wait_for(client, id));
  return {};
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

bool parse(std::span<char*> args, Load& load) {
  const std::string kind = args.size() > 2 ? args[2] : "";
  if (kind == "seq" && args.size() == 4) {
    load = {.function = "seq", .param = number(args[3])};
    return true;
  }
  if (kind == "par" && args.size() == 5) {
    load = {.function = "seq", .param = number(args[4]), .at_once = number(args[3])};
    return true;
  }
  if (kind != "fan" || args.size() != 5) return false;
  load = {.function = "fan", .param = number(args[3]), .rounds = number(args[4])};
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  if (!parse(std::span(argv, static_cast<std::size_t>(argc)), load)) {
    fmt::print(stderr,
               "usage: stele_load ADDRESS seq STEPS | par WORKFLOWS STEPS | fan CHILDREN TIMES\n");
    return 2;
  }
  const auto connected = stele::api::connect_grpc(argv[1]);
  if (!connected) {
    fmt::print(stderr, "{}\n", connected.error().reason);
    return 1;
  }
  ApiClient& client = **connected;
  const double begin = monotonic_seconds();
  for (std::uint64_t round = 0; round < load.rounds; ++round) {
    const auto done = run_round(client, load);
    if (done) continue;
    fmt::print(stderr, "{}: {}\n", done.error().subject, done.error().reason);
    return 1;
  }
  const double seconds = monotonic_seconds() - begin;
  fmt::print("{{\"steps\":{},\"seconds\":{:.6f}}}\n", load.param * load.at_once * load.rounds,
             seconds);
  return 0;
}
