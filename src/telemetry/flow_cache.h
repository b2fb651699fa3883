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
// What a sample needs lies in as few lines of memory as may be: the cache itself is one, and its
// block has the marks that keys are found by, the weights, and the flows; fetch_index(),
// fetch_flow() and fetch_smallest() ask for them ahead of add(). Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/large_pages.h"
#include "telemetry/decay_clock.h"
#include "telemetry/key_text.h"
#include "telemetry/place_index.h"
#include "telemetry/place_marks.h"
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
  std::size_t capacity = 64;  // of kReplaceSmallest SmallestPlaces::kMostWeights at most
  std::optional<std::chrono::duration<double>> smoothing;  // t; none: sums
  WhenFull when_full = WhenFull::kReplaceSmallest;
};

class FlowCache {
 public:
  // Its memory, which outlives it, need only be had in lines of 64 octets.
  explicit FlowCache(const FlowCacheOptions& options,
                     std::pmr::memory_resource& memory = *std::pmr::new_delete_resource());
  FlowCache(FlowCache&& other) noexcept;
  FlowCache& operator=(FlowCache&& other) noexcept;
  FlowCache(const FlowCache&) = delete;
  FlowCache& operator=(const FlowCache&) = delete;
  ~FlowCache();

  // Where a key may be, as far as can be told after so many changes of which keys there are.
  struct Guess {
    static constexpr std::uint32_t kNowhere = UINT32_MAX;  // and then it is

    bool is_somewhere() const { return place != kNowhere; }

    std::uint32_t place = kNowhere;
    std::uint32_t changes = 0;
  };

  // At the clock's time. The clock is the same every time, and smooths as the options say.
  AddedFlow add(const HashedKey& key, double amount, const DecayClock& clock,
                const std::optional<Guess>& guess = {});

  // What add() will read first, what of this key then, and what of the flow that gives way to it:
  // asks the memory for it, and does not wait. In this order, and other things between.
  void fetch_index(const HashedKey& key) const;
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

  std::size_t size() const { return size_; }

  // Samples whose key was new when there was no room (kIgnoreNew).
  std::uint64_t ignored() const { return rest_->ignored; }

 private:
  // Of a flow, what is not asked for whenever another one needs room.
  struct alignas(64) Flow {
    double error = 0;  // as a weight
    Time updated{};
    KeyText key;
  };

  // What few samples need.
  struct Rest {
    FlowCacheOptions options;
    std::pmr::memory_resource* memory = nullptr;
    PlaceIndex index{};  // of all places, if there are more than kFewPlaces
    std::uint64_t ignored = 0;
  };
  // What becomes of a new key.
  enum class Room : std::uint8_t { kThereIs, kReplaces, kIgnores };

  static constexpr std::size_t kFewPlaces = PlaceIndex::kFewPlaces;

  static std::size_t lines_of(std::size_t octets) { return (octets + kCacheLine - 1) / kCacheLine; }
  // Of a block with room for so many places; where the weights, the flows and the end are.
  struct Layout {
    explicit Layout(std::size_t places)
        : weights(kCacheLine * (places <= kFewPlaces ? lines_of(places * sizeof(PlaceMark)) : 0)),
          flows(weights + kCacheLine * lines_of(places * sizeof(double))),
          end(flows + places * sizeof(Flow)) {}

    std::size_t weights;
    std::size_t flows;
    std::size_t end;
  };
  template <typename Part>
  Part* part(std::size_t at) const {
    return static_cast<Part*>(static_cast<void*>(block_ + at));
  }
  bool has_marks() const { return places_ <= kFewPlaces; }
  std::span<MarkLine> marks() const {
    return {part<MarkLine>(0), lines_of(size_ * sizeof(PlaceMark))};
  }
  std::span<double> weights() const { return {part<double>(Layout(places_).weights), size_}; }
  std::span<Flow> flows() const { return {part<Flow>(Layout(places_).flows), size_}; }

  void move_landmark(const DecayClock& clock);

  // What a weight is worth.
  double decay_at(Time now) const;

  std::uint64_t hash_at(std::size_t place) const;
  bool is_at(std::size_t place, const HashedKey& key) const {
    return flows()[place].key.view() == key.text;
  }
  template <typename IsIt>
  std::optional<std::size_t> find_place(std::uint64_t hash, IsIt&& is_it) const;
  std::optional<std::size_t> find(const HashedKey& key) const;
  std::optional<std::size_t> find(const HashedKey& key, const std::optional<Guess>& guess) const;
  // A new key takes the smallest's place.
  bool replaces() const { return room_ == Room::kReplaces; }
  std::size_t append(const HashedKey& key);
  std::size_t replace_smallest(const HashedKey& key);
  void mark(std::size_t place, std::uint64_t hash);
  void index_all();
  void grow();
  void clear();

  std::byte* block_ = nullptr;
  std::uint32_t places_ = 0;   // that the block has
  std::uint32_t size_ = 0;     // of which flows have so many
  Time landmark_{};            // of the weights, if there are some
  SmallestPlaces smallest_;    // once all places are taken
  std::uint32_t changes_ = 0;  // of which keys there are
  Room room_ = Room::kThereIs;
  std::unique_ptr<Rest> rest_;  // never null, but of what has been moved from
};

}  // namespace fabrix::telemetry
