// Interfaces: which network interface of this machine each port of a Linux fabric is.
//
// A port names its own (`interface:`), or is called as `fabric.interfaces` says: "swp%d" makes port
// 7 swp7, as the kernel names devices. Names are those that Linux takes (dev_valid_name() of
// net/core/dev.c): 1 to 15 octets without '/', ':' and white space, and not "." or "..".
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/claims.h"
#include "exchange/exchange.h"
#include "exchange/yaml_reader.h"
#include "net/ids.h"

namespace fabrix::exchange {

bool is_interface_name(std::string_view name);

// Whether it has one %d, and makes a name of every port.
bool is_interface_pattern(std::string_view pattern);

// `pattern` is one.
std::string interface_name(const std::string& pattern, net::PortNo port);

// Reads an interface into `to`, and claims it for `owner`.
void read_interface(YamlReader& reader, const YamlNode& node, Claims& claims,
                    std::string_view owner, std::string& to);

// Reads the section `fabric`.
void read_fabric(YamlReader& reader, const YamlNode& node, FabricSite& fabric);

struct PortInterface {
  net::PortNo port;
  std::string interface;
  std::uint16_t vlan = 0;  // Router::vlan

  friend bool operator==(const PortInterface&, const PortInterface&) = default;
};

// The interface of every port there is, the route server's first. Fails if a port has none or the
// one of another, which load() has seen to where the configuration chooses the Linux fabric.
Result<std::vector<PortInterface>, std::vector<Error>> interfaces_of(const Exchange& exchange);

}  // namespace fabrix::exchange
