#include "routeserver/import_filter.h"

#include <algorithm>
#include <utility>

#include "routeserver/bogons.h"

namespace fabrix::routeserver {
namespace {

PrefixRanges all_inside(const std::vector<net::Prefix>& prefixes) {
  std::vector<PrefixRange> ranges;
  ranges.reserve(prefixes.size());
  for (const net::Prefix& prefix : prefixes) ranges.push_back(with_inside(prefix));
  return PrefixRanges(std::move(ranges));
}

template <typename Wanted>
bool any_asn(const bgp::AsPath& path, Wanted wanted) {
  return std::ranges::any_of(path.segments, [&](const bgp::AsPathSegment& segment) {
    return std::ranges::any_of(segment.asns, wanted);
  });
}

bool contains_any(const bgp::AsPath& path, const std::vector<net::Asn>& sorted) {
  if (sorted.empty()) return false;
  return any_asn(path, [&](net::Asn asn) { return std::ranges::binary_search(sorted, asn); });
}

// A network that buys no transit may be a member itself, but not behind another.
bool is_behind(const bgp::AsPath& path, net::Asn member, const std::vector<net::Asn>& sorted) {
  if (sorted.empty()) return false;
  return any_asn(
      path, [&](net::Asn asn) { return asn != member && std::ranges::binary_search(sorted, asn); });
}

std::size_t count_communities(const bgp::PathAttributes& attributes) {
  return attributes.communities.size() + attributes.extended_communities.size() +
         attributes.large_communities.size();
}

bool carries(const bgp::PathAttributes& attributes, bgp::Community wanted) {
  return std::ranges::find(attributes.communities, wanted) != attributes.communities.end();
}

const exchange::LengthBounds& bounds_of(const exchange::ImportPolicy& policy, net::Family family) {
  return family == net::Family::kIpv4 ? policy.ipv4 : policy.ipv6;
}

}  // namespace

ImportFilter::ImportFilter(const exchange::Exchange& exchange, ImportData data)
    : exchange_(&exchange), data_(std::move(data)), peering_lan_(all_inside(exchange.peering_lan)) {
  if (data_.aspas == nullptr) data_.aspas = std::make_shared<const rpki::AspaTable>();
  members_.reserve(exchange.participants.size());
  for (const exchange::Participant& participant : exchange.participants) {
    members_.push_back({.policy = &participant.import,
                        .own_prefixes = all_inside(participant.import.own_prefixes),
                        .rejected_prefixes = all_inside(participant.import.rejected_prefixes)});
  }
  for (const exchange::Router& router : exchange.routers) {
    for (const net::IpAddress& address : router.addresses) {
      router_addresses_.push_back({.address = address, .router = router.id});
    }
  }
  std::ranges::sort(router_addresses_, {}, &RouterAddress::address);
}

// RFC 7948 §4.8: a member must not make others send their traffic to a third. The family may be
// another than the prefix's (RFC 8950): the router's addresses of both are its own.
bool ImportFilter::is_next_hop(const Peer& peer, const net::IpAddress& next_hop) const {
  const auto& own = exchange_->router(peer.router).addresses;
  if (std::ranges::find(own, next_hop) != own.end()) return true;
  const exchange::NextHopRule rule = members_[peer.participant.index()].policy->next_hop;
  if (rule == exchange::NextHopRule::kStrict) return false;
  const auto found =
      std::ranges::lower_bound(router_addresses_, next_hop, {}, &RouterAddress::address);
  if (found == router_addresses_.end() || found->address != next_hop) return false;
  return rule == exchange::NextHopRule::kAnyOnLan ||
         exchange_->owner(found->router).asn == peer.asn;
}

PathVerdict ImportFilter::judge_path(const Peer& peer, const net::IpAddress& next_hop,
                                     const bgp::PathAttributes& attributes) const {
  const exchange::ImportPolicy& policy = *members_[peer.participant.index()].policy;
  return {
      .rejected = judge_attributes(peer, next_hop, attributes),
      .origin = attributes.as_path.origin(),
      .aspa = policy.aspa == exchange::RpkiRule::kOff
                  ? std::nullopt
                  : std::optional(path_state(attributes.as_path)),
      .blackhole = policy.blackhole.accept && carries(attributes, bgp::kBlackhole),
      .graceful_shutdown = policy.graceful_shutdown && carries(attributes, bgp::kGracefulShutdown)};
}

std::optional<RejectReason> ImportFilter::judge_attributes(
    const Peer& peer, const net::IpAddress& next_hop, const bgp::PathAttributes& attributes) const {
  const exchange::Participant& member = exchange_->participant(peer.participant);
  const exchange::ImportPolicy& policy = member.import;
  const bgp::AsPath& path = attributes.as_path;
  if (!is_next_hop(peer, next_hop)) return RejectReason::kNextHop;
  // Who need not be first is not to be nobody: RFC 4271 §5.1.2.
  const bool first_fits = policy.enforce_first_as ? path.first() == peer.asn : path.length() > 0;
  if (!first_fits) return RejectReason::kFirstAs;
  if (policy.max_as_path_length && path.length() > *policy.max_as_path_length) {
    return RejectReason::kPathTooLong;
  }
  const auto has_no_owner = [](net::Asn asn) { return is_bogon(asn); };
  if (policy.reject_bogon_asns && any_asn(path, has_no_owner)) return RejectReason::kBogonAsn;
  if (path.contains(exchange_->asn)) return RejectReason::kAsLoop;
  // RFC 9234 §5, ingress 1: to a route server with the role come no routes that are for customers.
  if (member.session.role && attributes.only_to_customer) return RejectReason::kRouteLeak;
  if (contains_any(path, policy.never_via_route_servers)) {
    return RejectReason::kNeverViaRouteServers;
  }
  if (is_behind(path, peer.asn, policy.transit_free)) return RejectReason::kTransitFree;
  if (policy.max_communities && count_communities(attributes) > *policy.max_communities) {
    return RejectReason::kTooManyCommunities;
  }
  return std::nullopt;
}

std::optional<RejectReason> ImportFilter::judge(const Peer& peer, const net::Prefix& prefix,
                                                const PathVerdict& path) const {
  const Member& member = members_[peer.participant.index()];
  if (!member.policy->chosen) return RejectReason::kNoPolicy;
  if (const auto reason = judge_block(member, PrefixBits(prefix), path)) return reason;
  if (path.rejected) return path.rejected;
  if (const auto reason = judge_registered(peer, prefix, path)) return reason;
  const bool verifies = member.policy->aspa == exchange::RpkiRule::kRejectInvalid;
  if (verifies && path.aspa == rpki::PathState::kInvalid) return RejectReason::kAspaInvalid;
  return path.blackhole ? judge_blackhole(peer, prefix, path) : std::nullopt;
}

// What the prefix alone tells.
std::optional<RejectReason> ImportFilter::judge_block(const Member& member,
                                                      const PrefixBits& prefix,
                                                      const PathVerdict& path) const {
  const exchange::ImportPolicy& policy = *member.policy;
  const exchange::LengthBounds& bounds = bounds_of(policy, prefix.family);
  // Blackholes have bounds of their own (RFC 7999 §3.3).
  if (!path.blackhole && prefix.length > bounds.most) return RejectReason::kTooLong;
  if (!path.blackhole && prefix.length < bounds.least) return RejectReason::kTooShort;
  if (policy.reject_bogon_prefixes) {
    if (prefix.length == 0) return RejectReason::kTooShort;  // RFC 7454 §6.1.6: default route
    if (is_bogon(prefix)) return RejectReason::kBogonPrefix;
  }
  if (peering_lan_.covers(prefix)) return RejectReason::kPeeringLan;  // RFC 7454 §6.1.5
  if (member.own_prefixes.covers(prefix)) return RejectReason::kOwnPrefix;
  if (member.rejected_prefixes.covers(prefix)) return RejectReason::kListedPrefix;
  return std::nullopt;
}

// What the IRR and the RPKI say. A blackhole is longer than what is registered: whether it may be
// is judge_blackhole()'s question.
std::optional<RejectReason> ImportFilter::judge_registered(const Peer& peer,
                                                           const net::Prefix& prefix,
                                                           const PathVerdict& path) const {
  const exchange::ImportPolicy& policy = *members_[peer.participant.index()].policy;
  if (policy.irr.enforce_prefix && !path.blackhole) {
    const auto longer =
        policy.irr.allow_longer ? LongerPrefixes::kAllowed : LongerPrefixes::kRefused;
    const IrrSets* irr = irr_of(peer.participant);
    if (irr == nullptr || !irr->allows(prefix, longer)) return RejectReason::kIrrPrefix;
  }
  if (policy.irr.enforce_origin) {
    const IrrSets* irr = irr_of(peer.participant);
    if (irr == nullptr || !irr->allows(path.origin)) return RejectReason::kIrrOrigin;
  }
  if (policy.rpki != exchange::RpkiRule::kRejectInvalid) return std::nullopt;
  if (origin_state(prefix, path) != rpki::OriginState::kInvalid) return std::nullopt;
  if (path.blackhole && has_roa(prefix, path.origin)) return std::nullopt;
  return RejectReason::kRpkiInvalid;
}

// RFC 7999 §3.3: only within agreed lengths, and only inside what the member may announce.
std::optional<RejectReason> ImportFilter::judge_blackhole(const Peer& peer,
                                                          const net::Prefix& prefix,
                                                          const PathVerdict& path) const {
  const exchange::ImportPolicy& policy = *members_[peer.participant.index()].policy;
  const bool is_ipv4 = prefix.family() == net::Family::kIpv4;
  const exchange::LengthBounds& bounds = is_ipv4 ? policy.blackhole.ipv4 : policy.blackhole.ipv6;
  if (prefix.length() < bounds.least || prefix.length() > bounds.most) {
    return RejectReason::kBlackholeLength;
  }
  const bool asks_irr = policy.irr.enforce_prefix;
  const bool asks_rpki = policy.rpki == exchange::RpkiRule::kRejectInvalid;
  if (!asks_irr && !asks_rpki) return std::nullopt;
  const IrrSets* irr = irr_of(peer.participant);
  if (asks_irr && irr != nullptr && irr->covers(PrefixBits(prefix))) return std::nullopt;
  if (asks_rpki && has_roa(prefix, path.origin)) return std::nullopt;
  return RejectReason::kBlackholeUnauthorised;
}

rpki::OriginState ImportFilter::origin_state(const net::Prefix& prefix,
                                             const PathVerdict& path) const {
  if (data_.vrps == nullptr) return rpki::OriginState::kNotFound;
  return data_.vrps->validate(prefix, path.origin);
}

// draft-ietf-sidrops-aspa-verification §5.4: a route server verifies what its clients announce as a
// peer would: a path only goes up. That the first AS is the client's, enforce_first_as asks.
rpki::PathState ImportFilter::path_state(const bgp::AsPath& path) const {
  std::vector<net::Asn> asns;
  for (const bgp::AsPathSegment& segment : path.segments) {
    // §5.4 step 3: AS_SETs are not verified, whatever else is known.
    if (segment.kind != bgp::AsPathSegment::Kind::kSequence) return rpki::PathState::kInvalid;
    asns.insert(asns.end(), segment.asns.begin(), segment.asns.end());
  }
  return data_.aspas->verify(asns, rpki::PathDirection::kUpstream);
}

// Whether a ROA lets `origin` announce a block around the prefix, whatever its maximum length.
bool ImportFilter::has_roa(const net::Prefix& prefix, std::optional<net::Asn> origin) const {
  if (data_.vrps == nullptr || !origin || *origin == rpki::kAsZero) return false;
  return std::ranges::any_of(data_.vrps->explain(prefix, origin).covering,
                             [&](const rpki::Vrp& vrp) { return vrp.asn == *origin; });
}

const IrrSets* ImportFilter::irr_of(net::ParticipantId participant) const {
  return participant.index() < data_.irr.size() ? data_.irr[participant.index()].get() : nullptr;
}

}  // namespace fabrix::routeserver
