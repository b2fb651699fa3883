// Oracle: what every member must hear, worked out for one client and one prefix at a time from what
// was announced, without regard to cost. It shares nothing with the engine but values and the
// configuration: export control is read off the table in export_control.h, the decision off
// RFC 4271 §9.1.2.2, and nothing is remembered between questions.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bgp/update_encoder.h"
#include "exchange/exchange.h"
#include "tests/routeserver/fake_peer.h"

namespace fabrix::routeserver {

class Oracle {
 public:
  struct Route {
    bgp::PathAttributes attributes;
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
    bool stale = false;
    bool long_lived = false;
  };
  struct Session {
    Peer peer;
    std::optional<SessionInfo> info;  // while it is up
    SessionInfo last;                 // of the last time it was, and what is taken for granted
  };

  Oracle(const exchange::Exchange& exchange, const std::vector<Peer>& peers)
      : exchange_(&exchange) {
    for (const Peer& peer : peers) sessions.push_back({.peer = peer, .info = {}});
  }

  // The state of the world, for the test to change.
  std::vector<Session> sessions;                          // by PeerId
  std::map<net::Prefix, std::map<PeerId, Route>> routes;  // present
  std::set<net::ParticipantId> unusable;                  //
  std::set<net::ParticipantId> virtuals;                  // have next hops of their own
  std::map<std::pair<net::ParticipantId, net::Prefix>, net::IpAddress> next_hops;

  // What the client's router has for the prefix in the end.
  std::vector<Heard> expected(PeerId client, const net::Prefix& prefix) const {
    const Session& session = sessions[client.index()];
    if (!session.info || !session.info->families.contains(prefix.family())) return {};
    const auto ranked = ranking(client, prefix);
    const bool is_virtual = virtuals.contains(session.peer.participant);
    const bool all = session.info->add_path.contains(prefix.family()) && !is_virtual;
    std::vector<Heard> heard;
    for (const PeerId from : ranked) {
      heard.push_back(told(client, prefix, from));
      if (!all) break;
    }
    return heard;
  }

  // The sessions whose routes the client may use, best first: RFC 4271 §9.1.2, again and again.
  std::vector<PeerId> ranking(PeerId client, const net::Prefix& prefix) const {
    std::vector<PeerId> usable;
    const auto found = routes.find(prefix);
    if (found == routes.end()) return usable;
    for (const auto& [from, route] : found->second) {
      if (may_use(client, prefix, from, route)) usable.push_back(from);
    }
    std::vector<PeerId> ranked;
    while (!usable.empty()) {
      ranked.push_back(best(found->second, usable));
      std::erase(usable, ranked.back());
    }
    return ranked;
  }

  bool accepts(const net::Prefix& prefix, PeerId from_id, const Route& route) const {
    const Peer& from = sessions[from_id.index()].peer;
    const auto& member = exchange_->participant(from.participant);
    const auto& own = exchange_->router(from.router).addresses;
    if (std::ranges::find(own, route.next_hop) == own.end()) return false;
    if (route.attributes.as_path.first() != from.asn) return false;
    if (mentions(route.attributes.as_path, exchange_->asn)) return false;
    if (member.session.role && route.attributes.only_to_customer) return false;
    if (!is_blackhole(from, route)) return true;
    const auto& bounds = prefix.family() == net::Family::kIpv4 ? member.import.blackhole.ipv4
                                                               : member.import.blackhole.ipv6;
    return bounds.least <= prefix.length() && prefix.length() <= bounds.most;
  }

  // The route of a session as the client is told it.
  Heard told(PeerId client_id, const net::Prefix& prefix, PeerId from_id) const {
    const Peer& client = sessions[client_id.index()].peer;
    const Peer& from = sessions[from_id.index()].peer;
    const Route& route = routes.at(prefix).at(from_id);
    const std::uint32_t asn = client.asn.value;
    Heard heard{.attributes = route.attributes, .next_hop = route.next_hop};
    bgp::PathAttributes& attributes = heard.attributes;
    std::erase_if(attributes.communities, [this](auto each) { return is_order(each); });
    std::erase_if(attributes.large_communities,
                  [this](const auto& each) { return each.global == exchange_->asn.value; });
    const auto announcer = attributes.as_path.first();
    for (std::uint32_t n = prepends(route.attributes, asn); n > 0; --n) {
      auto& first = attributes.as_path.segments.front().asns;
      first.insert(first.begin(), *announcer);
    }
    const auto add = [&](bgp::Community community) {
      if (!says(attributes, community)) attributes.communities.push_back(community);
    };
    const bool confined = says(route.attributes, bgp::kNoAdvertise);
    if (says(route.attributes, bgp::kBlackhole) && !confined) add(bgp::kNoExport);
    if (says(route.attributes, 65281, asn) || says_large(route.attributes, 65281, asn)) {
      add(bgp::kNoExport);
    }
    if (says(route.attributes, 65282, asn) || says_large(route.attributes, 65282, asn)) {
      add(bgp::kNoAdvertise);
    }
    if (route.long_lived) add(kLlgrStale);
    // RFC 9234 §5.
    const bool has_role = exchange_->participant(client.participant).session.role;
    if (has_role && !attributes.only_to_customer) attributes.only_to_customer = exchange_->asn;
    heard.next_hop = next_hop_for(client, prefix, from, route);
    attributes = normal(std::move(attributes));
    return heard;
  }

  // RFC 8654 §4, RFC 8950 §4: whether a session can be told the route at all, with the next hop
  // that is its own.
  bool can_say(PeerId client, const net::Prefix& prefix, PeerId from_id, const Route& route) const {
    Heard heard = told(client, prefix, from_id);
    heard.next_hop = own_next_hop(sessions[from_id.index()].peer, route);
    return fits(heard, prefix, sessions[client.index()].last);
  }

  // Whether there are routes that are kept for long (RFC 9494).
  bool keeps_long() const {
    return std::ranges::any_of(routes, [](const auto& of) {
      return std::ranges::any_of(of.second, [](const auto& one) { return one.second.long_lived; });
    });
  }

  // Whether the route can be said at all in the session's dialect.
  static bool fits(const Heard& heard, const net::Prefix& prefix, const SessionInfo& info) {
    ByteWriter ignored;
    const std::vector prefixes{prefix};
    return bgp::encode_announcement(heard.attributes, heard.next_hop, {.prefixes = prefixes},
                                    {.asn_width = info.asn_width,
                                     .max_message = info.max_message,
                                     .add_path = info.add_path.contains(prefix.family()),
                                     .ipv4_over_ipv6_next_hop = info.extended_next_hop},
                                    ignored)
        .has_value();
  }

 private:
  static constexpr bgp::Community kLlgrStale{0xffff0006};  // RFC 9494 §4.6

  static bool mentions(const bgp::AsPath& path, net::Asn asn) {
    return std::ranges::any_of(path.segments, [asn](const auto& segment) {
      return std::ranges::find(segment.asns, asn) != segment.asns.end();
    });
  }

  static bool says(const bgp::PathAttributes& attributes, bgp::Community community) {
    const auto& all = attributes.communities;
    return std::ranges::find(all, community) != all.end();
  }
  static bool says(const bgp::PathAttributes& attributes, std::uint32_t high, std::uint32_t low) {
    return high < 65536 && low < 65536 &&
           says(attributes,
                bgp::community(static_cast<std::uint16_t>(high), static_cast<std::uint16_t>(low)));
  }
  bool says_large(const bgp::PathAttributes& attributes, std::uint32_t order,
                  std::uint32_t peer) const {
    const auto& all = attributes.large_communities;
    return std::ranges::find(all, bgp::LargeCommunity{exchange_->asn.value, order, peer}) !=
           all.end();
  }

  bool peer_with(net::ParticipantId a, net::ParticipantId b) const {
    const auto names = [&](net::ParticipantId who, net::ParticipantId whom) {
      const auto& list = exchange_->participant(who).peers;
      return !list || std::ranges::find(*list, whom) != list->end();
    };
    return a != b && names(a, b) && names(b, a);
  }

  bool is_blackhole(const Peer& from, const Route& route) const {
    return exchange_->participant(from.participant).import.blackhole.accept &&
           says(route.attributes, bgp::kBlackhole);
  }

  bool may_use(PeerId client_id, const net::Prefix& prefix, PeerId from_id,
               const Route& route) const {
    const Session& client = sessions[client_id.index()];
    const Peer& from = sessions[from_id.index()].peer;
    if (!accepts(prefix, from_id, route) || unusable.contains(from.participant)) return false;
    if (!peer_with(from.participant, client.peer.participant)) return false;
    if (mentions(route.attributes.as_path, client.peer.asn)) return false;
    if (route.long_lived && (!client.info || !client.info->long_lived)) return false;
    return may_announce(route.attributes, client.peer.asn.value) &&
           can_say(client_id, prefix, from_id, route);
  }

  // What names a peer goes before what names all, and "do not" before "do".
  bool may_announce(const bgp::PathAttributes& attributes, std::uint32_t peer) const {
    const std::uint32_t server = exchange_->asn.value;
    if (says(attributes, 0, peer) || says_large(attributes, 0, peer)) return false;
    if (says(attributes, server, peer) || says_large(attributes, 1, peer)) return true;
    return !says(attributes, 0, server) && !says_large(attributes, 0, 0);
  }

  std::uint32_t prepends(const bgp::PathAttributes& attributes, std::uint32_t peer) const {
    if (says_large(attributes, 100, peer)) return 0;
    for (std::uint32_t n = 3; n > 0; --n) {
      if (says(attributes, 65510 + n, peer) || says_large(attributes, 100 + n, peer)) return n;
    }
    for (std::uint32_t n = 3; n > 0; --n) {
      const bool to_all = says(attributes, 65500 + n, exchange_->asn.value);
      if (to_all || says_large(attributes, 100 + n, 0)) return n;
    }
    return 0;
  }

  bool is_order(bgp::Community community) const {
    const std::uint32_t high = community.value >> 16U;
    const std::uint32_t low = community.value & 0xffffU;
    const std::uint32_t own = exchange_->asn.value;
    const bool prepends_to_all = 65501 <= high && high <= 65503 && low == own;
    const bool prepends_to_peer = 65511 <= high && high <= 65513;
    return high == 0 || high == own || high == 65281 || high == 65282 || prepends_to_peer ||
           prepends_to_all;
  }

  net::IpAddress next_hop_for(const Peer& client, const net::Prefix& prefix, const Peer& from,
                              const Route& route) const {
    const auto instead = next_hops.find({client.participant, prefix});
    if (virtuals.contains(client.participant) && instead != next_hops.end()) return instead->second;
    return own_next_hop(from, route);
  }

  net::IpAddress own_next_hop(const Peer& from, const Route& route) const {
    if (!is_blackhole(from, route)) return route.next_hop;
    const auto& rule = exchange_->participant(from.participant).import.blackhole;
    return (route.next_hop.family() == net::Family::kIpv4 ? rule.next_hop_ipv4 : rule.next_hop_ipv6)
        .value_or(route.next_hop);
  }

  PeerId best(const std::map<PeerId, Route>& of, std::vector<PeerId> left) const {
    const auto keep_least = [&](auto value) {
      auto least = value(left.front());
      for (const PeerId each : left) least = std::min(least, value(each));
      std::erase_if(left, [&](PeerId each) { return value(each) != least; });
    };
    keep_least([&](PeerId each) { return of.at(each).long_lived ? 1 : 0; });
    keep_least(
        [&](PeerId each) { return says(of.at(each).attributes, bgp::kGracefulShutdown) ? 1 : 0; });
    keep_least([&](PeerId each) { return of.at(each).attributes.as_path.length(); });
    keep_least([&](PeerId each) { return of.at(each).attributes.origin; });
    const auto rivals = left;
    std::erase_if(left, [&](PeerId each) {
      return std::ranges::any_of(rivals, [&](PeerId other) {
        const auto& a = of.at(each).attributes;
        const auto& b = of.at(other).attributes;
        return a.as_path.first() == b.as_path.first() && b.med.value_or(0) < a.med.value_or(0);
      });
    });
    keep_least([&](PeerId each) { return sessions[each.index()].last.bgp_identifier; });
    keep_least([&](PeerId each) { return sessions[each.index()].peer.address; });
    return left.front();
  }

  const exchange::Exchange* exchange_;
};

}  // namespace fabrix::routeserver
