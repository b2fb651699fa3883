#include "api/find.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

class FindTest : public ::testing::Test {
 protected:
  std::vector<std::string> addresses(std::string_view wanted) const {
    std::vector<std::string> found;
    const auto peers = find_neighbors(world_.controller, wanted);
    if (!peers) return {peers.error().error};
    for (const auto peer : *peers) {
      found.push_back(world_.controller.route_server().peer(peer).address.to_string());
    }
    return found;
  }
  using Texts = std::vector<std::string>;

  testing::World world_;
};

TEST_F(FindTest, ANeighborIsMeantByRouterParticipantAddressOrAs) {
  for (const auto* wanted : {"b1", "B", "172.0.0.2", "200", "AS200", "as200"}) {
    EXPECT_EQ(addresses(wanted), Texts{"172.0.0.2"}) << wanted;
  }
}

TEST_F(FindTest, SaysWhoIsNotThere) {
  EXPECT_EQ(addresses("b11"), Texts{"no router or participant is called 'b11'; did you mean b1?"});
  EXPECT_EQ(addresses("172.0.0.9"), Texts{"no router has the address 172.0.0.9"});
  EXPECT_EQ(addresses("AS9"), Texts{"no participant has AS 9"});
  EXPECT_EQ(addresses(""), Texts{"no router or participant is called ''"});
  EXPECT_EQ(find_neighbors(world_.controller, "x").error().kind, RefusalKind::kNotFound);
}

TEST_F(FindTest, AParticipantIsMeantTheSameWay) {
  const auto b = world_.exchange.find_participant("B")->id;
  for (const auto* wanted : {"b1", "B", "172.0.0.2", "200"}) {
    EXPECT_EQ(find_participant(world_.controller, wanted).value(), b) << wanted;
  }
  EXPECT_EQ(find_participant(world_.controller, "D").error().kind, RefusalKind::kNotFound);
}

}  // namespace
}  // namespace fabrix::api
