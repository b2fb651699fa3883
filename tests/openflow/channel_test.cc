#include "openflow/channel.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/openflow/fake_switch.h"
#include "tests/openflow/sample_messages.h"
#include "tests/openflow/test_flows.h"

namespace fabrix::openflow {
namespace {

using std::chrono::seconds;
using tests::FakeSwitch;

constexpr Channel::Time kStart{};
constexpr const char* kAnotherMaster =
    "another controller of a newer generation is the switch's master";

// Hands octets over in pieces of `split`, until neither side has anything to say.
void converse(Channel& channel, FakeSwitch& peer, std::size_t split = 1U << 20U) {
  for (bool talking = true; talking;) {
    const auto down = channel.take_output();
    for (std::size_t at = 0; at < down.size(); at += split) {
      peer.feed(std::span(down).subspan(at, std::min(split, down.size() - at)));
    }
    const auto up = peer.take_output();
    for (std::size_t at = 0; at < up.size(); at += split) {
      channel.feed(std::span(up).subspan(at, std::min(split, up.size() - at)), kStart);
    }
    talking = !down.empty() || !up.empty();
  }
}

template <typename T>
std::vector<T> events_of(Channel& channel) {
  std::vector<T> found;
  for (Event& event : channel.take_events()) {
    if (auto* wanted = std::get_if<T>(&event)) found.push_back(std::move(*wanted));
  }
  return found;
}

std::string reason_for_closing(Channel& channel) {
  const auto closed = events_of<Closed>(channel);
  return closed.size() == 1 ? closed[0].reason
                            : "closed " + std::to_string(closed.size()) + " times";
}

class ConnectedChannel : public ::testing::Test {
 protected:
  ConnectedChannel() {
    peer_.ports = {tests::sample_port()};
    converse(channel_, peer_);
    EXPECT_EQ(events_of<Connected>(channel_).size(), 1U);
  }

  void hear(Body body) {
    peer_.send(0, std::move(body));
    converse(channel_, peer_);
  }

  Channel channel_{{.max_operations = 3, .output_chunk = 2000}, kStart};
  FakeSwitch peer_{Version::kOpenFlow14};
};

TEST(ChannelTest, TheWholeConversationWorksHoweverItIsSplit) {
  for (const Version version : {Version::kOpenFlow13, Version::kOpenFlow14}) {
    for (const std::size_t split : {1U, 2U, 3U, 7U, 8U, 64U, 1000U, 1U << 20U}) {
      SCOPED_TRACE(split);
      FakeSwitch peer(version);
      peer.ports = {tests::sample_port(), {}};
      Channel channel({}, kStart);
      converse(channel, peer, split);
      const auto connected = events_of<Connected>(channel);
      ASSERT_EQ(connected.size(), 1U);
      EXPECT_EQ(connected[0].version, version);
      EXPECT_EQ(connected[0].datapath_id, 0xf1U);
      EXPECT_EQ(connected[0].ports, peer.ports);

      const auto flows = tests::policy_flows(100);
      ASSERT_TRUE(channel.commit(CommitToken{5}, flows));
      ASSERT_TRUE(channel.read_flows());
      converse(channel, peer, split);
      EXPECT_EQ(peer.flows, flows);
      const auto events = channel.take_events();
      ASSERT_EQ(events.size(), 2U);
      EXPECT_EQ(std::get<Committed>(events[0]).token, CommitToken{5});
      const auto& read = std::get<FlowsRead>(events[1]).flows;
      ASSERT_EQ(read.size(), flows.size());
      for (std::size_t i = 0; i < read.size(); ++i) EXPECT_TRUE(same_flow(read[i], flows[i]));
    }
  }
}

TEST_F(ConnectedChannel, AReadingInSeveralRequestsIsOneReading) {
  auto flows = tests::policy_flows(20);
  for (std::size_t i = 0; i < flows.size(); ++i) flows[i].cookie = i;
  peer_.flows = flows;
  peer_.heard.clear();
  ASSERT_TRUE(channel_.read_flows({{.cookie = 0, .cookie_mask = 3},
                                   {.cookie = 1, .cookie_mask = 3},
                                   {.cookie = 2, .cookie_mask = 2}}));
  converse(channel_, peer_);
  EXPECT_EQ(peer_.heard.size(), 3U);
  const auto read = events_of<FlowsRead>(channel_);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].flows.size(), flows.size());
}

TEST(ChannelTest, SetsTheSwitchUpBeforeItIsConnected) {
  FakeSwitch peer(Version::kOpenFlow14);
  Channel channel({.master_generation = 9}, kStart);
  EXPECT_FALSE(channel.is_connected());
  EXPECT_FALSE(channel.read_flows());
  converse(channel, peer);
  EXPECT_TRUE(channel.is_connected());
  const std::vector<Body> expected{
      Hello{.versions = 0x30}, FeaturesRequest{}, SetConfig{.flags = 0, .miss_send_len = 0xffff},
      RoleRequest{.role = Role::kMaster, .generation_id = 9}, PortDescRequest{}};
  EXPECT_EQ(peer.heard, expected);
}

TEST(ChannelTest, AStaleGenerationCloses) {
  FakeSwitch peer(Version::kOpenFlow14);
  peer.generation_id = 10;
  Channel channel({.master_generation = 9}, kStart);
  converse(channel, peer);
  EXPECT_EQ(events_of<Closed>(channel),
            std::vector{(Closed{.reason = kAnotherMaster, .by = ClosedBy::kNewerMaster})});
}

// OpenFlow 1.4 §7.4.4: said at once; 1.3: with the first refusal.
TEST(ChannelTest, AMasterWhoseRoleIsTakenAwayCloses) {
  for (const Body& said : {Body(RoleStatus{.role = Role::kSlave, .generation_id = 10}),
                           Body(ErrorMessage{.type = 1, .code = 10, .data = {}})}) {
    FakeSwitch peer(Version::kOpenFlow14);
    Channel channel({.master_generation = 9}, kStart);
    converse(channel, peer);
    ASSERT_TRUE(channel.is_connected());
    ASSERT_TRUE(channel.commit(CommitToken{1}, tests::policy_flows(2)));
    peer.send(0, said);
    channel.feed(peer.take_output(), kStart);
    const auto closed = events_of<Closed>(channel);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].by, ClosedBy::kNewerMaster);
    EXPECT_TRUE(channel.take_output().empty()) << "nothing is written any more";
  }
}

TEST_F(ConnectedChannel, RolesMeanNothingToWhoHasAskedForNone) {
  hear(RoleStatus{.role = Role::kSlave});
  EXPECT_TRUE(channel_.is_connected());
}

TEST(ChannelTest, NegotiatesTheHighestCommonVersion) {
  const struct {
    std::uint8_t header = 0;
    Hello hello;
    std::optional<Version> expected;
  } cases[] = {
      {6, {.versions = 0x72}, Version::kOpenFlow14},
      {6, {}, Version::kOpenFlow14},
      {5, {}, Version::kOpenFlow14},
      {4, {}, Version::kOpenFlow13},
      {6, {.versions = 0x52}, Version::kOpenFlow13},
      {4, {.versions = 0x30}, Version::kOpenFlow14},
      {1, {}, std::nullopt},
      {6, {.versions = 0x42}, std::nullopt},
      {3, {}, std::nullopt},
  };
  for (const auto& [header, hello, expected] : cases) {
    SCOPED_TRACE(static_cast<int>(header));
    Channel channel({}, kStart);
    channel.take_output();
    auto octets = tests::encoded({.xid = 1, .body = hello});
    octets[0] = static_cast<std::byte>(header);
    channel.feed(octets, kStart);
    const auto answer = decode_message(channel.take_output());
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::holds_alternative<FeaturesRequest>(answer->body), expected.has_value());
    EXPECT_EQ(channel.is_closed(), !expected.has_value());
    EXPECT_EQ(answer->version, expected.value_or(Version::kOpenFlow14));
    EXPECT_NE(std::holds_alternative<ErrorMessage>(answer->body), expected.has_value());
  }
}

TEST_F(ConnectedChannel, ABadEntryRejectsTheBundleWholeAndSaysWhich) {
  for (const std::uint16_t bad : {tests::kBadPriority, tests::kBadAtCommit}) {
    for (std::size_t at = 0; at < 20; ++at) {
      auto flows = tests::policy_flows(20);
      flows[at].priority = bad;
      ASSERT_TRUE(channel_.commit(CommitToken{at}, flows));
      converse(channel_, peer_);
      const auto rejected = events_of<Rejected>(channel_);
      ASSERT_EQ(rejected.size(), 1U);
      EXPECT_EQ(rejected[0].token, CommitToken{at});
      EXPECT_EQ(rejected[0].index, at);
      EXPECT_EQ(rejected[0].reason, "flow mod failed: table full");
      EXPECT_EQ(rejected[0].left, Left::kUnchanged);
      EXPECT_TRUE(peer_.flows.empty());
    }
  }
}

TEST_F(ConnectedChannel, OperationsAreAnsweredInTheOrderAskedFor) {
  ASSERT_TRUE(channel_.commit(CommitToken{1}, tests::policy_flows(2)));
  ASSERT_TRUE(channel_.commit(CommitToken{2}, {}));
  ASSERT_TRUE(channel_.commit(CommitToken{3}, tests::policy_flows(1)));
  EXPECT_FALSE(channel_.commit(CommitToken{4}, {}));  // max_operations
  converse(channel_, peer_);
  const auto committed = events_of<Committed>(channel_);
  ASSERT_EQ(committed.size(), 3U);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(committed[i].token, CommitToken{i + 1});
}

TEST_F(ConnectedChannel, AChangeIsTakenBackUntilItHasBegun) {
  ASSERT_TRUE(channel_.commit(CommitToken{1}, tests::policy_flows(200)));
  ASSERT_TRUE(channel_.commit(CommitToken{2}, tests::policy_flows(3)));
  ASSERT_TRUE(channel_.read_counts(2, 0xff));
  const auto begun = channel_.take_output();
  EXPECT_FALSE(channel_.withdraw(CommitToken{1}));
  EXPECT_TRUE(channel_.withdraw(CommitToken{2}));
  EXPECT_FALSE(channel_.withdraw(CommitToken{2}));
  peer_.feed(begun);
  converse(channel_, peer_);
  const auto committed = events_of<Committed>(channel_);
  ASSERT_EQ(committed.size(), 1U);
  EXPECT_EQ(committed[0].token, CommitToken{1});
  EXPECT_EQ(peer_.flows.size(), 200U);
}

// Each by what the switch had been sent when it had said nothing yet.
TEST_F(ConnectedChannel, CommitsInARowAreSentBeforeTheFirstIsAnswered) {
  const auto flows = tests::policy_flows(3);
  ASSERT_TRUE(channel_.commit(CommitToken{1}, flows, CommitOrder::kInARow));
  ASSERT_TRUE(channel_.commit(CommitToken{2}, flows, CommitOrder::kInARow));
  ASSERT_TRUE(channel_.commit(CommitToken{3}, flows));
  for (auto out = channel_.take_output(); !out.empty(); out = channel_.take_output()) {
    peer_.feed(out);
  }
  EXPECT_EQ(peer_.flows.size(), 6U) << "and the third waits";
  EXPECT_FALSE(channel_.withdraw(CommitToken{2}));
  converse(channel_, peer_);
  const auto committed = events_of<Committed>(channel_);
  ASSERT_EQ(committed.size(), 3U);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(committed[i].token, CommitToken{i + 1});
  EXPECT_EQ(peer_.flows.size(), 9U);
}

TEST_F(ConnectedChannel, WhatIsNotRefusedOfACommitInARowStays) {
  for (const std::uint16_t bad : {tests::kBadPriority, tests::kBadAtCommit}) {
    peer_.flows.clear();
    auto flows = tests::policy_flows(5);
    flows[3].priority = bad;
    ASSERT_TRUE(channel_.commit(CommitToken{1}, flows, CommitOrder::kInARow));
    ASSERT_TRUE(channel_.commit(CommitToken{2}, tests::policy_flows(2), CommitOrder::kInARow));
    converse(channel_, peer_);
    const auto events = channel_.take_events();
    ASSERT_EQ(events.size(), 2U);
    const auto& rejected = std::get<Rejected>(events[0]);
    EXPECT_EQ(rejected.token, CommitToken{1});
    EXPECT_EQ(rejected.index, std::size_t{3});
    EXPECT_EQ(rejected.left, Left::kUnknown);
    EXPECT_EQ(std::get<Committed>(events[1]).token, CommitToken{2});
    EXPECT_EQ(peer_.flows.size(), bad == tests::kBadPriority ? 6U : 2U);
  }
}

TEST_F(ConnectedChannel, EachOfARowHasItsTimeToBeAnswered) {
  const std::vector<FlowMod> flows = tests::policy_flows(2);
  ASSERT_TRUE(channel_.commit(CommitToken{1}, flows, CommitOrder::kInARow));
  peer_.feed(channel_.take_output());
  const auto first = peer_.take_output();
  ASSERT_TRUE(channel_.commit(CommitToken{2}, flows, CommitOrder::kInARow));
  peer_.feed(channel_.take_output());
  const auto late = kStart + ChannelOptions{}.answer_within - std::chrono::seconds(1);
  channel_.feed(first, late);
  channel_.feed(tests::encoded({.xid = 9, .body = EchoRequest{}}), late + std::chrono::seconds(2));
  channel_.tick(late + std::chrono::seconds(2));
  EXPECT_FALSE(channel_.is_closed()) << "a second after the first would have been too late";
  channel_.feed(peer_.take_output(), late + std::chrono::seconds(2));
  EXPECT_EQ(events_of<Committed>(channel_).size(), 2U);
}

TEST_F(ConnectedChannel, CountsAreAskedForByCookie) {
  auto flows = tests::policy_flows(3);
  for (std::size_t i = 0; i < flows.size(); ++i) flows[i].cookie = i == 0 ? 6 : 0x105;
  ASSERT_TRUE(channel_.commit(CommitToken{1}, flows));
  ASSERT_TRUE(channel_.read_counts(5, 0xff));
  converse(channel_, peer_);
  EXPECT_EQ(peer_.heard.back(), Body(FlowStatsRequest{.cookie = 5, .cookie_mask = 0xff}));
  std::size_t counts = 0;
  for (const Event& event : channel_.take_events()) {
    EXPECT_FALSE(std::holds_alternative<FlowsRead>(event));
    if (const auto* read = std::get_if<CountsRead>(&event)) counts += read->flows.size();
  }
  EXPECT_EQ(counts, 2U);
}

TEST_F(ConnectedChannel, ReadsWhatPortsHaveCounted) {
  peer_.port_stats = {tests::sample_port_stats()};
  ASSERT_TRUE(channel_.read_port_counts());
  converse(channel_, peer_);
  const auto read = events_of<PortCountsRead>(channel_);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read.front().ports, peer_.port_stats);
}

TEST_F(ConnectedChannel, EchoesPassBetweenThePartsOfABigBundle) {
  ASSERT_TRUE(channel_.commit(CommitToken{1}, tests::policy_flows(200)));
  const auto first = channel_.take_output();
  EXPECT_LE(first.size(), 2200U);
  channel_.feed(tests::encoded({.xid = 77, .body = EchoRequest{tests::some_bytes(4)}}), kStart);
  const auto second = channel_.take_output();
  const auto header = decode_header(second);
  ASSERT_TRUE(header);
  EXPECT_EQ(*decode_message(std::span(second).first(header->length)),
            (Message{.xid = 77, .body = EchoReply{tests::some_bytes(4)}}));
  peer_.feed(first);
  peer_.feed(second);
  converse(channel_, peer_);
  EXPECT_EQ(events_of<Committed>(channel_).size(), 1U);
  EXPECT_EQ(peer_.flows.size(), 200U);
}

TEST_F(ConnectedChannel, PassesOnPacketsPortsAndErrors) {
  hear(PacketIn{.cookie = 5, .match = {}, .data = tests::some_bytes(20)});
  hear(PortStatus{.reason = PortReason::kAdd, .port = tests::sample_port()});
  hear(ErrorMessage{.type = 2, .code = 4});
  hear(UnknownMessage{.type = 31, .body = tests::some_bytes(40)});
  hear(FlowRemoved{.cookie = 6, .packet_count = 9});
  const auto events = channel_.take_events();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(std::get<FlowRemoved>(events[3]).packet_count, 9U);
  EXPECT_EQ(std::get<PacketIn>(events[0]).cookie, 5U);
  EXPECT_EQ(std::get<PortStatus>(events[1]).port, tests::sample_port());
  EXPECT_EQ(std::get<ErrorReported>(events[2]).reason, "bad action: invalid output port");

  const PacketOut out{.in_port = net::PortNo{2},
                      .actions = {Output{.port = kPortTable}},
                      .data = tests::some_bytes(60)};
  ASSERT_TRUE(channel_.packet_out(out));
  converse(channel_, peer_);
  EXPECT_EQ(peer_.heard.back(), Body{out});
}

TEST_F(ConnectedChannel, AsksASilentSwitchAndClosesWhenItDoesNotAnswer) {
  EXPECT_EQ(channel_.deadline(), kStart + seconds(5));
  channel_.tick(kStart + seconds(4));
  EXPECT_TRUE(channel_.take_output().empty());
  channel_.tick(kStart + seconds(5));
  const auto echo = decode_message(channel_.take_output());
  ASSERT_TRUE(echo);
  EXPECT_TRUE(std::holds_alternative<EchoRequest>(echo->body));
  EXPECT_EQ(channel_.deadline(), kStart + seconds(15));

  channel_.feed(tests::encoded({.xid = echo->xid, .body = EchoReply{}}), kStart + seconds(14));
  EXPECT_EQ(channel_.deadline(), kStart + seconds(19));
  channel_.tick(kStart + seconds(19));
  channel_.tick(kStart + seconds(29));
  EXPECT_EQ(reason_for_closing(channel_), "the switch has been silent for too long");
  EXPECT_FALSE(channel_.deadline());
}

TEST_F(ConnectedChannel, AProcessThatWasStoppedAsksBeforeItCloses) {
  channel_.tick(kStart + seconds(100));
  EXPECT_FALSE(channel_.is_closed());
  EXPECT_EQ(channel_.deadline(), kStart + seconds(110));
}

TEST_F(ConnectedChannel, AnOperationThatIsNeverAnsweredCloses) {
  ASSERT_TRUE(channel_.read_flows());
  channel_.take_output();
  for (int second = 1; second < 60; ++second) {
    channel_.feed(tests::encoded({.xid = 0, .body = EchoReply{}}), kStart + seconds(second));
    channel_.tick(kStart + seconds(second));
    ASSERT_FALSE(channel_.is_closed());
  }
  channel_.tick(kStart + seconds(60));
  EXPECT_EQ(reason_for_closing(channel_), "no answer in time");
}

TEST(ChannelTest, ASwitchThatNeverFinishesTheHandshakeIsLetGo) {
  Channel channel({}, kStart);
  EXPECT_EQ(channel.deadline(), kStart + seconds(15));
  channel.tick(kStart + seconds(15));
  EXPECT_EQ(reason_for_closing(channel), "no handshake in time");
}

TEST_F(ConnectedChannel, MalformedInputClosesOnceAndForGood) {
  std::vector<std::byte> zero_length(8, std::byte{5});
  zero_length[2] = zero_length[3] = std::byte{0};
  channel_.feed(zero_length, kStart);
  channel_.feed(zero_length, kStart);
  EXPECT_EQ(reason_for_closing(channel_), "malformed message: length 0");
  EXPECT_FALSE(channel_.read_flows());
  EXPECT_FALSE(channel_.commit(CommitToken{1}, {}));
  EXPECT_FALSE(channel_.packet_out({}));
  EXPECT_TRUE(channel_.take_output().empty());
}

TEST(ChannelTest, AMessageLongerThanAllowedCloses) {
  Channel channel({.max_message = 100}, kStart);
  channel.feed(tests::encoded({.xid = 1, .body = Hello{.versions = 0x20}}), kStart);
  EXPECT_FALSE(channel.is_closed());
  channel.feed(tests::encoded({.xid = 1, .body = EchoRequest{tests::some_bytes(93)}}), kStart);
  EXPECT_EQ(reason_for_closing(channel), "message of 101 octets, longer than allowed");
}

TEST(ChannelTest, WhatDoesNotBeginWithHelloIsNoSwitch) {
  Channel channel({}, kStart);
  channel.feed(tests::encoded({.xid = 1, .body = EchoRequest{}}), kStart);
  EXPECT_EQ(reason_for_closing(channel), "the switch did not begin with HELLO");
}

TEST_F(ConnectedChannel, APeerThatAsksWithoutReadingIsLetGo) {
  const auto echo = tests::encoded({.xid = 1, .body = EchoRequest{std::vector<std::byte>(60'000)}});
  for (int i = 0; i < 100 && !channel_.is_closed(); ++i) channel_.feed(echo, kStart);
  EXPECT_EQ(reason_for_closing(channel_), "the switch does not read what is sent");
}

TEST_F(ConnectedChannel, AFlowThatFitsNoMessageIsRefusedAtOnce) {
  FlowMod huge;
  huge.instructions.apply_actions.assign(5000, Output{.port = net::PortNo{1}});
  EXPECT_FALSE(channel_.commit(CommitToken{1}, std::span(&huge, 1)));
  EXPECT_FALSE(channel_.is_closed());
}

TEST_F(ConnectedChannel, RandomOctetsAfterTheHandshakeDoNoHarm) {
  constexpr unsigned kSeed = 42;
  std::mt19937 random(kSeed);
  const auto messages = tests::sample_messages();
  for (int round = 0; round < 3000; ++round) {
    Channel channel({}, kStart);
    FakeSwitch peer(Version::kOpenFlow14);
    converse(channel, peer);
    ASSERT_TRUE(channel.commit(CommitToken{1}, tests::policy_flows(3)));
    channel.take_output();
    for (int i = 0; i < 20; ++i) {
      Message message = messages[random() % messages.size()];
      message.xid = static_cast<std::uint32_t>(random() % 16);
      auto octets = tests::encoded(message);
      if (random() % 4 == 0) octets[random() % octets.size()] ^= static_cast<std::byte>(random());
      channel.feed(octets, kStart);
      channel.take_output();
    }
  }
}

}  // namespace
}  // namespace fabrix::openflow
