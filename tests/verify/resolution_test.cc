#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Kind = program::Origin::Kind;
using Names = std::vector<std::string>;
using program::Row;
using program::TableId;

TEST(ResolutionTest, I2SeesAMacThatLeadsToAnother) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kResolve, Kind::kRealMac, Walkthrough::kB);
  row.write_metadata = program::Metadata::egress(Walkthrough::kD) |
                       program::Metadata::egress_router(Walkthrough::kD1);
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I2");
  EXPECT_EQ(violations[0].message, "what is addressed to b1 is resolved wrongly");
  EXPECT_EQ(violations[0].rows, std::vector{row});
}

TEST(ResolutionTest, I2SeesATagRuleThatARealMacCouldMatch) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kResolve, Kind::kBestRoute, Walkthrough::kB);
  auto& mac = row.match.fields.at(0);
  mac.mask = 0xfff;
  mac.bits &= mac.mask;
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I2");
  EXPECT_EQ(violations[0].message, "a row resolves a destination MAC that nobody has");
}

TEST(ResolutionTest, I8SeesAnAddressLookupThatGoesAstray) {
  Walkthrough walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kResolve), [](const Row& row) {
    return row.origin.kind == Kind::kAddressLookup && row.origin.participant == Walkthrough::kB;
  });
  EXPECT_EQ(walkthrough.violated(), Names{"I8"});
}

TEST(ResolutionTest, I11SeesARowThatDropsWhatHasAnOwner) {
  Walkthrough walkthrough;
  walkthrough.row(TableId::kResolve, [](const Row& row) { return row.origin.kind == Kind::kDrop; })
      .priority = 60000;
  EXPECT_EQ(walkthrough.violated(), Names{"I11"});
}

TEST(ResolutionTest, I8SeesASpongeThatNobodyAskedFor) {
  Walkthrough walkthrough;
  Row row;
  row.priority = 30;
  row.match.metadata = program::Metadata::control();
  row.match.exact(net::Field::kEthType, net::kEthTypeArp)
      .exact(net::Field::kProtocol, 1)
      .ternary(net::Field::kDstIp4, 0xac000000, 0xffff0000);
  row.next = program::ToController{};
  walkthrough.program.table(TableId::kResolve).push_back(row);
  EXPECT_EQ(walkthrough.violated(), Names{"I8"});
}

TEST(ResolutionTest, I2SeesARowForEveryMac) {
  Walkthrough walkthrough;
  Row row;
  row.priority = 5;
  row.next = program::Goto{TableId::kInbound};
  walkthrough.program.table(TableId::kResolve).push_back(row);
  EXPECT_EQ(walkthrough.violated(), Names{"I2"});
}

}  // namespace
}  // namespace fabrix::verify
