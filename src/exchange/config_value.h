// The single values of exchange.yaml: names, AS numbers, addresses. Each function reads one node,
// and returns none after reporting what is wrong with it (yaml_reader.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/yaml_reader.h"
#include "net/asn.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::exchange {

// [A-Za-z][A-Za-z0-9_-]*, at most 32 characters.
std::optional<std::string> read_name(YamlReader& reader, const YamlNode& node);

// A number that a network can have: not 0, AS_TRANS or the last of each width (RFC 6793, 7300,
// 7607).
std::optional<net::Asn> read_asn(YamlReader& reader, const YamlNode& node);

std::optional<net::IpAddress> read_address(YamlReader& reader, const YamlNode& node);
std::optional<net::Prefix> read_prefix(YamlReader& reader, const YamlNode& node);

// A router's own address: unicast, not zero, universally administered (the others are tags).
std::optional<net::MacAddress> read_router_mac(YamlReader& reader, const YamlNode& node);

// The route server's: as a router's, or a control tag (c2 or any octet with kind bits 11 first).
std::optional<net::MacAddress> read_route_server_mac(YamlReader& reader, const YamlNode& node);

// A fabric port: 1 to 65279.
std::optional<net::PortNo> read_port(YamlReader& reader, const YamlNode& node);

// Lengths of prefixes of a family: 8..24 or [8, 24].
std::optional<LengthBounds> read_bounds(YamlReader& reader, const YamlNode& node,
                                        net::Family family);

// The map {ipv4: 8..24, ipv6: 12..48}, of which either may be missing.
void read_bounds(YamlReader& reader, const YamlNode& node, LengthBounds& ipv4, LengthBounds& ipv6);

// 192.0.2.1:323, [2001:db8::1]:323. Without a port: `default_port`, if there is one.
std::optional<ServerAddress> parse_server(std::string_view text,
                                          std::optional<std::uint16_t> default_port);
std::optional<ServerAddress> read_server(YamlReader& reader, const YamlNode& node,
                                         std::optional<std::uint16_t> default_port);

std::optional<std::string> read_path(YamlReader& reader, const YamlNode& node);

// Lists of at most `most`; the values that are right.
std::vector<net::Prefix> read_prefixes(YamlReader& reader, const YamlNode& node, std::size_t most);
std::vector<net::Asn> read_asns(YamlReader& reader, const YamlNode& node, std::size_t most);

// The items of a list of `what`, at most `most`; what is more is reported (C0136) and left out.
std::span<const YamlNode> bounded_list(YamlReader& reader, const YamlNode& node,
                                       std::string_view what, std::size_t most);

}  // namespace fabrix::exchange
