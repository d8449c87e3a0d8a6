// SPDX-License-Identifier: Apache-2.0
#include "journal/ids.h"

#include <gtest/gtest.h>

#include "journal/hash.h"

namespace stele {
namespace {

constexpr std::string_view ulid_text = "01JQ0000000000000000000001";

TEST(Ulid, ConvertsBothWays) {
  const Ulid ulid{0xFFFF'FFFF'FFFF'FFFFULL, 0x0123'4567'89AB'CDEFULL};
  EXPECT_EQ(parse_ulid(to_text(ulid)).value(), ulid);
  EXPECT_EQ(to_text(Ulid{~0ULL, ~0ULL}), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(to_text(Ulid{}), "00000000000000000000000000");
  EXPECT_EQ(to_text(parse_ulid("01jqzv8wrt9m2k5x7c3d6f1abn").value()),
            "01JQZV8WRT9M2K5X7C3D6F1ABN");
}

TEST(Ulid, RefusesOtherText) {
  for (const std::string_view text :
       {"", "01", "81JQ0000000000000000000001", "01JQ00000000000000000000I1",
        "01JQ000000000000000000000U", "01JQ00000000000000000000001"}) {
    EXPECT_EQ(parse_ulid(text).error().code, Code::invalid_argument) << text;
  }
}

TEST(Ulid, IsMadeOfTimeAndRandomness) {
  const Ulid ulid = make_ulid(0x0123'4567'89AB, 0xCDEF, 42);
  EXPECT_EQ(ulid.high, 0x0123'4567'89AB'CDEFULL);
  EXPECT_EQ(ulid.low, 42U);
}

TEST(ExecutionIdText, ConvertsBothWays) {
  for (const std::string suffix :
       {"", ".g:1_1", ".o:1-step_1", ".n:a/b-C_4294967295", ".n:_7", ".g:1_1.o:2-x_3.n:z_9"}) {
    const std::string text = "E_" + std::string(ulid_text) + suffix;
    const Result<ExecutionId> id = parse_execution_id(text);
    ASSERT_TRUE(id) << text;
    EXPECT_EQ(id->suffix, suffix);
    EXPECT_EQ(to_text(*id), text);
  }
}

TEST(ExecutionIdText, RefusesOtherText) {
  for (const std::string suffix :
       {".", ".g:1", ".g:1_", ".g:1_0", ".g:1_01", ".x:1_1", ".g:1_4294967296", ".g:a b_1", "g:1_1",
        ".g:1_1.", ".g:1_1..g:2_1", ".g_1", "._1"}) {
    EXPECT_FALSE(parse_execution_id("E_" + std::string(ulid_text) + suffix)) << suffix;
  }
  EXPECT_FALSE(parse_execution_id(ulid_text));
  EXPECT_FALSE(parse_execution_id("E_"));
}

TEST(ExecutionIdText, SplitsTheLastLevelOff) {
  const ExecutionId id = parse_execution_id("E_" + std::string(ulid_text) + ".g:1_2.n:x_3").value();
  const DerivedPart part = split_derived(id).value();
  EXPECT_EQ(part.parent.suffix, ".g:1_2");
  EXPECT_EQ(part.join_set, "n:x");
  EXPECT_EQ(part.index, 3U);
  EXPECT_EQ(child_suffix(part.parent.suffix, part.join_set, part.index), id.suffix);
  EXPECT_FALSE(split_derived({id.root, ""}));
  EXPECT_EQ(delay_id(part.parent, "g:4", 5), "Delay_" + std::string(ulid_text) + ".g:1_2.g:4_5");
}

TEST(RandomSeed, IsTheHashOfTheIdsParts) {
  const ExecutionId id = parse_execution_id("E_" + std::string(ulid_text) + ".g:1_2").value();
  std::string input;
  for (unsigned shift = 0; shift < 64; shift += 8) input += static_cast<char>(id.root.low >> shift);
  for (unsigned shift = 0; shift < 64; shift += 8)
    input += static_cast<char>(id.root.high >> shift);
  const auto seed_of = [](const std::string& bytes) {
    std::uint64_t seed = 0;
    for (unsigned place = 0; place < 8; ++place) {
      seed |= std::uint64_t{sha256(bytes)[place]} << (8 * place);
    }
    return seed;
  };
  EXPECT_EQ(random_seed({id.root, ""}), seed_of(input));
  EXPECT_EQ(random_seed(id), seed_of(input + "g:1" + std::string("\2\0\0\0\0\0\0\0", 8)));
  const ExecutionId nested{id.root, ".g:1_2.o:1-a_1"};
  EXPECT_EQ(random_seed(nested),
            seed_of(input + "g:1_2.o:1-a" + std::string("\1\0\0\0\0\0\0\0", 8)));
}

TEST(Hash, KnownValues) {
  const auto digest = sha256("abc");
  EXPECT_EQ(to_hex({reinterpret_cast<const char*>(digest.data()), 4}), "ba7816bf");
  EXPECT_EQ(to_hex(view(blake2b_128(""))), "cae66941d9efbd404e4d88758ea67670");
}

TEST(FfqnText, SplitsAtTheLastDot) {
  const Ffqn ffqn = parse_ffqn("demo:shop/orders@1.2.0.place-order").value();
  EXPECT_EQ(ffqn.interface, "demo:shop/orders@1.2.0");
  EXPECT_EQ(ffqn.function, "place-order");
  EXPECT_TRUE(parse_ffqn("a:b/c.d"));
  for (const std::string_view text : {"", "a", "a:b/c", "a:b/c.", ":b/c.d", "a/c.d", "a:/c.d",
                                      "a:b.d", "a:b/.d", "a:b/@1.d", "a:b/c@.d"}) {
    EXPECT_FALSE(parse_ffqn(text)) << text;
  }
}

}  // namespace
}  // namespace stele
