#include "interchange/draft.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "exchange/load.h"
#include "exchange/policy_words.h"
#include "interchange/placeholders.h"
#include "interchange/unique_names.h"
#include "interchange/yaml_text.h"

namespace fabrix::interchange {
namespace {

constexpr unsigned kRouteServerPort = 4094;  // exchange.yaml's default

std::vector<net::IpAddress> router_addresses(const Draft& draft) {
  std::vector<net::IpAddress> all;
  for (const auto& participant : draft.participants) {
    for (const auto& router : participant.routers) {
      all.insert(all.end(), router.addresses.begin(), router.addresses.end());
    }
  }
  return all;
}

void remark(Draft& draft, std::string what) {
  draft.remarks.push_back({.file = draft.source, .where = {}, .what = std::move(what)});
}

std::string joined(const auto& values) {
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + value.to_string();
  return list;
}

void fill_lan(Draft& draft) {
  if (!draft.lan.empty()) return;
  auto addresses = router_addresses(draft);
  addresses.insert(addresses.end(), draft.addresses.begin(), draft.addresses.end());
  draft.lan = guess_lan(addresses);
  if (draft.lan.empty()) {
    draft.lan.push_back(net::Prefix::parse("192.0.2.0/24").value());  // RFC 5737
  }
  remark(draft, "the peering LAN is a guess from the addresses: " + joined(draft.lan));
}

void fill_route_server(Draft& draft) {
  const auto taken = router_addresses(draft);
  if (draft.addresses.empty()) {
    for (const net::Prefix& prefix : draft.lan) {
      const auto address = free_address(prefix, taken);
      if (address) draft.addresses.push_back(*address);
    }
    remark(draft, "the route server's addresses are placeholders: " + joined(draft.addresses));
  }
  if (draft.router_id) return;
  const auto ipv4 =
      std::find_if(draft.addresses.begin(), draft.addresses.end(),
                   [](const auto& one) { return one.family() == net::Family::kIpv4; });
  draft.router_id = ipv4 != draft.addresses.end() ? *ipv4 : *net::IpAddress::parse("192.0.2.1");
  if (ipv4 == draft.addresses.end()) remark(draft, "the router id is a placeholder: 192.0.2.1");
}

bool is_routers_own(net::MacAddress mac) {
  return !mac.is_multicast() && !mac.is_locally_administered() && mac != net::MacAddress();
}

// Gives routers without a good MAC address one; the number of those.
std::size_t fill_macs(Draft& draft) {
  std::set<net::MacAddress> taken;
  std::vector<DraftRouter*> without;
  for (auto& participant : draft.participants) {
    for (auto& router : participant.routers) {
      const bool good =
          router.mac && is_routers_own(*router.mac) && taken.insert(*router.mac).second;
      if (!good) without.push_back(&router);
    }
  }
  for (DraftRouter* const router : without) {
    unsigned attempt = 0;
    do router->mac = placeholder_mac(router->addresses.front(), attempt++);
    while (!taken.insert(*router->mac).second);
  }
  return without.size();
}

// Writes the file.
class Writer {
 public:
  explicit Writer(const Draft& draft) : draft_(draft) {}

  std::string text() {
    write_head();
    write_exchange();
    text_ += "participants:\n";
    for (const auto& participant : draft_.participants) write_participant(participant);
    if (draft_.participants.empty()) text_ += "  []\n";
    return std::move(text_);
  }

 private:
  void write_head() {
    text_ += comment("Imported from " + draft_.source + ". Before use:");
    text_ +=
        comment("- fabric ports are placeholders, numbered in order: write where each router is");
    for (const Remark& one : draft_.remarks) text_ += comment("- " + to_string(one));
  }

  void write_exchange() {
    text_ += fmt::format(
        "version: 1\nexchange:\n  name: {}\n  asn: {}\n  router_id: {}\n  peering_lan: {}\n",
        names_.make(draft_.name, "exchange"), draft_.asn.value, draft_.router_id->to_string(),
        list(draft_.lan));
    // An exchange may be called as a member is.
    names_ = {};
    text_ += fmt::format("  route_server:\n    addresses: {}\n", list(draft_.addresses));
    if (draft_.port) text_ += fmt::format("    port: {}\n", *draft_.port);
    text_ += fmt::format("    policy: {}\n", exchange::name_of(draft_.preset));
    write_settings("    session", draft_.session);
    write_settings("    import", draft_.import);
  }

  void write_participant(const DraftParticipant& participant) {
    const std::string name =
        names_.make(participant.name, fmt::format("AS{}", participant.asn.value));
    for (const std::string& one : participant.comments) text_ += "  " + comment(one);
    text_ += fmt::format("  - name: {}\n    asn: {}\n", name, participant.asn.value);
    write_settings("    session", participant.session);
    write_settings("    import", participant.import);
    if (participant.routers.empty()) return;
    text_ += "    routers:\n";
    for (std::size_t i = 0; i < participant.routers.size(); ++i) {
      const DraftRouter& router = participant.routers[i];
      if (port_ == kRouteServerPort) ++port_;
      text_ += fmt::format("      - {{name: {}, mac: \"{}\", addresses: {}, port: {}}}\n",
                           names_.make(fmt::format("{}_{}", name, i + 1), "router"),
                           router.mac->to_string(), list(router.addresses), port_++);
    }
  }

  void write_settings(std::string_view key, std::span<const exchange::Setting> settings) {
    if (!settings.empty()) text_ += fmt::format("{}: {}\n", key, flow_map(settings));
  }

  static std::string list(const auto& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const auto& value : values) texts.push_back(in_quotes(value.to_string()));
    return flow_list(texts);
  }

  const Draft& draft_;
  UniqueNames names_;
  std::string text_;
  unsigned port_ = 1;
};

}  // namespace

Result<Imported, Remarks> finish(Draft draft) {
  for (auto& participant : draft.participants) {
    std::erase_if(participant.routers,
                  [](const DraftRouter& router) { return router.addresses.empty(); });
  }
  fill_lan(draft);
  fill_route_server(draft);
  if (const std::size_t macs = fill_macs(draft); macs > 0) {
    remark(draft, fmt::format("{} MAC addresses, 00:00:5e:f*, are placeholders", macs));
  }
  Imported imported{.yaml = Writer(draft).text(), .remarks = draft.remarks};
  const auto loaded = exchange::load(imported.yaml, draft.source + " as exchange.yaml");
  if (!loaded) return fail(remarks_of(loaded.error()));
  return imported;
}

}  // namespace fabrix::interchange
