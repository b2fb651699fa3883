#include "exchange/bgp_reader.h"

#include <algorithm>
#include <utility>

#include "exchange/config_value.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint16_t kBgpPort = 1179;  // sFlow-RT's
constexpr NumberRange kPrefixes{.least = 1, .most = 8'000'000};
constexpr NumberRange kPorts{.least = 1, .most = 65535};
constexpr std::size_t kLongestPassword = 80;  // RFC 2385

std::optional<net::IpAddress> read_id(YamlReader& reader, const YamlNode& node) {
  const auto address = read_address(reader, node);
  if (!address) return std::nullopt;
  const auto nobody = net::IpAddress::unspecified(net::Family::kIpv4);
  if (address->family() == net::Family::kIpv4 && *address != nobody) return address;
  reader.error(node.at, "C0114", quote(node.scalar) + " is no router id",
               "it is an IPv4 address, not 0.0.0.0");
  return std::nullopt;
}

std::optional<std::string> read_password(YamlReader& reader, const YamlNode& node) {
  auto text = reader.text(node, "a password");
  if (!text) return std::nullopt;
  if (!text->empty() && text->size() <= kLongestPassword) return text;
  reader.error(node.at, "C0138", "a password has 1 to 80 octets (RFC 2385)");
  return std::nullopt;
}

void read_options(YamlReader& reader, const YamlNode& node, BgpNeighborSite& neighbor) {
  if (const YamlNode* const peer = node.find("peer_asn")) {
    neighbor.peer_asn = read_asn(reader, *peer);
  }
  read_into(reader, node.find("ipv6"), read_flag, neighbor.ipv6);
  read_into(reader, node.find("flowspec"), read_flag, neighbor.flowspec);
  read_into(reader, node.find("flowspec6"), read_flag, neighbor.flowspec6);
  read_into(reader, node.find("max_prefixes"), whole_number<std::uint32_t>(kPrefixes),
            neighbor.max_prefixes);
  read_into(reader, node.find("port"), whole_number<std::uint16_t>(kPorts), neighbor.port);
  read_into(reader, node.find("md5_password"), read_password, neighbor.password);
}

std::optional<BgpNeighborSite> read_neighbor(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"address",      "asn",         "id",   "peer_asn",
                                             "ipv6",         "flowspec",    "port", "flowspec6",
                                             "max_prefixes", "md5_password"};
  if (!reader.expect_map(node, keys)) return std::nullopt;
  const YamlNode* const address = reader.require(node, "address");
  const YamlNode* const asn = reader.require(node, "asn");
  const YamlNode* const id = reader.require(node, "id");
  if (address == nullptr || asn == nullptr || id == nullptr) return std::nullopt;
  const auto its = read_address(reader, *address);
  const auto our_asn = read_asn(reader, *asn);
  const auto our_id = read_id(reader, *id);
  if (!its || !our_asn || !our_id) return std::nullopt;
  BgpNeighborSite neighbor{.address = *its, .asn = *our_asn, .id = *our_id};
  read_options(reader, node, neighbor);
  return neighbor;
}

}  // namespace

std::optional<BgpSite> read_bgp(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"listen", "neighbors"};
  if (!reader.expect_map(node, keys)) return std::nullopt;
  BgpSite site;
  read_into(
      reader, node.find("listen"),
      [](YamlReader& in, const YamlNode& server) { return read_server(in, server, kBgpPort); },
      site.listen);
  const YamlNode* const neighbors = node.find("neighbors");
  if (neighbors == nullptr) return site;
  for (const YamlNode& item : bounded_list(reader, *neighbors, "routers", kMaxBgpNeighbors)) {
    auto neighbor = read_neighbor(reader, item);
    if (!neighbor) continue;
    const bool is_twice = std::ranges::find(site.neighbors, neighbor->address,
                                            &BgpNeighborSite::address) != site.neighbors.end();
    if (is_twice) reader.error(item.at, "C0126", "the router is listed twice");
    site.neighbors.push_back(*std::move(neighbor));
  }
  return site;
}

}  // namespace fabrix::exchange
