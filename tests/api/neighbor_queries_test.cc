#include "api/neighbor_queries.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;

std::string text(const boost::json::value& value) {
  return boost::json::serialize(value);
}

class NeighborQueriesTest : public ::testing::Test {
 protected:
  std::vector<std::string> prefixes(std::string_view neighbor, std::string_view list) {
    std::vector<std::string> all;
    const auto page = show_neighbor_routes(sources_, neighbor, list, 0);
    if (!page) return {page.error().error};
    for (const auto& row : page->at("rows").as_array()) {
      all.emplace_back(row.at("prefix").as_string());
    }
    return all;
  }
  using Texts = std::vector<std::string>;

  testing::World world_;
  Sources sources_ = world_.sources();
};

TEST_F(NeighborQueriesTest, SessionsTellStateAndRoutes) {
  const auto sessions = show_sessions(sources_);
  EXPECT_EQ(sessions.at(2).at("router").as_string(), "c1");
  EXPECT_EQ(sessions.at(2).at("address").as_string(), "172.0.0.3");
  EXPECT_EQ(sessions.at(2).at("state").as_string(), "established");
  EXPECT_EQ(sessions.at(2).at("received").to_number<int>(), 3);
  world_.controller.session_down(world_.controller.route_server().peers()[2].id);
  EXPECT_EQ(show_sessions(sources_).at(2).at("state").as_string(), "idle");
}

TEST_F(NeighborQueriesTest, ASummaryCountsWhatIsReceivedAcceptedFilteredAndAdvertised) {
  EXPECT_EQ(text(show_neighbors(sources_).at(2)),
            R"({"router":"c1","participant":"C","address":"172.0.0.3","asn":300,)"
            R"("state":"established","received":3,"accepted":2,"filtered":1,"advertised":1})");
}

TEST_F(NeighborQueriesTest, ANeighborInDetailHasItsFamiliesAndSettings) {
  const auto neighbor = show_neighbor(sources_, "C")->at(0);
  EXPECT_EQ(neighbor.at("families").at("ipv4").at("filtered").to_number<int>(), 1);
  EXPECT_EQ(neighbor.at("families").at("ipv6").at("received").to_number<int>(), 0);
  EXPECT_TRUE(neighbor.at("settings").at("passive").as_bool());
  EXPECT_EQ(show_neighbor(sources_, "Z").error().kind, RefusalKind::kNotFound);
}

TEST_F(NeighborQueriesTest, ListsTheRoutesOfANeighbor) {
  EXPECT_EQ(prefixes("c1", "received"), (Texts{"9.9.9.0/24", "140.0.0.0/16", "140.0.0.0/24"}));
  EXPECT_EQ(prefixes("300", "accepted"), (Texts{"140.0.0.0/16", "140.0.0.0/24"}));
  EXPECT_EQ(prefixes("172.0.0.3", "filtered"), Texts{"9.9.9.0/24"});
  EXPECT_EQ(prefixes("C", "advertised"), Texts{"140.0.0.0/24"});
  EXPECT_EQ(prefixes("A", "advertised"), (Texts{"140.0.0.0/16", "140.0.0.0/24"}));
  EXPECT_EQ(prefixes("A", "received"), Texts{});
}

TEST_F(NeighborQueriesTest, WhatIsAdvertisedIsWhatTheNeighborWasTold) {
  world_.deliver();
  const auto page = show_neighbor_routes(sources_, "A", "advertised", 0);
  const auto& row = page->at("rows").at(1);
  EXPECT_EQ(row.at("to").as_string(), "a1");
  EXPECT_THAT(std::string(row.at("next_hop").as_string()), HasSubstr("172.0.1."));  // virtual
  EXPECT_EQ(row.at("as_path").as_string(), "200");
}

TEST_F(NeighborQueriesTest, RefusesListsThatThereAreNot) {
  EXPECT_EQ(show_neighbor_routes(sources_, "A", "x", 0).error().kind, RefusalKind::kBadRequest);
  EXPECT_EQ(show_neighbor_routes(sources_, "x", "received", 0).error().kind,
            RefusalKind::kNotFound);
}

}  // namespace
}  // namespace fabrix::api
