#include "routeserver/export_control.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace fabrix::routeserver {
namespace {

// The second number of large communities, RS:N:PEER.
constexpr std::uint32_t kDoNotAnnounce = 0;
constexpr std::uint32_t kAnnounce = 1;
constexpr std::uint32_t kPrepend = 100;  // and 1 to 3: so many times
constexpr std::uint32_t kMostPrepends = 3;
// The high half of standard communities, N:PEER or N:RS.
constexpr std::uint32_t kPrependToPeer = 65510;  // and 1 to 3
constexpr std::uint32_t kPrependToAll = 65500;   // and 1 to 3
// Both.
constexpr std::uint32_t kAddNoExport = 65281;
constexpr std::uint32_t kAddNoAdvertise = 65282;

constexpr std::uint32_t high_of(bgp::Community community) {
  return community.value >> 16U;
}

constexpr std::uint32_t low_of(bgp::Community community) {
  return community.value & 0xffffU;
}

// 1 to 3 if `value` is `base` and so many; else 0.
constexpr std::uint8_t count_over(std::uint32_t base, std::uint32_t value) {
  const bool counts = base < value && value <= base + kMostPrepends;
  return static_cast<std::uint8_t>(counts ? value - base : 0);
}

bool carries(const bgp::PathAttributes& attributes, bgp::Community wanted) {
  return std::ranges::find(attributes.communities, wanted) != attributes.communities.end();
}

void add_once(bgp::PathAttributes& attributes, bgp::Community community) {
  if (!carries(attributes, community)) attributes.communities.push_back(community);
}

// Whether the community is an order to, or a remark of, this route server. A standard one that
// names no route server is meant for all.
bool speaks_to(net::Asn route_server, bgp::Community community) {
  const std::uint32_t high = high_of(community);
  if (high == kDoNotAnnounce || high == route_server.value) return true;
  if (high == kAddNoExport || high == kAddNoAdvertise) return true;
  if (count_over(kPrependToPeer, high) > 0) return true;
  return count_over(kPrependToAll, high) > 0 && low_of(community) == route_server.value;
}

bool speaks_to(net::Asn route_server, const bgp::LargeCommunity& community) {
  return community.global == route_server.value;
}

// What a community says of who is to hear of its route, as far as it matters to one client.
enum class Wish : std::uint8_t { kNone, kToClient, kNotToClient, kNotToAll };

Wish wish_of(bgp::Community community, net::Asn route_server, net::Asn client) {
  const bool names_all = low_of(community) == route_server.value;
  const bool names_client = !names_all && low_of(community) == client.value;
  if (high_of(community) == kDoNotAnnounce) {
    if (names_all) return Wish::kNotToAll;
    return names_client ? Wish::kNotToClient : Wish::kNone;
  }
  const bool invites = high_of(community) == route_server.value && names_client;
  return invites ? Wish::kToClient : Wish::kNone;
}

Wish wish_of(const bgp::LargeCommunity& community, net::Asn route_server, net::Asn client) {
  if (community.global != route_server.value) return Wish::kNone;
  const bool names_client = community.local_2 == client.value;
  if (community.local_1 == kDoNotAnnounce) {
    if (names_client) return Wish::kNotToClient;
    return community.local_2 == 0 ? Wish::kNotToAll : Wish::kNone;
  }
  return community.local_1 == kAnnounce && names_client ? Wish::kToClient : Wish::kNone;
}

using ClientsByAsn = boost::unordered_flat_map<std::uint32_t, ClientSet>;

// A set that is not there is empty.
using MaybeSet = std::optional<ClientSet>;

ClientSet common(const ClientSet& clients, const MaybeSet& wanted) {
  return wanted ? clients & *wanted : ClientSet{};
}

void remove(ClientSet& clients, const MaybeSet& unwanted) {
  if (unwanted) clients -= *unwanted;
}

// What the communities of a route ask for.
class Orders {
 public:
  Orders(net::Asn route_server, const ClientsByAsn& by_asn, const bgp::PathAttributes& attributes)
      : route_server_(route_server.value), by_asn_(&by_asn) {
    for (const bgp::Community community : attributes.communities) take(community);
    for (const bgp::LargeCommunity& community : attributes.large_communities) take(community);
  }

  bool announce_to_none = false;
  std::uint8_t prepends_to_all = 0;
  MaybeSet do_not_announce;
  MaybeSet announce;
  std::array<MaybeSet, kMostPrepends + 1> prepend;  // by count
  MaybeSet no_export;
  MaybeSet no_advertise;

 private:
  void add(MaybeSet& set, std::uint32_t asn) const {
    const auto found = by_asn_->find(asn);
    if (found == by_asn_->end()) return;
    if (set) {
      *set |= found->second;
    } else {
      set = found->second;
    }
  }

  void prepend_to_all(std::uint8_t count) { prepends_to_all = std::max(prepends_to_all, count); }

  void take(bgp::Community community) {
    const std::uint32_t high = high_of(community);
    const std::uint32_t low = low_of(community);
    const bool names_all = low == route_server_;
    if (high == kDoNotAnnounce && names_all) announce_to_none = true;
    if (high == kDoNotAnnounce && !names_all) add(do_not_announce, low);
    if (high == route_server_ && !names_all) add(announce, low);
    if (const auto count = count_over(kPrependToPeer, high)) add(prepend.at(count), low);
    if (names_all) prepend_to_all(count_over(kPrependToAll, high));
    if (high == kAddNoExport) add(no_export, low);
    if (high == kAddNoAdvertise) add(no_advertise, low);
  }

  void take(const bgp::LargeCommunity& community) {
    if (community.global != route_server_) return;
    const std::uint32_t order = community.local_1;
    const std::uint32_t peer = community.local_2;
    const bool names_all = peer == 0;
    const auto count = count_over(kPrepend, order);
    if (order == kDoNotAnnounce && names_all) announce_to_none = true;
    if (names_all) prepend_to_all(count);
    if (names_all) return;  // the rest names a peer
    if (order == kDoNotAnnounce) add(do_not_announce, peer);
    if (order == kAnnounce) add(announce, peer);
    if (order == kPrepend || count > 0) add(prepend.at(count), peer);
    if (order == kAddNoExport) add(no_export, peer);
    if (order == kAddNoAdvertise) add(no_advertise, peer);
  }

  std::uint32_t route_server_;
  const ClientsByAsn* by_asn_;
};

std::vector<ExportRule> by_prepends(const Orders& orders, ClientSet clients) {
  std::array<ClientSet, kMostPrepends + 1> told;
  // "Do not" first, then more before fewer.
  constexpr std::array<std::size_t, kMostPrepends + 1> kByRank{0, 3, 2, 1};
  for (const std::size_t count : kByRank) {
    told.at(count) = common(clients, orders.prepend.at(count));
    remove(clients, orders.prepend.at(count));
  }
  ClientSet& rest = told.at(orders.prepends_to_all);
  rest = rest.empty() ? std::move(clients) : rest | clients;
  std::vector<ExportRule> rules;
  for (std::uint8_t count = 0; count <= kMostPrepends; ++count) {
    if (told.at(count).empty()) continue;
    rules.push_back({.treatment = {.prepends = count}, .clients = std::move(told.at(count))});
  }
  return rules;
}

// Sets `flag` for the clients in `wanted`, parting rules where only some are.
void set_flag(std::vector<ExportRule>& rules, bool Treatment::*flag, const ClientSet& wanted) {
  const std::size_t count = rules.size();
  for (std::size_t i = 0; i < count; ++i) {
    ClientSet flagged = rules[i].clients & wanted;
    if (flagged.empty()) continue;
    Treatment treatment = rules[i].treatment;
    treatment.*flag = true;
    ClientSet others = rules[i].clients - wanted;
    if (others.empty()) {
      rules[i].treatment = treatment;
      continue;
    }
    rules[i].clients = std::move(others);
    rules.push_back({.treatment = treatment, .clients = std::move(flagged)});
  }
}

}  // namespace

ExportControl::ExportControl(const exchange::Exchange& exchange, std::span<const Peer> peers)
    : route_server_(exchange.asn), with_role_(peers.size()) {
  for (const Peer& peer : peers) {
    by_asn_.try_emplace(peer.asn.value, peers.size()).first->second.insert(peer.id);
    if (exchange.participant(peer.participant).session.role) with_role_.insert(peer.id);
  }
}

std::vector<ExportRule> ExportControl::rules(const bgp::PathAttributes& attributes,
                                             const ClientSet& candidates) const {
  const Orders orders(route_server_, by_asn_, attributes);
  if (orders.announce_to_none && !orders.announce) return {};
  ClientSet clients = orders.announce_to_none ? candidates & *orders.announce : candidates;
  remove(clients, orders.do_not_announce);
  for (const bgp::AsPathSegment& segment : attributes.as_path.segments) {
    for (const net::Asn asn : segment.asns) {
      const auto found = by_asn_.find(asn.value);
      if (found != by_asn_.end() && !clients.empty()) clients -= found->second;
    }
  }
  if (clients.empty()) return {};
  auto rules = by_prepends(orders, std::move(clients));
  // RFC 7999 §3.2: a blackhole goes no further than to the clients, unless that is said already.
  const bool confined =
      carries(attributes, bgp::kNoExport) || carries(attributes, bgp::kNoAdvertise);
  const bool confines = carries(attributes, bgp::kBlackhole) && !confined;
  for (ExportRule& rule : rules) rule.treatment.no_export = confines;
  const bool may_ask = !confines && !carries(attributes, bgp::kNoExport);
  if (may_ask && orders.no_export) set_flag(rules, &Treatment::no_export, *orders.no_export);
  if (orders.no_advertise && !carries(attributes, bgp::kNoAdvertise)) {
    set_flag(rules, &Treatment::no_advertise, *orders.no_advertise);
  }
  // RFC 9234 §5, egress 1. A route that has OTC keeps it.
  if (!attributes.only_to_customer) set_flag(rules, &Treatment::only_to_customer, with_role_);
  return rules;
}

std::optional<ExportControl::AnyCommunity> ExportControl::keeping(
    const bgp::PathAttributes& attributes, net::Asn client) const {
  std::optional<AnyCommunity> from_all;
  bool wanted = false;  // by the client, and so exempt from what is kept from all
  const auto keeps = [&](const auto& community) {
    const Wish wish = wish_of(community, route_server_, client);
    if (wish == Wish::kNotToAll && !from_all) from_all = community;
    if (wish == Wish::kToClient) wanted = true;
    return wish == Wish::kNotToClient;
  };
  for (const bgp::Community each : attributes.communities) {
    if (keeps(each)) return each;
  }
  for (const bgp::LargeCommunity& each : attributes.large_communities) {
    if (keeps(each)) return each;
  }
  return wanted ? std::nullopt : from_all;
}

bgp::PathAttributes ExportControl::exported(const bgp::PathAttributes& attributes,
                                            const Treatment& treatment) const {
  bgp::PathAttributes told = attributes;
  const auto speaks = [this](const auto& community) { return speaks_to(route_server_, community); };
  std::erase_if(told.communities, speaks);
  std::erase_if(told.large_communities, speaks);
  if (const auto announcer = told.as_path.first(); announcer && treatment.prepends > 0) {
    told.as_path.prepend(*announcer, treatment.prepends);
  }
  if (treatment.no_export) add_once(told, bgp::kNoExport);
  if (treatment.no_advertise) add_once(told, bgp::kNoAdvertise);
  if (treatment.only_to_customer && !told.only_to_customer) told.only_to_customer = route_server_;
  return told;
}

bool ExportControl::is_plain(const bgp::PathAttributes& attributes) const {
  const auto speaks = [this](const auto& community) { return speaks_to(route_server_, community); };
  return std::ranges::none_of(attributes.communities, speaks) &&
         std::ranges::none_of(attributes.large_communities, speaks);
}

}  // namespace fabrix::routeserver
