#include "daemon/route_sets.h"

#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::daemon {
namespace {

class RouteSetsTest : public ::testing::Test {
 protected:
  telemetry::RouteSetPtr at(const char* prefix) {
    const auto& server = world_.controller.route_server();
    return sets_.of(*server.published_at(server.place_of(*net::Prefix::parse(prefix))));
  }
  net::ParticipantId member(const char* name) const {
    return world_.exchange.find_participant(name)->id;
  }
  std::string told(const char* name, const char* prefix) {
    const auto* const route = at(prefix)->told_to(member(name));
    return route != nullptr ? route->as_path : "none";
  }

  api::testing::World world_;
  RouteSets sets_{world_.controller.route_server()};
};

TEST_F(RouteSetsTest, SayWhatEachMemberGets) {
  EXPECT_EQ(told("A", "140.0.0.0/24"), "200");
  EXPECT_EQ(told("B", "140.0.0.0/24"), "300");
  EXPECT_EQ(told("C", "140.0.0.0/24"), "200");
  EXPECT_EQ(told("C", "140.0.0.0/16"), "none");
  EXPECT_EQ(at("140.0.0.0/24")->best->as_path, "200");
  EXPECT_EQ(at("140.0.0.0/24")->best->next_hop, net::IpAddress::v4({172, 0, 0, 2}));
  EXPECT_EQ(at("140.0.0.0/24")->announcers, (std::vector{member("B"), member("C")}));
}

TEST_F(RouteSetsTest, ShareWhatIsEqual) {
  world_.announce("b1", "150.0.0.0/24", {200});
  world_.announce("c1", "150.0.0.0/24", {300});
  world_.announce("b1", "150.0.1.0/24", {200});
  world_.settle();
  EXPECT_EQ(at("150.0.0.0/24"), at("150.0.0.0/24"));
  EXPECT_EQ(at("150.0.0.0/24")->best, at("150.0.1.0/24")->best);
  EXPECT_NE(at("150.0.0.0/24"), at("150.0.1.0/24"));
}

TEST_F(RouteSetsTest, AskAgainWhenMembersAreOthers) {
  const auto before = at("140.0.0.0/24");
  sets_.configured();
  const auto after = at("140.0.0.0/24");
  EXPECT_NE(before, after);
  EXPECT_EQ(*before->best, *after->best);
}

}  // namespace
}  // namespace fabrix::daemon
