#include "compiler/classes.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/ahead.h"
#include "base/assert.h"

namespace fabrix::compiler {

// None: there is no room for another one.
std::optional<ClassId> ClassTable::next_id() const {
  if (!free_.empty()) return free_.back();
  if (classes_.size() >= Member::kMaxClasses) return std::nullopt;
  return ClassId{static_cast<std::uint32_t>(classes_.size())};
}

std::optional<ClassId> ClassTable::enter(const ClassKey& key) {
  const KeyId id = keys_.enter(key);
  const auto entered = enter(id);
  keys_.drop(id);
  return entered;
}

std::optional<ClassId> ClassTable::enter(KeyId key) {
  const std::uint64_t hash = hash_of(key);
  const std::uint32_t known =
      index_.find(hash, [&](std::uint32_t id) { return classes_[id].key == key; });
  if (known != HashIndex::kNone) {
    enter_again(ClassId{known});
    return ClassId{known};
  }
  const auto id = next_id();
  if (!id) return std::nullopt;
  if (id->index() == classes_.size()) {
    classes_.add();
  } else {
    free_.pop_back();
  }
  ForwardingClass& made = classes_[id->index()];
  made.key = key;
  made.groups = 1;
  keys_.hold(key);
  index_.insert(hash, id->value);
  return id;
}

void ClassTable::leave(ClassId id) {
  ForwardingClass& left = classes_[id.index()];
  FABRIX_ASSERT(left.groups > 0);
  --left.groups;
  if (left.groups == 0) note(id);
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
  if (classes_[id.index()].is_unsettled != 0) return;
  classes_[id.index()].is_unsettled = 1;
  unsettled_.push_back(id);
}

std::vector<ClassId> ClassTable::all() const {
  std::vector<ClassId> ids;
  ids.reserve(index_.size());
  for (std::uint32_t i = 0; i < classes_.size(); ++i) {
    if (classes_[i].key != kNoKey) ids.push_back(ClassId{i});
  }
  std::ranges::sort(ids, {}, [this](ClassId id) -> const ClassKey& { return key_of(id); });
  return ids;
}

// By hash: keys are long, and far from each other.
void ClassTable::bring_into_order(std::vector<ClassId>& ids) const {
  std::vector<std::pair<std::uint64_t, ClassId>> by_hash;
  by_hash.reserve(ids.size());
  in_strips(std::span<const ClassId>(ids), [&](std::span<const ClassId> strip) {
    for (const ClassId id : strip) keys_.expect(classes_[id.index()].key);
    for (const ClassId id : strip) by_hash.emplace_back(keys_[classes_[id.index()].key].hash, id);
  });
  std::ranges::sort(by_hash, [this](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return key_of(a.second) < key_of(b.second);
  });
  std::ranges::transform(by_hash, ids.begin(), [](const auto& each) { return each.second; });
}

std::vector<Units> ClassTable::unit_sets() const {
  std::vector<Units> sets;
  for (const ClassId id : all()) {
    if (classes_[id.index()].groups > 0) sets.push_back(key_of(id).units);
  }
  std::ranges::sort(sets);
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

std::vector<ClassId> ClassTable::take_unsettled() {
  for (const ClassId id : unsettled_) classes_[id.index()].is_unsettled = 0;
  if (unsettled_.size() > 1) bring_into_order(unsettled_);
  return std::exchange(unsettled_, {});
}

bool ClassTable::take_changed() {
  return std::exchange(changed_, false);
}

void ClassTable::erase(ClassId id) {
  ForwardingClass& gone = classes_[id.index()];
  FABRIX_ASSERT(gone.groups == 0 && gone.is_unsettled == 0);
  index_.erase(hash_of(gone.key), id.value);
  keys_.drop(gone.key);
  gone = ForwardingClass{};
  free_.push_back(id);
}

}  // namespace fabrix::compiler
