// Files in MaxMind's DB format (2.0), written as maxmind.github.io/MaxMind-DB says, for tests of
// what libmaxminddb reads of them.
#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "net/address_bits.h"
#include "net/prefix.h"

namespace fabrix::analyzer::testing {

namespace mmdb {

// A control octet and the size: types 1 to 7.
inline std::string head(unsigned type, std::size_t size) {
  const auto code = static_cast<unsigned>(size < 29 ? size : 29);
  std::string out(1, static_cast<char>(type << 5U | code));
  if (size >= 29) out += static_cast<char>(size - 29);
  return out;
}

inline std::string big_endian(std::uint64_t value, std::size_t octets) {
  std::string out;
  for (std::size_t i = octets; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xffU);
  return out;
}

inline std::string text(const std::string& value) {
  return head(2, value.size()) + value;
}
inline std::string u16(std::uint16_t value) {
  return head(5, 2) + big_endian(value, 2);
}
inline std::string u32(std::uint32_t value) {
  return head(6, 4) + big_endian(value, 4);
}
// Types above 7 have their number, less 7, in an octet of its own.
inline std::string u64(std::uint64_t value) {
  return std::string{'\x08', '\x02'} + big_endian(value, 8);
}

using Members = std::vector<std::pair<std::string, std::string>>;  // names, encoded values
inline std::string map(const Members& members) {
  std::string out = head(7, members.size());
  for (const auto& [name, value] : members) out += text(name) + value;
  return out;
}

}  // namespace mmdb

// Of a database that says this of these blocks, none of them in another. IPv4 is ::/96.
inline std::string mmdb_file(const std::vector<std::pair<std::string, std::string>>& blocks) {
  using Node = std::array<std::uint32_t, 2>;
  constexpr std::uint32_t kNone = 0xffffffff;
  constexpr std::uint32_t kData = 0x80000000;  // and the offset
  std::vector<Node> nodes{{kNone, kNone}};
  std::string data;
  for (const auto& [text, value] : blocks) {
    const auto prefix = net::Prefix::parse(text).value();
    const bool four = prefix.family() == net::Family::kIpv4;
    auto bits = net::AddressBits::of(prefix.address());
    if (four) bits = {.high = 0, .low = bits.high >> 32U};
    const unsigned length = prefix.length() + (four ? 96 : 0);
    std::size_t at = 0;
    for (unsigned bit = 0; bit < length; ++bit) {
      const std::uint64_t half = bit < 64 ? bits.high : bits.low;
      const std::size_t side = half >> (63 - bit % 64) & 1U;
      if (bit + 1 == length) {
        nodes[at][side] = kData | static_cast<std::uint32_t>(data.size());
      } else {
        if (nodes[at][side] == kNone) {
          nodes[at][side] = static_cast<std::uint32_t>(nodes.size());
          nodes.push_back({kNone, kNone});
        }
        at = nodes[at][side];
      }
    }
    data += value;
  }
  const auto count = static_cast<std::uint32_t>(nodes.size());
  std::string out;
  for (const Node& node : nodes) {
    for (std::uint32_t record : node) {
      if (record == kNone) record = count;
      if ((record & kData) != 0) record = (record & ~kData) + count + 16;
      out += mmdb::big_endian(record, 3);
    }
  }
  out += std::string(16, '\0') + data + "\xab\xcd\xefMaxMind.com";
  return out + mmdb::map({{"node_count", mmdb::u32(count)},
                          {"record_size", mmdb::u16(24)},
                          {"ip_version", mmdb::u16(6)},
                          {"database_type", mmdb::text("Test")},
                          {"languages", std::string{'\x01', '\x04'} + mmdb::text("en")},
                          {"binary_format_major_version", mmdb::u16(2)},
                          {"binary_format_minor_version", mmdb::u16(0)},
                          {"build_epoch", mmdb::u64(1'700'000'000)},
                          {"description", mmdb::map({{"en", mmdb::text("Test")}})}});
}

inline std::string country_record(const std::string& code, const std::string& name) {
  return mmdb::map({{"country", mmdb::map({{"iso_code", mmdb::text(code)},
                                           {"names", mmdb::map({{"en", mmdb::text(name)}})}})}});
}

inline std::string as_record(std::uint32_t number, const std::string& name) {
  return mmdb::map({{"autonomous_system_number", mmdb::u32(number)},
                    {"autonomous_system_organization", mmdb::text(name)}});
}

// A file of the test's own; the path.
inline std::string written(const std::string& path, const std::string& octets) {
  std::ofstream(path, std::ios::binary) << octets;
  return path;
}

}  // namespace fabrix::analyzer::testing
