#include "openflow/operation.h"

#include <gtest/gtest.h>

#include "tests/openflow/sample_messages.h"
#include "tests/openflow/test_flows.h"

namespace fabrix::openflow {
namespace {

using Kind = OperationOutcome::Kind;

constexpr std::size_t kAll = 1U << 20U;

std::vector<Message> sent(Operation& operation, std::size_t budget = kAll) {
  std::vector<std::byte> octets;
  operation.take_output(budget, octets);
  std::vector<Message> messages;
  std::span<const std::byte> left(octets);
  while (!left.empty()) {
    const auto header = decode_header(left);
    messages.push_back(*decode_message(left.first(header->length)));
    left = left.subspan(header->length);
  }
  return messages;
}

OperationOutcome answer(Operation& operation, std::uint32_t xid, Body body) {
  Message message{.xid = xid, .body = std::move(body)};
  return operation.on_answer(message);
}

Operation bundle_of(std::uint32_t count) {
  return Operation::commit(CommitToken{1}, Version::kOpenFlow14, 100, tests::policy_flows(count));
}

BundleControl control(BundleControlType type) {
  return {.bundle_id = 100, .type = type};
}

TEST(OperationTest, ABundleIsCommittedOnlyAfterTheSwitchHasAcceptedAllOfIt) {
  Operation operation = bundle_of(2);
  const auto messages = sent(operation);
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(messages[0].body, Body{control(BundleControlType::kOpenRequest)});
  EXPECT_EQ(std::get<BundleAdd>(messages[2].body).mod, tests::policy_flow(1));
  EXPECT_EQ(messages[3], (Message{.xid = 103, .body = BarrierRequest{}}));

  // Nothing but the barrier lets it go on.
  EXPECT_EQ(answer(operation, 104, control(BundleControlType::kCommitReply)).kind, Kind::kUnderWay);
  EXPECT_EQ(answer(operation, 100, control(BundleControlType::kOpenReply)).kind, Kind::kUnderWay);
  EXPECT_FALSE(operation.has_output());
  EXPECT_EQ(answer(operation, 103, BarrierReply{}).kind, Kind::kUnderWay);
  const auto end = sent(operation);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].body, Body{control(BundleControlType::kCommitRequest)});
  // A second barrier reply does not commit twice.
  EXPECT_EQ(answer(operation, 103, BarrierReply{}).kind, Kind::kUnderWay);
  EXPECT_FALSE(operation.has_output());
  EXPECT_EQ(answer(operation, 104, control(BundleControlType::kCommitReply)).kind,
            Kind::kCommitted);
}

TEST(OperationTest, ABundleWithARefusedMessageIsDiscarded) {
  Operation operation = bundle_of(5);
  sent(operation);
  EXPECT_EQ(answer(operation, 103, ErrorMessage{.type = 5, .code = 1}).kind, Kind::kUnderWay);
  EXPECT_EQ(answer(operation, 104, ErrorMessage{.type = 4, .code = 9}).kind, Kind::kUnderWay);
  answer(operation, 106, BarrierReply{});
  const auto end = sent(operation);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0], (Message{.xid = 108, .body = control(BundleControlType::kDiscardRequest)}));
  const auto outcome = answer(operation, 108, control(BundleControlType::kDiscardReply));
  EXPECT_EQ(outcome.kind, Kind::kRejected);
  EXPECT_EQ(outcome.index, std::size_t{2});  // the first refusal counts
  EXPECT_EQ(outcome.reason, "flow mod failed: table full");
}

TEST(OperationTest, ARefusedCommitIsARejection) {
  Operation operation = bundle_of(5);
  sent(operation);
  answer(operation, 106, BarrierReply{});
  sent(operation);
  const auto outcome = answer(operation, 107, ErrorMessage{.type = 17, .code = 13});
  EXPECT_EQ(outcome.kind, Kind::kRejected);
  EXPECT_FALSE(outcome.index);
}

TEST(OperationTest, OutputComesInWholeMessagesWithinTheBudget) {
  Operation operation = bundle_of(50);
  std::size_t messages = 0;
  while (operation.has_output()) {
    const auto part = sent(operation, 1000);
    EXPECT_FALSE(part.empty());
    EXPECT_LE(part.size(), 8U);
    messages += part.size();
  }
  EXPECT_EQ(messages, 52U);
}

TEST(OperationTest, WithoutBundlesTheBarrierEndsACommit) {
  Operation good =
      Operation::commit(CommitToken{1}, Version::kOpenFlow13, 1, tests::policy_flows(2));
  EXPECT_EQ(sent(good).size(), 3U);
  EXPECT_FALSE(good.is_atomic());
  EXPECT_EQ(answer(good, 4, BarrierReply{}).kind, Kind::kCommitted);

  Operation bad =
      Operation::commit(CommitToken{1}, Version::kOpenFlow13, 1, tests::policy_flows(2));
  sent(bad);
  answer(bad, 3, ErrorMessage{.type = 5, .code = 1});
  const auto outcome = answer(bad, 4, BarrierReply{});
  EXPECT_EQ(outcome.kind, Kind::kRejected);
  EXPECT_EQ(outcome.index, std::size_t{1});
}

TEST(OperationTest, ASwitchThatKnowsNoGroupsHasNone) {
  Operation refused = Operation::read_groups(Version::kOpenFlow14, 100, 10);
  EXPECT_EQ(sent(refused).size(), 1U);
  EXPECT_EQ(answer(refused, 100, ErrorMessage{.type = 1, .code = 2}).kind, Kind::kRead);
  EXPECT_TRUE(refused.take_groups().empty());

  Operation answered = Operation::read_groups(Version::kOpenFlow14, 100, 1);
  const GroupDescReply part{.groups = {tests::sample_group()}, .more = More::kYes};
  EXPECT_EQ(answer(answered, 100, part).kind, Kind::kUnderWay);
  EXPECT_EQ(answer(answered, 100, part).kind, Kind::kBroken);  // more than allowed
}

TEST(OperationTest, ASwitchThatDoesNotSayWhatPortsCountedHasNothing) {
  Operation refused = Operation::read_ports(Version::kOpenFlow13, 100, 10);
  EXPECT_EQ(sent(refused).size(), 1U);
  EXPECT_EQ(answer(refused, 100, ErrorMessage{.type = 1, .code = 2}).kind, Kind::kRead);
  EXPECT_TRUE(refused.take_ports().empty());

  Operation answered = Operation::read_ports(Version::kOpenFlow14, 100, 2);
  PortStatsReply part{.ports = {tests::sample_port_stats()}, .more = More::kYes};
  EXPECT_EQ(answer(answered, 100, part).kind, Kind::kUnderWay);
  part.more = More::kNo;
  EXPECT_EQ(answer(answered, 100, part).kind, Kind::kRead);
  EXPECT_EQ(answered.take_ports().size(), 2U);

  Operation too_many = Operation::read_ports(Version::kOpenFlow14, 100, 0);
  EXPECT_EQ(answer(too_many, 100, part).kind, Kind::kBroken);
}

TEST(OperationTest, ASwitchThatKnowsNoMetersHasCountedNothing) {
  Operation refused = Operation::read_meter_counts(Version::kOpenFlow14, 100, 10);
  EXPECT_EQ(sent(refused).size(), 1U);
  EXPECT_EQ(answer(refused, 100, ErrorMessage{.type = 1, .code = 2}).kind, Kind::kRead);
  EXPECT_TRUE(refused.take_meter_counts().empty());

  Operation answered = Operation::read_meter_counts(Version::kOpenFlow14, 100, 2);
  const MeterStatsReply part{.meters = {{.id = 7}}, .more = More::kYes};
  EXPECT_EQ(answer(answered, 100, part).kind, Kind::kUnderWay);
  EXPECT_EQ(answer(answered, 100, MeterStatsReply{.meters = {{.id = 8}}}).kind, Kind::kRead);
  EXPECT_EQ(answered.take_meter_counts().size(), 2U);

  Operation endless = Operation::read_meter_counts(Version::kOpenFlow14, 100, 0);
  EXPECT_EQ(answer(endless, 100, part).kind, Kind::kBroken);  // more than allowed
}

TEST(OperationTest, OwnsExactlyItsXids) {
  const Operation operation = bundle_of(3);
  EXPECT_FALSE(operation.owns(99));
  EXPECT_TRUE(operation.owns(100));
  EXPECT_TRUE(operation.owns(106));
  EXPECT_FALSE(operation.owns(107));
}

TEST(OperationTest, PartsOfAReplyAreJoinedUpToABound) {
  Operation operation = Operation::read(Version::kOpenFlow14, 5, 3, {});
  EXPECT_EQ(sent(operation).size(), 1U);
  const FlowStats flow = tests::sample_stats();
  EXPECT_EQ(answer(operation, 5, FlowStatsReply{.flows = {flow, flow}, .more = More::kYes}).kind,
            Kind::kUnderWay);
  EXPECT_EQ(answer(operation, 5, FlowStatsReply{.flows = {flow}}).kind, Kind::kRead);
  EXPECT_EQ(operation.take_flows().size(), 3U);

  Operation bounded = Operation::read(Version::kOpenFlow14, 5, 1, {});
  sent(bounded);
  EXPECT_EQ(answer(bounded, 5, FlowStatsReply{.flows = {flow, flow}}).kind, Kind::kBroken);
}

TEST(OperationTest, AReadingOfAllAsksAgainWhenTheLastRequestIsAnswered) {
  const FlowStatsRequest first{.cookie = 0, .cookie_mask = 1};
  const FlowStatsRequest second{.cookie = 1, .cookie_mask = 1};
  Operation operation = Operation::read_all(Version::kOpenFlow14, 5, 10, {first, second});
  EXPECT_TRUE(operation.reads_all());
  EXPECT_TRUE(operation.owns(6));
  EXPECT_FALSE(operation.owns(7));
  const auto asked = sent(operation);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].body, Body(first));
  const FlowStats flow = tests::sample_stats();
  EXPECT_EQ(answer(operation, 6, FlowStatsReply{.flows = {flow}}).kind, Kind::kUnderWay);
  EXPECT_EQ(answer(operation, 5, FlowStatsReply{.flows = {flow}}).kind, Kind::kUnderWay);
  // Before it is asked for, and of what was answered: nobody's.
  EXPECT_EQ(answer(operation, 6, FlowStatsReply{.flows = {flow}}).kind, Kind::kUnderWay);
  const auto then = sent(operation);
  ASSERT_EQ(then.size(), 1U);
  EXPECT_EQ(then[0].xid, 6U);
  EXPECT_EQ(then[0].body, Body(second));
  EXPECT_EQ(answer(operation, 5, FlowStatsReply{.flows = {flow}}).kind, Kind::kUnderWay);
  EXPECT_EQ(answer(operation, 6, FlowStatsReply{.flows = {flow, flow}}).kind, Kind::kRead);
  EXPECT_EQ(operation.take_flows().size(), 3U);
}

}  // namespace
}  // namespace fabrix::openflow
