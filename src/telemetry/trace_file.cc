// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

namespace stele::telemetry {
namespace {

constexpr std::size_t first_lane = 1'000;

const char* name_of(Flow flow) {
  switch (flow) {
    case Flow::none: break;
    case Flow::turn: return "to a guest";
    case Flow::input: return "to the partition";
    case Flow::request: return "request";
    case Flow::commit: return "batch to commit";
    case Flow::committed: return "committed";
  }
  return "";
}

/// An event and the row in which it is drawn.
struct Placed {
  TraceEvent event;
  std::size_t row;
};

class TraceFile {
 public:
  TraceFile(std::FILE* file, std::int64_t zero_ns) : file_(file), zero_ns_(zero_ns) {}

  void begin() { put("{\"displayTimeUnit\":\"ms\",\"traceEvents\":["); }
  void name_row(std::size_t row, std::string_view name) {
    item(fmt::format(R"({{"ph":"M","pid":1,"tid":{},"name":"thread_name","args":{{"name":"{}"}}}})",
                     row, name));
    item(fmt::format(
        R"({{"ph":"M","pid":1,"tid":{0},"name":"thread_sort_index","args":{{"sort_index":{0}}}}})",
        row));
  }
  void span(const Placed& placed) {
    const TraceEvent& event = placed.event;
    std::string args;
    if (event.subject != 0) args = fmt::format(R"("subject":{})", event.subject);
    item(fmt::format(
        R"({{"ph":"X","pid":1,"tid":{},"ts":{:.3f},"dur":{:.3f},"name":"{}","args":{{{}}}}})",
        placed.row, us(event.begin_ns), ns_as_us(event.end_ns - event.begin_ns), event.name, args));
  }
  void arrow(const Placed& from, const Placed& to) {
    ++arrows_;
    const double waited = ns_as_us(to.event.begin_ns - from.event.begin_ns);
    const char* name = name_of(from.event.flow);
    item(fmt::format(
        R"({{"ph":"s","pid":1,"tid":{},"ts":{:.3f},"id":{},"cat":"hand-over","name":"{}"}})",
        from.row, us(from.event.begin_ns), arrows_, name));
    item(
        fmt::format(R"({{"ph":"f","bp":"e","pid":1,"tid":{},"ts":{:.3f},"id":{},)"
                    R"("cat":"hand-over","name":"{}","args":{{"subject":{},"waited_us":{:.3f}}}}})",
                    to.row, us(to.event.begin_ns), arrows_, name, to.event.subject, waited));
  }
  bool end(std::uint64_t dropped) {
    put(fmt::format("\n],\"otherData\":{{\"dropped\":{}}}}}\n", dropped));
    return sound_;
  }

 private:
  static double ns_as_us(std::int64_t ns) { return static_cast<double>(ns) / 1'000; }
  double us(std::int64_t at_ns) const { return ns_as_us(at_ns - zero_ns_); }
  void put(std::string_view text) {
    sound_ = sound_ && std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }
  void item(std::string_view text) {
    put(std::exchange(first_, false) ? "\n" : ",\n");
    put(text);
  }

  std::FILE* file_;
  std::int64_t zero_ns_;
  bool first_ = true;
  bool sound_ = true;
  std::uint64_t arrows_ = 0;
};

std::vector<Placed> place(const TraceRecord& record, TraceFile& file) {
  std::vector<Placed> all;
  std::map<std::string_view, std::size_t> lanes;
  for (std::size_t thread = 0; thread < record.threads.size(); ++thread) {
    file.name_row(thread + 1, record.threads[thread].name);
    for (const TraceEvent& event : record.threads[thread].events) {
      std::size_t row = thread + 1;
      if (event.lane != nullptr)
        row = lanes.try_emplace(event.lane, first_lane + lanes.size()).first->second;
      all.push_back({event, row});
    }
  }
  for (const auto& [name, row] : lanes) file.name_row(row, name);
  // Of spans that begin together the outer one comes first.
  std::ranges::stable_sort(all, {}, [](const Placed& placed) {
    return std::pair(placed.event.begin_ns, -placed.event.end_ns);
  });
  return all;
}

}  // namespace

bool write_trace(std::FILE* file, const TraceRecord& record) {
  std::int64_t zero_ns = INT64_MAX;
  for (const TracedThread& thread : record.threads)
    for (const TraceEvent& event : thread.events) zero_ns = std::min(zero_ns, event.begin_ns);
  TraceFile out(file, zero_ns);
  out.begin();
  std::map<std::pair<Flow, std::int64_t>, std::deque<Placed>> under_way;
  for (const Placed& placed : place(record, out)) {
    if (placed.event.flow == Flow::none) {
      out.span(placed);
      continue;
    }
    std::deque<Placed>& ends = under_way[{placed.event.flow, placed.event.subject}];
    if (!placed.event.arrives) {
      ends.push_back(placed);
    } else if (!ends.empty()) {
      out.arrow(ends.front(), placed);
      ends.pop_front();
    }
  }
  return out.end(record.dropped);
}

}  // namespace stele::telemetry
