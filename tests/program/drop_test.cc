#include "program/drop.h"

#include <initializer_list>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "program/tag.h"

namespace fabrix::program {
namespace {

TEST(Drop, ACounterSaysPortAndReason) {
  std::set<std::uint64_t> counters;
  for (std::size_t i = 0; i < kDropReasonCount; ++i) {
    for (const std::uint32_t port : {0U, 1U, 4094U, 0xffffffffU}) {
      const PortDrop drop{.port = {port}, .reason = static_cast<DropReason>(i)};
      EXPECT_EQ(drop_of(drop_counter(drop)), drop);
      EXPECT_TRUE(counters.insert(drop_counter(drop)).second);
    }
  }
  EXPECT_FALSE(drop_of(0));
  EXPECT_FALSE(drop_of(0x7fffffffffffffff));
  EXPECT_FALSE(drop_of(0xffffffffffffffff));
}

TEST(Drop, EveryReasonHasItsOwnNameAndText) {
  std::set<std::string_view> names;
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < kDropReasonCount; ++i) {
    EXPECT_TRUE(names.insert(name_of(static_cast<DropReason>(i))).second);
    EXPECT_TRUE(texts.insert(describe(static_cast<DropReason>(i))).second);
  }
  EXPECT_EQ(name_of(DropReason::kShutdown), "shutdown");
}

TEST(Drop, ARowDiscardsAndCountsForNobody) {
  const Row row = drop_row(7, Match{}.exact(net::Field::kInPort, 3), {{3}, DropReason::kDhcp});
  EXPECT_EQ(row.next, Next{Discard{}});
  EXPECT_EQ(row.origin.kind, Origin::Kind::kDrop);
  EXPECT_EQ(row.origin.participant, net::ParticipantId{});
  ASSERT_EQ(row.queries.size(), 1U);
  EXPECT_EQ(drop_of(row.queries[0]), (PortDrop{{3}, DropReason::kDhcp}));
}

TEST(Drop, ARowThatLetsPassCountsForNobodyToo) {
  Row row;
  row.next = Goto{TableId::kResolve};
  row.origin.participant = net::ParticipantId{7};
  count_as({{3}, DropReason::kUnannouncedPassed}, row);
  EXPECT_EQ(row.next, Next{Goto{TableId::kResolve}});
  EXPECT_EQ(row.origin, drop_row(0, {}, {{3}, DropReason::kUnannouncedPassed}).origin);
  EXPECT_EQ(row.queries, (std::vector{drop_counter({{3}, DropReason::kUnannouncedPassed})}));
}

TEST(Drop, TheSpongeIsNoRoutersAddress) {
  EXPECT_FALSE(sponge_mac().is_multicast());
  const auto tag = decode_tag(sponge_mac());
  ASSERT_TRUE(tag);
  EXPECT_EQ(tag->kind, TagKind::kControl);
}

// Open vSwitch has 18 bits for the id of a meter.
TEST(Drop, EveryRoutersMetersAreItsOwnAndFitTheSwitch) {
  constexpr std::uint32_t kMost = std::uint32_t{1} << 18U;
  std::set<std::uint32_t> ids;
  for (const std::uint16_t router : std::initializer_list<std::uint16_t>{0, 1, 4094}) {
    for (const Meter& meter :
         {lookup_meter(net::RouterId{router}, {9}), punt_meter(net::RouterId{router}, {9})}) {
      EXPECT_TRUE(ids.insert(meter.id).second);
      EXPECT_GE(meter.id, kFirstPortMeter);
      EXPECT_LT(meter.id, kMost);
      EXPECT_EQ(meter.kbps, 0U);
      EXPECT_EQ(meter.burst_packets(), meter.pps);
    }
  }
  EXPECT_LT(meter_of(net::ParticipantId{4094}, kMetersPerParticipant - 1, 1).id, kFirstPortMeter);
}

}  // namespace
}  // namespace fabrix::program
