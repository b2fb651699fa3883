#include "verify/neighbor_change.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

using net::ParticipantId;
using program::VirtualNeighbor;
using All = std::set<VirtualNeighbor>;

VirtualNeighbor neighbor(unsigned sender, unsigned address, unsigned mac) {
  return {.sender = ParticipantId{static_cast<std::uint16_t>(sender)},
          .address = net::IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(address)}),
          .mac = net::MacAddress::from_u64(0x020000000000 + mac)};
}

constexpr unsigned kSenders = 3;

program::Neighbors blocks_of(const All& all) {
  std::vector<std::vector<VirtualNeighbor>> lists(kSenders);
  for (const VirtualNeighbor& each : all) lists[each.sender.index()].push_back(each);
  program::Neighbors::Directory blocks;
  for (auto& each : lists) blocks.push_back(program::make_block(std::move(each)));
  return program::Neighbors(blocks);
}

program::Program in_blocks(const All& all) {
  program::Program made;
  made.neighbors = blocks_of(all);
  return made;
}

program::Program in_one_piece(const All& all) {
  program::Program made;
  made.neighbors = std::vector<VirtualNeighbor>(all.begin(), all.end());
  return made;
}

All without(const All& all, const All& others) {
  All rest;
  std::ranges::set_difference(all, others, std::inserter(rest, rest.end()));
  return rest;
}

// By looking for each in all.
void check(const NeighborChange& change, const All& before, const All& now) {
  EXPECT_EQ(All(change.fresh.begin(), change.fresh.end()), without(now, before));
  EXPECT_EQ(All(change.gone.begin(), change.gone.end()), without(before, now));
  std::set<ParticipantId> retold;
  for (const VirtualNeighbor& each : without(now, before)) {
    const bool was_there = std::ranges::any_of(before, [&](const VirtualNeighbor& other) {
      return other.sender == each.sender && other.address == each.address;
    });
    if (was_there) retold.insert(each.sender);
  }
  EXPECT_EQ(std::set<ParticipantId>(change.retold.begin(), change.retold.end()), retold);
}

All random_neighbors(std::mt19937& engine) {
  All all;
  const unsigned count = static_cast<unsigned>(engine()) % 40;
  for (unsigned i = 0; i < count; ++i) {
    all.insert(neighbor(static_cast<unsigned>(engine()) % kSenders,
                        static_cast<unsigned>(engine()) % 24, static_cast<unsigned>(engine()) % 3));
  }
  return all;
}

TEST(NeighborChange, IsWhatOneHasAndTheOtherHasNot) {
  std::mt19937 engine(5);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    const All before = random_neighbors(engine);
    const All now = random_neighbors(engine);
    check(change_of_neighbors(in_blocks(before), in_blocks(now)), before, now);
    check(change_of_neighbors(in_one_piece(before), in_one_piece(now)), before, now);
    check(change_of_neighbors(in_blocks(before), in_one_piece(now)), before, now);
  }
}

TEST(NeighborChange, IsWhatAListHasMoreThanItsBeginning) {
  std::mt19937 engine(7);
  All all = random_neighbors(engine);
  program::Program before = in_blocks(all);
  for (unsigned i = 24; i < 200; ++i) {
    const VirtualNeighbor fresh = neighbor(1, i, i);
    const auto& list = before.neighbors.block(1);
    program::Program now = before;
    now.neighbors.set_block(
        1, std::make_shared<const program::NeighborList>(list->with(std::vector{fresh})));
    const All more = [&] {
      All both = all;
      both.insert(fresh);
      return both;
    }();
    check(change_of_neighbors(before, now), all, more);
    // NOLINTNEXTLINE(readability-suspicious-call-argument): and the way back
    check(change_of_neighbors(now, before), more, all);
    before = now;
    all = more;
  }
}

TEST(NeighborChange, IsNothingBetweenEqualProgramsHoweverTheyAreCut) {
  std::mt19937 engine(6);
  const All all = random_neighbors(engine);
  check(change_of_neighbors(in_blocks(all), in_blocks(all)), all, all);
  check(change_of_neighbors(in_one_piece(all), in_blocks(all)), all, all);
}

}  // namespace
}  // namespace fabrix::verify
