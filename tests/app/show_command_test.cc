// `fabrix show` against a real fabrixd.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "tests/app/member.h"
#include "tests/app/running_daemon.h"
#include "tests/io/world.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;
using ::testing::StartsWith;

// Asks again and again until the answer is as wanted: BGP takes its time.
bool eventually(io::EventLoop& loop, const std::function<bool()>& done) {
  return loop.run_until(
      [&] {
        loop.post([] {});
        return done();
      },
      testing::kPatience);
}

class ShowTest : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  io::EventLoop loop_;
  RunningDaemon daemon_{loop_, scratch_,
                        scratch_.write("exchange.yaml", testing::loopback_exchange())};
};

TEST_F(ShowTest, NeighborsAreKnownByTheWordsOfOtherTools) {
  const std::string table = daemon_.ask({"show", "neighbors"}).out;
  EXPECT_THAT(table, StartsWith("neighbor  participant  address     asn  state"));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"s", "n"}, {"sh", "prot"}, {"show", "bgp", "summary"}, {"show", "bgp"}}) {
    EXPECT_THAT(daemon_.ask(words).out, StartsWith("neighbor  participant  address     asn  state"))
        << words.back();
  }
  EXPECT_EQ(testing::parse_json(daemon_.ask({"show", "neighbors", "-j"}).out).as_array().size(),
            3U);
}

TEST_F(ShowTest, AnEmptyTableIsNone) {
  EXPECT_EQ(daemon_.ask({"show", "route", "all"}).out, "none\n");
  EXPECT_EQ(daemon_.ask({"show", "neighbor", "a1", "received"}).out, "none\n");
  EXPECT_EQ(daemon_.ask({"show", "neighbor", "a1", "rec", "json"}).out, "[]\n");
}

TEST_F(ShowTest, TellsApartWhatIsMissingAndWhatIsWrong) {
  const auto stranger = daemon_.ask({"show", "neighbor", "a11"});
  EXPECT_EQ(stranger.status.code, 3);
  EXPECT_EQ(stranger.err, "fabrix: no router or participant is called 'a11'; did you mean a1?\n");
  EXPECT_EQ(daemon_.ask({"show", "neighbor", "a1", "recieved"}).err,
            "fabrix: show neighbor: nothing is called 'recieved'; did you mean received?\n");
  EXPECT_EQ(daemon_.ask({"show", "neighbor", "a1", "x"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"show", "route", "for", "1.2.3.4"}).status.code, 3);
  EXPECT_EQ(daemon_.ask({"show", "route", "for", "1.2.3.4.5"}).status.code, 65);
  EXPECT_EQ(daemon_.ask({"show", "route", "for", "1.2.3.4", "form", "A"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"show", "status", "x"}).status.code, 2);
}

// On a LAN of its own, because no route may have a next hop on the loopback network.
class DaemonOnALanTest : public io::testing::NamespaceTest {};

TEST_F(DaemonOnALanTest, ShowsSessionsAndRoutesOfMembers) {
  const io::testing::TestNamespace lan;
  auto netlink = lan.netlink();
  ASSERT_TRUE(io::set_link_up(netlink, "lo"));
  for (const std::string address : {"10.0.0.2", "10.0.0.12", "10.0.0.13"}) {
    ASSERT_TRUE(io::add_address(
        netlink, {.link = "lo", .address = *net::IpAddress::parse(address), .length = 8}));
  }
  const testing::Scratch scratch;
  io::EventLoop loop;
  std::string exchange = testing::loopback_exchange();
  for (std::size_t at = 0; (at = exchange.find("127.", at)) != std::string::npos;) {
    exchange.replace(at, 4, "10.");
  }
  const RunningDaemon daemon(loop, scratch, scratch.write("exchange.yaml", exchange), lan.name());
  const auto inside = io::NamespaceScope::enter(lan.name());
  ASSERT_TRUE(inside);
  const io::IpEndpoint route_server{.address = *net::IpAddress::parse("10.0.0.2"),
                                    .port = daemon.bgp_port()};
  Member b(loop, "10.0.0.12", 200, route_server);
  Member c(loop, "10.0.0.13", 300, route_server);
  ASSERT_TRUE(b.established());
  ASSERT_TRUE(c.established());
  b.announce("140.0.0.0/24");
  c.announce("140.0.0.0/24");
  c.announce("150.0.0.0/24");
  const auto show_words = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "show");
    words.emplace_back("--json");
    return testing::parse_json(daemon.ask(std::move(words)).out);
  };
  const auto show = [&](const std::string& what) { return show_words({what}); };
  ASSERT_TRUE(eventually(loop, [&] { return show("routes").as_array().size() == 3; }));
  const auto sessions = show("sessions");
  EXPECT_EQ(sessions.at(0).at("state").as_string(), "idle");
  EXPECT_EQ(sessions.at(1).at("state").as_string(), "established");
  EXPECT_EQ(sessions.at(2).at("received").as_int64(), 2);
  const auto neighbors = show("neighbors");
  EXPECT_EQ(neighbors.at(2).at("accepted").as_int64(), 2);
  EXPECT_EQ(neighbors.at(2).at("filtered").as_int64(), 0);
  EXPECT_GE(neighbors.at(1).at("uptime_seconds").as_int64(), 0);

  const auto run = daemon.ask({"show", "route", "for", "140.0.0.9", "to", "A", "--json"});
  const auto answer = testing::parse_json(run.out);
  ASSERT_EQ(answer.at("paths").as_array().size(), 2U) << run.out;
  EXPECT_EQ(answer.at("prefix").as_string(), "140.0.0.0/24");
  EXPECT_EQ(answer.at("paths").at(0).at("as_path").as_string(), "200");
  EXPECT_EQ(answer.at("paths").at(0).at("export").at("verdict").as_string(), "best");
  EXPECT_TRUE(answer.at("to").at("told").as_array().empty());  // A has no session

  const std::string text = daemon.ask({"s", "route", "for", "140.0.0.0/24"}).out;
  EXPECT_THAT(text, StartsWith("140.0.0.0/24, 2 paths\n*  from B (b1 10.0.0.12), next hop"));
  EXPECT_THAT(text, HasSubstr("    best because          lower BGP identifier (127.0.0.200 against "
                              "127.0.1.44)\n"));
  EXPECT_THAT(text, HasSubstr("    best for              A C\n"));
  const auto from = daemon.ask({"show", "route", "for", "140.0.0.9", "from", "C"});
  EXPECT_THAT(from.out, StartsWith("140.0.0.0/24, 1 path\n   from C"));

  const std::string received = daemon.ask({"show", "neighbor", "c1", "received"}).out;
  EXPECT_THAT(received, HasSubstr("\n   140.0.0.0/24        c1"));
  EXPECT_THAT(received, HasSubstr("\n   150.0.0.0/24        c1"));
  EXPECT_EQ(daemon.ask({"show", "neighbor", "c1", "filtered"}).out, "none\n");
  ASSERT_TRUE(eventually(loop, [&] {
    return show_words({"neighbor", "AS200", "advertised"}).as_array().size() == 2;
  }));
  EXPECT_THAT(daemon.ask({"show", "bgp", "neighbors", "10.0.0.13"}).out,
              StartsWith("c1 (10.0.0.13) of C, AS 300: established for "));

  const auto session = show_words({"neighbor", "c1"}).at(0);
  EXPECT_EQ(session.at("sessions").at("established").as_int64(), 1);
  EXPECT_GT(session.at("messages").at("updates_in").as_int64(), 0);
  EXPECT_EQ(session.at("dialling").as_string(), "passive");
  EXPECT_EQ(show_words({"routes"}).at(0).at("rpki").as_string(), "off");

  const auto lost = daemon.ask({"show", "route", "for", "9.9.9.9"});
  EXPECT_EQ(lost.status.code, 3);
  EXPECT_EQ(lost.err, "fabrix: no route covers 9.9.9.9\n");
  EXPECT_EQ(daemon.ask({"show", "route", "for", "140.0.0.0/24", "to", "D"}).status.code, 3);
}

}  // namespace
}  // namespace fabrix::app
