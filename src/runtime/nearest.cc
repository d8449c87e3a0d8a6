// SPDX-License-Identifier: Apache-2.0
#include "runtime/nearest.h"

#include <algorithm>
#include <numeric>

namespace stele::runtime {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({row[j - 1] + 1, above + 1, replaced});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t name_bytes_max = 1'024;
  if (name.size() > name_bytes_max) return {};
  std::string best;
  std::size_t best_distance = name.size() / 2 + 1;
  for (const std::string& other : names) {
    const std::size_t distance = edit_distance(name, other);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = other;
  }
  return best;
}

}  // namespace stele::runtime
