// Claims: who says to have which name, MAC address, port, interface and IP address. Nobody may have
// what another has, and the addresses must fit the peering LAN and its virtual next hops.
//
// Reports to the reader it is given, which must outlive it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "exchange/exchange.h"
#include "exchange/yaml_reader.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::exchange {

template <typename T>
struct Located {
  T value;
  SourceSpan at;
};

using LocatedPrefixes = std::vector<Located<net::Prefix>>;

class Claims {
 public:
  explicit Claims(YamlReader& reader) : reader_(reader) {}

  // `owner` is for messages: "router a1". The second to claim the same is told who was first.
  void name(const std::string& name, const SourceSpan& at, std::string_view owner);
  void mac(net::MacAddress mac, const SourceSpan& at, std::string_view owner);
  void port(net::PortNo port, const SourceSpan& at, std::string_view owner);
  void interface(const std::string& name, const SourceSpan& at, std::string_view owner);
  void address(const net::IpAddress& address, const SourceSpan& at, std::string_view owner);

  // Checks LAN prefixes and virtual next hop ranges against each other and against all addresses
  // claimed.
  void check_lan(const LocatedPrefixes& lan, const LocatedPrefixes& ranges);

  // Checks that on a Linux fabric every port has an interface, of its own: after all are claimed.
  void check_interfaces(const Exchange& exchange);

  // Checks that every port is at one of the switches, where they are named: after all are claimed.
  void check_switches(const Topology& topology);

 private:
  struct Claim {
    std::string owner;
    SourceSpan at;
  };
  template <typename Key>
  using Table = std::map<Key, Claim>;

  struct Wording {
    std::string_view code;
    std::string text;
  };
  template <typename Key>
  void claim(Table<Key>& table, const Key& key, Claim by, const Wording& wording);
  void check_interface(net::PortNo port, const std::string& interface, const FabricSite& fabric);
  void check_address(const net::IpAddress& address, const SourceSpan& at,
                     const LocatedPrefixes& lan);
  void check_range(const Located<net::Prefix>& range, const LocatedPrefixes& lan);
  void check_overlaps(const LocatedPrefixes& blocks, std::string_view code);

  YamlReader& reader_;
  Table<std::string> names_;
  Table<net::MacAddress> macs_;
  Table<net::PortNo> ports_;
  Table<std::string> interfaces_;
  Table<net::IpAddress> addresses_;
};

}  // namespace fabrix::exchange
