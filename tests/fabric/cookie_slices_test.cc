#include "fabric/cookie_slices.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

using Requests = std::vector<openflow::FlowStatsRequest>;

// How a switch sees it: OpenFlow 1.4.1 §6.4, cookie mask.
std::size_t answered(const openflow::FlowStatsRequest& slice,
                     const std::vector<std::uint64_t>& cookies) {
  return static_cast<std::size_t>(std::ranges::count_if(cookies, [&](std::uint64_t cookie) {
    return (cookie & slice.cookie_mask) == (slice.cookie & slice.cookie_mask);
  }));
}

void expect_each_once(const Requests& slices, const std::vector<std::uint64_t>& cookies) {
  for (const std::uint64_t cookie : cookies) {
    std::size_t times = 0;
    for (const auto& slice : slices) times += answered(slice, {cookie});
    ASSERT_EQ(times, 1U) << std::hex << cookie;
  }
}

TEST(CookieSlicesTest, FewAreReadAtOnce) {
  EXPECT_EQ(cookie_slices({}, 3), Requests{{}});
  EXPECT_EQ(cookie_slices({1, 2, 3}, 3), Requests{{}});
}

TEST(CookieSlicesTest, EveryCookieThatThereCanBeIsInOneSlice) {
  std::mt19937_64 random(1);
  for (const std::uint64_t kinds : {0xffULL, 0xff00000000000fffULL, ~0ULL}) {
    std::vector<std::uint64_t> cookies(1000);
    for (auto& each : cookies) each = random() & kinds;
    const Requests slices = cookie_slices(cookies, 100);
    EXPECT_GE(slices.size(), 10U);
    EXPECT_LE(slices.size(), 40U);
    expect_each_once(slices, cookies);
    std::vector<std::uint64_t> others(300);
    for (auto& each : others) each = random();
    expect_each_once(slices, others);
    for (const auto& slice : slices) EXPECT_LE(answered(slice, cookies), 100U);
  }
}

TEST(CookieSlicesTest, CookiesThatAreTheSameStayTogether) {
  std::vector<std::uint64_t> cookies(1000, 7);
  EXPECT_EQ(cookie_slices(cookies, 10), Requests{{}});
  cookies.push_back(3);
  const Requests slices = cookie_slices(cookies, 10);
  ASSERT_EQ(slices.size(), 2U);
  EXPECT_EQ(answered(slices[0], cookies) + answered(slices[1], cookies), 1001U);
  EXPECT_EQ(std::max(answered(slices[0], cookies), answered(slices[1], cookies)), 1000U);
}

// As the compiler makes them: many clauses of few participants, a few rows of everybody's.
program::Program program_of(std::uint16_t participants, std::uint32_t clauses) {
  program::Program program;
  for (std::uint16_t owner = 0; owner < participants; ++owner) {
    for (std::uint32_t clause = 0; clause < clauses; ++clause) {
      program::Row row;
      row.origin = {
          .kind = program::Origin::Kind::kOutboundClause, .participant = {owner}, .clause = clause};
      program.table(program::TableId::kOutbound).push_back(row);
    }
    program::Row admit;
    admit.origin = {.kind = program::Origin::Kind::kAntiSpoof, .participant = {owner}, .clause = 0};
    program.table(program::TableId::kAdmit).push_back(admit);
  }
  return program;
}

TEST(CookieSlicesTest, ASwitchIsAskedForSomeThousandFlowEntriesAtOnce) {
  const program::Program program = program_of(10, 300);
  std::vector<std::uint64_t> rows;
  for (const program::Rows& table : program.tables) {
    for (const program::Row& row : table) rows.push_back(row.origin.cookie());
  }
  constexpr std::size_t kFlowsOfARow = 6;
  const std::size_t flows = kFlowsOfARow * rows.size();
  const Requests slices = slices_for(program, flows);
  expect_each_once(slices, rows);
  for (const auto& slice : slices) {
    // By a part of the rows.
    EXPECT_LE(kFlowsOfARow * answered(slice, rows), kFlowsOfASlice * 5 / 4);
  }
  EXPECT_LE(slices.size(), 3 * flows / kFlowsOfASlice);
}

TEST(CookieSlicesTest, ASmallProgramIsReadAtOnce) {
  EXPECT_EQ(slices_for(program_of(2, 20), 250), Requests{{}});
  EXPECT_EQ(slices_for(program::Program(), 0), Requests{{}});
}

}  // namespace
}  // namespace fabrix::fabric
