// IpfixTemplate: how records of a flow definition are said in IPFIX (RFC 7011 §3.4): when the flow
// began and ended, the agent, the keys, octets and packets.
//
//   flowStartMilliseconds flowEndMilliseconds exporterIPv4Address sourceIPv4Address ...
//   octetDeltaCount packetDeltaCount
//
// Only keys with an information element of their own can be (ipfix_keys(); IANA ipfix), or or: of
// several with the same one; and values are bytes or frames: either way both are told, as
// collectors want them. A value. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "telemetry/flow_log.h"
#include "telemetry/flow_spec.h"

namespace fabrix::exports {

struct IpfixField {
  enum class Type : std::uint8_t { kNumber, kAddress4, kAddress6, kMac, kFlags, kInterface };

  std::uint16_t element = 0;
  std::uint16_t length = 0;  // octets
  Type type = Type::kNumber;

  friend bool operator==(const IpfixField&, const IpfixField&) = default;
};

// The names of the keys that can be, sorted.
std::vector<std::string_view> ipfix_keys();

class IpfixTemplate {
 public:
  // For records of agents of a family. Fails with what IPFIX has no element for.
  static Result<IpfixTemplate> of(const telemetry::FlowSpec& spec, net::Family agents);

  // A template record of that number (§3.4.1).
  std::vector<std::byte> record(std::uint16_t id) const;

  // A data record (§3.4.3); none: a key's value is not what its element holds, or the agent is of
  // the other family.
  std::optional<std::vector<std::byte>> data(const telemetry::FlowRecord& record) const;

  friend bool operator==(const IpfixTemplate&, const IpfixTemplate&) = default;

 private:
  net::Family agents_ = net::Family::kIpv4;
  std::string separator_;
  std::vector<IpfixField> keys_;
};

}  // namespace fabrix::exports
