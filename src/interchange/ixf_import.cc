#include "interchange/ixf_import.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "interchange/json_cursor.h"
#include "interchange/words.h"
#include "interchange/yaml_text.h"
#include "net/prefix.h"

namespace fabrix::interchange {
namespace {

constexpr std::array<std::string_view, 6> kVersions{"0.6", "0.7", "0.8", "0.9", "1.0", "1"};
constexpr net::Asn kPlaceholderAsn{64512};  // RFC 6996: private
constexpr std::uint64_t kMostPrefixes = 100'000'000;

// One member's connection to the VLAN.
struct Attachment {
  JsonCursor ipv4;
  JsonCursor ipv6;
};

bool is_route_server(const JsonCursor& family) {
  if (family["service_type"].is_somewhere()) {
    return family["service_type"].text() == "ixrouteserver";  // 0.7 and before
  }
  const auto services = family["services"].items();
  return std::any_of(services.begin(), services.end(), [](const JsonCursor& service) {
    return service["type"].text() == "ixrouteserver";
  });
}

class Importer {
 public:
  Importer(JsonCursor root, std::string_view file, Remarks& remarks)
      : root_(std::move(root)), remarks_(remarks) {
    draft_.source = file;
  }

  Result<Imported, Remarks> run() {
    check_version();
    choose_vlan();
    read_exchange();
    for (const JsonCursor& member : root_["member_list"].items()) read_member(member);
    if (draft_.asn == net::Asn{}) {
      draft_.asn = kPlaceholderAsn;
      root_.remark(fmt::format("no member is the route server: its AS number {} is a placeholder",
                               kPlaceholderAsn.value));
    }
    draft_.remarks = std::exchange(remarks_, {});
    return finish(std::move(draft_));
  }

 private:
  void check_version() {
    const auto version = root_["version"].text();
    if (version && std::find(kVersions.begin(), kVersions.end(), *version) != kVersions.end()) {
      return;
    }
    root_["version"].remark("not a version that is known: 0.6 to 1.0");
  }

  void choose_vlan() {
    std::map<std::string, std::size_t> connections;
    for (const JsonCursor& member : root_["member_list"].items()) {
      for (const JsonCursor& connection : member["connection_list"].items()) {
        for (const JsonCursor& vlan : connection["vlan_list"].items()) ++connections[id_of(vlan)];
      }
    }
    std::size_t most = 0;
    for (const auto& [id, count] : connections) {
      if (count > most) vlan_ = id;
      most = std::max(most, count);
    }
    if (connections.size() < 2) return;
    root_.remark(fmt::format("of {} VLANs only {} is imported, the one with most connections",
                             connections.size(), vlan_.empty() ? "that without an id" : vlan_));
  }

  // 0.6 and 0.7 have numbers, some exporters write text.
  static std::string id_of(const JsonCursor& vlan, std::string_view key = "vlan_id") {
    const JsonCursor id = vlan[key];
    if (!id.is_somewhere()) return {};
    const auto number = id.number(0xffffffff);
    return number ? std::to_string(*number) : std::string();
  }

  void read_exchange() {
    const auto exchanges = root_["ixp_list"].items();
    if (exchanges.empty()) return;
    const JsonCursor& ixp = exchanges.front();
    draft_.name = ixp["shortname"].text().value_or("");
    if (exchanges.size() > 1) ixp.remark("only the first exchange gives its name");
    for (const JsonCursor& one : exchanges) {
      for (const JsonCursor& vlan : one["vlan"].items()) {
        if (id_of(vlan, "id") == vlan_) read_lan(vlan);
      }
    }
  }

  void read_lan(const JsonCursor& vlan) {
    for (const std::string_view family : {"ipv4", "ipv6"}) {
      const JsonCursor network = vlan[family];
      const auto address = network["prefix"].address();
      const auto length = network["mask_length"].number(128);
      if (!address || !length) continue;
      const auto prefix = net::Prefix::containing(*address, static_cast<unsigned>(*length));
      if (!prefix) {
        network.remark("this is no prefix");
        continue;
      }
      const bool overlaps =
          std::any_of(draft_.lan.begin(), draft_.lan.end(), [&](const net::Prefix& other) {
            return other.contains(*prefix) || prefix->contains(other);
          });
      if (!overlaps) draft_.lan.push_back(*prefix);
    }
  }

  void read_member(const JsonCursor& member) {
    const auto asn = member["asnum"].asn();
    if (!asn || *asn == net::Asn{}) {
      member.remark("left out: a member needs an asnum");
      return;
    }
    DraftParticipant participant;
    participant.asn = *asn;
    const auto name = member["name"].text();
    participant.name = name.value_or("");
    if (name) participant.comments.push_back(*name);
    for (const JsonCursor& connection : member["connection_list"].items()) {
      read_connection(connection, participant);
    }
    if (!participant.routers.empty()) draft_.participants.push_back(std::move(participant));
  }

  void read_connection(const JsonCursor& connection, DraftParticipant& participant) {
    for (const JsonCursor& vlan : connection["vlan_list"].items()) {
      if (id_of(vlan) != vlan_) continue;
      const Attachment here{vlan["ipv4"], vlan["ipv6"]};
      if (is_route_server(here.ipv4) || is_route_server(here.ipv6)) {
        read_route_server(here, participant.asn);
      } else {
        read_router(here, participant);
      }
    }
  }

  void read_route_server(const Attachment& at, net::Asn asn) {
    if (draft_.asn != net::Asn{} && draft_.asn != asn) {
      at.ipv4.remark("another route server: left out");
      return;
    }
    draft_.asn = asn;
    for (const JsonCursor& family : {at.ipv4, at.ipv6}) {
      const auto address = usable(family);
      if (!address) continue;
      const bool first = std::none_of(
          draft_.addresses.begin(), draft_.addresses.end(),
          [&](const net::IpAddress& other) { return other.family() == address->family(); });
      if (first) {
        draft_.addresses.push_back(*address);
      } else {
        family.remark("the address of a further route server: left out");
      }
    }
  }

  void read_router(const Attachment& at, DraftParticipant& participant) {
    DraftRouter router;
    for (const JsonCursor& family : {at.ipv4, at.ipv6}) {
      if (const auto address = usable(family)) router.addresses.push_back(*address);
      if (!router.mac) router.mac = mac_of(family);
    }
    if (router.addresses.empty()) return;
    participant.routers.push_back(std::move(router));
    read_limits(at.ipv4, "ipv4", participant);
    read_limits(at.ipv6, "ipv6", participant);
    read_as_sets(at, participant);
  }

  // An address that nobody else has; on the LAN if that is known.
  std::optional<net::IpAddress> usable(const JsonCursor& family) {
    const JsonCursor written = family["address"];
    const auto address = written.address();
    if (!address) return std::nullopt;
    const bool on_lan =
        draft_.lan.empty() || std::any_of(draft_.lan.begin(), draft_.lan.end(),
                                          [&](const auto& lan) { return lan.contains(*address); });
    if (!on_lan) {
      written.remark(address->to_string() + " is not on the LAN: left out");
    } else if (taken_.insert(*address).second) {
      return address;
    } else {
      written.remark(address->to_string() + " is somebody else's already: left out");
    }
    return std::nullopt;
  }

  static std::optional<net::MacAddress> mac_of(const JsonCursor& family) {
    const auto all = family["mac_addresses"].items();
    if (all.empty()) return std::nullopt;
    const auto text = all.front().text();
    if (!text) return std::nullopt;
    if (all.size() > 1) all[1].remark("only the first MAC address is used");
    const auto mac = net::MacAddress::parse(*text);
    if (!mac) all.front().remark("this is no MAC address");
    return mac;
  }

  static void read_limits(const JsonCursor& family, std::string_view name,
                          DraftParticipant& participant) {
    const auto most = family["max_prefix"].number(kMostPrefixes);
    if (!most || *most == 0) return;
    participant.import.push_back({fmt::format("max_prefix.{}", name), std::to_string(*most)});
  }

  static void read_as_sets(const Attachment& at, DraftParticipant& participant) {
    std::vector<std::string> sets;
    for (const JsonCursor& family : {at.ipv4, at.ipv6}) {
      const auto written = family["as_macro"].text();
      // Some separate several by spaces or commas.
      for (const std::string& one : words_of(written.value_or(""), " ,")) {
        sets.push_back(in_quotes(one));
      }
    }
    std::sort(sets.begin(), sets.end());
    sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
    if (!sets.empty()) participant.import.push_back({"irr.as_sets", flow_list(sets)});
  }

  JsonCursor root_;
  Remarks& remarks_;
  Draft draft_;
  std::string vlan_;
  std::set<net::IpAddress> taken_;
};

}  // namespace

Result<Imported, Remarks> import_ixf(std::string_view text, std::string_view file) {
  const auto document = parse_json(text, file);
  if (!document) return fail(Remarks{document.error()});
  Remarks remarks;
  const JsonCursor root(*document, file, remarks);
  if (!root["member_list"].is_somewhere()) {
    return fail(
        Remarks{{std::string(file), "", "there is no member_list: this is no IX-F export"}});
  }
  return Importer(root, file, remarks).run();
}

}  // namespace fabrix::interchange
