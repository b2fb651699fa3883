#include "program/program.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/program/random_program.h"

namespace fabrix::program {
namespace {

TEST(MetadataTest, KeepsItsPartsApart) {
  const Metadata sender = Metadata::sender(net::ParticipantId{0});
  EXPECT_EQ(sender, (Metadata{.bits = 1, .mask = 0xfff}));
  const Metadata egress = Metadata::egress(net::ParticipantId{4094});
  EXPECT_EQ(egress, (Metadata{.bits = 0xfff000, .mask = 0xfff000}));
  const Metadata router = Metadata::egress_router(net::RouterId{1});
  EXPECT_EQ(router, (Metadata{.bits = 0x2000000, .mask = 0xfff000000}));
  EXPECT_EQ(Metadata::control(), (Metadata{.bits = 1ULL << 36U, .mask = 1ULL << 36U}));
  EXPECT_EQ(Metadata::not_control(), (Metadata{.bits = 0, .mask = 1ULL << 36U}));
  EXPECT_EQ((sender | egress).bits, 0xfff001U);
}

TEST(MatchTest, KeepsTestsSortedByField) {
  Match match;
  match.exact(net::Field::kDstPort, 80).exact(net::Field::kEthType, 0x0800);
  match.ternary(net::Field::kDstIp4, 0x8c000000, 0xff000000);
  ASSERT_EQ(match.fields.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(match.fields, {}, &FieldMatch::field));
  EXPECT_EQ(match.fields[0].mask, 0xffffU);
}

TEST(MatchDeathTest, RefusesAFieldTwiceAndBitsOutsideTheMask) {
  Match match;
  match.exact(net::Field::kDstPort, 80);
  EXPECT_DEATH(match.exact(net::Field::kDstPort, 81), "assertion failed");
  EXPECT_DEATH(match.ternary(net::Field::kSrcPort, 3, 1), "assertion failed");
  EXPECT_DEATH(match.ternary(net::Field::kSrcPort, 0, 0), "assertion failed");
}

TEST(OriginTest, PacksItselfIntoACookie) {
  const Origin origin{.kind = Origin::Kind::kOutboundClause,
                      .participant = net::ParticipantId{0x1234},
                      .clause = 0x89abcdef};
  EXPECT_EQ(origin.cookie(), 0x0312340089abcdefU);
}

TEST(ProgramTest, CanonicalOrderDoesNotDependOnTheOrderOfInsertion) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const Program original = RandomProgram(seed).program();
    Program shuffled = original;
    std::mt19937 engine(seed);
    for (auto& rows : shuffled.tables) std::ranges::shuffle(rows.edit(), engine);
    shuffled.canonicalize();
    EXPECT_EQ(shuffled, original);
    for (const auto& rows : original.tables) {
      EXPECT_TRUE(std::ranges::is_sorted(rows, std::ranges::greater{}, &Row::priority));
    }
  }
}

TEST(ProgramTest, CountsItsRows) {
  Program program;
  EXPECT_EQ(program.row_count(), 0U);
  program.table(TableId::kAdmit).resize(2);
  program.table(TableId::kTransit).resize(3);
  EXPECT_EQ(program.row_count(), 5U);
}

}  // namespace
}  // namespace fabrix::program
