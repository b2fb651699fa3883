#include "api/route_queries.h"

#include <set>
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

class RouteQueriesTest : public ::testing::Test {
 protected:
  boost::json::value route(const RouteQuestion& question) {
    auto answer = show_route(sources_, question);
    EXPECT_TRUE(answer) << answer.error().error;
    return answer ? *answer : boost::json::object{};
  }
  Refusal refusal(const RouteQuestion& question) { return show_route(sources_, question).error(); }

  testing::World world_;
  Sources sources_ = world_.sources();
};

TEST_F(RouteQueriesTest, RoutesAreSortedAndTellWhyOneIsRejected) {
  const auto routes = show_routes(sources_, std::nullopt)->as_array();
  ASSERT_EQ(routes.size(), 4U);
  EXPECT_EQ(routes[0].at("prefix").as_string(), "9.9.9.0/24");
  EXPECT_EQ(routes[0].at("reason").as_string(), "the first AS of the path is not the member's");
  EXPECT_EQ(routes[1].at("prefix").as_string(), "140.0.0.0/16");
  EXPECT_EQ(routes[1].at("as_path").as_string(), "300 7");
}

TEST_F(RouteQueriesTest, RoutesForAPrefixTellWhoHasThemAndWhoDoesNot) {
  const auto exact = show_routes(sources_, "140.0.0.0/24")->as_array();
  ASSERT_EQ(exact.size(), 2U);
  EXPECT_EQ(exact[0].at("router").as_string(), "b1");
  EXPECT_EQ(exact[0].at("best_for").as_string(), "A C");
  EXPECT_EQ(exact[1].at("best_for").as_string(), "B");
  EXPECT_EQ(show_routes(sources_, "140.0.0.200")->as_array().size(), 2U);  // the longest match
  EXPECT_EQ(show_routes(sources_, "140.0.1.1")->at(0).at("prefix").as_string(), "140.0.0.0/16");
  const auto rejected = show_routes(sources_, "9.9.9.9")->as_array();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].at("best_for").as_string(), "");
  EXPECT_THAT(text(rejected[0].at("not_for")), HasSubstr(R"("A":")"));
  EXPECT_TRUE(show_routes(sources_, "8.8.8.8")->as_array().empty());
  EXPECT_TRUE(show_routes(sources_, "::1")->as_array().empty());
  EXPECT_EQ(show_routes(sources_, "x").error().error, "'x' is neither a prefix nor an address");
}

TEST_F(RouteQueriesTest, SaysWhyTheBestRouteIsBest) {
  const auto answer = route({.destination = "140.0.0.9"});
  EXPECT_EQ(answer.at("prefix").as_string(), "140.0.0.0/24");
  const auto& paths = answer.at("paths").as_array();
  ASSERT_EQ(paths.size(), 2U);
  EXPECT_TRUE(paths[0].at("best").as_bool());
  EXPECT_EQ(paths[0].at("before_next").at("step").as_string(), "bgp-identifier");
  EXPECT_EQ(paths[0].at("before_next").at("text").as_string(),
            "lower BGP identifier (0.0.0.2 against 0.0.0.3)");
  EXPECT_FALSE(paths[1].at("best").as_bool());
  EXPECT_FALSE(paths[1].as_object().contains("before_next"));
  EXPECT_FALSE(answer.as_object().contains("to"));
  const auto rejected = route({.destination = "9.9.9.0/24"});
  EXPECT_FALSE(rejected.at("paths").at(0).at("best").as_bool());
}

TEST_F(RouteQueriesTest, ShowsOnlyTheRoutesOfOneNeighborWhenAsked) {
  const auto answer = route({.destination = "140.0.0.0/24", .from = "C"});
  ASSERT_EQ(answer.at("paths").as_array().size(), 1U);
  EXPECT_EQ(answer.at("paths").at(0).at("router").as_string(), "c1");
  EXPECT_FALSE(answer.at("paths").at(0).at("best").as_bool());
  // The longest prefix that this neighbour announces.
  EXPECT_EQ(route({.destination = "140.0.1.1", .from = "c1"}).at("prefix").as_string(),
            "140.0.0.0/16");
  EXPECT_EQ(refusal({.destination = "140.0.0.0/24", .from = "A"}).error,
            "no route of A to 140.0.0.0/24");
}

TEST_F(RouteQueriesTest, SaysWhatAParticipantGetsAndWithWhichNextHop) {
  world_.deliver();
  const auto answer = route({.destination = "140.0.0.0/24", .to = "A"});
  const auto& paths = answer.at("paths").as_array();
  EXPECT_EQ(paths[0].at("export").at("verdict").as_string(), "best");
  EXPECT_EQ(paths[1].at("export").at("verdict").as_string(), "usable");
  EXPECT_EQ(paths[1].at("export").at("reason").as_string(),
            "b1 goes before it: lower BGP identifier (0.0.0.2 against 0.0.0.3)");
  EXPECT_EQ(text(paths[1].at("export").at("adds")), R"(["only-to-customer"])");
  const auto& told = answer.at("to").at("told").as_array();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(answer.at("to").at("participant").as_string(), "A");
  EXPECT_TRUE(told[0].at("virtual").as_bool());
  EXPECT_THAT(std::string(told[0].at("next_hop").as_string()), HasSubstr("172.0.1."));
  EXPECT_EQ(told[0].at("as_path").as_string(), "200");
  const auto real = route({.destination = "140.0.0.0/24", .to = "B"});
  EXPECT_FALSE(real.at("to").at("told").at(0).at("virtual").as_bool());
  EXPECT_EQ(real.at("to").at("told").at(0).at("next_hop").as_string(), "172.0.0.3");
}

TEST_F(RouteQueriesTest, SaysWhyARouteIsKeptFromAParticipant) {
  const auto own = route({.destination = "140.0.0.0/24", .to = "b1"});
  EXPECT_EQ(text(own.at("paths").at(0).at("export")),
            R"({"verdict":"kept","reason":"its own route"})");
  bgp::PathAttributes attributes;
  attributes.communities = {bgp::community(0, 100), bgp::community(65512, 200)};
  world_.announce("c1", "150.0.0.0/24", {300}, attributes);
  world_.settle();
  EXPECT_EQ(text(route({.destination = "150.0.0.0/24", .to = "A"}).at("paths").at(0).at("export")),
            R"({"verdict":"kept","reason":"kept from it by the community 0:100",)"
            R"("community":"0:100"})");
  EXPECT_TRUE(
      route({.destination = "150.0.0.0/24", .to = "A"}).at("to").at("told").as_array().empty());
  const auto prepended = route({.destination = "150.0.0.0/24", .to = "B"});
  EXPECT_EQ(prepended.at("paths").at(0).at("export").at("prepends").to_number<int>(), 2);
  EXPECT_EQ(prepended.at("to").at("told").at(0).at("as_path").as_string(), "300 300 300");
  EXPECT_EQ(
      route({.destination = "9.9.9.9", .to = "A"}).at("paths").at(0).at("export").at("reason"),
      "rejected by the import filter: the first AS of the path is not the member's");
}

TEST_F(RouteQueriesTest, TellsApartWhatIsMissingAndWhatIsWrong) {
  EXPECT_EQ(refusal({.destination = "x"}).kind, RefusalKind::kBadRequest);
  EXPECT_EQ(refusal({.destination = "8.8.8.8"}).kind, RefusalKind::kNotFound);
  EXPECT_EQ(refusal({.destination = "8.8.8.8"}).error, "no route covers 8.8.8.8");
  EXPECT_EQ(refusal({.destination = "140.0.7.0/24"}).error,
            "no route to 140.0.7.0/24; 140.0.0.0/16 covers it");
  EXPECT_EQ(refusal({.destination = "140.0.0.0/24", .to = "D"}).kind, RefusalKind::kNotFound);
  EXPECT_EQ(refusal({.destination = "140.0.0.0/24", .from = "b11"}).error,
            "no router or participant is called 'b11'; did you mean b1?");
}

TEST_F(RouteQueriesTest, ALongTableComesInPages) {
  constexpr int kPrefixes = 12'000;
  for (int i = 0; i < kPrefixes; ++i) {
    world_.announce("c1", "20." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
                    {300});
  }
  EXPECT_EQ(show_routes(sources_, std::nullopt).error().kind, RefusalKind::kBadRequest);
  std::set<std::string> seen;
  std::uint32_t cursor = 0;
  int pages = 0;
  do {
    const auto page = show_table(sources_, cursor).as_object();
    EXPECT_LE(page.at("rows").as_array().size(), kPlacesAtOnce + 1);
    for (const auto& row : page.at("rows").as_array()) {
      seen.insert(std::string(row.at("prefix").as_string()));
    }
    cursor = page.contains("next") ? page.at("next").to_number<std::uint32_t>() : 0;
    ++pages;
  } while (cursor != 0);
  EXPECT_EQ(seen.size(), kPrefixes + 3U);
  EXPECT_EQ(pages, 3);
  EXPECT_TRUE(show_table(sources_, 4'000'000'000).at("rows").as_array().empty());
}

}  // namespace
}  // namespace fabrix::api
