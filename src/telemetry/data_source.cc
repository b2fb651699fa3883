#include "telemetry/data_source.h"

#include <charconv>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

namespace fabrix::telemetry {

std::uint64_t hash_of(const net::IpAddress& agent, const sflow::SourceId& id) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
  std::uint64_t hash = std::uint64_t{id.type} << 32U | id.index;
  const auto octets = agent.octets();
  for (std::size_t at = 0; at + 4 <= octets.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, &octets[at], sizeof(word));
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32U;
  }
  return hash;
}

std::string data_source_name(const sflow::SourceId& id) {
  return id.type == 0 ? fmt::to_string(id.index) : fmt::format("{}.{}", id.type, id.index);
}

std::optional<sflow::SourceId> parse_data_source(std::string_view name) {
  sflow::SourceId id;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, id.index);
  if (error != std::errc{}) return std::nullopt;
  if (stopped == end) return id;
  if (*stopped != '.') return std::nullopt;
  id.type = id.index;
  const auto [last, wrong] = std::from_chars(stopped + 1, end, id.index);
  if (wrong != std::errc{} || last != end) return std::nullopt;
  return id;
}

}  // namespace fabrix::telemetry
