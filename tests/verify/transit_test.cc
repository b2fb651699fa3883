#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Names = std::vector<std::string>;
using program::Metadata;
using program::Row;
using program::TableId;

Row& row_for(Walkthrough& walkthrough, net::RouterId router) {
  return walkthrough.row(TableId::kTransit, [router](const Row& row) {
    return row.match.metadata.bits == Metadata::egress_router(router).bits;
  });
}

TEST(TransitTest, I7SeesTheMacOfAnother) {
  Walkthrough walkthrough;
  row_for(walkthrough, Walkthrough::kB1).set_fields[0].value += 1;
  const auto violations = walkthrough.check();
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].invariant, "I7");
  EXPECT_NE(violations[0].message.find("what is for b1 is put out at port 2"), std::string::npos);
}

TEST(TransitTest, I2SeesThePortOfAnother) {
  Walkthrough walkthrough;
  row_for(walkthrough, Walkthrough::kB1).next = program::Output{net::PortNo{5}};
  EXPECT_EQ(walkthrough.violated(), Names{"I2"});
}

TEST(TransitTest, I4SeesAMissingPort) {
  Walkthrough walkthrough;
  row_for(walkthrough, Walkthrough::kB1).next = program::Discard{};
  EXPECT_EQ(walkthrough.violated(), Names{"I4"});
}

TEST(TransitTest, I2SeesAPortThatIsDown) {
  Walkthrough walkthrough;
  walkthrough.port_up[Walkthrough::kC1.index()] = false;
  EXPECT_EQ(walkthrough.violated(), Names{"I2"});
  walkthrough.compiler->set_port(Walkthrough::kC1, false);
  walkthrough.program = *walkthrough.compiler->compile({}).program;
  EXPECT_EQ(walkthrough.violated(), Names{});
}

// SEMANTICS, step 1: the addressed router and nobody else.
TEST(TransitTest, I8SeesControlTrafficForAPortThatIsDownAtAnother) {
  Walkthrough walkthrough;
  walkthrough.port_up[Walkthrough::kC1.index()] = false;
  walkthrough.compiler->set_port(Walkthrough::kC1, false);
  walkthrough.program = *walkthrough.compiler->compile({}).program;
  std::erase_if(walkthrough.program.table(TableId::kTransit), [](const Row& row) {
    return (row.match.metadata.mask & Metadata::control().mask) != 0;
  });
  const auto violations = walkthrough.check();
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].invariant, "I8");
  EXPECT_EQ(violations[0].message.find("control traffic for c1 is put out at port 4"), 0U);
}

TEST(TransitTest, I8SeesControlTrafficThatIsDropped) {
  Walkthrough walkthrough;
  Row drop = row_for(walkthrough, Walkthrough::kB1);
  drop.priority += 1;
  drop.match.metadata = drop.match.metadata | Metadata::control();
  drop.set_fields.clear();
  drop.next = program::Discard{};
  walkthrough.program.table(TableId::kTransit).push_back(drop);
  EXPECT_EQ(walkthrough.violated(), Names{"I8"});
}

TEST(TransitTest, I11SeesARowThatLooksAtHeaders) {
  Walkthrough walkthrough;
  row_for(walkthrough, Walkthrough::kB1).match.exact(net::Field::kEthType, net::kEthTypeIpv4);
  EXPECT_EQ(walkthrough.check().at(0).invariant, "I11");
}

}  // namespace
}  // namespace fabrix::verify
