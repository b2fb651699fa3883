#include <gtest/gtest.h>

#include "program/evaluate.h"
#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Kind = program::Origin::Kind;
using Names = std::vector<std::string>;
using program::Metadata;
using program::Row;
using program::TableId;

Row& web_row(Walkthrough& walkthrough) {
  return walkthrough.row(TableId::kOutbound, [](const Row& row) {
    return row.origin.kind == Kind::kOutboundClause && row.origin.clause == 0;
  });
}

TEST(OutboundTest, I2SeesTrafficForAMemberWithoutTheRoute) {
  Walkthrough walkthrough;
  Row& row = web_row(walkthrough);
  row.write_metadata =
      Metadata::egress(Walkthrough::kD) | Metadata::egress_router(Walkthrough::kD1);
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I2");
  ASSERT_TRUE(violations[0].witness);
  const net::Packet& witness = *violations[0].witness;
  EXPECT_EQ(witness.in_port, net::PortNo{1});
  EXPECT_EQ(witness.dst_port, 80);
  EXPECT_EQ(program::evaluate(walkthrough.program, witness).output, net::PortNo{5});
  EXPECT_NE(violations[0].message.find("sent to D (d1), and should be sent to B (b1)"),
            std::string::npos);
}

TEST(OutboundTest, I3SeesATagThatPromisesAnUnreachableTarget) {
  // The routes change, and the tags do not.
  Walkthrough walkthrough;
  walkthrough.reachability.withdraw(net::Prefix::parse("140.0.0.0/24").value(), Walkthrough::kB1);
  EXPECT_EQ(walkthrough.violated(), Names{"I3"});
}

TEST(OutboundTest, I3SeesARealNextHopWhereAClauseApplies) {
  const Walkthrough walkthrough;
  const auto violations = validate(walkthrough.world(), walkthrough.program,
                                   [&](net::ParticipantId client, const net::Prefix& prefix) {
                                     const auto best =
                                         walkthrough.reachability.routes(client, prefix).front();
                                     return walkthrough.exchange.router(best).addresses.front();
                                   },
                                   {.meanings = walkthrough.meanings});
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I3");
  ASSERT_TRUE(violations[0].witness);
  EXPECT_EQ(violations[0].witness->dst_port, 80);
}

TEST(OutboundTest, I3SeesTheNextHopOfAnotherThanTheBestRoute) {
  const Walkthrough walkthrough;
  const auto violations =
      validate(walkthrough.world(), walkthrough.program,
               [&](net::ParticipantId client, const net::Prefix& prefix) {
                 const bool wrong = client == Walkthrough::kD &&
                                    prefix == net::Prefix::parse("140.0.0.0/24").value();
                 return wrong ? walkthrough.exchange.router(Walkthrough::kB1).addresses.front()
                              : walkthrough.next_hop(client, prefix);
               },
               {.meanings = walkthrough.meanings});
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].invariant, "I3");
}

TEST(OutboundTest, I4SeesABlackHole) {
  Walkthrough walkthrough;
  web_row(walkthrough).next = program::Discard{};
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I4");
  ASSERT_FALSE(violations[0].rows.empty());
  EXPECT_EQ(violations[0].rows.back(), web_row(walkthrough));
}

TEST(OutboundTest, I11SeesAMissingRow) {
  Walkthrough walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kOutbound), [](const Row& row) {
    return row.origin.kind == Kind::kOutboundClause && row.origin.clause == 0;
  });
  EXPECT_EQ(walkthrough.violated(), Names{"I11"});
}

TEST(OutboundTest, I11SeesAWiderMatch) {
  Walkthrough walkthrough;
  for (auto& test : web_row(walkthrough).match.fields) {
    if (test.field == net::Field::kDstPort) {
      test.mask = 0xfff0;
      test.bits &= test.mask;
    }
  }
  EXPECT_EQ(walkthrough.violated(), Names{"I11"});
}

}  // namespace
}  // namespace fabrix::verify
