#include "analyzer/agent_list.h"

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

TEST(AgentList, ReadsAddressesAndAll) {
  EXPECT_TRUE(parse_agents("ALL")->has_all);
  EXPECT_TRUE(parse_agents("10.0.0.1;ALL")->has_all);
  EXPECT_TRUE(parse_agents("10.0.0.1;ALL")->agents.empty());
  EXPECT_EQ(parse_agents("10.0.0.1;2001:db8::1")->agents.size(), 2U);
  EXPECT_TRUE(parse_agents("CORE")->has_none());
  EXPECT_TRUE(parse_agents("")->has_none());
  EXPECT_FALSE(parse_agents("10.0.0.1,10.0.0.2"));
  EXPECT_FALSE(parse_agents("switch1"));
}

}  // namespace
}  // namespace fabrix::analyzer
