#include "app/event_text.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

// An event of b1 at some time, with more members.
std::string text(const std::string& event, const std::string& more) {
  const std::string json = R"({"event":")" + event +
                           R"(","time":"2026-05-04T10:11:12.123456Z","router":"b1",)"
                           R"("participant":"B","address":"172.0.0.2","asn":200)" +
                           (more.empty() ? "" : "," + more) + "}";
  return event_text(boost::json::parse(json).as_object());
}

const std::string kTime = "2026-05-04T10:11:12.123Z  ";

TEST(EventTextTest, SaysWhichSessionCameUpOrWentDownAndWhy) {
  EXPECT_EQ(text("session-up", ""), kTime + "b1 (172.0.0.2) of B, AS 200: up\n");
  EXPECT_EQ(text("session-down", R"("reason":"it sent 6/2 administrative shutdown: see you")"),
            kTime + "b1 (172.0.0.2) of B: down: it sent 6/2 administrative shutdown: see you\n");
}

TEST(EventTextTest, HasALineForEachPrefixWithItsVerdict) {
  const std::string route = R"("next_hop":"172.0.0.2","as_path":"200 7","origin":"igp",)";
  EXPECT_EQ(text("update", route + R"("verdict":"accepted","prefixes":["1.0.0.0/8","2.0.0.0/8"])"),
            kTime + "b1 + 1.0.0.0/8  accepted; next hop 172.0.0.2, path 200 7 i\n" + kTime +
                "b1 + 2.0.0.0/8  accepted; next hop 172.0.0.2, path 200 7 i\n");
  EXPECT_EQ(
      text("update", route + R"("verdict":"filtered","reason":"too long","prefixes":["::/0"])"),
      kTime + "b1 + ::/0  filtered: too long; next hop 172.0.0.2, path 200 7 i\n");
  EXPECT_EQ(text("verdict", route + R"("verdict":"accepted","prefixes":["::/0"])"),
            kTime + "b1 = ::/0  accepted; next hop 172.0.0.2, path 200 7 i\n");
  EXPECT_EQ(text("update", R"("verdict":"withdrawn","before":"accepted","prefixes":["::/0"])"),
            kTime + "b1 - ::/0  withdrawn\n");
  EXPECT_EQ(text("update", R"("verdict":"withdrawn","prefixes":["::/0"])"),
            kTime + "b1 - ::/0  withdrawn; unknown\n");
}

TEST(EventTextTest, SaysHowMuchIsLeftOut) {
  EXPECT_EQ(text("lost", R"("count":7)"), kTime + "… 7 events not shown: you read too slowly\n");
  EXPECT_EQ(text("lost", R"("count":1234)"),
            kTime + "… 1,234 events not shown: you read too slowly\n");
  EXPECT_EQ(text("lost", R"("count":12345678)"),
            kTime + "… 12,345,678 events not shown: you read too slowly\n");
}

TEST(EventTextTest, SaysWhatElseHappens) {
  EXPECT_EQ(text("end-of-rib", R"("family":"ipv4")"),
            kTime + "b1 (172.0.0.2) has sent all its ipv4 routes\n");
  EXPECT_EQ(text("malformed-update", R"x("reaction":"treat as withdraw","faults":"ORIGIN (1)")x"),
            kTime + "b1 (172.0.0.2) sent a malformed UPDATE: treat as withdraw: ORIGIN (1)\n");
  EXPECT_NE(text("something-new", "").find("something-new"), std::string::npos);
}

TEST(EventTextTest, LetsNobodyElsesWordsSteerTheTerminal) {
  EXPECT_EQ(text("session-down", R"("reason":"\u001b[2J")").find('\x1b'), std::string::npos);
}

TEST(EventTextTest, BearsEventsThatLackWhatTheyShouldHave) {
  EXPECT_EQ(text("update", ""), "");
  EXPECT_EQ(text("lost", R"("count":"x")"), kTime + "… 0 events not shown: you read too slowly\n");
  EXPECT_EQ(event_text({}), "  {}\n");
}

TEST(RenderBadTest, ShowsWhatIsWrongAndTheOctets) {
  const std::string hex(100, 'f');
  const auto neighbors = boost::json::parse(
      R"([{"router":"b1","participant":"B","address":"172.0.0.2","asn":200,)"
      R"("attributes_discarded":0,"treated_as_withdraw":0,"session_resets":1,"updates":[)"
      R"({"time":"2026-05-04T10:11:12.123456Z","reaction":"session reset",)"
      R"("notification":"3/10 invalid network field","octets":50,)"
      R"("faults":[{"what":"malformed NLRI","rule":"RFC 7606 §5.3"}],"hex":")" +
      hex + R"("}]}])");
  EXPECT_EQ(render_bad(neighbors.as_array()),
            "b1 (172.0.0.2) of B, AS 200: 0 with attributes discarded, 0 treated as withdraw, 1 "
            "session resets\n"
            "  2026-05-04T10:11:12.123Z  session reset, 3/10 invalid network field, 50 octets\n"
            "    malformed NLRI (RFC 7606 §5.3)\n    " +
                std::string(96, 'f') + "\n    ffff\n");
  EXPECT_EQ(render_bad({}), "none\n");
}

}  // namespace
}  // namespace fabrix::app
