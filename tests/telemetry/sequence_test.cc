#include "telemetry/sequence.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

SequenceCount count_of(const std::vector<std::uint32_t>& numbers) {
  SequenceTracker tracker;
  for (const std::uint32_t number : numbers) tracker.add(number);
  return tracker.count();
}

TEST(SequenceTracker, CountsWhatIsMissingTwiceAndLate) {
  EXPECT_EQ(count_of({7, 8, 9}), (SequenceCount{.received = 3}));
  EXPECT_EQ(count_of({7, 10, 11}), (SequenceCount{.received = 3, .lost = 2}));
  EXPECT_EQ(count_of({7, 7, 8, 7}), (SequenceCount{.received = 4, .duplicates = 2}));
  EXPECT_EQ(count_of({7, 9, 8, 10}), (SequenceCount{.received = 4, .out_of_order = 1}));
  EXPECT_EQ(count_of({7, 9, 8, 8}),
            (SequenceCount{.received = 4, .duplicates = 1, .out_of_order = 1}));
}

TEST(SequenceTracker, NumbersWrap) {
  EXPECT_EQ(count_of({0xfffffffe, 0xffffffff, 0, 1}), (SequenceCount{.received = 4}));
  EXPECT_EQ(count_of({0xffffffff, 1}), (SequenceCount{.received = 2, .lost = 1}));
  EXPECT_EQ(count_of({0xffffffff, 1, 0}), (SequenceCount{.received = 3, .out_of_order = 1}));
}

// What came before the first is late, but was never lost.
TEST(SequenceTracker, ABeginningInTheMiddleLosesNothing) {
  EXPECT_EQ(count_of({100, 99, 98}), (SequenceCount{.received = 3, .out_of_order = 2}));
}

TEST(SequenceTracker, FarBehindIsABeginning) {
  EXPECT_EQ(count_of({1000, 1, 2, 3}), (SequenceCount{.received = 4}));
  SequenceTracker tracker;
  tracker.add(1000);
  EXPECT_EQ(tracker.add(1000 - SequenceTracker::kWindow + 1), SequenceTracker::Arrival::kLate);
  EXPECT_EQ(tracker.add(1000 - SequenceTracker::kWindow), SequenceTracker::Arrival::kRestart);
  EXPECT_EQ(tracker.add(937), SequenceTracker::Arrival::kNext);
}

TEST(SequenceTracker, ARestartThatIsKnownLosesNothing) {
  SequenceTracker tracker;
  tracker.add(10);
  tracker.restart();
  EXPECT_EQ(tracker.add(3), SequenceTracker::Arrival::kNext);
  EXPECT_EQ(tracker.add(500), SequenceTracker::Arrival::kNext);
  tracker.restart();
  tracker.add(90'000);
  EXPECT_EQ(tracker.count(), (SequenceCount{.received = 4, .lost = 496}));
}

// Lost in the end is what a set says that never came, whatever the order within the window.
TEST(SequenceTracker, AgreesWithASetUnderReordering) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<std::uint32_t> sent;
    std::set<std::uint32_t> missing;
    for (std::uint32_t number = 1; number <= 2000; ++number) {
      // The ends come, so that what is between them is known.
      const bool lost = number > 1 && number < 2000 && random() % 10 == 0;
      if (lost) {
        missing.insert(number);
      } else {
        sent.push_back(number - 1000);  // wraps on the way
        if (random() % 20 == 0) sent.push_back(number - 1000);
      }
    }
    for (std::size_t at = 1; at + 21 < sent.size(); at += 20) {
      std::shuffle(sent.begin() + static_cast<std::ptrdiff_t>(at),
                   sent.begin() + static_cast<std::ptrdiff_t>(at + 20), random);
    }
    const SequenceCount count = count_of(sent);
    EXPECT_EQ(count.lost, missing.size());
    EXPECT_EQ(count.received - count.duplicates, 2000 - missing.size());
  }
}

}  // namespace
}  // namespace fabrix::telemetry
