#include "monitoring/update_log.h"

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/update_message.h"
#include "monitoring/mrt_reader.h"
#include "tests/monitoring/bgpdump.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::attributes;
using testing::prefix;
using testing::route;
using testing::session;

using Lines = std::vector<std::string>;

std::vector<MrtRecord> read(std::span<const std::byte> octets) {
  std::vector<MrtRecord> records;
  MrtReader reader(octets);
  while (true) {
    auto record = reader.next();
    EXPECT_TRUE(record) << describe(record.error());
    if (!record || !*record) return records;
    records.push_back(**std::move(record));
  }
}

RouteChange announced(const std::vector<net::Prefix>& prefixes, const Route& route) {
  return {.peer = route.peer,
          .prefixes = prefixes,
          .now = route,
          .before = std::nullopt,
          .time = testing::time(500'000)};
}

RouteChange withdrawn(const std::vector<net::Prefix>& prefixes, std::uint32_t peer) {
  return {.peer = PeerKey{peer},
          .prefixes = prefixes,
          .now = std::nullopt,
          .before = RouteState::kAccepted,
          .time = testing::time(600'000)};
}

// A day in the life of two peers.
void live(UpdateLog& log) {
  const std::vector v4{prefix("198.51.100.0/24"), prefix("203.0.113.0/24")};
  const std::vector v6{prefix("2001:db8:1::/48")};
  bgp::PathAttributes rich = attributes({64501, 4200000001});
  rich.med = 5;
  rich.communities = {bgp::community(64501, 7)};
  rich.large_communities = {{64501, 2, 3}};
  log.peer_up(session(1));
  log.peer_up(session(3, net::Family::kIpv6));
  log.routes_changed(announced(v4, route(1, rich, "192.0.2.11")));
  log.routes_changed(announced(v6, route(3, attributes({64503}), "2001:db8::d")));
  log.end_of_rib(PeerKey{1}, net::Family::kIpv4, testing::time(550'000));
  log.routes_changed(withdrawn(v4, 1));
  log.routes_changed(withdrawn(v6, 3));
  log.peer_down(PeerKey{1}, RemoteClosed{}, testing::time(700'001));
}

TEST(UpdateLog, RecordsWhatHappensInOrder) {
  UpdateLog log;
  live(log);
  const auto records = read(log.take());
  EXPECT_EQ(log.pending(), 0U);
  ASSERT_EQ(records.size(), 8U);
  EXPECT_EQ(log.counters(), (UpdateLogCounters{.records = 8, .left_out = 0}));
  for (const MrtRecord& record : records) EXPECT_EQ(record.precision, MrtTime::kMicroseconds);
  const SessionEnds ends = session_ends(session(1));
  EXPECT_EQ(records[0].time, session(1).since);
  EXPECT_EQ(
      std::get<StateChangeRecord>(records[0].body),
      (StateChangeRecord{
          .ends = ends, .before = PeerState::kOpenConfirm, .after = PeerState::kEstablished}));
  const auto& message = std::get<MessageRecord>(records[2].body);
  EXPECT_EQ(message.ends, ends);
  const auto update =
      bgp::decode_update(std::span(message.message).subspan(bgp::kHeaderSize), {}).value();
  ASSERT_EQ(update.announced.size(), 1U);
  EXPECT_EQ(update.announced[0].prefixes.size(), 2U);
  EXPECT_EQ(std::get<StateChangeRecord>(records[7].body).after, PeerState::kIdle);
  EXPECT_EQ(records[7].time, testing::time(700'001));
}

TEST(UpdateLog, KnowsSessionsThatWereUpBefore) {
  UpdateLog log;
  PeerSession stale = session(2);
  stale.established = false;
  const std::vector known{session(1), stale};
  log.start(known);
  EXPECT_EQ(log.pending(), 0U);
  const std::vector v4{prefix("198.51.100.0/24")};
  log.routes_changed(withdrawn(v4, 1));
  EXPECT_EQ(log.counters().records, 1U);
  log.routes_changed(withdrawn(v4, 2));
  log.peer_down(PeerKey{2}, RemoteClosed{}, testing::time());
  log.end_of_rib(PeerKey{2}, net::Family::kIpv4, testing::time());
  EXPECT_EQ(log.counters(), (UpdateLogCounters{.records = 1, .left_out = 1}));
}

TEST(UpdateLog, CountsWhatNoMessageCanSay) {
  UpdateLog log;
  log.peer_up(session(1));
  log.take();
  bgp::PathAttributes large = attributes({64501});
  large.communities.resize(20'000);
  const std::vector v4{prefix("198.51.100.0/24")};
  log.routes_changed(announced(v4, route(1, large, "192.0.2.11")));
  EXPECT_EQ(log.pending(), 0U);
  EXPECT_EQ(log.counters().left_out, 1U);
}

TEST(UpdateLog, BgpdumpReadsTheUpdates) {
  if (!testing::has_bgpdump()) GTEST_SKIP() << "bgpdump is not installed";
  UpdateLog log;
  live(log);
  const auto v4 = [](std::string_view kind, int microseconds, const std::string& rest) {
    return testing::bgpdump_update_line(testing::time(microseconds), kind, session(1), rest);
  };
  const auto v6 = [](std::string_view kind, int microseconds, const std::string& rest) {
    return testing::bgpdump_update_line(testing::time(microseconds), kind,
                                        session(3, net::Family::kIpv6), rest);
  };
  const std::string rich = "|64501 4200000001|IGP|192.0.2.11|0|5|64501:7|64501:2:3|NAG||";
  EXPECT_EQ(
      testing::bgpdump(log.take()),
      (Lines{v4("STATE", 250'000, "5|6"), v6("STATE", 250'000, "5|6"),
             v4("A", 500'000, "198.51.100.0/24" + rich), v4("A", 500'000, "203.0.113.0/24" + rich),
             v6("A", 500'000, "2001:db8:1::/48|64503|IGP|2001:db8::d|0|0|||NAG||"),
             v4("W", 600'000, "198.51.100.0/24"), v4("W", 600'000, "203.0.113.0/24"),
             v6("W", 600'000, "2001:db8:1::/48"), v4("STATE", 700'001, "6|1")}));
}

}  // namespace
}  // namespace fabrix::monitoring
