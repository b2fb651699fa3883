// The first question of a DNS message (RFC 1035 §4.1.2), as far as a sampled header holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sflow/xdr.h"

namespace fabrix::telemetry {

struct DnsQuestion {
  std::string name;  // "www.example.com."; octets that are no printable ASCII as \ddd
  std::uint16_t type = 0;
  std::uint16_t question_class = 0;
};

// None if the message has no question, or it is cut off. `message` begins with the header.
std::optional<DnsQuestion> dns_question(sflow::Bytes message);

// "AAAA"; "65280" for types without a name (IANA's registry; the usual ones).
std::string dns_type_name(std::uint16_t type);

}  // namespace fabrix::telemetry
