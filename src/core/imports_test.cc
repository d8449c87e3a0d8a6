// SPDX-License-Identifier: Apache-2.0
#include "core/imports.h"

#include <gtest/gtest.h>

namespace stele::core {
namespace {

TEST(Imports, MeanWhatTheContractSays) {
  struct Row {
    const char* interface;
    const char* name;
    HostOp op;
    const char* ffqn;
  };
  for (const Row& row : {
           Row{"a:b/c@1.0.0", "f", HostOp::direct_call, "a:b/c@1.0.0.f"},
           Row{"a:b-obelisk-ext/c@1.0.0", "f-submit", HostOp::submit, "a:b/c@1.0.0.f"},
           Row{"a:b-obelisk-ext/c", "f-await-next", HostOp::await_next, "a:b/c.f"},
           Row{"a:b-obelisk-ext/c", "f-get", HostOp::get, "a:b/c.f"},
           Row{"a:b-obelisk-schedule/c", "f-schedule", HostOp::schedule, "a:b/c.f"},
           Row{"a:b-obelisk-stub/c", "f-stub", HostOp::stub, "a:b/c.f"},
           Row{"obelisk:workflow/workflow-support@6.0.0", "sleep", HostOp::sleep, ""},
           Row{"obelisk:types/join-set@5.0.0", "[method]join-set.id", HostOp::join_set_id, ""},
       }) {
    const auto meaning = meaning_of(row.interface, row.name);
    ASSERT_TRUE(meaning.has_value()) << row.name;
    EXPECT_EQ(meaning->op, row.op) << row.name;
    EXPECT_EQ(meaning->ffqn, row.ffqn);
  }
  EXPECT_FALSE(meaning_of("obelisk:workflow/workflow-support@6.0.0", "dance").has_value());
}

TEST(Imports, ErrorTypeIsReadFromTheResult) {
  EXPECT_EQ(error_type_of("result"), ErrorType::none);
  EXPECT_EQ(error_type_of("result<tuple<u8, string>>"), ErrorType::none);
  EXPECT_EQ(error_type_of("result<_, string>"), ErrorType::text);
  EXPECT_EQ(error_type_of("result<record{a:u8,b:string}, string>"), ErrorType::text);
  EXPECT_EQ(error_type_of("result<u8, variant{execution-failed,other(string)}>"),
            ErrorType::variant);
}

}  // namespace
}  // namespace stele::core
