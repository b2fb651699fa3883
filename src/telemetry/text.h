// Numbers and addresses as text, quickly: a flow's key is made of them for every sample.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sflow/xdr.h"

namespace fabrix::telemetry {

void append_number(std::uint64_t number, std::string& out);

// Twelve upper-case digits, of the first six octets.
void append_mac(sflow::Bytes octets, std::string& out);

// Dotted quad, of the first four octets.
void append_ipv4(sflow::Bytes octets, std::string& out);

// RFC 5952, of the first sixteen.
void append_ipv6(sflow::Bytes octets, std::string& out);

// The lowest `count` bits, the highest first: "000000010".
void append_bits(std::uint32_t value, unsigned count, std::string& out);

}  // namespace fabrix::telemetry
