#include "controller/query_counters.h"

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr net::ParticipantId kB{1};

QueryCounters::Policies policies_with(std::uint64_t id, milliseconds interval) {
  policy::Policy policy;
  policy::Query query;
  query.id = id;
  query.name = "web";
  query.interval = interval;
  policy.outbound.queries.push_back(query);
  return {nullptr, std::make_shared<const policy::Policy>(std::move(policy))};
}

QueryCounters::Now at(milliseconds time) {
  return {.steady = std::chrono::steady_clock::time_point(time),
          .wall = std::chrono::system_clock::time_point(time)};
}

fabric::QueryCounts counts(std::uint64_t id, std::uint64_t packets) {
  return {{{.owner = kB, .query = id}, {.packets = packets, .octets = 100 * packets}}};
}

TEST(QueryCountersTest, TellsTotalsAndTheRateOfTheLastWholeInterval) {
  QueryCounters counters;
  const auto policies = policies_with(7, seconds(2));
  counters.update(policies, {}, at(milliseconds(0)));
  ASSERT_EQ(counters.reports().size(), 1U);
  EXPECT_EQ(counters.reports()[0].owner, kB);
  EXPECT_EQ(counters.reports()[0].label, "web");
  EXPECT_EQ(counters.reports()[0].total.packets, 0U);
  EXPECT_FALSE(counters.reports()[0].packets_per_second);
  EXPECT_FALSE(counters.reports()[0].last_change);
  counters.update(policies, counts(7, 10), at(seconds(1)));
  EXPECT_FALSE(counters.reports()[0].packets_per_second);
  EXPECT_EQ(counters.reports()[0].last_change, at(seconds(1)).wall);
  counters.update(policies, counts(7, 30), at(milliseconds(2500)));
  EXPECT_EQ(counters.reports()[0].total.packets, 30U);
  EXPECT_EQ(counters.reports()[0].packets_per_second, 12.0);
  EXPECT_EQ(counters.reports()[0].octets_per_second, 1200.0);
  counters.update(policies, counts(7, 30), at(seconds(3)));
  EXPECT_EQ(counters.reports()[0].packets_per_second, 12.0);
  EXPECT_EQ(counters.reports()[0].last_change, at(milliseconds(2500)).wall);
  counters.update(policies, counts(7, 30), at(seconds(5)));
  EXPECT_EQ(counters.reports()[0].packets_per_second, 0.0);
}

TEST(QueryCountersTest, AQueryOfTheFirstPacketsStopsThere) {
  auto policy = std::make_shared<policy::Policy>(*policies_with(7, seconds(1))[1]);
  policy->outbound.queries[0].limit = 3;
  const QueryCounters::Policies policies{nullptr, policy};
  QueryCounters counters;
  counters.update(policies, counts(7, 2), at(seconds(0)));
  EXPECT_EQ(counters.reports()[0].total.packets, 2U);
  counters.update(policies, counts(7, 9), at(seconds(1)));
  EXPECT_EQ(counters.reports()[0].total.packets, 3U);
  EXPECT_EQ(counters.reports()[0].packets_per_second, 7.0);
}

TEST(QueryCountersTest, AQueryThatStaysGoesOnAndAnotherOneBegins) {
  QueryCounters counters;
  counters.update(policies_with(7, seconds(1)), counts(7, 5), at(seconds(0)));
  counters.update(policies_with(7, seconds(1)), counts(7, 9), at(seconds(1)));
  EXPECT_EQ(counters.reports()[0].total.packets, 9U);
  EXPECT_EQ(counters.reports()[0].packets_per_second, 4.0);
  counters.update(policies_with(8, seconds(1)), counts(7, 9), at(seconds(2)));
  EXPECT_EQ(counters.reports()[0].total.packets, 0U);
  EXPECT_FALSE(counters.reports()[0].packets_per_second);
  counters.update({}, counts(7, 9), at(seconds(3)));
  EXPECT_TRUE(counters.reports().empty());
}

TEST(QueryCountersTest, TheFirstSightOfACountIsNoRate) {
  QueryCounters counters;
  counters.update(policies_with(7, seconds(1)), counts(7, 5000), at(seconds(10)));
  counters.update(policies_with(7, seconds(1)), counts(7, 5000), at(seconds(11)));
  EXPECT_EQ(counters.reports()[0].packets_per_second, 0.0);
  EXPECT_FALSE(counters.reports()[0].last_change);
}

}  // namespace
}  // namespace fabrix::controller
