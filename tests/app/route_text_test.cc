#include "app/route_text.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;

boost::json::object object(const std::string& text) {
  return boost::json::parse(text).as_object();
}

TEST(RouteTextTest, ARouteIsALine) {
  EXPECT_EQ(route_heading(),
            "   prefix              router      next hop             age  path (* best, s stale, "
            "x filtered, > advertised)\n");
  EXPECT_EQ(route_line(object(R"({"prefix":"140.0.0.0/24","router":"b1","next_hop":"10.0.0.2",)"
                              R"("as_path":"200 7","origin":"igp","age_seconds":65,"best":true})")),
            "*  140.0.0.0/24        b1          10.0.0.2           1m 5s  200 7 i\n");
  EXPECT_EQ(route_line(object(R"({"prefix":"9.9.9.0/24","router":"c1","next_hop":"10.0.0.3",)"
                              R"("as_path":"666","origin":"incomplete","state":"rejected",)"
                              R"("flags":["stale"],"reason":"the AS is not the member's"})")),
            "xs 9.9.9.0/24          c1          10.0.0.3                  666 ?  "
            "(the AS is not the member's)\n");
  EXPECT_EQ(route_line(object(R"({"prefix":"2001:db8::/32","to":"a1","next_hop":"2001:db8::1",)"
                              R"("as_path":"","origin":"egp"})")),
            ">  2001:db8::/32       a1          2001:db8::1                e\n");
}

TEST(RouteTextTest, ADestinationIsShownWithAllItsPathsAndReasons) {
  EXPECT_EQ(render_route(object(
                R"({"prefix":"140.0.0.0/24","paths":[
            {"participant":"B","router":"b1","address":"10.0.0.2","next_hop":"10.0.0.2",
             "as_path":"200","origin":"igp","med":5,"communities":["0:300"],"rpki":"valid",
             "age_seconds":90,"state":"accepted","best":true,
             "before_next":{"step":"as-path","text":"shorter AS path"},
             "best_for":"A","not_for":{
  "C" : "kept from it by the community 0:300"
}
},
            {"participant":"C","router":"c1","address":"10.0.0.3","next_hop":"10.0.0.3",
             "as_path":"300 7","origin":"igp","rpki":"not-found","state":"rejected","best":false,
             "reason":"too long","best_for":""}]
})")),
            "140.0.0.0/24, 2 paths\n"
            "*  from B (b1 10.0.0.2), next hop 10.0.0.2\n"
            "    AS path               200\n"
            "    origin                igp\n"
            "    MED                   5\n"
            "    communities           0:300\n"
            "    RPKI                  valid\n"
            "    age                   1m 30s\n"
            "    best because          shorter AS path\n"
            "    best for              A\n"
            "    not for C             kept from it by the community 0:300\n"
            "x  from C (c1 10.0.0.3), next hop 10.0.0.3\n"
            "    AS path               300 7\n"
            "    origin                igp\n"
            "    RPKI                  not-found\n"
            "    filtered              too long\n");
}

TEST(RouteTextTest, SaysWhatAClientIsTold) {
  const std::string told = render_route(object(
      R"({"prefix":"140.0.0.0/24","paths":[
        {"participant":"B","router":"b1","address":"10.0.0.2","next_hop":"10.0.0.2",
         "as_path":"200","origin":"igp","rpki":"valid","state":"accepted","best":true,
         "export":{"verdict":"best","prepends":2,"adds":["no-export"]}},
        {"participant":"C","router":"c1","address":"10.0.0.3","next_hop":"10.0.0.3",
         "as_path":"300","origin":"igp","rpki":"valid","state":"accepted","best":false,
         "export":{"verdict":"kept","reason":"its own route"}}],
        "to":{"participant":"C","told":[{"router":"c1","address":"10.0.0.3",
         "next_hop":"10.1.0.1","virtual":true,"as_path":"200 200 200","origin":"igp"}]}})"));
  EXPECT_THAT(told, HasSubstr("    to C                  best; prepended 2 times; adds no-export"));
  EXPECT_THAT(told, HasSubstr("    to C                  not exported: its own route"));
  EXPECT_THAT(told, HasSubstr("C is told at c1 (10.0.0.3): next hop 10.1.0.1, virtual\n"
                              "    AS path               200 200 200\n"));
  EXPECT_THAT(
      render_route(object(R"({"prefix":"::/0","paths":[],"to":{"participant":"C","told":[]}})")),
      HasSubstr("C is told nothing\n"));
}

TEST(RouteTextTest, NeighborsAreATable) {
  EXPECT_EQ(
      render_neighbors(boost::json::parse(R"([{"router":"b1","participant":"B","address":"10.0.0.2",
          "asn":200,"state":"established","uptime_seconds":3725,"received":3,"accepted":2,
          "filtered":1,"advertised":7}])")
                           .as_array()),
      "neighbor  participant  address   asn  state        for    received  accepted  "
      "filtered  advertised\n"
      "b1        B            10.0.0.2  200  established  1h 2m         3         2  "
      "       1           7\n");
}

TEST(RouteTextTest, ANeighborsWordsDoNotSteerTheTerminal) {
  const auto text = render_neighbor_details(
      boost::json::parse(
          R"([{"router":"b1","participant":"B","address":"10.0.0.2","asn":200,"state":"idle",)"
          R"("last_error":"\u001b[2Jbye","families":{"ipv4":{"received":1,"limit":5}}}])")
          .as_array());
  EXPECT_EQ(text,
            "b1 (10.0.0.2) of B, AS 200: idle\n"
            "    last error            ?[2Jbye\n"
            "    ipv4                  received 1, limit 5\n");
}

TEST(RouteTextTest, DurationsAreAsExactAsPeopleWant) {
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(59), "59s");
  EXPECT_EQ(duration_text(3599), "59m 59s");
  EXPECT_EQ(duration_text(86399), "23h 59m");
  EXPECT_EQ(duration_text(9 * 86400 + 3 * 3600 + 59), "9d 3h");
}

}  // namespace
}  // namespace fabrix::app
