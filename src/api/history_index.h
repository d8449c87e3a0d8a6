// SPDX-License-Identifier: Apache-2.0
// Owns: what later entries of a history refer to: names of join sets, places of children, and where
//   versions and responses begin.
// Life cycle: grown entry by entry from position 0; never shrinks. Thread: its owner's.
// Must hold: about 16 bytes for each join set and child; what it was told never changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/entry.h"

namespace stele::api {

class HistoryIndex {
 public:
  struct Child {
    ExecutionKey key;
    JoinSetOrdinal join_set;
    std::uint32_t index = 0;
  };
  struct JoinSetName {
    JoinSetKind kind = JoinSetKind::generated;
    std::uint32_t one_off = 0;  ///< k of a one-off set
    FunctionId function;        ///< of a direct call; 0: `text` is its name
    std::string_view text;      ///< valid until the next entry is added
  };

  /// Takes the entry if it is the next one; earlier ones are known already.
  void add(const Entry& entry);
  std::uint32_t next_position() const { return head_.position; }

  std::optional<JoinSetName> join_set(JoinSetOrdinal ordinal) const;
  std::optional<Child> child(ExecutionKey key) const;
  /// The set whose response was asked for last: that of a blocked workflow. The stored row may name
  /// an earlier one.
  std::optional<JoinSetOrdinal> last_awaited() const { return last_awaited_; }
  /// A position at or before the first entry that shows `version`, or the response `seq`.
  std::uint32_t position_of_version(std::uint32_t version) const;
  std::uint32_t position_of_response(std::uint32_t seq) const;

 private:
  struct Set {
    JoinSetKind kind;
    std::uint32_t one_off;
    FunctionId function;
    std::uint32_t text;
  };
  void add_names(const Entry& entry);
  void add_awaited(const Entry& entry);
  void add_set(JoinSetOrdinal ordinal, Set set);
  std::uint32_t text_number(const std::string& text);

  HistoryHead head_;
  std::optional<JoinSetOrdinal> last_awaited_;
  std::vector<HistoryHead> marks_;  ///< the head before every 256th entry
  std::vector<Set> sets_;           ///< by ordinal
  std::vector<Child> children_;     ///< by key
  std::vector<std::string> texts_;
};

}  // namespace stele::api
