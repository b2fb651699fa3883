#include "compiler/classes.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::compiler {

std::optional<ClassId> ClassTable::enter(ClassKey key) {
  const auto known = index_.find(key);
  if (known != index_.end()) {
    ++classes_[known->second.index()].groups;
    return known->second;
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
  classes_[id.index()] = ForwardingClass{.key = key, .tag = {}, .groups = 1, .next_hops = {}};
  index_.emplace(std::move(key), id);
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
  for (const auto& [key, id] : index_) ids.push_back(id);
  return ids;
}

std::vector<Units> ClassTable::unit_sets() const {
  std::vector<Units> sets;
  for (const auto& [key, id] : index_) {
    if (classes_[id.index()].groups > 0) sets.push_back(key.units);
  }
  std::ranges::sort(sets);
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

std::vector<ClassId> ClassTable::take_unsettled() {
  for (const ClassId id : unsettled_) classes_[id.index()].unsettled = false;
  std::ranges::sort(unsettled_, {},
                    [this](ClassId id) -> const ClassKey& { return classes_[id.index()].key; });
  return std::exchange(unsettled_, {});
}

bool ClassTable::take_changed() {
  return std::exchange(changed_, false);
}

void ClassTable::erase(ClassId id) {
  ForwardingClass& gone = classes_[id.index()];
  FABRIX_ASSERT(gone.groups == 0 && !gone.unsettled);
  index_.erase(gone.key);
  gone = ForwardingClass{};
  free_.push_back(id);
}

}  // namespace fabrix::compiler
