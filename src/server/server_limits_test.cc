// SPDX-License-Identifier: Apache-2.0
#include "server/server_limits.h"

#include <gtest/gtest.h>

#include "server/server_port.h"

namespace stele::server {
namespace {

TEST(ServerLimits, EachKeySetsItsLimit) {
  Limits limits;
  ASSERT_TRUE(apply_test_limits(limits, R"({"tail_events":200,"hot_guests":2,"batch_rows":8,
      "ready_loaded":16,"wal_bytes":1048576,"careful_ms":0,"schema_versions_added":1,"seed":7})"));
  EXPECT_EQ(limits.store.tail_events_max, 200U);
  EXPECT_EQ(limits.runtime.hot_guests_max, 2U);
  EXPECT_EQ(limits.runtime.batch_rows_max, 8U);
  EXPECT_EQ(limits.runtime.partition.ready_loaded_max, 16U);
  EXPECT_EQ(limits.store.wal_limit_bytes, 1U << 20U);
  EXPECT_LT(limits.store.wal_checkpoint_bytes, limits.store.wal_gate_bytes);
  EXPECT_EQ(limits.runtime.partition.careful_for, Duration());
  EXPECT_EQ(limits.store.schema_versions_added, 1U);
  EXPECT_EQ(limits.runtime.seed, 7U);
}

TEST(ServerLimits, WhatIsNotUnderstoodIsRefused) {
  for (const char* json : {"", "[]", "{\"x\":1}", "{\"seed\":-1}", "{\"seed\":\"1\"}", "{"}) {
    Limits limits;
    const auto refused = apply_test_limits(limits, json);
    ASSERT_FALSE(refused) << json;
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
    EXPECT_EQ(refused.error().subject, "STELE_TEST_LIMITS");
  }
}

TEST(ServerPort, AFreePortIsFreeAndNoAddressIsNot) {
  EXPECT_TRUE(check_port_free("127.0.0.1:0"));
  const auto refused = check_port_free("192.0.2.1:1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
}

}  // namespace
}  // namespace stele::server
