#include "telemetry/flow_cache.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/arena.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kSmoothing = 2;

FlowCacheOptions options(std::size_t capacity) {
  return {.capacity = capacity, .smoothing = std::chrono::duration<double>(kSmoothing)};
}

// A cache with a clock of its own.
class TimedCache {
 public:
  explicit TimedCache(const FlowCacheOptions& options)
      : cache_(options), clock_(options.smoothing) {}

  AddedFlow add(std::string_view key, double amount, Time now) {
    clock_.advance(now);
    return cache_.add(HashedKey::of(key), amount, clock_);
  }
  const FlowCache* operator->() const { return &cache_; }

 private:
  FlowCache cache_;
  DecayClock clock_;
};

// The definition, word by word: every sample decays by itself.
class DirectEvaluator {
 public:
  void add(const std::string& key, double amount, Time now) {
    samples_[key].emplace_back(now, amount);
  }

  double rate(const std::string& key, Time now) const {
    double sum = 0;
    const auto found = samples_.find(key);
    if (found == samples_.end()) return 0;
    for (const auto& [time, amount] : found->second) {
      const double past = std::chrono::duration<double>(now - time).count();
      sum += amount / kSmoothing * std::exp(-past / kSmoothing);
    }
    return sum;
  }

  double total(Time now) const {
    double sum = 0;
    for (const auto& [key, samples] : samples_) sum += rate(key, now);
    return sum;
  }

  const auto& samples() const { return samples_; }

 private:
  std::map<std::string, std::vector<std::pair<Time, double>>> samples_;
};

TEST(FlowCache, SteadyTrafficHasItsRate) {
  TimedCache cache(options(8));
  Time now = seconds(1'700'000'000);
  for (int i = 0; i < 2000; ++i) {
    now += milliseconds(10);
    cache.add("a", 1000, now);
  }
  // 100 samples a second of 1,000; a sample is worth half its amount when it comes.
  EXPECT_NEAR(cache->top(1, now)[0].value, 100'000, 500);
  // And after a silence of t it is a part of 1/e.
  EXPECT_NEAR(cache->top(1, now + seconds(2))[0].value, 100'000 / std::exp(1), 500);
}

// A step to R has reached T after -t ln(1 - T/R).
TEST(FlowCache, AStepCrossesAThresholdWhenItShould) {
  TimedCache cache(options(8));
  const Time begin = seconds(1);
  Time now = begin;
  while (true) {
    now += milliseconds(1);
    cache.add("a", 2000, now);  // R = 2 M a second
    if (cache->top(1, now)[0].value >= 1'000'000) break;
  }
  const double crossed = std::chrono::duration<double>(now - begin).count();
  EXPECT_NEAR(crossed, -kSmoothing * std::log(0.5), 0.005);
}

TEST(FlowCache, AgreesWithTheDefinitionOnRandomTraffic) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    TimedCache cache(options(50));
    DirectEvaluator direct;
    Time now = seconds(1'700'000'000);
    for (int i = 0; i < 500; ++i) {
      // Now and then so long that the landmark moves.
      now += milliseconds(random() % 100 == 0 ? 60'000 + random() % 100'000 : random() % 50);
      const std::string key = "k" + std::to_string(random() % 50);
      const auto amount = static_cast<double>(random() % 1500);
      const double value = cache.add(key, amount, now).value;
      direct.add(key, amount, now);
      if (i % 50 != 0) continue;
      const double rate = direct.rate(key, now);
      EXPECT_NEAR(value, rate, 1e-6 * (rate + 1));
    }
    now += milliseconds(random() % 3000);
    for (const auto& flow : cache->top(50, now)) {
      EXPECT_EQ(flow.error, 0);
      const double rate = direct.rate(std::string(flow.key), now);
      EXPECT_NEAR(flow.value, rate, 1e-6 * (rate + 1)) << flow.key;
    }
  }
}

// Space-saving's promises, of the rates at every moment.
TEST(FlowCache, BoundsItsErrorAndKeepsTheLargest) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    constexpr std::size_t kCapacity = 20;
    TimedCache cache(options(kCapacity));
    DirectEvaluator direct;
    Time now{};
    for (int i = 0; i < 600; ++i) {
      now += milliseconds(random() % 20);
      // A third is of three keys, the rest of thousands.
      const std::string key = random() % 3 == 0 ? "large" + std::to_string(random() % 3)
                                                : std::to_string(random() % 5000);
      cache.add(key, 1000, now);
      direct.add(key, 1000, now);
    }
    EXPECT_EQ(cache->size(), kCapacity);
    const auto flows = cache->top(kCapacity, now);
    std::map<std::string, ActiveFlow> kept;
    for (const auto& flow : flows) {
      const double rate = direct.rate(std::string(flow.key), now);
      EXPECT_LE(rate, flow.value * (1 + 1e-9) + 1e-9);
      EXPECT_GE(rate, (flow.value - flow.error) * (1 - 1e-9) - 1e-9);
      kept.emplace(flow.key, flow);
    }
    const double large = direct.total(now) / kCapacity;
    for (const auto& [key, samples] : direct.samples()) {
      if (direct.rate(key, now) <= large) continue;
      EXPECT_TRUE(kept.contains(key)) << key;
    }
    EXPECT_TRUE(flows[0].key.starts_with("large"));
  }
}

// Which one gives way is always the smallest, of equal ones that of the first place.
TEST(FlowCache, ReplacesTheSmallestEachTime) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    constexpr std::size_t kCapacity = 30;
    TimedCache cache({.capacity = kCapacity, .smoothing = {}});
    std::vector<std::pair<std::string, double>> naive;  // by place
    for (int i = 0; i < 5000; ++i) {
      const std::string key = std::to_string(random() % (random() % 2 == 0 ? 10 : 400));
      const auto amount = static_cast<double>(random() % 4);
      auto at = std::ranges::find(naive, key, &std::pair<std::string, double>::first);
      if (at == naive.end() && naive.size() < kCapacity) at = naive.insert(at, {key, 0});
      if (at == naive.end()) {
        at = std::ranges::min_element(naive, {}, &std::pair<std::string, double>::second);
        at->first = key;
      }
      at->second += amount;
      const auto place = static_cast<std::size_t>(at - naive.begin());
      ASSERT_EQ(cache.add(key, amount, {}).place, place) << "sample " << i;
    }
  }
}

// Keys long and short, which the memory of those that have gone is taken for again; caches that
// move about, and leave.
TEST(FlowCache, KeepsItsFlowsWhereverItIs) {
  Arena arena;
  std::mt19937 random(7);
  std::vector<FlowCache> caches;
  std::vector<std::map<std::string, double>> expected;
  DecayClock clock({});
  clock.advance({});
  for (int i = 0; i < 30'000; ++i) {
    if (caches.size() < 20 && random() % 50 == 0) {
      caches.emplace_back(
          FlowCacheOptions{.capacity = 400, .smoothing = {}, .when_full = WhenFull::kIgnoreNew},
          arena);
      expected.emplace_back();
    }
    if (caches.empty()) continue;
    const std::size_t at = random() % caches.size();
    if (random() % 500 == 0) {
      if (at + 1 != caches.size()) caches[at] = std::move(caches.back());
      if (at + 1 != expected.size()) expected[at] = std::move(expected.back());
      caches.pop_back();
      expected.pop_back();
      continue;
    }
    const auto number = random() % (at + 1) * 10 + random() % 200;
    const std::string key = std::to_string(number) + std::string(number % 100, 'x');
    caches[at].fetch_index(HashedKey::of(key));
    const auto guess = caches[at].fetch_flow(HashedKey::of(key));
    caches[at].add(HashedKey::of(key), 3, clock, guess);
    expected[at][key] += 3;
  }
  for (std::size_t at = 0; at < caches.size(); ++at) {
    ASSERT_EQ(caches[at].size(), expected[at].size());
    for (const auto& [key, value] : expected[at]) EXPECT_EQ(caches[at].value_of(key, {}), value);
  }
}

// However few are asked for, they are the first of all, sorted; many have as much as others.
TEST(FlowCache, TellsTheFirstOfAllInOrder) {
  const auto facts = [](const ActiveFlow& flow) {
    return std::tuple(-(flow.value - flow.error), flow.key, flow.value, flow.place, flow.updated);
  };
  for (unsigned seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    constexpr std::size_t kCapacity = 300;
    TimedCache cache(options(kCapacity));
    for (int i = 0; i < 4000; ++i) {
      cache.add(std::to_string(random() % (seed < 5 ? 250 : 600)),
                static_cast<double>(random() % 3), seconds(i / 1000));
    }
    const Time now = seconds(5);
    std::vector<decltype(facts({}))> all;
    for (const ActiveFlow& flow : cache->top(kCapacity, now)) all.push_back(facts(flow));
    EXPECT_EQ(all.size(), cache->size());
    std::ranges::sort(all);
    for (const std::size_t count : {0U, 1U, 7U, 100U, 250U, 300U, 1000U}) {
      std::vector<decltype(facts({}))> told;
      for (const ActiveFlow& flow : cache->top(count, now)) told.push_back(facts(flow));
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
      EXPECT_EQ(told, std::vector(all.begin(), end)) << count;
    }
  }
}

// As the caches of a definition have: another one has moved the clock on.
TEST(FlowCache, HasAClockInCommonWithOthers) {
  DecayClock clock(std::chrono::duration<double>{kSmoothing});
  FlowCache one(options(4));
  FlowCache other(options(4));
  const auto add = [&](FlowCache& cache, double amount, Time now) {
    clock.advance(now);
    return cache.add(HashedKey::of("a"), amount, clock).value;
  };
  add(one, 1000, seconds(0));
  for (int second = 1; second <= 120; ++second) add(other, 1, seconds(second));
  EXPECT_NEAR(one.value_of("a", seconds(1)), 500 * std::exp(-0.5), 1e-9);
  // 500 less what is left of it after 121 s, which is nothing.
  EXPECT_NEAR(add(one, 1000, seconds(121)), 500, 1e-6);
  EXPECT_NEAR(one.value_of("a", seconds(123)), 500 / std::exp(1), 1e-6);
}

TEST(FlowCache, SumsWithoutSmoothing) {
  TimedCache cache({.capacity = 4, .smoothing = {}});
  cache.add("a", 10, seconds(1));
  cache.add("b", 25, seconds(2));
  cache.add("a", 20, seconds(1000));
  const auto flows = cache->top(9, seconds(5000));
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].key, "a");
  EXPECT_EQ(flows[0].value, 30);
  EXPECT_EQ(flows[1].value, 25);
}

TEST(FlowCache, MayIgnoreNewKeysAndCountsThem) {
  TimedCache cache({.capacity = 2, .smoothing = {}, .when_full = WhenFull::kIgnoreNew});
  for (const auto* key : {"a", "b", "c", "a", "d"}) cache.add(key, 1, {});
  EXPECT_EQ(cache->size(), 2U);
  EXPECT_EQ(cache->ignored(), 2U);
  EXPECT_EQ(cache->top(1, {})[0].key, "a");
}

TEST(FlowCache, CutsKeysOffAndTakesTimeThatGoesBack) {
  TimedCache cache(options(2));
  const std::string endless(5000, 'x');
  cache.add(endless, 1, seconds(10));
  cache.add(endless, 1, seconds(9));
  const auto flows = cache->top(1, seconds(8));
  EXPECT_EQ(flows[0].key.size(), HashedKey::kLongest);
  EXPECT_EQ(flows[0].value, 1);
}

TEST(FlowCache, KnowsTheValueAndThePlaceOfAKey) {
  TimedCache cache({.capacity = 2, .smoothing = {}});
  EXPECT_TRUE(cache.add("a", 3, {}).is_new);
  EXPECT_FALSE(cache.add("a", 3, {}).is_new);
  cache.add("b", 1, {});
  const auto place = cache->place_of("b");
  EXPECT_EQ(cache->value_of("a", {}), 6);
  // It takes over the smallest's place, and its value as error.
  const auto added = cache.add("c", 2, {});
  EXPECT_TRUE(added.is_new);
  EXPECT_EQ(added.place, place);
  EXPECT_EQ(cache->value_of("c", {}), 2);
  EXPECT_EQ(cache->value_of("b", {}), 0);
  EXPECT_FALSE(cache->place_of("b"));
}

}  // namespace
}  // namespace fabrix::telemetry
