// The single values of exchange.yaml: names, AS numbers, addresses. Each function reads one node,
// and returns none after reporting what is wrong with it (yaml_reader.h).
#pragma once

#include <optional>
#include <string>

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

}  // namespace fabrix::exchange
