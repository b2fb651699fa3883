#include "interchange/ixf_export.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace fabrix::interchange {
namespace {

namespace json = boost::json;
using exchange::Exchange;
using exchange::Participant;
using exchange::Router;

constexpr int kIxpId = 1;
constexpr int kVlanId = 1;
constexpr int kSwitchId = 1;

std::string_view key_of(net::Family family) {
  return family == net::Family::kIpv4 ? "ipv4" : "ipv6";
}

class Exporter {
 public:
  Exporter(const Exchange& exchange, const IxfOptions& options)
      : exchange_(exchange), options_(options) {}

  json::object document() const {
    return {{"version", options_.version == IxfVersion::kVersion10 ? "1.0" : "0.7"},
            {"timestamp", options_.timestamp},
            {"ixp_list", json::array{ixp()}},
            {"member_list", members()}};
  }

 private:
  json::object ixp() const {
    json::object vlan{{"id", kVlanId}, {"name", "Peering LAN"}};
    for (const net::Prefix& prefix : exchange_.peering_lan) {
      // The schema has room for one prefix of a family.
      const std::string_view key = key_of(prefix.family());
      if (vlan.contains(key)) continue;
      vlan[key] =
          json::object{{"prefix", prefix.address().to_string()}, {"mask_length", prefix.length()}};
    }
    return {{"ixp_id", kIxpId},
            {"ixf_id", options_.ixf_id},
            {"shortname", exchange_.name},
            {"name", exchange_.name},
            {"vlan", json::array{std::move(vlan)}},
            {"switch", json::array{json::object{{"id", kSwitchId}, {"name", "Fabrix"}}}}};
  }

  json::array members() const {
    std::map<net::Asn, std::vector<const Participant*>> by_asn;
    for (const Participant& one : exchange_.participants) {
      if (one.present && !one.routers.empty()) by_asn[one.asn].push_back(&one);
    }
    json::array list{route_server()};
    for (const auto& [asn, participants] : by_asn) {
      std::string name;
      json::array connections;
      for (const Participant* const one : participants) {
        name += (name.empty() ? "" : ", ") + one->name;
        for (const net::RouterId id : one->routers) connections.push_back(connection(*one, id));
      }
      list.push_back(member(asn, name, std::move(connections), "peering"));
    }
    return list;
  }

  static json::object member(net::Asn asn, const std::string& name, json::array connections,
                             std::string_view type) {
    return {{"asnum", asn.value},
            {"member_type", type},
            {"name", name},
            {"connection_list", std::move(connections)}};
  }

  json::object route_server() const {
    const auto& site = exchange_.route_server;
    json::object vlan{{"vlan_id", kVlanId}};
    for (const net::IpAddress& address : site.addresses) {
      const std::string_view key = key_of(address.family());
      if (vlan.contains(key)) continue;
      json::object family{{"address", address.to_string()}, {"routeserver", false}};
      if (options_.version == IxfVersion::kVersion07) {
        family["service_type"] = "ixrouteserver";
      } else {
        const json::object service{{"type", "ixrouteserver"}, {"daemon", "Fabrix"}};
        family["services"] = json::array{service};
      }
      add_mac(site.mac, family);
      vlan[key] = std::move(family);
    }
    json::object connection = connection_with({std::move(vlan)});
    return member(exchange_.asn, exchange_.name + " route server", {std::move(connection)}, "ixp");
  }

  static json::object connection_with(json::array vlans) {
    return {{"ixp_id", kIxpId},
            {"state", "active"},
            {"if_list", json::array{json::object{{"switch_id", kSwitchId}}}},
            {"vlan_list", std::move(vlans)}};
  }

  // The schema has room for one address of a family in an entry of vlan_list: further ones get
  // entries of their own.
  json::object connection(const Participant& owner, net::RouterId id) const {
    const Router& router = exchange_.router(id);
    json::array vlans;
    for (const net::IpAddress& address : router.addresses) {
      const std::string_view key = key_of(address.family());
      auto* const free = std::find_if(vlans.begin(), vlans.end(), [key](const json::value& vlan) {
        return !vlan.get_object().contains(key);
      });
      json::object family = family_of(owner, router, address);
      if (free != vlans.end()) {
        free->get_object()[key] = std::move(family);
      } else {
        vlans.push_back(json::object{{"vlan_id", kVlanId}, {key, std::move(family)}});
      }
    }
    return connection_with(std::move(vlans));
  }

  json::object family_of(const Participant& owner, const Router& router,
                         const net::IpAddress& address) const {
    json::object family{{"address", address.to_string()}, {"routeserver", true}};
    const auto& limit = owner.import.limit;
    const auto most = address.family() == net::Family::kIpv4 ? limit.ipv4 : limit.ipv6;
    if (most) family["max_prefix"] = *most;
    const auto& sets = owner.import.irr.as_sets;
    if (!sets.empty()) family["as_macro"] = fmt::format("{}", fmt::join(sets, " "));
    add_mac(router.mac, family);
    return family;
  }

  void add_mac(net::MacAddress mac, json::object& family) const {
    if (options_.macs == MacAddresses::kHidden) return;
    family["mac_addresses"] = json::array{json::string(mac.to_string())};
  }

  const Exchange& exchange_;
  const IxfOptions& options_;
};

}  // namespace

json::object export_ixf(const Exchange& exchange, const IxfOptions& options) {
  return Exporter(exchange, options).document();
}

}  // namespace fabrix::interchange
