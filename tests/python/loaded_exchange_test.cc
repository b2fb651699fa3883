#include "python/loaded_exchange.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "tests/python/python_world.h"

namespace fabrix::python {
namespace {

TEST(LoadedExchangeTest, TellsWhoIsThere) {
  const auto described = describe(*world());
  EXPECT_EQ(described.at("name"), "world");
  const auto& participants = described.at("participants").as_array();
  ASSERT_EQ(participants.size(), 3U);
  EXPECT_EQ(boost::json::serialize(participants[1]),
            R"({"name":"B","asn":200,"routers":[{"name":"b1","mac":"08:00:27:00:00:02","port":2,)"
            R"("addresses":["172.0.0.2"]}],"peers":["A"],"policy":"B.policy"})");
  EXPECT_TRUE(participants[2].at("policy").is_null());
  EXPECT_EQ(participants[2].at("routers").as_array().size(), 2U);
}

TEST(LoadedExchangeTest, FailsWithAllThatIsWrong) {
  const auto failed = load_exchange("version: 2\n", "exchange.yaml");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, FailureKind::kConfiguration);
  EXPECT_FALSE(failed.error().diagnostics.empty());
  EXPECT_EQ(failed.error().source, "version: 2\n");
}

}  // namespace
}  // namespace fabrix::python
