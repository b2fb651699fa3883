#include "app/neighbor_text.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::app {
namespace {

using speaker::NeighborOptions;

// 1 to `most`.
std::optional<std::uint32_t> number_of(std::string_view text, std::uint32_t most) {
  const auto number = parse_number<std::uint32_t>(text);
  return number && *number >= 1 && *number <= most ? number : std::nullopt;
}

std::uint32_t identifier_of(std::string_view text) {
  const auto address = net::IpAddress::parse(text);
  if (!address || address->family() != net::Family::kIpv4) return 0;
  std::uint32_t identifier = 0;
  for (const std::uint8_t octet : address->octets()) identifier = identifier << 8U | octet;
  return identifier;
}

// Whether there is such a word.
bool read_word(std::string_view word, NeighborOptions& options) {
  if (word == "ipv6") return options.families.ipv6 = true;
  if (word == "flowspec") return options.flowspec.ipv4 = true;
  if (word == "flowspec6") return options.flowspec.ipv6 = true;
  return false;
}

// Whether the value is one of this key.
bool read_value(std::string_view key, std::string_view value, NeighborOptions& options) {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  if (key == "id") return (options.identifier = identifier_of(value)) != 0;
  if (key == "password") {
    options.password = value;
    return !value.empty();
  }
  const auto number = number_of(value, key == "port" ? 65535 : kMost);
  if (!number) return false;
  if (key == "as") {
    options.local_as = net::Asn{*number};
  } else if (key == "peer-as") {
    options.peer_as = net::Asn{*number};
  } else if (key == "port") {
    options.dial = static_cast<std::uint16_t>(*number);
  } else if (key == "max-prefixes") {
    options.most_prefixes = *number;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<NeighborOptions> parse_neighbor(std::string_view text) {
  NeighborOptions options;
  const std::size_t first = std::min(text.find(','), text.size());
  const auto address = net::IpAddress::parse(text.substr(0, first));
  if (!address) return fail(Error{fmt::format("'{}' begins with an address", text)});
  options.address = *address;
  for (std::size_t at = first; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at + 1), text.size());
    const std::string_view word = text.substr(at + 1, end - at - 1);
    const std::size_t mark = word.find('=');
    const bool good = mark == std::string_view::npos
                          ? read_word(word, options)
                          : read_value(word.substr(0, mark), word.substr(mark + 1), options);
    if (!good) return fail(Error{fmt::format("'{}' is nothing of a router", word)});
    at = end;
  }
  if (options.local_as.value == 0 || options.identifier == 0) {
    return fail(Error{fmt::format("'{}' lacks as=, or id=: ours", text)});
  }
  return options;
}

}  // namespace fabrix::app
