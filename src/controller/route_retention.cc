#include "controller/route_retention.h"

#include <algorithm>

namespace fabrix::controller {
namespace {

using routeserver::PeerId;

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

std::size_t index_of(net::Family family) {
  return family == net::Family::kIpv4 ? 0 : 1;
}

const bgp::LongLivedFamily* long_lived(const bgp::Negotiated& agreed, net::Family family) {
  const auto found = std::ranges::find(agreed.long_lived, family, &bgp::LongLivedFamily::family);
  return found == agreed.long_lived.end() ? nullptr : &*found;
}

std::chrono::seconds stale_time(const bgp::Negotiated& agreed, net::Family family,
                                std::chrono::seconds most) {
  const auto* const offered = long_lived(agreed, family);
  return offered == nullptr ? std::chrono::seconds(0) : std::min(offered->stale_time, most);
}

// Whether the peer says it has preserved its forwarding of the family while it was away.
bool preserved(const bgp::Negotiated& agreed, net::Family family, RouteRetention::Phase phase) {
  const auto& restart = agreed.graceful_restart;
  if (phase == RouteRetention::Phase::kLongLived) {
    const auto* const offered = long_lived(agreed, family);
    return offered != nullptr && offered->forwarding_kept;
  }
  return restart && restart->forwarding_kept.contains(family);
}

}  // namespace

std::string_view to_string(RouteRetention::Phase phase) {
  switch (phase) {
    case RouteRetention::Phase::kNone:
      return "none";
    case RouteRetention::Phase::kRestarting:
      return "restarting";
    case RouteRetention::Phase::kLongLived:
      return "long-lived stale";
    case RouteRetention::Phase::kReturned:
      return "returned";
    case RouteRetention::Phase::kRefreshing:
      return "refreshing";
  }
  return "unknown";
}

RouteRetention::Terms retention_terms(const bgp::Negotiated& agreed,
                                      const exchange::SessionPolicy& policy) {
  if (!agreed.graceful_restart) return {};
  return {.families = agreed.graceful_restart->families,
          .restart_time = std::min(agreed.graceful_restart->restart_time, policy.graceful_restart),
          .stale_time_ipv4 = stale_time(agreed, net::Family::kIpv4, policy.long_lived),
          .stale_time_ipv6 = stale_time(agreed, net::Family::kIpv6, policy.long_lived)};
}

RouteRetention::RouteRetention(io::EventLoop& loop, Controller& controller)
    : controller_(controller), timer_(loop, [this] { tick(); }) {}

void RouteRetention::lost(PeerId peer, const Terms& terms) {
  for (const net::Family family : kFamilies) {
    Entry& one = entry(peer, family);
    one = {};
    if (!terms.families.contains(family)) continue;
    one.stale_time = family == net::Family::kIpv4 ? terms.stale_time_ipv4 : terms.stale_time_ipv6;
    enter(one, Phase::kRestarting, terms.restart_time);
    if (terms.restart_time.count() == 0) expire(peer, family);
  }
  arm();
}

void RouteRetention::returned(PeerId peer, const bgp::Negotiated& agreed) {
  for (const net::Family family : kFamilies) {
    Entry& one = entry(peer, family);
    if (one.phase == Phase::kNone) continue;
    if (preserved(agreed, family, one.phase)) {
      enter(one, Phase::kReturned, kMostStale);
    } else {
      drop(peer, family);
    }
  }
  arm();
}

void RouteRetention::end_of_rib(PeerId peer, net::Family family) {
  if (phase(peer, family) == Phase::kReturned) drop(peer, family);
}

void RouteRetention::refresh_began(PeerId peer, net::Family family) {
  controller_.mark_stale(peer, family);
  enter(entry(peer, family), Phase::kRefreshing, kMostStale);
  arm();
}

void RouteRetention::refresh_ended(PeerId peer, net::Family family) {
  if (phase(peer, family) == Phase::kRefreshing) drop(peer, family);
}

void RouteRetention::drop(PeerId peer) {
  for (const net::Family family : kFamilies) {
    if (phase(peer, family) != Phase::kNone) drop(peer, family);
  }
}

RouteRetention::Phase RouteRetention::phase(PeerId peer, net::Family family) const {
  const Entry* const one = find(peer, family);
  return one == nullptr ? Phase::kNone : one->phase;
}

std::optional<io::Clock::time_point> RouteRetention::until(PeerId peer, net::Family family) const {
  const Entry* const one = find(peer, family);
  if (one == nullptr || one->phase == Phase::kNone) return std::nullopt;
  return one->until;
}

RouteRetention::Entry& RouteRetention::entry(PeerId peer, net::Family family) {
  if (entries_.size() <= peer.index()) entries_.resize(peer.index() + 1);
  return entries_[peer.index()].at(index_of(family));
}

const RouteRetention::Entry* RouteRetention::find(PeerId peer, net::Family family) const {
  if (entries_.size() <= peer.index()) return nullptr;
  return &entries_[peer.index()].at(index_of(family));
}

void RouteRetention::enter(Entry& entry, Phase phase, std::chrono::seconds duration) {
  entry.phase = phase;
  entry.until = io::EventLoop::now() + duration;
}

void RouteRetention::drop(PeerId peer, net::Family family) {
  entry(peer, family) = {};
  controller_.drop_stale(peer, family);
}

// The phase has had its time.
void RouteRetention::expire(PeerId peer, net::Family family) {
  Entry& one = entry(peer, family);
  if (one.phase != Phase::kRestarting || one.stale_time.count() == 0) return drop(peer, family);
  enter(one, Phase::kLongLived, one.stale_time);
  controller_.keep_stale_long(peer, family);
}

void RouteRetention::tick() {
  const auto now = io::EventLoop::now();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const PeerId peer{static_cast<std::uint16_t>(i)};
    for (const net::Family family : kFamilies) {
      const Entry& one = entry(peer, family);
      if (one.phase != Phase::kNone && one.until <= now) expire(peer, family);
    }
  }
  arm();
  if (on_expiry) on_expiry();
}

void RouteRetention::arm() {
  std::optional<io::Clock::time_point> first;
  for (const Entries& of_peer : entries_) {
    for (const Entry& one : of_peer) {
      if (one.phase != Phase::kNone && (!first || one.until < *first)) first = one.until;
    }
  }
  if (first) {
    timer_.start_at(*first);
  } else {
    timer_.cancel();
  }
}

}  // namespace fabrix::controller
