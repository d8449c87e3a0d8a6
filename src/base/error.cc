// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <algorithm>
#include <array>

namespace stele {
namespace {

struct Row {
  Code code;
  std::string_view name;
  bool retryable;
};

constexpr std::array rows{
    Row{Code::cancelled, "cancelled", false},
    Row{Code::invalid_argument, "invalid_argument", false},
    Row{Code::deadline_exceeded, "deadline_exceeded", true},
    Row{Code::not_found, "not_found", false},
    Row{Code::already_exists, "already_exists", false},
    Row{Code::permission_denied, "permission_denied", false},
    Row{Code::resource_exhausted, "resource_exhausted", true},
    Row{Code::failed_precondition, "failed_precondition", false},
    Row{Code::aborted, "aborted", true},
    Row{Code::unimplemented, "unimplemented", false},
    Row{Code::internal, "internal", false},
    Row{Code::unavailable, "unavailable", true},
    Row{Code::data_loss, "data_loss", false},
};

const Row* row_of(Code code) {
  const auto* row = std::ranges::find(rows, code, &Row::code);
  return row == rows.end() ? nullptr : row;
}

}  // namespace

std::string_view code_name(Code code) {
  const Row* row = row_of(code);
  return row == nullptr ? "unknown" : row->name;
}

bool is_retryable(Code code) {
  const Row* row = row_of(code);
  return row != nullptr && row->retryable;
}

}  // namespace stele
