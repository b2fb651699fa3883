#include "controller/linux_counters.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

using fabric::LinuxCounter;

constexpr std::uint64_t kFirst = 1;

LinuxCounter counter(std::uint64_t number) {
  return {.key = kFirst + number, .owner = net::ParticipantId{3}, .queries = {number}};
}

class LinuxCountersTest : public LinuxWorld {
 protected:
  const io::BpfMap& map() const { return datapath_->map("counters"); }

  // As a packet would, on two CPUs where there are two.
  void count(std::uint64_t number, std::uint64_t packets) const {
    std::vector<fabrix_count> counts(io::possible_cpus());
    counts.front() = {.packets = packets, .octets = 100 * packets};
    counts.back().packets += 1;
    const std::uint64_t key = kFirst + number;
    ASSERT_TRUE(map().put(io::BpfMap::octets_of(key), std::as_bytes(std::span(counts))));
  }
  std::size_t size() const { return map().keys()->size(); }
};

TEST_F(LinuxCountersTest, WhatCpusCountedIsToldOnce) {
  LinuxCounters counters;
  ASSERT_TRUE(counters.add(map(), {counter(0), counter(1)}));
  count(1, 10);
  const auto told = counters.take(map());
  ASSERT_TRUE(told);
  ASSERT_EQ(told->size(), 1U);
  EXPECT_EQ(told->front().counter, counter(1));
  EXPECT_EQ(told->front().more, (fabric::QueryCount{11, 1000}));
  count(1, 12);
  EXPECT_EQ(counters.take(map())->at(0).more, (fabric::QueryCount{2, 200}));
  EXPECT_TRUE(counters.take(map())->empty());
}

TEST_F(LinuxCountersTest, ACounterIsThereAsLongAsAUnitHasIt) {
  LinuxCounters counters;
  ASSERT_TRUE(counters.add(map(), {counter(0), counter(1)}));
  ASSERT_TRUE(counters.add(map(), {counter(1)}));
  ASSERT_TRUE(counters.release(map(), {counter(0), counter(1)}));
  EXPECT_EQ(size(), 1U);
  count(1, 4);
  ASSERT_TRUE(counters.release(map(), {counter(1)}));
  EXPECT_EQ(size(), 0U);
  EXPECT_EQ(counters.take(map())->at(0).more, (fabric::QueryCount{5, 400}));
}

TEST_F(LinuxCountersTest, WhatAProcessBeforeLeftGoesOnOrGoes) {
  LinuxCounters before;
  ASSERT_TRUE(before.add(map(), {counter(0), counter(1)}));
  count(0, 6);
  LinuxCounters after;
  after.forget_units();
  ASSERT_TRUE(after.add(map(), {counter(0), counter(2)}));
  ASSERT_TRUE(after.drop_foreign(map()));
  EXPECT_EQ(size(), 2U);
  const auto told = after.take(map());
  ASSERT_EQ(told->size(), 1U);
  EXPECT_EQ(told->front().more.packets, 7U);
}

TEST_F(LinuxCountersTest, TensOfThousandsComeAndAreReadAndGo) {
  constexpr std::size_t kMany = 70'000;
  std::vector<LinuxCounter> many;
  for (std::size_t i = 0; i < kMany; ++i) many.push_back(counter(i));
  LinuxCounters counters;
  ASSERT_TRUE(counters.add(map(), many));
  EXPECT_EQ(size(), kMany);
  count(0, 1);
  count(kMany - 1, 1);
  EXPECT_EQ(counters.take(map())->size(), 2U);
  ASSERT_TRUE(counters.release(map(), many));
  EXPECT_EQ(size(), 0U);
}

TEST_F(LinuxCountersTest, OneThatSomebodyElseRemovedBeginsAnew) {
  LinuxCounters counters;
  ASSERT_TRUE(counters.add(map(), {counter(0)}));
  EXPECT_TRUE(counters.mend(map(), kFirst).value());
  count(0, 10);
  EXPECT_EQ(counters.take(map())->at(0).more, (fabric::QueryCount{11, 1000}));
  ASSERT_TRUE(map().erase_key(kFirst));
  EXPECT_FALSE(counters.mend(map(), kFirst).value());
  count(0, 2);
  EXPECT_EQ(counters.take(map())->at(0).more, (fabric::QueryCount{3, 200}));
  count(0, 1);  // somebody else has reset it
  EXPECT_EQ(counters.take(map())->at(0).more, (fabric::QueryCount{2, 100}));
  count(5, 1);
  EXPECT_TRUE(counters.mend(map(), kFirst + 5).value());
  EXPECT_EQ(size(), 1U);
}

}  // namespace
}  // namespace fabrix::controller::tests
