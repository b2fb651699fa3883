#include "controller/backoff.h"

#include <set>

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, DoublesWithinItsBoundsLessAQuarterAtMost) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Backoff backoff(seed, {});
    milliseconds whole{1000};
    for (int i = 0; i < 100; ++i) {
      const auto wait = backoff.next();
      EXPECT_LE(wait, whole);
      EXPECT_GE(wait, whole * 3 / 4) << "RFC 4271 §10";
      whole = std::min(whole * 2, milliseconds(120'000));
    }
  }
}

TEST(BackoffTest, PeersDifferAndRunsDoNot) {
  std::set<milliseconds> waits;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    waits.insert(Backoff(seed, {}).next());
    EXPECT_EQ(Backoff(seed, {}).next(), Backoff(seed, {}).next());
  }
  EXPECT_GT(waits.size(), 30U);
}

TEST(BackoffTest, BeginsAnewAfterASuccess) {
  Backoff backoff(1, {.least = milliseconds(10), .most = milliseconds(1000)});
  for (int i = 0; i < 5; ++i) backoff.next();
  EXPECT_GT(backoff.next(), milliseconds(100));
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(10));
}

}  // namespace
}  // namespace fabrix::controller
