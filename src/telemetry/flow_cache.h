// FlowCache: the largest flows of one data source, by the moving average of what they carry, in
// bounded memory.
//
// A sample of amount x adds x/t to its key's rate, and the rate decays as exp(-dt/t): in a steady
// state it is the true rate, and a step to R has reached T after -t ln(1 - T/R). Or, without t, the
// sum of all amounts.
//
// Of more keys than there is room for, the smallest gives way and the new one takes over its value
// as its error (space-saving; Metwally, Agrawal, El Abbadi 2005): a key whose true value exceeds
// the sum of all values divided by the capacity is always here, and value - error <= true value <=
// value. Or, if every key is wanted, new ones are ignored and counted.
//
// Values are kept as weights relative to the landmark of a clock (decay_clock.h), which all caches
// of a definition have in common. Cost: O(1) a sample; O(capacity) for one of a few that take over.
// What a sample needs lies in as few lines of memory as may be, which fetch_index(),
// fetch_flow() and fetch_smallest() ask for ahead of add(). Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "telemetry/decay_clock.h"
#include "telemetry/key_text.h"
#include "telemetry/place_index.h"
#include "telemetry/smallest_places.h"
#include "telemetry/text_hash.h"

namespace fabrix::telemetry {

// A flow's key, as long as a cache takes it, and its hash.
struct HashedKey {
  // What is longer is cut off.
  static constexpr std::size_t kLongest = 1024;

  static HashedKey of(std::string_view text) {
    text = text.substr(0, kLongest);
    return {.text = text, .hash = hash_of(text)};
  }

  std::string_view text;
  std::uint64_t hash = 0;
};

struct ActiveFlow {
  std::string_view key;  // the cache's, until that changes
  double value = 0;      // per second; or the sum
  double error = 0;      // so much less it may be
  std::size_t place = 0;
  Time updated{};
};

// What became of an amount.
struct AddedFlow {
  double value = 0;  // that the key has now at least (value - error); 0 if it was ignored
  // Below the capacity, the key's own until another one takes it over; none if it was ignored.
  std::optional<std::size_t> place{};
  bool is_new = false;  // at this place
};

enum class WhenFull : std::uint8_t { kReplaceSmallest, kIgnoreNew };

struct FlowCacheOptions {
  std::size_t capacity = 64;
  std::optional<std::chrono::duration<double>> smoothing;  // t; none: sums
  WhenFull when_full = WhenFull::kReplaceSmallest;
};

class FlowCache {
 public:
  explicit FlowCache(const FlowCacheOptions& options);
  FlowCache(FlowCache&& other) noexcept = default;
  FlowCache& operator=(FlowCache&& other) noexcept = default;
  FlowCache(const FlowCache&) = delete;
  FlowCache& operator=(const FlowCache&) = delete;
  ~FlowCache() = default;

  // Where a key may be.
  using Guess = std::optional<std::uint32_t>;

  // At the clock's time. The clock is the same every time, and smooths as the options say.
  AddedFlow add(const HashedKey& key, double amount, const DecayClock& clock, Guess guess = {});

  // The cache itself, what add() will read of it first, what of this key then, and what of the flow
  // that gives way to it: asks the memory for it, and does not wait. In this order, and other
  // things between.
  void fetch() const;
  void fetch_index(const HashedKey& key) const { places_.fetch(key.hash); }
  Guess fetch_flow(const HashedKey& key) const;
  void fetch_smallest();

  // What the key has at least; 0 if it is not here.
  double value_of(std::string_view key, Time now) const;

  // Where the key is.
  std::optional<std::size_t> place_of(std::string_view key) const;

  using KeyLess = std::function<bool(std::string_view left, std::string_view right)>;

  // The largest, by what they have at least (value - error), then by key. All are looked at, but
  // only these are sorted.
  std::vector<ActiveFlow> top(std::size_t count, Time now,
                              const KeyLess& less = std::less<>()) const;

  std::size_t size() const { return weights_.size(); }

  // Samples whose key was new when there was no room (kIgnoreNew).
  std::uint64_t ignored() const { return ignored_; }

 private:
  // Of a flow, what is not asked for whenever another one needs room.
  struct alignas(64) Flow {
    double error = 0;  // as a weight
    Time updated{};
    KeyText key;
  };

  void move_landmark(const DecayClock& clock);

  // What a weight is worth.
  double decay_at(Time now) const;

  std::uint64_t hash_at(std::size_t place) const;
  bool is_at(std::size_t place, const HashedKey& key) const {
    return flows_[place].key.view() == key.text;
  }
  std::optional<std::size_t> find(const HashedKey& key) const;
  // A new key takes the smallest's place.
  bool replaces() const {
    return weights_.size() == capacity_ && when_full_ == WhenFull::kReplaceSmallest;
  }
  std::size_t append(const HashedKey& key);
  std::size_t replace_smallest(const HashedKey& key);

  PlaceIndex places_;
  // A flow's place is the same in both; weights by themselves, as the smallest is looked for.
  std::vector<double> weights_;
  std::vector<Flow> flows_;
  Time landmark_{};  // of the weights, if there are some
  std::uint32_t capacity_;
  WhenFull when_full_;
  SmallestPlaces smallest_;  // once all places are taken
  std::uint64_t ignored_ = 0;
  DecayClock::Smoothing smoothing_;
};

}  // namespace fabrix::telemetry
