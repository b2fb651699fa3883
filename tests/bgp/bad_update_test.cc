// What is told of an UPDATE that is wrong, against the table of malformed messages.
#include "bgp/bad_update.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/bgp/malformed_cases.h"
#include "tests/bgp/scripted_session.h"

namespace fabrix::bgp {
namespace {

SessionConfig config_for(const CaseSetup& setup) {
  SessionConfig config = route_server_config();
  config.extended_messages = setup.extended_messages;
  config.extended_next_hop = setup.extended_next_hop;
  config.flowspec.ipv4 = setup.flowspec;
  return config;
}

// What an established session says of the message.
SessionOutput output_for(const MalformedCase& one) {
  ScriptedSession peer(config_for(one.setup));
  peer.session.connected(peer.now);
  peer.feed(open_message(open_for_case(one.setup)));
  peer.feed(keepalive_message());
  return peer.feed(one.message);
}

std::optional<BadUpdateReaction> expected(const MalformedCase& one) {
  switch (one.reaction) {
    case CaseReaction::kReset:
      return BadUpdateReaction::kSessionReset;
    case CaseReaction::kWithdraw:
      return BadUpdateReaction::kTreatAsWithdraw;
    case CaseReaction::kDiscard:
      return BadUpdateReaction::kAttributeDiscard;
    default:
      return std::nullopt;
  }
}

// Code 3: what is wrong is in the UPDATE, not in its header (RFC 4271 §6.1, §6.3).
bool is_about_update(const MalformedCase& one) {
  return one.setup.stage == CaseSetup::Stage::kEstablished &&
         (one.reaction != CaseReaction::kReset || one.code.code == 3);
}

TEST(BadUpdateTest, TellsTheReactionOfEveryCaseWithTheMessageAsItCame) {
  std::size_t told = 0;
  for (const MalformedCase& one : all_malformed_cases()) {
    if (!is_about_update(one)) continue;
    SCOPED_TRACE(one.name);
    const SessionOutput output = output_for(one);
    // An attribute that is merely not handed on is discarded, too.
    if (output.bad_updates.empty() && one.reaction == CaseReaction::kDiscard) continue;
    if (one.reaction == CaseReaction::kIgnore) continue;  // there are no routes to do without
    ASSERT_EQ(output.bad_updates.size(), expected(one) ? 1U : 0U);
    if (!expected(one)) continue;
    const BadUpdate& bad = output.bad_updates.front();
    EXPECT_EQ(name_of(bad.reaction), name_of(*expected(one)));
    EXPECT_EQ(bad.message, one.message);
    EXPECT_FALSE(bad.faults.empty());
    EXPECT_EQ(bad.notification.has_value(), one.reaction == CaseReaction::kReset);
    if (bad.notification) {
      EXPECT_EQ(describe(*bad.notification), describe(one.code));
    }
    ++told;
  }
  EXPECT_GT(told, 50U);
}

TEST(BadUpdateTest, NamesTheAttributeAndTheParagraph) {
  using Fault = BadUpdate::Fault;
  EXPECT_EQ(fault_of({1, AttributeError::kLength}),
            (Fault{"ORIGIN (1): wrong length", "RFC 7606 §7.1"}));
  EXPECT_EQ(fault_of({2, AttributeError::kMissing}),
            (Fault{"AS_PATH (2): mandatory attribute missing", "RFC 7606 §3.d"}));
  EXPECT_EQ(fault_of({35, AttributeError::kLength}),
            (Fault{"ONLY_TO_CUSTOMER (35): wrong length", "RFC 9234 §5"}));
  EXPECT_EQ(fault_of({8, AttributeError::kFlags}),
            (Fault{"COMMUNITIES (8): wrong flags", "RFC 7606 §3.c"}));
  EXPECT_EQ(fault_of({4, AttributeError::kRepeated}),
            (Fault{"MULTI_EXIT_DISC (4): repeated", "RFC 7606 §3.g"}));
  EXPECT_EQ(fault_of({200, AttributeError::kUnknownWellKnown}),
            (Fault{"attribute 200: unknown well-known attribute", "RFC 4271 §6.3"}));
  EXPECT_EQ(fault_of({200, AttributeError::kMalformedList}),
            (Fault{"attribute 200: attributes end within an attribute", "RFC 7606 §4"}));
  EXPECT_EQ(fault_of({200, AttributeError::kMalformedValue}),
            (Fault{"attribute 200: malformed value", ""}));
}

TEST(BadUpdateTest, WhatIsMerelyNotHandedOnIsNothingBad) {
  UpdateMessage update;
  EXPECT_FALSE(find_bad_update(update, {}));
  update.discarded = {{5, AttributeError::kNotAllowed}};
  EXPECT_FALSE(find_bad_update(update, {}));
  update.discarded.push_back({4, AttributeError::kRepeated});
  const auto bad = find_bad_update(update, {});
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->faults.size(), 1U);
  EXPECT_EQ(name_of(bad->reaction), "attribute discard");
}

}  // namespace
}  // namespace fabrix::bgp
