#include "compiler/classes.h"

#include <algorithm>
#include <utility>

namespace fabrix::compiler {
namespace {

std::size_t& counter(ForwardingClass& of, net::Family family) {
  return family == net::Family::kIpv4 ? of.prefixes4 : of.prefixes6;
}

}  // namespace

void ClassTable::assign(const net::Prefix& prefix, std::optional<ClassKey> key) {
  const auto known = by_prefix_.find(prefix);
  if (known != by_prefix_.end()) {
    if (key && known->second->first == *key) return;
    leave(known->second, prefix.family());
    if (!key) {
      by_prefix_.erase(known);
      return;
    }
  }
  if (!key) return;
  const auto to = classes_.try_emplace(*std::move(key)).first;
  if (counter(to->second, prefix.family())++ == 0) changed_ = true;
  by_prefix_.insert_or_assign(prefix, to);
}

void ClassTable::clear() {
  changed_ = changed_ || !classes_.empty();
  by_prefix_.clear();
  classes_.clear();
}

const ForwardingClass* ClassTable::find(const net::Prefix& prefix) const {
  const auto known = by_prefix_.find(prefix);
  return known == by_prefix_.end() ? nullptr : &known->second->second;
}

std::vector<Units> ClassTable::unit_sets() const {
  std::vector<Units> sets;
  for (const auto& [key, each] : classes_) sets.push_back(key.units);
  std::ranges::sort(sets);
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

bool ClassTable::take_changed() {
  return std::exchange(changed_, false);
}

void ClassTable::leave(Classes::iterator from, net::Family family) {
  if (--counter(from->second, family) == 0) changed_ = true;
  if (from->second.prefixes() == 0) classes_.erase(from);
}

}  // namespace fabrix::compiler
