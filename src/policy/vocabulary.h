// The words of the policy language: fields and their aliases, names of values, and what no
// definition may be called.
//
// A field of the language is wider than a net::Field: `srcip` is an IPv4 or an IPv6 address by its
// literal. What must be true of a packet for it to have the field is part of the entry. Pure
// tables.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/field.h"
#include "policy/predicate.h"

namespace fabrix::policy {

enum class FieldKind : std::uint8_t { kNumber, kMac, kAddress };

struct FieldWord {
  std::string_view name;  // canonical: "dstport"
  FieldKind kind = FieldKind::kNumber;
  net::Field field = net::Field::kInPort;  // kAddress: the IPv4 one
  bool writable = false;                   // may modify() set it
};

// By name or alias, case ignored.
std::optional<FieldWord> find_field(std::string_view name);

// Every name and alias, for suggestions.
std::span<const std::string_view> field_names();

// What having this field says of the other fields: kDstPort needs an IP packet of a protocol with
// ports. One test per field, in field order.
std::vector<FieldTest> prerequisites(net::Field field);

// "tcp" for kProtocol, "arp" for kEthType, "syn" for kTcpFlags; case ignored.
std::optional<std::uint64_t> named_value(net::Field field, std::string_view name);
std::vector<std::string> value_names(net::Field field);

// A word that a definition may not take as its name.
bool is_builtin(std::string_view word);
// Every builtin that may start an operand, for suggestions.
std::span<const std::string_view> builtin_names();

std::string lower_case(std::string_view text);

}  // namespace fabrix::policy
