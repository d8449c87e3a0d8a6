// SPDX-License-Identifier: Apache-2.0
#include "journal/entry.h"

namespace stele {
namespace {

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

std::string_view failure_kind_name(FailureKind kind) {
  switch (kind) {
    case FailureKind::timed_out: return "timed_out";
    case FailureKind::nondeterminism_detected: return "nondeterminism_detected";
    case FailureKind::out_of_fuel: return "out_of_fuel";
    case FailureKind::cancelled: return "cancelled";
    case FailureKind::uncategorized: return "uncategorized";
  }
  return "uncategorized";
}

std::uint32_t version_width(const EntryBody& body) {
  return std::visit(Overloaded{
                        [](const DirectCall&) { return 3U; },
                        [](const Sleep&) { return 3U; },
                        [](const JoinNext& next) { return next.count; },
                        [](const Ending&) { return 0U; },
                        [](const ChildResponse&) { return 0U; },
                        [](const DelayResponse&) { return 0U; },
                        [](const auto&) { return 1U; },
                    },
                    body);
}

bool is_response(const EntryBody& body) {
  return std::holds_alternative<ChildResponse>(body) || std::holds_alternative<DelayResponse>(body);
}

bool is_request(const EntryBody& body) {
  return std::visit(Overloaded{
                        [](const Ending&) { return false; },
                        [](const ChildResponse&) { return false; },
                        [](const DelayResponse&) { return false; },
                        [](const AttemptFailed&) { return false; },
                        [](const Control&) { return false; },
                        [](const ComponentUpgrade&) { return false; },
                        [](const auto&) { return true; },
                    },
                    body);
}

HistoryHead after(const Entry& entry, const HistoryHead& before) {
  HistoryHead head = before;
  head.position = entry.position + 1;
  head.version = before.version + version_width(entry.body);
  if (is_response(entry.body)) ++head.response_seq;
  return head;
}

}  // namespace stele
