// SPDX-License-Identifier: Apache-2.0
#include "core/book.h"

#include <gtest/gtest.h>

namespace stele::core {
namespace {

class BookTest : public ::testing::Test {
 protected:
  void add(EntryBody body) {
    book_.apply(
        {.position = book_.head().position, .version = 0, .at = {}, .body = std::move(body)});
  }
  static ChildRequest child(std::uint32_t set, std::uint32_t index, std::int64_t key) {
    return {.join_set = JoinSetOrdinal(set), .index = index, .child = ExecutionKey(key)};
  }
  static ChildResponse answer(std::uint32_t set, std::int64_t key) {
    return {.join_set = JoinSetOrdinal(set), .child = ExecutionKey(key)};
  }

  Book book_;
};

TEST_F(BookTest, DirectCallLeavesNothingBehind) {
  add(DirectCall{.join_set = JoinSetOrdinal(0), .one_off = 1, .child = ExecutionKey(9)});
  EXPECT_FALSE(book_.satisfied(JoinSetOrdinal(0)));
  ASSERT_NE(book_.find(JoinSetOrdinal(0)), nullptr);
  add(answer(0, 9));
  EXPECT_TRUE(book_.satisfied(JoinSetOrdinal(0)));
  EXPECT_TRUE(book_.open_sets().empty());
  EXPECT_EQ(book_.head(), (HistoryHead{.position = 2, .version = 4, .response_seq = 2}));
}

TEST_F(BookTest, AwaitIsSatisfiedByTheNextResponse) {
  add(JoinSetCreate{.join_set = JoinSetOrdinal(0)});
  EXPECT_TRUE(book_.open_sets().empty());
  add(child(0, 1, 5));
  add(DelayRequest{.join_set = JoinSetOrdinal(0), .index = 1});
  add(child(0, 2, 6));
  add(JoinNext{.join_set = JoinSetOrdinal(0)});
  EXPECT_FALSE(book_.satisfied(JoinSetOrdinal(0)));
  add(answer(0, 6));
  add(answer(0, 6));  // repeated: counted once
  EXPECT_TRUE(book_.satisfied(JoinSetOrdinal(0)));
  add(JoinNext{.join_set = JoinSetOrdinal(0)});
  EXPECT_FALSE(book_.satisfied(JoinSetOrdinal(0)));
  add(DelayResponse{.join_set = JoinSetOrdinal(0), .index = 1});
  EXPECT_TRUE(book_.satisfied(JoinSetOrdinal(0)));
  const OpenSet* set = book_.find(JoinSetOrdinal(0));
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->children, 2U);
  EXPECT_FALSE(set->members[0].answered);
  EXPECT_TRUE(set->members[1].answered);
  EXPECT_TRUE(set->members[2].answered);
}

TEST_F(BookTest, ClosingWaitsForEveryMember) {
  for (const std::int64_t key : {5, 6, 7}) add(child(0, static_cast<std::uint32_t>(key - 4), key));
  add(JoinNext{.join_set = JoinSetOrdinal(0)});
  add(answer(0, 6));
  add(JoinNext{.join_set = JoinSetOrdinal(0), .closing = true, .count = 2});
  EXPECT_FALSE(book_.satisfied(JoinSetOrdinal(0)));
  add(answer(0, 5));
  EXPECT_FALSE(book_.satisfied(JoinSetOrdinal(0)));
  add(answer(0, 7));
  EXPECT_TRUE(book_.satisfied(JoinSetOrdinal(0)));
  EXPECT_TRUE(book_.open_sets().empty());
}

TEST_F(BookTest, UsedUpSetComesBackWithItsNextMember) {
  add(child(3, 1, 5));
  add(answer(3, 5));
  EXPECT_NE(book_.find(JoinSetOrdinal(3)), nullptr);
  add(JoinNextTry{.join_set = JoinSetOrdinal(3), .result = JoinNextTry::Result::found});
  EXPECT_EQ(book_.find(JoinSetOrdinal(3)), nullptr);
  add(child(3, 2, 8));
  add(JoinNext{.join_set = JoinSetOrdinal(3)});
  EXPECT_FALSE(book_.satisfied(JoinSetOrdinal(3)));
  add(answer(3, 8));
  EXPECT_TRUE(book_.satisfied(JoinSetOrdinal(3)));
}

TEST_F(BookTest, KeepsTheEnding) {
  EXPECT_FALSE(book_.ending().has_value());
  add(Ending{.outcome = {.kind = OutcomeKind::ok, .value = "1"}});
  ASSERT_TRUE(book_.ending().has_value());
  EXPECT_EQ(book_.ending()->value, "1");
}

TEST_F(BookTest, StrayEntriesChangeNothing) {
  add(answer(4, 1));
  add(DelayResponse{.join_set = JoinSetOrdinal(4), .index = 1});
  add(JoinNext{.join_set = JoinSetOrdinal(4)});
  EXPECT_TRUE(book_.open_sets().empty());
}

}  // namespace
}  // namespace stele::core
