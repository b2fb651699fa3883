// DataSource: an interface of an agent, or another part of it that has samples of its own. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/ip_address.h"
#include "sflow/datagram.h"

namespace fabrix::telemetry {

struct DataSource {
  net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
  sflow::SourceId id;

  friend auto operator<=>(const DataSource&, const DataSource&) = default;
};

std::uint64_t hash_of(const net::IpAddress& agent, const sflow::SourceId& id);
inline std::uint64_t hash_of(const DataSource& source) {
  return hash_of(source.agent, source.id);
}

// "37" of an interface, else with the type: "2.1".
std::string data_source_name(const sflow::SourceId& id);

// The inverse; none if it is no such name.
std::optional<sflow::SourceId> parse_data_source(std::string_view name);

}  // namespace fabrix::telemetry
