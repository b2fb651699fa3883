// Every case of malformed_cases.h, sent to a Session that a scripted peer has brought to where
// the case begins: the reaction is the one that the RFCs prescribe, and a session that stays up
// goes on working.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "bgp/message_splitter.h"
#include "tests/bgp/malformed_cases.h"
#include "tests/bgp/scripted_session.h"

namespace fabrix::bgp {
namespace {

SessionConfig config_for(const CaseSetup& setup) {
  SessionConfig config = route_server_config();
  config.extended_messages = setup.extended_messages;
  config.extended_next_hop = setup.extended_next_hop;
  config.flowspec.ipv4 = setup.flowspec;
  if (setup.role) config.role = Role::kRouteServer;
  return config;
}

ScriptedSession session_for(const CaseSetup& setup) {
  ScriptedSession peer(config_for(setup));
  peer.session.connected(peer.now);
  if (setup.stage == CaseSetup::Stage::kOpenSent) return peer;
  peer.feed(open_message(open_for_case(setup)));
  peer.feed(keepalive_message());
  return peer;
}

std::size_t routes_in(const UpdateMessage& update) {
  std::size_t count = 0;
  for (const Announcement& announcement : update.announced) count += announcement.prefixes.size();
  for (const FlowSpecRoutes& rules : update.flowspec) count += rules.announced.size();
  return count;
}

std::size_t withdrawals_in(const UpdateMessage& update) {
  std::size_t count = update.withdrawn.size();
  for (const FlowSpecRoutes& rules : update.flowspec) count += rules.withdrawn.size();
  return count;
}

const UpdateMessage* update_in(const SessionOutput& output) {
  const auto* const received = only_event<UpdateReceived>(output);
  return received == nullptr ? nullptr : &received->update;
}

// An UPDATE that is taken, or an OPEN that is answered with KEEPALIVE.
void expect_accepted(const MalformedCase& one, const SessionOutput& output) {
  if (one.setup.stage == CaseSetup::Stage::kOpenSent) {
    EXPECT_EQ(output.bytes, keepalive_message());
    return;
  }
  const UpdateMessage* const update = update_in(output);
  ASSERT_NE(update, nullptr);
  EXPECT_TRUE(update->treated_as_withdraw.empty());
  EXPECT_TRUE(update->discarded.empty());
  EXPECT_GT(routes_in(*update) + withdrawals_in(*update), 0U);
}

void expect_withdrawn(const SessionOutput& output) {
  const UpdateMessage* const update = update_in(output);
  ASSERT_NE(update, nullptr);
  EXPECT_FALSE(update->treated_as_withdraw.empty());
  EXPECT_EQ(routes_in(*update), 0U);
  EXPECT_GT(withdrawals_in(*update), 0U);
  EXPECT_EQ(update->attributes, nullptr);
}

void expect_discarded(const SessionOutput& output) {
  const UpdateMessage* const update = update_in(output);
  ASSERT_NE(update, nullptr);
  EXPECT_TRUE(update->treated_as_withdraw.empty());
  EXPECT_FALSE(update->discarded.empty());
  EXPECT_GT(routes_in(*update), 0U);
  EXPECT_NE(update->attributes, nullptr);
}

void expect_ignored(const SessionOutput& output) {
  if (output.events.empty()) return;
  const UpdateMessage* const update = update_in(output);
  const bool demarcation = only_event<RouteRefreshReceived>(output) != nullptr ||
                           only_event<RefreshBegan>(output) != nullptr;
  if (demarcation) return;
  ASSERT_NE(update, nullptr);
  EXPECT_EQ(routes_in(*update) + withdrawals_in(*update), 0U);
  EXPECT_TRUE(update->treated_as_withdraw.empty());
}

void expect_reset(const MalformedCase& one, const SessionOutput& output) {
  const auto* const down = only_event<Down>(output);
  ASSERT_NE(down, nullptr);
  ASSERT_TRUE(down->sent) << down->reason;
  EXPECT_EQ(describe(down->sent->code), describe(one.code));
  EXPECT_TRUE(output.close);
  ByteWriter body;
  encode_notification(*down->sent, body);
  EXPECT_EQ(output.bytes, encode_message(MessageType::kNotification, body.view()));
}

void expect_closed(const SessionOutput& output) {
  const auto* const down = only_event<Down>(output);
  ASSERT_NE(down, nullptr);
  EXPECT_TRUE(down->received);
  EXPECT_TRUE(output.bytes.empty());
  EXPECT_TRUE(output.close);
}

void expect_reaction(const MalformedCase& one, const SessionOutput& output) {
  switch (one.reaction) {
    case CaseReaction::kReset:
      return expect_reset(one, output);
    case CaseReaction::kWithdraw:
      return expect_withdrawn(output);
    case CaseReaction::kDiscard:
      return expect_discarded(output);
    case CaseReaction::kAccept:
      return expect_accepted(one, output);
    case CaseReaction::kIgnore:
      return expect_ignored(output);
    case CaseReaction::kClosed:
      return expect_closed(output);
  }
}

bool ends_session(const MalformedCase& one) {
  return one.reaction == CaseReaction::kReset || one.reaction == CaseReaction::kClosed;
}

TEST(MalformedInputTest, Rfc7606_EveryCaseHasItsReaction) {
  for (const MalformedCase& one : all_malformed_cases()) {
    SCOPED_TRACE(one.name);
    ScriptedSession peer = session_for(one.setup);
    expect_reaction(one, peer.feed(one.message));
    EXPECT_EQ(peer.session.state() == SessionState::kIdle, ends_session(one));
  }
}

TEST(MalformedInputTest, ItDoesNotMatterHowTheOctetsArrive) {
  for (const MalformedCase& one : all_malformed_cases()) {
    if (one.message.size() > 1000) continue;
    SCOPED_TRACE(one.name);
    ScriptedSession peer = session_for(one.setup);
    SessionOutput all;
    for (const std::byte octet : one.message) {
      SessionOutput output = peer.feed({octet});
      all.bytes.insert(all.bytes.end(), output.bytes.begin(), output.bytes.end());
      all.close = all.close || output.close;
      for (SessionEvent& event : output.events) all.events.push_back(std::move(event));
    }
    expect_reaction(one, all);
  }
}

// RFC 7606 §2: the old route must not survive an announcement that cannot be used.
TEST(MalformedInputTest, Rfc7606_2_WhatIsTreatedAsWithdrawnNamesTheRoute) {
  for (const MalformedCase& one : all_malformed_cases()) {
    if (one.reaction != CaseReaction::kWithdraw || one.setup.flowspec) continue;
    SCOPED_TRACE(one.name);
    ScriptedSession peer = session_for(one.setup);
    const UpdateMessage update = *update_in(peer.feed(one.message));
    EXPECT_TRUE(std::ranges::all_of(update.withdrawn, [](const net::Prefix& withdrawn) {
      return withdrawn == prefix("198.51.100.0/24") || withdrawn == prefix("2001:db8:1::/48");
    }));
  }
}

TEST(MalformedInputTest, ASessionThatStaysUpGoesOnWorking) {
  for (const MalformedCase& one : all_malformed_cases()) {
    const bool established = one.setup.stage == CaseSetup::Stage::kEstablished;
    if (!established || !one.setup.four_octet_as || ends_session(one)) continue;
    SCOPED_TRACE(one.name);
    ScriptedSession peer = session_for(one.setup);
    peer.feed(one.message);
    const UpdateMessage* const update = update_in(peer.feed(witness_message()));
    EXPECT_NE(update, nullptr);
  }
}

TEST(MalformedInputTest, CasesAreManyAndEachHasANameOfItsOwn) {
  const Cases cases = all_malformed_cases();
  EXPECT_GE(cases.size(), 321U);
  RecordProperty("cases", static_cast<int>(cases.size()));
  std::set<std::string> names;
  for (const MalformedCase& one : cases) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
  }
}

}  // namespace
}  // namespace fabrix::bgp
