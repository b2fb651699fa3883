#include "verify/effect.h"

#include <algorithm>

#include "base/assert.h"

namespace fabrix::verify {
namespace {

// After kNone and kTrue.
constexpr diagram::Leaf kFirstEffect = 2;
const Effect kDropped;

}  // namespace

Writes merge(const Writes& first, const Writes& then) {
  Writes merged = then;
  for (const policy::Write& each : first) {
    const bool overwritten =
        std::ranges::any_of(then, [&](const auto& later) { return later.field == each.field; });
    if (!overwritten) merged.push_back(each);
  }
  std::ranges::sort(merged);
  return merged;
}

void continue_with(Effect& effect, std::vector<Onward> copies) {
  std::ranges::sort(copies);
  effect.kind = Effect::Kind::kContinue;
  effect.table = copies.front().table;
  effect.metadata = copies.front().metadata;
  effect.branches.assign(copies.begin() + 1, copies.end());
}

Effect sequel(const Effect& first, Effect then) {
  const bool drops = then.kind == Effect::Kind::kDrop;
  for (Mirrored& copy : then.mirrors) copy.writes = merge(first.writes, copy.writes);
  then.mirrors.insert(then.mirrors.begin(), first.mirrors.begin(), first.mirrors.end());
  then.counters.insert(then.counters.begin(), first.counters.begin(), first.counters.end());
  then.writes = drops ? Writes{} : merge(first.writes, then.writes);
  if (drops && then.mirrors.empty()) {
    then.meters.clear();
  } else {
    then.meters.insert(then.meters.begin(), first.meters.begin(), first.meters.end());
  }
  return then;
}

bool differ_in_counters(const Effect& a, Effect b) {
  if (a.counters == b.counters) return false;
  b.counters = a.counters;
  return a == b;
}

// What is dropped is limited only if its copies are.
diagram::Leaf Effects::leaf_of(const Effect& effect) {
  if (effect.kind != Effect::Kind::kDrop || !effect.mirrors.empty()) return intern(effect);
  if (effect.counters.empty()) return diagram::kNone;
  return intern({.writes = {}, .counters = effect.counters});
}

diagram::Leaf Effects::intern(const Effect& effect) {
  if (const auto known = leaves_.find(effect); known != leaves_.end()) return *known;
  const auto next = static_cast<diagram::Leaf>(effects_.size()) + kFirstEffect;
  effects_.push_back(effect);
  leaves_.insert(next);
  return next;
}

void Effects::clear() {
  leaves_.clear();
  effects_.clear();
}

// Of where it leads, by which most effects differ; of the rest, how much there is.
std::size_t Effects::Hash::operator()(const Effect& effect) const noexcept {
  std::uint64_t hash = effect.metadata;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32U;
  };
  mix(std::uint64_t{effect.port.value} << 16U | static_cast<std::uint64_t>(effect.table) << 8U |
      static_cast<std::uint64_t>(effect.kind));
  for (const policy::Write& write : effect.writes) mix(write.value);
  for (const Onward& branch : effect.branches) mix(branch.metadata);
  for (const std::uint64_t counter : effect.counters) mix(counter);
  mix(effect.meters.size() << 8U | effect.mirrors.size());
  return hash;
}

const Effect& Effects::at(diagram::Leaf leaf) const {
  if (leaf == diagram::kNone) return kDropped;
  FABRIX_ASSERT(leaf >= kFirstEffect && leaf - kFirstEffect < effects_.size());
  return effects_[leaf - kFirstEffect];
}

}  // namespace fabrix::verify
