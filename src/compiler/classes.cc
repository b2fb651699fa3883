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

}  // namespace

std::uint64_t ClassTable::hash_of(const ClassKey& key) {
  std::uint64_t hash = mix(0x9e3779b97f4a7c15U, key.best.value);
  for (const Unit& unit : key.units) {
    const std::uint64_t port = unit.target.router ? unit.target.router->value + 1U : 0U;
    hash = mix(hash, std::uint64_t{unit.target.participant.value} << 40U | port << 20U |
                         unit.router.value);
  }
  return hash;
}

// None: there is no room for another one.
std::optional<ClassId> ClassTable::next_id() const {
  if (!free_.empty()) return free_.back();
  if (classes_.size() >= Member::kMaxClasses) return std::nullopt;
  return ClassId{static_cast<std::uint32_t>(classes_.size())};
}

std::optional<ClassId> ClassTable::enter(const HashedKey& wanted) {
  const auto& [key, hash, place] = wanted;
  const std::uint32_t known = index_.find(wanted.hash, [&](std::uint32_t id) {
    return classes_[id].hash == wanted.hash && classes_[id].key == wanted.key;
  });
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
  made.exists = true;
  made.hash = hash;
  made.place = place ? *place : VnhPool::hash_of(key);
  index_.insert(hash, id->value);
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
  ids.reserve(index_.size());
  for (std::uint32_t i = 0; i < classes_.size(); ++i) {
    if (classes_[i].exists) ids.push_back(ClassId{i});
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
  if (unsettled_.size() > 1) bring_into_order(unsettled_);
  return std::exchange(unsettled_, {});
}

bool ClassTable::take_changed() {
  return std::exchange(changed_, false);
}

void ClassTable::erase(ClassId id) {
  ForwardingClass& gone = classes_[id.index()];
  FABRIX_ASSERT(gone.groups == 0 && !gone.unsettled);
  index_.erase(gone.hash, id.value);
  gone = ForwardingClass{};
  free_.push_back(id);
}

}  // namespace fabrix::compiler
