// SPDX-License-Identifier: Apache-2.0
// This machine's own limits, for the ratios of `make bench`.
//
//   stele_limits folder=DIR components=DIR [seconds=S] [only=NAME]
//
// Prints one JSON object: {name: {"rate":…, "p50_ms":…, …}}. What cannot be had is left out, and
// said on stderr.
#include "bench/limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <functional>
#include <utility>

#include "bench/words.h"

namespace {

using stele::Result;
using stele::bench::BareServer;
using stele::bench::Limit;
using Measure = std::function<Result<Limit>()>;

constexpr std::uint64_t unary_in_flight = 64;

std::vector<std::pair<std::string, Measure>> measures(const std::string& folder,
                                                      const std::string& components, double seconds,
                                                      const BareServer& bare) {
  return {
      {"append_fdatasync", [=] { return stele::bench::append_fdatasync(folder, seconds); }},
      {"commit1", [=] { return stele::bench::commit1(folder, seconds); }},
      {"steps64", [=] { return stele::bench::sqlite_steps(folder, 64, seconds); }},
      {"steps1024", [=] { return stele::bench::sqlite_steps(folder, 1024, seconds); }},
      {"bridge_calls", [=] { return stele::bench::bridge_calls(components, seconds); }},
      {"bridge_instantiations",
       [=] { return stele::bench::bridge_instantiations(components, seconds); }},
      {"grpc_unary", [&bare, seconds] { return bare.unary(unary_in_flight, seconds); }},
  };
}

}  // namespace

int main(int argc, char** argv) {
  stele::bench::Words words(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  const std::string folder = words.text("folder");
  const std::string components = words.text("components");
  const std::string only = words.text("only");
  const double seconds = words.number("seconds", 1);
  if (folder.empty() || components.empty() || words.left_over()) {
    fmt::print(stderr, "usage: stele_limits folder=DIR components=DIR [seconds=S] [only=NAME]\n");
    return 2;
  }
  mkdir(folder.c_str(), 0700);
  BareServer bare;
  if (const auto started = bare.start(); !started) {
    fmt::print(stderr, "grpc_unary: {}\n", started.error().reason);
  }
  std::vector<std::string> parts;
  bool whole = true;
  for (const auto& [name, measure] : measures(folder, components, seconds, bare)) {
    if (!only.empty() && only != name) continue;
    Result<Limit> limit = measure();
    if (!limit) {
      whole = false;
      fmt::print(stderr, "{}: {} {}\n", name, limit.error().reason, limit.error().subject);
      continue;
    }
    const std::string times =
        limit->times.count() == 0 ? "" : fmt::format(",{}", limit->times.json());
    parts.push_back(fmt::format(R"("{}":{{"rate":{:.1f}{}}})", name, limit->rate, times));
  }
  fmt::print("{{{}}}\n", fmt::join(parts, ","));
  return whole ? 0 : 1;
}
