// SPDX-License-Identifier: Apache-2.0
// Owns: the making of random workflow code, statement by statement.
// Life cycle: used once for a seed. Thread: one.
// Must hold: a workflow calls only those of higher number, so that trees end; a tree stays small.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sim/programs.h"

namespace stele::sim {

class Generator {
 public:
  Generator(Prng prng, const ProgramOptions& options);
  Programs make();

 private:
  static constexpr std::size_t workflows = 6;
  static constexpr std::uint64_t weight_max = 40;  ///< executions of one tree, about

  struct Made {
    std::string name;
    std::string body;
    std::string end;
    bool changes = false;
    std::uint64_t weight = 1;
    std::uint64_t calls = 0;
  };

  std::uint64_t draw(std::uint64_t bound) { return prng_.below(bound); }
  bool one_in(std::uint64_t bound) { return draw(bound) == 0; }
  std::string pick(std::initializer_list<std::string_view> all);
  void line(const std::string& text) { text_ += text + '\n'; }
  /// A part that shrinking may leave out.
  template <typename Make>
  void statement(Make make) {
    const std::uint32_t number = statements_++;
    const std::size_t before = text_.size();
    make();
    if (options_.dropped.contains(number)) text_.resize(before);
  }

  std::string make_activities();
  std::string make_fickle(std::string_view letter) const;
  std::string make_version(Version version) const;
  void make_workflow(std::size_t number);
  std::string make_end();

  // Calls: function and params.
  std::string args(const std::string& round);
  std::string activity(std::string_view name, const std::string& round);
  std::string any_activity(const std::string& round);
  std::string child(const std::string& round);
  std::string any_call(const std::string& round);

  void make_statement(const std::string& round, int depth);
  void make_loop();
  void make_random();
  void make_ids();
  void make_call(const std::string& round);
  void make_json_call(const std::string& round);
  void make_schedule(const std::string& round);
  void make_schedule_json(const std::string& round);
  void make_named(const std::string& round);
  void make_set(const std::string& round);
  void make_member(const std::string& set, const std::string& round);
  void make_join(const std::string& set);
  void make_ask(const std::string& set);
  void make_set_end(const std::string& set);
  void make_values(const std::string& round);
  void make_nested();

  Prng prng_;
  const ProgramOptions& options_;
  std::string text_;
  std::vector<Made> made_;
  std::size_t workflow_ = 0;
  std::size_t sets_ = 0;
  std::size_t names_ = 0;
  std::uint64_t rounds_ = 1;  ///< of the loop it is in
  std::uint64_t calls_ = 0;
  std::uint64_t weight_ = 1;
  std::uint32_t statements_ = 0;
  std::vector<std::string> children_;  ///< variables with ids of children
};

}  // namespace stele::sim
