#include "policy/fsm_predicate.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/number.h"
#include "net/mac_address.h"
#include "policy/address_set.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

using Keys = std::span<const ClassKey* const>;

std::optional<std::uint64_t> number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  return parse_number<std::uint64_t>(text, base);
}

// The field has one of the values that `keys` give it.
PredicatePtr field_in(const FieldWord& field, std::size_t position, Keys keys) {
  if (field.kind == FieldKind::kAddress) {
    AddressSet set;
    for (const ClassKey* key : keys) {
      const auto& address = std::get<net::IpAddress>((*key)[position]);
      const Uint128 value = to_number(address);
      if (address.family() == net::Family::kIpv6) {
        set.v6.push_back({value, value});
      } else {
        set.v4.push_back({static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value)});
      }
    }
    set.v4 = normalize(std::move(set.v4));
    set.v6 = normalize(std::move(set.v6));
    return address_in(set, field.field == net::Field::kSrcIp4 ? Side::kSource : Side::kDestination);
  }
  std::vector<Interval> values;
  for (const ClassKey* key : keys) {
    const auto value = std::get<std::uint64_t>((*key)[position]);
    values.push_back({value, value});
  }
  std::vector<PredicatePtr> tests;
  for (const FieldTest& needed : prerequisites(field.field)) {
    tests.push_back(test_field(needed.field, needed.intervals));
  }
  tests.push_back(test_field(field.field, normalize(std::move(values))));
  return conjunction(std::move(tests));
}

// `keys` are sorted, and agree before `position`.
// NOLINTNEXTLINE(misc-no-recursion): as deep as there are fields.
PredicatePtr from_field(const Machine& machine, std::size_t position, Keys keys) {
  const FieldWord& field = machine.key[position];
  if (position + 1 == machine.key.size()) return field_in(field, position, keys);
  std::vector<PredicatePtr> groups;
  while (!keys.empty()) {
    const ClassValue& value = (*keys.front())[position];
    const auto end = std::find_if(keys.begin(), keys.end(),
                                  [&](const ClassKey* key) { return (*key)[position] != value; });
    const Keys group = keys.first(static_cast<std::size_t>(end - keys.begin()));
    groups.push_back(conjunction(field_in(field, position, group.first(1)),
                                 from_field(machine, position + 1, group)));
    keys = keys.subspan(group.size());
  }
  return disjunction(std::move(groups));
}

}  // namespace

std::optional<ClassValue> parse_class_value(const FieldWord& field, std::string_view text) {
  if (field.kind == FieldKind::kAddress) {
    const auto address = net::IpAddress::parse(text);
    return address ? std::optional<ClassValue>(*address) : std::nullopt;
  }
  if (field.kind == FieldKind::kMac) {
    const auto mac = net::MacAddress::parse(text);
    return mac ? std::optional<ClassValue>(mac->to_u64()) : std::nullopt;
  }
  auto value = number(text);
  if (!value) value = named_value(field.field, text);
  if (!value || *value > net::max_value(field.field)) return std::nullopt;
  return *value;
}

std::string to_string(const FieldWord& field, const ClassValue& value) {
  if (const auto* address = std::get_if<net::IpAddress>(&value)) return address->to_string();
  const auto bits = std::get<std::uint64_t>(value);
  if (field.kind == FieldKind::kMac) return net::MacAddress::from_u64(bits).to_string();
  return std::to_string(bits);
}

std::string describe_class(const Machine& machine, const ClassKey& key) {
  std::string text;
  for (std::size_t i = 0; i < machine.key.size(); ++i) {
    if (!text.empty()) text += ", ";
    text += std::string(machine.key[i].name) + "=" + to_string(machine.key[i], key[i]);
  }
  return text;
}

PredicatePtr any_class(const Machine& machine, const std::vector<const ClassKey*>& classes) {
  if (classes.empty()) return never();
  return machine.key.empty() ? always() : from_field(machine, 0, classes);
}

PredicatePtr in_states(const Machine& machine, const Instances& instances, const StateSet& states,
                       const PredicatePtr& scope) {
  const bool initially = states[machine.initial];
  // Of both sets the one that the initial state is not in.
  std::vector<const ClassKey*> others;
  for (const auto& [key, state] : instances) {
    if (states[state] != initially) others.push_back(&key);
  }
  PredicatePtr here = any_class(machine, others);
  if (machine.key.empty()) here = conjunction(here, scope);
  return initially ? negation(here) : here;
}

}  // namespace fabrix::policy
