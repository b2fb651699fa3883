#include "net/packet.h"

#include <array>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "net/flow_hash.h"

namespace fabrix::net {
namespace {

constexpr std::uint16_t kDefaultSrcPort = 40000;
constexpr std::uint8_t kIcmpEchoRequest = 8;
constexpr std::uint8_t kIcmpv6EchoRequest = 128;
constexpr std::uint16_t kSyn = 0x002;

struct Endpoint {
  IpAddress address;
  std::optional<std::uint16_t> port;
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(" \t");
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    words.push_back(text.substr(0, text.find_first_of(" \t")));
    text.remove_prefix(words.back().size());
  }
}

// "A", "A:port", "[A]", "[A]:port"; a colon outside brackets parts an IPv4 address from its port.
Result<Endpoint> parse_endpoint(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return fail(Error{fmt::format("'{}' lacks a ']'", text)});
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (rest.starts_with(':')) port = rest.substr(1);
    if (!rest.empty() && !port) return fail(Error{fmt::format("expected ':' after '[{}]'", host)});
  } else if (const std::size_t colon = text.find(':'); colon == text.rfind(':')) {
    host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
  }
  const auto address = IpAddress::parse(host);
  if (!address) return fail(Error{fmt::format("'{}' is no IPv4 or IPv6 address", host)});
  Endpoint endpoint{.address = *address, .port = std::nullopt};
  if (!port) return endpoint;
  endpoint.port = parse_number<std::uint16_t>(*port);
  if (!endpoint.port) return fail(Error{fmt::format("'{}' is no port (0 to 65535)", *port)});
  return endpoint;
}

// What stands before the source address: a protocol's name, or "ip" and its number.
struct Heading {
  std::string_view name;
  std::uint8_t protocol = 0;
  bool has_ports = false;
};

constexpr std::array<Heading, 5> kNamed{{
    {"tcp", kProtocolTcp, true},
    {"udp", kProtocolUdp, true},
    {"sctp", kProtocolSctp, true},
    {"icmp", kProtocolIcmp, false},
    {"icmp6", kProtocolIcmpv6, false},
}};

Result<Heading> parse_heading(std::span<const std::string_view> words) {
  if (words.size() == 2 && words[0] == "ip") {
    const auto protocol = parse_number<std::uint8_t>(words[1]);
    if (!protocol) return fail(Error{fmt::format("'{}' is no protocol (0 to 255)", words[1])});
    return Heading{.name = words[0], .protocol = *protocol, .has_ports = false};
  }
  for (const Heading& named : kNamed) {
    if (words.size() == 1 && words[0] == named.name) return named;
  }
  return fail(Error{"expected tcp, udp, sctp, icmp, icmp6 or ip PROTOCOL before the source"});
}

Result<void> check(const Heading& heading, const Endpoint& from, const Endpoint& to) {
  const Family family = from.address.family();
  if (to.address.family() != family) {
    return fail(Error{"both addresses must be of one family"});
  }
  if (!heading.has_ports && (from.port || to.port)) {
    return fail(Error{fmt::format("{} has no ports", heading.name)});
  }
  if (heading.name == "icmp" && family != Family::kIpv4) {
    return fail(Error{"icmp needs IPv4 addresses; write icmp6"});
  }
  if (heading.name == "icmp6" && family != Family::kIpv6) {
    return fail(Error{"icmp6 needs IPv6 addresses; write icmp"});
  }
  return {};
}

Packet make_packet(const Heading& heading, const Endpoint& from, const Endpoint& to) {
  Packet packet;
  const bool ipv4 = from.address.family() == Family::kIpv4;
  packet.eth_type = ipv4 ? kEthTypeIpv4 : kEthTypeIpv6;
  packet.src_ip = from.address;
  packet.dst_ip = to.address;
  packet.protocol = heading.protocol;
  if (heading.has_ports) {
    packet.src_port = from.port.value_or(kDefaultSrcPort);
    packet.dst_port = to.port.value_or(0);
  }
  if (heading.name == "tcp") packet.tcp_flags = kSyn;
  if (heading.name == "icmp") packet.icmp_type = kIcmpEchoRequest;
  if (heading.name == "icmp6") packet.icmp_type = kIcmpv6EchoRequest;
  return packet;
}

std::string with_port(const IpAddress& address, std::uint16_t port) {
  if (address.family() == Family::kIpv4) return fmt::format("{}:{}", address.to_string(), port);
  return fmt::format("[{}]:{}", address.to_string(), port);
}

// The name that parse_packet() gives this packet's protocol, or none: then it is "ip PROTOCOL".
std::optional<Heading> heading_of(const Packet& packet) {
  for (const Heading& named : kNamed) {
    if (named.protocol != packet.protocol) continue;
    const bool ipv4 = packet.eth_type == kEthTypeIpv4;
    if (named.name == "icmp" && !ipv4) return std::nullopt;
    if (named.name == "icmp6" && ipv4) return std::nullopt;
    // A later fragment has no transport header.
    const bool fragment = packet.src_port == 0 && packet.dst_port == 0 && packet.tcp_flags == 0;
    if (named.has_ports && fragment) return std::nullopt;
    return named;
  }
  return std::nullopt;
}

}  // namespace

Result<Packet> parse_packet(std::string_view text) {
  const std::size_t arrow = text.find("->");
  if (arrow == std::string_view::npos) {
    return fail(Error{"expected '->' between source and destination"});
  }
  const auto left = words_of(text.substr(0, arrow));
  const auto right = words_of(text.substr(arrow + 2));
  if (left.empty()) return fail(Error{"expected a protocol and a source before '->'"});
  if (right.size() != 1) return fail(Error{"expected one destination after '->'"});
  FABRIX_TRY(const Heading heading, parse_heading(std::span(left).first(left.size() - 1)));
  FABRIX_TRY(const Endpoint from, parse_endpoint(left.back()));
  FABRIX_TRY(const Endpoint to, parse_endpoint(right.front()));
  if (const auto checked = check(heading, from, to); !checked) return fail(checked.error());
  return hashed(make_packet(heading, from, to));
}

std::string to_string(const Packet& packet) {
  const std::string from = packet.src_ip.to_string();
  const std::string to = packet.dst_ip.to_string();
  if (packet.eth_type == kEthTypeArp) return fmt::format("arp {} -> {}", from, to);
  if (packet.eth_type != kEthTypeIpv4 && packet.eth_type != kEthTypeIpv6) {
    return fmt::format("ethertype 0x{:04x} {} -> {}", packet.eth_type, packet.src_mac.to_string(),
                       packet.dst_mac.to_string());
  }
  const auto heading = heading_of(packet);
  if (!heading) return fmt::format("ip {} {} -> {}", packet.protocol, from, to);
  if (!heading->has_ports) return fmt::format("{} {} -> {}", heading->name, from, to);
  return fmt::format("{} {} -> {}", heading->name, with_port(packet.src_ip, packet.src_port),
                     with_port(packet.dst_ip, packet.dst_port));
}

}  // namespace fabrix::net
