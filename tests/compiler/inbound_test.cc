#include "compiler/inbound.h"

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

class Inbound : public testing::Test {
 protected:
  std::vector<program::Row> rows(std::vector<policy::Clause> clauses) {
    const auto made = inbound_rows({world_.exchange, world_.port_up, participant(1)},
                                   list_of(std::move(clauses)), store_, {world_.routes});
    return made.value_or(std::vector<program::Row>{});
  }
  World world_{{1, 2}};
  diagram::Store store_{policy_field_widths()};
};

TEST_F(Inbound, AForwardWritesTheRouter) {
  const auto made = rows({clause(dst_port(443), fwd(world_.exchange, router(2)))});
  ASSERT_EQ(made.size(), 6U);
  EXPECT_EQ(made[0].match.metadata, program::Metadata::egress(participant(1)));
  EXPECT_EQ(made[0].write_metadata, program::Metadata::egress_router(router(2)));
  EXPECT_EQ(made[0].next, program::Next{program::Goto{program::TableId::kTransit}});
}

TEST_F(Inbound, TheSenderIsMatchedInMetadata) {
  const auto made = rows({clause(from(participant(0)), policy::Drop{})});
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].match.metadata,
            program::Metadata::egress(participant(1)) | program::Metadata::sender(participant(0)));
  EXPECT_EQ(made[0].next, program::Next{program::Discard{}});
}

TEST_F(Inbound, AnIdentityThatWritesKeepsTheRouter) {
  const auto made = rows({clause(dst_port(80), policy::UseDefault{}, {{net::Field::kDscp, 46}})});
  ASSERT_EQ(made.size(), 6U);
  EXPECT_EQ(made[0].write_metadata.mask, 0U);
  EXPECT_EQ(made[0].set_fields, (std::vector<program::SetField>{{net::Field::kDscp, 46}}));
}

}  // namespace
}  // namespace fabrix::compiler
