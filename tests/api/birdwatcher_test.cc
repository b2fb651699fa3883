#include "api/birdwatcher.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/api/fake_looking_glass.h"

namespace fabrix::api {
namespace {

using testing::body_of;
using testing::FakeLookingGlass;
using testing::get;
using testing::json;
using testing::kNow;

class BirdwatcherTest : public ::testing::Test {
 protected:
  BirdwatcherTest() {
    a_ = glass_.add_neighbor("A_v4", "192.0.2.1", 100);
    b_ = glass_.add_neighbor("B_v4", "192.0.2.2", 200);
    a6_ = glass_.add_neighbor("A_v6", "2001:db8::1", 100);
    glass_.shown_neighbors[0].channels = {
        {.family = net::Family::kIpv4, .routes = {.accepted = 2, .filtered = 1, .preferred = 1}}};
    glass_.shown_neighbors[2].channels = {
        {.family = net::Family::kIpv6, .routes = {.accepted = 1, .preferred = 1}}};
    glass_.add_route(a_, "203.0.113.0/24", {});
    glass_.add_route(a_, "203.0.112.0/23", {});
    glass_.add_route(b_, "203.0.113.0/24", {}).is_primary = false;
    glass_.add_route(a6_, "2001:db8:7::/48", {});
    RouteView& bad = glass_.add_route(a_, "10.0.0.0/8", {});
    bad.status = RouteStatus::kFiltered;
    bad.reason = {3, "a bogon"};
  }

  http::Response ask(const std::string& target, std::optional<net::Family> family = {}) const {
    const Birdwatcher birdwatcher(glass_, {.family = family, .now = [] { return kNow; }});
    const auto request = get(target);
    return birdwatcher.answer(request, request.target.segments);
  }

  // The document, with its envelope checked and taken off.
  boost::json::object document(const std::string& target,
                               std::optional<net::Family> family = {}) const {
    const auto response = ask(target, family);
    EXPECT_EQ(response.status, 200U) << target;
    EXPECT_EQ(response.headers, (std::vector<http::Header>{{"Content-Type", "application/json"}}));
    auto shown = json(body_of(response)).as_object();
    EXPECT_TRUE(shown.at("api").at("Version").is_string());
    EXPECT_TRUE(shown.at("api").at("result_from_cache").is_bool());
    EXPECT_EQ(shown.at("ttl"), "2026-11-21T05:00:00Z");
    shown.erase("api");
    shown.erase("ttl");
    EXPECT_EQ(shown.size(), 1U);
    return shown;
  }

  // "network from" of each route.
  std::vector<std::string> routes(const std::string& target,
                                  std::optional<net::Family> family = {}) const {
    std::vector<std::string> shown;
    const auto answer = document(target, family);
    for (const auto& route : answer.at("routes").as_array()) {
      shown.push_back(std::string(route.at("network").as_string()) + " " +
                      std::string(route.at("from_protocol").as_string()));
    }
    return shown;
  }

  std::vector<std::string> keys(const std::string& target,
                                std::optional<net::Family> family = {}) const {
    std::vector<std::string> names;
    const auto answer = document(target, family);
    for (const auto& entry : answer.at("protocols").as_object()) names.emplace_back(entry.key());
    return names;
  }

  void expect_error(const std::string& target, unsigned status) const {
    const auto response = ask(target);
    EXPECT_EQ(response.status, status) << target;
    EXPECT_TRUE(json(body_of(response)).at("error").is_string()) << target;
  }

  using Strings = std::vector<std::string>;
  FakeLookingGlass glass_;
  NeighborId a_;
  NeighborId b_;
  NeighborId a6_;
};

TEST_F(BirdwatcherTest, ShowsStatusAndVersion) {
  EXPECT_EQ(document("/status").at("status").at("router_id"), "192.0.2.254");
  EXPECT_EQ(body_of(ask("/version")), "0.1.0");
}

TEST_F(BirdwatcherTest, ShowsProtocolsByName) {
  EXPECT_EQ(keys("/protocols"), (Strings{"A_v4", "B_v4", "A_v6"}));
  EXPECT_EQ(keys("/protocols/bgp"), (Strings{"A_v4", "B_v4", "A_v6"}));
  EXPECT_EQ(keys("/protocols/bgp", net::Family::kIpv6), Strings{"A_v6"});
  EXPECT_EQ(keys("/protocols/short?uncached=true", net::Family::kIpv4), (Strings{"A_v4", "B_v4"}));
  EXPECT_EQ(document("/protocols/short").at("protocols").at("A_v4").at("state"), "up");
}

TEST_F(BirdwatcherTest, ShowsTheRoutesOfAProtocol) {
  EXPECT_EQ(routes("/routes/protocol/A_v4"),
            (Strings{"203.0.112.0/23 A_v4", "203.0.113.0/24 A_v4"}));
  EXPECT_EQ(routes("/routes/filtered/A_v4"), Strings{"10.0.0.0/8 A_v4"});
  EXPECT_EQ(routes("/routes/filtered/B_v4"), Strings{});
  EXPECT_EQ(routes("/routes/peer/192.0.2.2"), Strings{"203.0.113.0/24 B_v4"});
}

TEST_F(BirdwatcherTest, SaysWhyARouteIsFiltered) {
  const auto answer = document("/routes/filtered/A_v4");
  const auto& route = answer.at("routes").as_array().at(0);
  EXPECT_EQ(route.at("bgp").at("large_communities"), json("[[64500,1101,3]]"));
}

TEST_F(BirdwatcherTest, ShowsWhatAMemberDoesNotHear) {
  for (auto& stored : glass_.stored_routes) {
    if (stored.view.prefix == testing::prefix("203.0.112.0/23")) stored.not_to = {b_};
  }
  EXPECT_EQ(routes("/routes/noexport/B_v4"), Strings{"203.0.112.0/23 A_v4"});
  EXPECT_EQ(routes("/routes/export/B_v4", net::Family::kIpv4), Strings{"203.0.113.0/24 A_v4"});
  const auto answer = document("/routes/noexport/B_v4");
  EXPECT_EQ(answer.at("routes").as_array().at(0).at("bgp").at("large_communities"),
            json("[[64500,1103,4]]"));
}

TEST_F(BirdwatcherTest, ShowsTables) {
  const Strings v4{"203.0.112.0/23 A_v4", "203.0.113.0/24 A_v4", "203.0.113.0/24 B_v4"};
  EXPECT_EQ(routes("/routes/table/master4"), v4);
  EXPECT_EQ(routes("/routes/table/master", net::Family::kIpv4), v4);
  EXPECT_EQ(routes("/routes/table/master6"), Strings{"2001:db8:7::/48 A_v6"});
  EXPECT_EQ(routes("/routes/table/master").size(), 4U);
  EXPECT_EQ(routes("/routes/table/master4/filtered"), Strings{"10.0.0.0/8 A_v4"});
  EXPECT_EQ(routes("/routes/table/master4/peer/192.0.2.2"), Strings{"203.0.113.0/24 B_v4"});
  EXPECT_EQ(routes("/routes/table/master6/peer/192.0.2.2"), Strings{});
}

TEST_F(BirdwatcherTest, LooksPrefixesUp) {
  const Strings longest{"203.0.113.0/24 A_v4", "203.0.113.0/24 B_v4"};
  EXPECT_EQ(routes("/routes/prefix?prefix=203.0.113.0/24"), longest);
  EXPECT_EQ(routes("/routes/prefix?prefix=203.0.113.0%2F25"), longest);
  EXPECT_EQ(routes("/route/net/203.0.113.9"), longest);
  EXPECT_EQ(routes("/route/net/203.0.113.0/mask/24/table/master4"), longest);
  EXPECT_EQ(routes("/route/net/203.0.112.0/mask/23"), Strings{"203.0.112.0/23 A_v4"});
  EXPECT_EQ(routes("/route/net/203.0.113.9/table/master6"), Strings{});
  EXPECT_EQ(routes("/route/net/10.1.2.3"), Strings{});  // filtered
  EXPECT_EQ(routes("/route/net/2001:db8:7::1"), Strings{"2001:db8:7::/48 A_v6"});
}

TEST_F(BirdwatcherTest, CountsRoutes) {
  EXPECT_EQ(document("/routes/count/protocol/A_v4").at("routes"), 2);
  EXPECT_EQ(document("/routes/count/primary/A_v4").at("routes"), 1);
  EXPECT_EQ(document("/routes/count/table/master").at("routes"), 3);
  EXPECT_EQ(document("/routes/count/table/master6").at("routes"), 1);
}

TEST_F(BirdwatcherTest, ShowsSymbolsAndEmptyPipes) {
  EXPECT_EQ(document("/symbols/tables").at("symbols"), json(R"(["master4","master6"])"));
  EXPECT_EQ(document("/symbols/protocols", net::Family::kIpv6).at("symbols"), json(R"(["A_v6"])"));
  EXPECT_EQ(document("/symbols", net::Family::kIpv6).at("symbols"),
            json(R"({"routing table":["master6"],"protocol":["A_v6"]})"));
  EXPECT_EQ(document("/routes/pipe/filtered?table=T&pipe=P").at("routes"), json("[]"));
  EXPECT_EQ(document("/routes/pipe/filtered/count?table=T").at("routes"), 0);
}

TEST_F(BirdwatcherTest, TellsErrorsInTheWayThatAliceShows) {
  expect_error("/", 404);
  expect_error("/nothing", 404);
  expect_error("/symbols/nothing", 404);
  expect_error("/routes/protocol/nobody", 404);
  expect_error("/routes/protocol", 404);
  expect_error("/routes/table/nothing", 404);
  expect_error("/routes/table/master4/nothing", 404);
  expect_error("/routes/count/nothing/A_v4", 404);
  expect_error("/routes/count/protocol/nobody", 404);
  expect_error("/routes/count/table/nothing", 404);
  expect_error("/routes/peer/nonsense", 400);
  expect_error("/routes/peer/192.0.2.77", 404);
  expect_error("/routes/prefix", 400);
  expect_error("/routes/prefix?prefix=300.0.0.0", 400);
  expect_error("/route/net/192.0.2.0/mask/33", 400);
  expect_error("/route/net/192.0.2.0/mask/x", 400);
  expect_error("/route/net/192.0.2.0/table/nothing", 404);
  expect_error("/route/net/192.0.2.0/nothing", 404);
  EXPECT_EQ(ask("/routes/table/master6", net::Family::kIpv4).status, 404U);
  EXPECT_EQ(ask("/routes/protocol/A_v6", net::Family::kIpv4).status, 404U);
}

TEST_F(BirdwatcherTest, OnlyReads) {
  auto request = get("/status");
  request.method = http::Method::kPost;
  const Birdwatcher birdwatcher(glass_);
  EXPECT_EQ(birdwatcher.answer(request, request.target.segments).status, 405U);
}

TEST_F(BirdwatcherTest, StreamsATableInPiecesOfBoundedSize) {
  constexpr unsigned kRoutes = 2350;
  for (unsigned i = 0; i < kRoutes; ++i) {
    const std::string net = std::to_string(i / 256) + "." + std::to_string(i % 256);
    glass_.add_route(b_, "100." + net + ".0/24", {});
  }
  const auto response = ask("/routes/protocol/B_v4");
  const auto& next = std::get<http::NextPiece>(response.body);
  EXPECT_EQ(glass_.batches, 0U);  // Nothing is made before it is asked for.
  std::string text;
  std::size_t pieces = 0;
  while (const auto piece = next()) {
    EXPECT_LT(piece->size(), 64U << 10U);
    text += *piece;
    ++pieces;
  }
  EXPECT_EQ(pieces, 24U);
  std::set<std::string> networks;
  const auto shown = json(text);
  for (const auto& route : shown.at("routes").as_array()) {
    networks.emplace(route.at("network").as_string());
  }
  EXPECT_EQ(networks.size(), kRoutes + 1U);
}

TEST_F(BirdwatcherTest, GoesOnWhereRoutesCameAndWent) {
  for (unsigned i = 0; i < 250; ++i) {
    glass_.add_route(b_, "100.64." + std::to_string(i) + ".0/24", {});
  }
  const auto response = ask("/routes/protocol/B_v4");
  const auto& next = std::get<http::NextPiece>(response.body);
  std::string text = *next();
  // The route that the next piece begins after goes, one before it and one at the end come.
  std::erase_if(glass_.stored_routes, [](const auto& stored) {
    return stored.view.prefix == testing::prefix("100.64.99.0/24");
  });
  glass_.add_route(b_, "100.1.0.0/24", {});
  glass_.add_route(b_, "220.0.0.0/24", {});
  while (const auto piece = next()) text += *piece;
  const auto shown = json(text);
  EXPECT_EQ(shown.at("routes").as_array().size(), 250U + 1 + 1);
}

}  // namespace
}  // namespace fabrix::api
