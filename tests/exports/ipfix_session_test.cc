#include "exports/ipfix_session.h"

#include <gtest/gtest.h>

#include "tests/exports/ipfix.h"

namespace fabrix::exports {
namespace {

using std::chrono::seconds;

IpfixTemplate form() {
  return IpfixTemplate::of(five_tuple_spec(), net::Family::kIpv4).value();
}

std::uint32_t number(std::span<const std::byte> octets, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8U | std::to_integer<std::uint32_t>(octets[at + i]);
  }
  return value;
}

// A message taken apart: how many octets of each set.
struct Read {
  std::uint32_t sequence = 0;
  std::vector<std::pair<std::uint32_t, std::size_t>> sets;
};

Read read(const std::vector<std::byte>& message) {
  EXPECT_EQ(number(message, 0, 2), 10U);
  EXPECT_EQ(number(message, 2, 2), message.size());
  EXPECT_EQ(number(message, 12, 4), 1U);
  Read read{.sequence = number(message, 8, 4), .sets = {}};
  std::size_t at = 16;
  while (at < message.size()) {
    const std::size_t length = number(message, at + 2, 2);
    read.sets.emplace_back(number(message, at, 2), length - 4);
    at += length;
  }
  EXPECT_EQ(at, message.size());
  return read;
}

constexpr std::size_t kRecord = 49;
constexpr std::size_t kTemplate = 44;
using Sets = std::vector<std::pair<std::uint32_t, std::size_t>>;

TEST(IpfixSession, TellsTheTemplateThenTheRecords) {
  IpfixSession session;
  EXPECT_TRUE(session.take(seconds(1)).empty());
  session.add(form(), five_tuple_record());
  session.add(form(), five_tuple_record());
  const auto messages = session.take(seconds(1'700'000'013));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(hex(messages[0]).substr(0, 32), "000a00a66553f10d0000000000000001");
  EXPECT_EQ(read(messages[0]).sets, (Sets{{2, kTemplate}, {256, 2 * kRecord}}));
  EXPECT_EQ(session.counters().records, 2U);
  EXPECT_EQ(session.waiting(), 0U);
}

TEST(IpfixSession, Rfc7011_8_4_TellsTemplatesAgainInTime) {
  IpfixSession session;
  const auto sets = [&](int second) {
    session.add(form(), five_tuple_record());
    return read(session.take(seconds(second)).at(0)).sets;
  };
  EXPECT_EQ(sets(100).size(), 2U);
  EXPECT_EQ(sets(109), (Sets{{256, kRecord}}));
  EXPECT_EQ(sets(110).size(), 2U);
  EXPECT_EQ(sets(111).size(), 1U);
}

TEST(IpfixSession, EachFormHasItsTemplate) {
  IpfixSession session;
  const auto other =
      IpfixTemplate::of({.keys = "ipsource", .value = "frames"}, net::Family::kIpv4).value();
  telemetry::FlowRecord record = five_tuple_record();
  session.add(form(), record);
  record.key = "10.0.0.1";
  session.add(other, record);
  session.add(form(), five_tuple_record());
  EXPECT_EQ(read(session.take(seconds(1)).at(0)).sets,
            (Sets{{2, kTemplate + 28}, {256, 2 * kRecord}, {257, 40}}));
}

TEST(IpfixSession, Rfc7011_3_1_MessagesAreShortAndNumbered) {
  IpfixSession session;
  for (int i = 0; i < 100; ++i) session.add(form(), five_tuple_record());
  const auto messages = session.take(seconds(1));
  std::size_t records = 0;
  for (const auto& message : messages) {
    EXPECT_LE(message.size(), IpfixSession::kLongestMessage);
    const Read one = read(message);
    EXPECT_EQ(one.sequence, records);
    for (const auto& [id, octets] : one.sets) records += id == 256 ? octets / kRecord : 0;
  }
  EXPECT_EQ(records, 100U);
  EXPECT_EQ(messages.size(), 4U);
}

TEST(IpfixSession, CountsWhatItLeavesOut) {
  IpfixSession session;
  telemetry::FlowRecord record = five_tuple_record();
  record.key = "nonsense";
  session.add(form(), record);
  EXPECT_EQ(session.counters().failed, 1U);
  for (std::size_t i = 0; i < IpfixSession::kMaxWaiting + 2; ++i) {
    session.add(form(), five_tuple_record());
  }
  EXPECT_EQ(session.counters().dropped, 2U);
  EXPECT_EQ(session.waiting(), IpfixSession::kMaxWaiting);
}

}  // namespace
}  // namespace fabrix::exports
