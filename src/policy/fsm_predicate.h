// Classes of packets: the values by which an fsm tells its instances apart, and the conditions that
// hold for the packets of sets of them.
//
// Pure; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/ip_address.h"
#include "policy/fsm_machine.h"
#include "policy/predicate.h"

namespace fabrix::policy {

// An address, or the number in any other field.
using ClassValue = std::variant<std::uint64_t, net::IpAddress>;

// One value for each field of a machine's key, in its order.
using ClassKey = std::vector<ClassValue>;

// Where instances are; those that are in the initial state are not listed.
using Instances = std::map<ClassKey, StateId>;

// "10.0.0.1", "08:00:27:00:00:01", "80", "tcp". None: no value of the field.
std::optional<ClassValue> parse_class_value(const FieldWord& field, std::string_view text);
std::string to_string(const FieldWord& field, const ClassValue& value);

// "srcip=10.0.0.1, dstport=80"; empty for a machine without key.
std::string describe_class(const Machine& machine, const ClassKey& key);

// The packets of these classes, each a key of `machine`.
PredicatePtr any_class(const Machine& machine, const std::vector<const ClassKey*>& classes);

// The packets whose instance is in one of `states`. `scope` are the packets that a machine without
// key is about; all others are as in its initial state. Instances outside `instances` are there,
// too.
PredicatePtr in_states(const Machine& machine, const Instances& instances, const StateSet& states,
                       const PredicatePtr& scope);

}  // namespace fabrix::policy
