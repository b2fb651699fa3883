#include "fabric/flow_counts.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/flow_translation.h"

namespace fabrix::fabric {
namespace {

using openflow::FlowStats;

const std::vector<net::PortNo> kPorts{net::PortNo{1}, net::PortNo{2}};

class FlowCountsTest : public ::testing::Test {
 protected:
  // A row that counts for these queries, and one that does not.
  static program::Program counting(const std::vector<std::uint64_t>& queries) {
    program::Program program;
    program::Row row;
    row.priority = 10;
    row.match.exact(net::Field::kInPort, 1);
    row.next = program::Output{net::PortNo{2}};
    row.origin = {.kind = program::Origin::Kind::kQuery,
                  .participant = {},
                  .clause = static_cast<std::uint32_t>(queries.size())};
    row.queries = queries;
    program.table(program::TableId::kSent) = {row};
    row.queries.clear();
    program.table(program::TableId::kTransit) = {row};
    return program;
  }

  // As a switch that has counted so many packets of 100 octets says.
  static std::vector<FlowStats> stats(const program::Program& program, std::uint64_t packets,
                                      FlowBank bank = FlowBank::kFirst) {
    std::vector<FlowStats> all;
    const auto mods = flows_for(program, kPorts);
    for (const openflow::FlowMod& mod : *mods) {
      FlowStats flow;
      flow.table_id = table_in(bank, mod.table_id);
      flow.priority = mod.priority;
      flow.cookie = mod.cookie;
      flow.match = mod.match;
      flow.packet_count = packets;
      flow.byte_count = 100 * packets;
      all.push_back(flow);
    }
    return all;
  }

  static openflow::FlowRemoved removed(const FlowStats& flow) {
    openflow::FlowRemoved event;
    event.table_id = flow.table_id;
    event.priority = flow.priority;
    event.cookie = flow.cookie;
    event.match = flow.match;
    event.packet_count = flow.packet_count;
    event.byte_count = flow.byte_count;
    return event;
  }

  std::map<std::uint64_t, std::uint64_t> packets_;  // by query
  FlowCounts counts_{
      [this](net::ParticipantId, std::span<const std::uint64_t> queries, const QueryCount& more) {
        EXPECT_EQ(more.octets, 100 * more.packets);
        for (const std::uint64_t query : queries) packets_[query] += more.packets;
      }};
};

using Packets = std::map<std::uint64_t, std::uint64_t>;

bool is_in(const FlowStats& flow, const std::vector<FlowCounts::Slice>& slices) {
  return std::ranges::any_of(slices, [&flow](const FlowCounts::Slice& each) {
    return (flow.cookie & each.mask) == each.cookie;
  });
}

// A clause of each of so many members, counted by 100, 101, ...
program::Program counted_clauses(std::uint16_t members) {
  program::Program program;
  for (std::uint16_t i = 0; i < members; ++i) {
    program::Row row;
    row.priority = 10;
    row.match.metadata = program::Metadata::sender({i});
    row.next = program::Goto{program::TableId::kTransit};
    row.origin = {.kind = program::Origin::Kind::kOutboundClause, .participant = {i}, .clause = 3};
    row.queries = {std::uint64_t{100} + i};
    program.table(program::TableId::kOutbound).push_back(row);
  }
  return program;
}

TEST_F(FlowCountsTest, AsksForMembersWhoseClausesCount) {
  program::Program program = counted_clauses(2);
  program.table(program::TableId::kSent) = counting({7}).table(program::TableId::kSent);
  program::Row other = program.table(program::TableId::kOutbound)[0];
  other.match.metadata = program::Metadata::sender({9});
  other.origin.participant = {9};
  other.queries.clear();
  program.table(program::TableId::kOutbound).push_back(other);
  counts_.expect(program, kPorts, FlowBank::kFirst);
  const auto slices = counts_.of_policies();
  EXPECT_EQ(slices.size(), 3U);
  const auto mods = flows_for(program, kPorts);
  for (const openflow::FlowMod& mod : *mods) {
    FlowStats flow;
    flow.cookie = mod.cookie;
    EXPECT_EQ(is_in(flow, slices), mod.flags != 0) << std::hex << mod.cookie;
  }
}

TEST_F(FlowCountsTest, AsksForAllClausesWhereManyMembersCount) {
  counts_.expect(counted_clauses(9), kPorts, FlowBank::kFirst);
  EXPECT_EQ(counts_.of_policies().size(), 1U);
}

TEST_F(FlowCountsTest, AClauseThatIsCountedOtherwiseIsAnotherFlow) {
  program::Program program = counted_clauses(1);
  counts_.expect(program, kPorts, FlowBank::kFirst);
  counts_.note(stats(program, 5));
  program.table(program::TableId::kOutbound)[0].queries = {200};
  counts_.expect(program, kPorts, FlowBank::kFirst);
  counts_.note(stats(program, 2));
  EXPECT_EQ(packets_, (Packets{{100, 5}, {200, 2}}));
}

TEST_F(FlowCountsTest, TellsWhatIsNewToEachQuery) {
  const auto program = counting({7, 8});
  EXPECT_TRUE(counts_.empty());
  counts_.expect(program, kPorts, FlowBank::kFirst);
  EXPECT_FALSE(counts_.empty());
  counts_.note(stats(program, 5));
  counts_.note(stats(program, 9));
  EXPECT_EQ(packets_, (Packets{{7, 9}, {8, 9}}));
}

TEST_F(FlowCountsTest, OneThatWasAddedAnewCountsFromNothing) {
  const auto program = counting({7});
  counts_.expect(program, kPorts, FlowBank::kFirst);
  counts_.note(stats(program, 50));
  counts_.note(stats(program, 2));
  EXPECT_EQ(packets_, (Packets{{7, 52}}));
}

TEST_F(FlowCountsTest, NothingIsLostOverAChange) {
  const auto before = counting({7});
  const auto after = counting({7, 8});
  counts_.expect(before, kPorts, FlowBank::kFirst);
  counts_.note(stats(before, 5));
  counts_.expect(after, kPorts, FlowBank::kFirst);
  EXPECT_FALSE(counts_.forgot());
  counts_.note(removed(stats(before, 6).front()));
  EXPECT_TRUE(counts_.forgot());
  counts_.note(stats(after, 3));
  EXPECT_EQ(packets_, (Packets{{7, 9}, {8, 3}}));
  counts_.expect(after, kPorts, FlowBank::kFirst);
  EXPECT_FALSE(counts_.forgot());
}

TEST_F(FlowCountsTest, TheOtherBankHasFlowsOfItsOwn) {
  const auto program = counting({7});
  counts_.expect(program, kPorts, FlowBank::kFirst);
  counts_.note(stats(program, 5));
  counts_.expect(program, kPorts, FlowBank::kSecond);
  counts_.note(stats(program, 3, FlowBank::kSecond));
  EXPECT_EQ(packets_, (Packets{{7, 8}}));
}

TEST_F(FlowCountsTest, WhatIsGoneWhenAllAreReadIsForgotten) {
  const auto program = counting({7});
  counts_.expect(program, kPorts, FlowBank::kFirst);
  counts_.note_all(stats(program, 5));
  EXPECT_FALSE(counts_.empty());
  counts_.note_all({});
  EXPECT_TRUE(counts_.empty());
  EXPECT_EQ(packets_, (Packets{{7, 5}}));
}

TEST_F(FlowCountsTest, MetersCountForTheirCounter) {
  program::Program program = counting({});
  program.table(program::TableId::kSent)[0].meter =
      program::Meter{.id = 3, .pps = 10, .counter = 9};
  const auto shared = std::make_shared<const program::Program>(program);
  const std::vector<openflow::MeterStats> meters{{.id = 3, .packets = 4, .octets = 400}};
  counts_.note(shared, meters);
  counts_.note(shared, meters);
  EXPECT_EQ(packets_, (Packets{{9, 4}}));
}

}  // namespace
}  // namespace fabrix::fabric
