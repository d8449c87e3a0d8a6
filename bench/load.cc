// SPDX-License-Identifier: Apache-2.0
// The load generator and the eyes of the benchmark, through the API. Prints one JSON object.
//
//   stele_load ADDRESS flows ffqn=… params=… [in_flight=N] [total=N | seconds=S] [rate=R]
//                            [wait=no] [connections=N | ids=FILE]
//       executions, submitted and waited for: so many in flight, or so many begun a second
//   stele_load ADDRESS stalls seconds=S          the longest time without a commit
//   stele_load ADDRESS lists ffqn=… seconds=S    how long lists take, S seconds for each kind
//   stele_load ADDRESS replay id=E_… times=N     how long replays take
//   stele_load ADDRESS requests id=E_…           when each request of a history was made
//   stele_load ADDRESS progress ids=FILE positions=FILE [since_us=T]
//       for each id, its next version and its first event after T
#include <fmt/format.h>

#include <fstream>
#include <functional>

#include "bench/flows.h"
#include "bench/reads.h"
#include "bench/words.h"

namespace {

using stele::Result;
using stele::bench::FlowReport;
using stele::bench::Words;
using Answer = Result<std::string>;

Answer flows(const std::string& address, Words& words) {
  const stele::bench::FlowPlan plan{.address = address,
                                    .ffqn = words.text("ffqn"),
                                    .params = words.text("params", "[]"),
                                    .wait = words.text("wait") != "no",
                                    .in_flight = words.count("in_flight", 1),
                                    .total = words.count("total", 0),
                                    .seconds = words.number("seconds", 0),
                                    .rate = words.number("rate", 0),
                                    .connections = words.count("connections", 1),
                                    .ids_path = words.text("ids")};
  FlowReport report = TRY(run_flows(plan));
  const double rate = report.seconds > 0 ? static_cast<double>(report.done) / report.seconds : 0;
  const std::string counts = fmt::format(
      R"("begun":{},"done":{},"failed":{},"refused":{},"refused_with_retry":{},"tried_again":{})",
      report.begun, report.done, report.failed, report.refused, report.refused_with_retry,
      report.tried_again);
  std::string error;
  for (const char each : report.first_error)
    if (each >= ' ' && each != '"' && each != '\\') error += each;
  return fmt::format(R"({{{},"seconds":{:.6f},"rate":{:.3f},"first_error":"{}",{}}})", counts,
                     report.seconds, rate, error, report.times.json());
}

template <typename Value>
Result<std::vector<Value>> read_values(const std::string& path) {
  std::ifstream file(path);
  if (!file) return stele::fail(stele::Code::not_found, "cannot be read", path);
  std::vector<Value> values;
  for (Value value; file >> value;) values.push_back(value);
  return values;
}

Answer progress_of(const std::string& address, Words& words) {
  stele::bench::ProgressQuestion question{.address = address, .ids = {}, .positions = {}};
  question.ids = TRY(read_values<std::string>(words.text("ids")));
  question.positions = TRY(read_values<std::uint32_t>(words.text("positions")));
  question.since_us = static_cast<std::int64_t>(words.count("since_us", 0));
  if (question.ids.size() != question.positions.size())
    return stele::fail(stele::Code::invalid_argument, "one position for each id is needed");
  return progress(question);
}

Answer run(const std::string& address, const std::string& kind, Words& words) {
  if (kind == "flows") return flows(address, words);
  if (kind == "progress") return progress_of(address, words);
  if (kind == "stalls") return stele::bench::commit_stalls(address, words.number("seconds", 1));
  if (kind == "lists")
    return stele::bench::list_times(address, words.text("ffqn"), words.number("seconds", 1));
  if (kind == "replay")
    return stele::bench::replay_times(address, words.text("id"), words.count("times", 1));
  if (kind == "requests") return stele::bench::request_times(address, words.text("id"));
  return stele::fail(stele::Code::invalid_argument, "no such load; the file says which", kind);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span args(argv, static_cast<std::size_t>(argc));
  if (args.size() < 3) {
    fmt::print(stderr, "usage: stele_load ADDRESS KIND [key=value…]\n");
    return 2;
  }
  Words words(args.subspan(3));
  const Answer answer = run(args[1], args[2], words);
  if (!answer) {
    fmt::print(stderr, "{} {}\n", answer.error().reason, answer.error().subject);
    return 1;
  }
  if (const auto left = words.left_over()) {
    fmt::print(stderr, "`{}` means nothing here\n", *left);
    return 2;
  }
  fmt::print("{}\n", *answer);
  return 0;
}
