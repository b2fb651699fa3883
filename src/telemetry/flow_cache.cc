#include "telemetry/flow_cache.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace fabrix::telemetry {

namespace {

// So that sources with few flows take little, and others leave little behind.
constexpr std::size_t kFirstPlaces = 8;
constexpr std::size_t kNextPlaces = 64;

std::size_t more_places(std::size_t places, std::size_t capacity) {
  std::size_t more = 2 * places;
  if (places < kNextPlaces) more = places == 0 ? kFirstPlaces : kNextPlaces;
  return std::min(more, capacity);
}

}  // namespace

FlowCache::FlowCache(const FlowCacheOptions& options, std::pmr::memory_resource& memory)
    : rest_(std::make_unique<Rest>(Rest{.options = options, .memory = &memory})) {
  std::size_t& capacity = rest_->options.capacity;
  const bool replaces = options.when_full == WhenFull::kReplaceSmallest;
  capacity = std::clamp<std::size_t>(capacity, 1,
                                     replaces ? SmallestPlaces::kMostWeights : UINT32_MAX / 2);
}

FlowCache::FlowCache(FlowCache&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)),
      places_(std::exchange(other.places_, 0)),
      size_(std::exchange(other.size_, 0)),
      landmark_(other.landmark_),
      smallest_(other.smallest_),
      changes_(other.changes_),
      room_(other.room_),
      rest_(std::move(other.rest_)) {}

FlowCache& FlowCache::operator=(FlowCache&& other) noexcept {
  if (this == &other) return *this;
  clear();
  block_ = std::exchange(other.block_, nullptr);
  places_ = std::exchange(other.places_, 0);
  size_ = std::exchange(other.size_, 0);
  landmark_ = other.landmark_;
  smallest_ = other.smallest_;
  changes_ = other.changes_;
  room_ = other.room_;
  rest_ = std::move(other.rest_);
  return *this;
}

FlowCache::~FlowCache() {
  clear();
}

void FlowCache::clear() {
  if (block_ == nullptr) return;
  std::ranges::destroy(flows());
  rest_->memory->deallocate(block_, Layout(places_).end, kCacheLine);
  block_ = nullptr;
}

void FlowCache::move_landmark(const DecayClock& clock) {
  const double decay = clock.decay(clock.landmark() - landmark_);
  for (double& weight : weights()) weight *= decay;
  for (Flow& flow : flows()) flow.error *= decay;
  smallest_.forget();
  landmark_ = clock.landmark();
}

AddedFlow FlowCache::add(const HashedKey& key, double amount, const DecayClock& clock,
                         const std::optional<Guess>& guess) {
  if (clock.landmark() != landmark_) move_landmark(clock);
  auto place = find(key, guess);
  const bool is_new = !place;
  if (is_new) {
    if (room_ == Room::kIgnores) {
      ++rest_->ignored;
      return {};
    }
    place = replaces() ? replace_smallest(key) : append(key);
    ++changes_;
  }
  const auto all = weights();
  double& weight = all[*place];
  weight += amount * clock.unit();
  smallest_.grow(*place, all);
  Flow& flow = flows()[*place];
  flow.updated = clock.now();
  return {.value = (weight - flow.error) / clock.growth(), .place = place, .is_new = is_new};
}

void FlowCache::fetch_index(const HashedKey& key) const {
  if (!has_marks()) return rest_->index.fetch(key.hash);
  for (const MarkLine& line : marks()) __builtin_prefetch(&line, 1);
}

FlowCache::Guess FlowCache::fetch_flow(const HashedKey& key) const {
  const auto place = find_place(key.hash, [](std::size_t) { return true; });
  if (place) {
    __builtin_prefetch(&flows()[*place], 1);
    __builtin_prefetch(&weights()[*place], 1);
    return {.place = static_cast<std::uint32_t>(*place), .changes = changes_};
  }
  const Guess nowhere{.changes = changes_};
  if (!replaces()) return nowhere;
  const auto all = weights();
  if (const auto smallest = smallest_.known()) {
    __builtin_prefetch(&flows()[*smallest], 1);
    __builtin_prefetch(&all[*smallest], 1);
  } else {
    for (std::size_t at = 0; at < all.size(); at += kCacheLine / sizeof(double)) {
      __builtin_prefetch(&all[at], 1);
    }
  }
  return nowhere;
}

void FlowCache::fetch_smallest() {
  if (!replaces() || smallest_.known()) return;
  const std::size_t place = smallest_.find(weights());
  __builtin_prefetch(&flows()[place], 1);
}

std::uint64_t FlowCache::hash_at(std::size_t place) const {
  return HashedKey::of(flows()[place].key.view()).hash;
}

template <typename IsIt>
std::optional<std::size_t> FlowCache::find_place(std::uint64_t hash, IsIt&& is_it) const {
  return has_marks() ? find_mark(marks(), mark_of(hash), is_it) : rest_->index.find(hash, is_it);
}

std::optional<std::size_t> FlowCache::find(const HashedKey& key) const {
  return find_place(key.hash, [&](std::size_t place) { return is_at(place, key); });
}

std::optional<std::size_t> FlowCache::find(const HashedKey& key,
                                           const std::optional<Guess>& guess) const {
  if (!guess) return find(key);
  if (guess->is_somewhere()) {
    return guess->place < size_ && is_at(guess->place, key) ? guess->place : find(key);
  }
  return guess->changes != changes_ ? find(key) : std::nullopt;
}

void FlowCache::mark(std::size_t place, std::uint64_t hash) {
  marks()[place / MarkLine::kMarks].marks[place % MarkLine::kMarks] = mark_of(hash);
}

void FlowCache::index_all() {
  for (std::size_t place = 0; place < size_; ++place) {
    rest_->index.insert(hash_at(place), [this](std::size_t each) { return hash_at(each); });
  }
}

// Into a block with more places.
void FlowCache::grow() {
  const auto places = static_cast<std::uint32_t>(more_places(places_, rest_->options.capacity));
  const Layout layout(places);
  auto* const block = static_cast<std::byte*>(rest_->memory->allocate(layout.end, kCacheLine));
  const auto at = [&](std::size_t octet) { return static_cast<void*>(block + octet); };
  std::uninitialized_value_construct_n(static_cast<MarkLine*>(at(0)), layout.weights / kCacheLine);
  if (places > kFewPlaces && has_marks()) {
    index_all();
  } else if (has_marks()) {
    std::ranges::copy(marks(), static_cast<MarkLine*>(at(0)));
  }
  std::uninitialized_copy_n(weights().data(), size_, static_cast<double*>(at(layout.weights)));
  std::ranges::uninitialized_move(flows(), std::span(static_cast<Flow*>(at(layout.flows)), size_));
  clear();
  block_ = block;
  places_ = places;
}

// With no weight yet.
std::size_t FlowCache::append(const HashedKey& key) {
  if (size_ == places_) grow();
  const std::size_t place = size_++;
  std::construct_at(&weights()[place], 0);
  std::construct_at(&flows()[place])->key.assign(key.text);
  if (has_marks()) {
    mark(place, key.hash);
  } else {
    rest_->index.insert(key.hash, [this](std::size_t at) { return hash_at(at); });
  }
  if (size_ == rest_->options.capacity) {
    const bool replaces = rest_->options.when_full == WhenFull::kReplaceSmallest;
    room_ = replaces ? Room::kReplaces : Room::kIgnores;
  }
  return place;
}

// With the weight of the one that has gone, which is its error.
std::size_t FlowCache::replace_smallest(const HashedKey& key) {
  const std::size_t place = smallest_.find(weights());
  Flow& flow = flows()[place];
  if (has_marks()) {
    mark(place, key.hash);
  } else {
    rest_->index.replace(place, key.hash, [this](std::size_t at) { return hash_at(at); });
  }
  flow.key.assign(key.text);
  flow.error = weights()[place];
  return place;
}

double FlowCache::decay_at(Time now) const {
  return size_ == 0 ? 1 : DecayClock(rest_->options.smoothing).decay(now - landmark_);
}

std::optional<std::size_t> FlowCache::place_of(std::string_view key) const {
  return find(HashedKey::of(key));
}

double FlowCache::value_of(std::string_view key, Time now) const {
  const auto place = place_of(key);
  return place ? (weights()[*place] - flows()[*place].error) * decay_at(now) : 0;
}

std::vector<ActiveFlow> FlowCache::top(std::size_t count, Time now, const KeyLess& less) const {
  const double decay = decay_at(now);
  std::vector<ActiveFlow> flows(size_);
  for (std::size_t place = 0; place < flows.size(); ++place) {
    const Flow& flow = this->flows()[place];
    flows[place] = {.key = flow.key.view(),
                    .value = weights()[place] * decay,
                    .error = flow.error * decay,
                    .place = place,
                    .updated = flow.updated};
  }
  const std::size_t wanted = std::min(count, flows.size());
  std::ranges::partial_sort(flows, flows.begin() + static_cast<std::ptrdiff_t>(wanted),
                            [&](const ActiveFlow& left, const ActiveFlow& right) {
                              const double more =
                                  left.value - left.error - (right.value - right.error);
                              return more != 0 ? more > 0 : less(left.key, right.key);
                            });
  flows.resize(wanted);
  return flows;
}

}  // namespace fabrix::telemetry
