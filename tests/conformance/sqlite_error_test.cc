// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/sqlite/database.h"

namespace stele::sqlite {
namespace {

TEST(SqliteError, AFullDiskIsNoDamage) {
  // A WAL index that cannot grow is one: the server must go on and try again.
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_SHMSIZE}) {
    const Error error = last_error(nullptr, code, "storing");
    EXPECT_EQ(error.code, Code::resource_exhausted) << code;
    EXPECT_NE(error.reason.find("free some space"), std::string::npos);
  }
  EXPECT_EQ(last_error(nullptr, SQLITE_IOERR_WRITE, "storing").code, Code::data_loss);
}

}  // namespace
}  // namespace stele::sqlite
