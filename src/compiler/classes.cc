#include "compiler/classes.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::compiler {

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0xff51afd7ed558ccdU;
  return hash ^ hash >> 32U;
}

std::uint64_t hash_of(const ClassKey& key) {
  std::uint64_t hash = mix(0x9e3779b97f4a7c15U, key.best.value);
  for (const Unit& unit : key.units) {
    const std::uint64_t port = unit.target.router ? unit.target.router->value + 1U : 0U;
    hash = mix(hash, std::uint64_t{unit.target.participant.value} << 40U | port << 20U |
                         unit.router.value);
  }
  return hash;
}

}  // namespace

std::optional<ClassId> ClassTable::find(const ClassKey& key, std::uint64_t hash) const {
  const auto first = index_.find(hash);
  std::optional<ClassId> at;
  if (first != index_.end()) at = first->second;
  while (at && classes_[at->index()].key != key) at = classes_[at->index()].next;
  return at;
}

std::optional<ClassId> ClassTable::enter(const ClassKey& key) {
  const std::uint64_t hash = hash_of(key);
  if (const auto known = find(key, hash)) {
    enter_again(*known);
    return known;
  }
  ClassId id{static_cast<std::uint32_t>(classes_.size())};
  if (!free_.empty()) {
    id = free_.back();
    free_.pop_back();
  } else if (classes_.size() < Member::kMaxClasses) {
    classes_.emplace_back();
  } else {
    return std::nullopt;
  }
  const auto [first, is_new] = index_.try_emplace(hash, id);
  ForwardingClass made{.key = key, .tag = {}, .groups = 1, .next_hops = {}, .hash = hash};
  if (!is_new) made.next = std::exchange(first->second, id);
  classes_[id.index()] = std::move(made);
  ++count_;
  return id;
}

void ClassTable::leave(ClassId id) {
  FABRIX_ASSERT(classes_[id.index()].groups > 0);
  if (--classes_[id.index()].groups == 0) note(id);
}

void ClassTable::add_user(ClassId id, net::Family family) {
  if (classes_[id.index()].users.at(index_of(family))++ == 0) note(id);
}

void ClassTable::remove_user(ClassId id, net::Family family) {
  std::uint32_t& users = classes_[id.index()].users.at(index_of(family));
  FABRIX_ASSERT(users > 0);
  if (--users == 0) note(id);
}

void ClassTable::note(ClassId id) {
  changed_ = true;
  if (std::exchange(classes_[id.index()].unsettled, true)) return;
  unsettled_.push_back(id);
}

std::vector<ClassId> ClassTable::all() const {
  std::vector<ClassId> ids;
  ids.reserve(count_);
  for (const auto& [hash, first] : index_) {
    for (std::optional at = first; at; at = classes_[at->index()].next) ids.push_back(*at);
  }
  std::ranges::sort(ids, {},
                    [this](ClassId id) -> const ClassKey& { return classes_[id.index()].key; });
  return ids;
}

// By hash: keys are long, and far from each other.
void ClassTable::bring_into_order(std::vector<ClassId>& ids) const {
  std::vector<std::pair<std::uint64_t, ClassId>> by_hash;
  by_hash.reserve(ids.size());
  for (const ClassId id : ids) by_hash.emplace_back(classes_[id.index()].hash, id);
  std::ranges::sort(by_hash, [this](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return classes_[a.second.index()].key < classes_[b.second.index()].key;
  });
  std::ranges::transform(by_hash, ids.begin(), [](const auto& each) { return each.second; });
}

std::vector<Units> ClassTable::unit_sets() const {
  std::vector<Units> sets;
  for (const ClassId id : all()) {
    if (classes_[id.index()].groups > 0) sets.push_back(classes_[id.index()].key.units);
  }
  std::ranges::sort(sets);
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

std::vector<ClassId> ClassTable::take_unsettled() {
  for (const ClassId id : unsettled_) classes_[id.index()].unsettled = false;
  bring_into_order(unsettled_);
  return std::exchange(unsettled_, {});
}

bool ClassTable::take_changed() {
  return std::exchange(changed_, false);
}

void ClassTable::erase(ClassId id) {
  ForwardingClass& gone = classes_[id.index()];
  FABRIX_ASSERT(gone.groups == 0 && !gone.unsettled);
  const auto first = index_.find(gone.hash);
  if (first->second != id) {
    ClassId before = first->second;
    while (classes_[before.index()].next != id) before = *classes_[before.index()].next;
    classes_[before.index()].next = gone.next;
  } else if (gone.next) {
    first->second = *gone.next;
  } else {
    index_.erase(first);
  }
  gone = ForwardingClass{};
  free_.push_back(id);
  --count_;
}

}  // namespace fabrix::compiler
