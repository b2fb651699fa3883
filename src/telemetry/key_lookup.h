// KeyLookup: a key function that looks its first key's value up, in what is known beyond the sample
// (lookups.h) or in the value itself:
//
//   group:key:g1:g2...  the group of an address, in the first of these sets that has one
//   map:key:name        the name of a value in the map
//   host:key:metric     what the host with this MAC address says of itself: host_name, os_name
//   dns:key             the name of an address, once the DNS has told it
//   country:key         of an address: its code; or :name, or :both with a space
//   asn:key             of an address: the AS number; or :descr, or :both with a space
//   oui:key             of a MAC address: the six digits of its maker; or :name
//   link:key            of the agent's interface with this ifIndex: the link at it,
//   node:key            the node that it is of,
//   ifname:key          its name
//   uri:key:part        a part of a URI (uri_part.h)
//
// asn: asks the sample's routes (route_view.h) where no database has the address. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "telemetry/lookups.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class KeyLookup {
 public:
  static bool is_one(std::string_view function);

  // `arguments` are those after the key. `lookups` outlives it; null: only functions of the value
  // itself are there.
  static Result<KeyLookup> parse(std::string_view function,
                                 std::span<const std::string_view> arguments,
                                 const Lookups* lookups);

  // Whether it asks anything but the value: what it finds may be another thing at any time.
  bool looks_up() const;

  // Appends what is found for the key's value; false, and nothing, if there is none.
  bool append(const Sample& sample, std::string_view value, std::string& out) const;

 private:
  struct Row;
  static const Row* find(std::string_view function);

  explicit KeyLookup(const Row& row) : row_(&row) {}

  const Row* row_;
  std::vector<std::string> arguments_;  // with the default, if there is one
  const Lookups* lookups_ = nullptr;
};

}  // namespace fabrix::telemetry
