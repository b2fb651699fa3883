#include "controller/flowspec_relay.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "base/byte_writer.h"
#include "bgp/attribute_encoder.h"
#include "bgp/flowspec_update.h"
#include "bgp/route_refresh_message.h"

namespace fabrix::controller {
namespace {

using routeserver::FlowSpecAudience;
using routeserver::FlowSpecChanges;
using routeserver::PeerId;
using Announcements = std::span<const FlowSpecChanges::Announcement>;

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

// Prefixes that are noted; beyond, all rules are judged again.
constexpr std::size_t kMostNoted = 20'000;

// Octets that are handed out at once, roughly.
constexpr std::size_t kPiece = std::size_t{64} << 10U;

routeserver::FlowSpecConfig config_of(const exchange::Exchange& exchange) {
  const bool everyone = exchange.route_server.flowspec == exchange::FlowSpecScope::kEveryone;
  return {.max_rules = exchange.route_server.flowspec_rules,
          .audience = {.scope = everyone ? FlowSpecAudience::Scope::kEveryone
                                         : FlowSpecAudience::Scope::kNobody,
                       .named = {}}};
}

// Writes the messages for one session, in pieces.
class Composer {
 public:
  Composer(const routeserver::SessionInfo& info, std::deque<std::vector<std::byte>>& pieces)
      : info_(info), pieces_(pieces) {}
  Composer(const Composer&) = delete;
  Composer& operator=(const Composer&) = delete;
  Composer(Composer&&) = delete;
  Composer& operator=(Composer&&) = delete;
  ~Composer() {
    if (out_.size() > 0) pieces_.push_back(out_.take());
  }

  void withdraw(const std::vector<bgp::FlowSpecRule>& rules) {
    for (const net::Family family : kFamilies) {
      std::vector<bgp::FlowSpecRule> some;
      std::ranges::copy_if(rules, std::back_inserter(some),
                           [family](const auto& rule) { return rule.family() == family; });
      bgp::encode_flowspec_withdrawal(family, some, info_.max_message, out_);
      cut();
    }
  }

  // Neighbours of the same attributes and family share messages.
  void announce(Announcements all) {
    while (!all.empty()) {
      const auto& first = all.front();
      const auto end = std::ranges::find_if_not(all, [&first](const auto& each) {
        return each.attributes == first.attributes && each.rule.family() == first.rule.family();
      });
      const auto count = static_cast<std::size_t>(end - all.begin());
      announce_alike(all.first(count));
      all = all.subspan(count);
      cut();
    }
  }

  void end_of_rib(net::Family family) { bgp::encode_flowspec_end_of_rib(family, out_); }

  void demarcate(net::Family family, bgp::RouteRefreshMessage::Subtype subtype) {
    const bgp::Multiprotocol flowspec{.afi = static_cast<std::uint16_t>(family),
                                      .safi = bgp::Safi::kFlowSpec};
    bgp::encode_route_refresh_message({.family = flowspec, .subtype = subtype}, out_);
  }

 private:
  void announce_alike(Announcements alike) {
    ByteWriter attributes;
    bgp::encode_attributes(*alike.front().attributes, {.asn_width = info_.asn_width}, attributes);
    std::vector<bgp::FlowSpecRule> rules;
    for (const auto& each : alike) rules.push_back(each.rule);
    if (announce_rules(rules, attributes.view())) return;
    // A rule that does not fit must not keep the others back; what was said of it before is wrong.
    for (const bgp::FlowSpecRule& rule : rules) {
      if (!announce_rules({&rule, 1}, attributes.view())) withdraw({rule});
    }
  }

  bool announce_rules(std::span<const bgp::FlowSpecRule> rules,
                      std::span<const std::byte> attributes) {
    return bgp::encode_flowspec_announcement(rules.front().family(), rules, {attributes},
                                             info_.max_message, out_)
        .has_value();
  }

  void cut() {
    if (out_.size() >= kPiece) pieces_.push_back(out_.take());
  }

  const routeserver::SessionInfo& info_;
  std::deque<std::vector<std::byte>>& pieces_;
  ByteWriter out_;
};

}  // namespace

FlowSpecRelay::FlowSpecRelay(const exchange::Exchange& exchange,
                             const routeserver::RouteServer& server)
    : exchange_(exchange),
      server_(server),
      index_([this](const net::Prefix& prefix) { return !server_.all_routes(prefix).empty(); }),
      table_(config_of(exchange),
             {.unicast = {.best_match =
                              [this](net::ParticipantId client, const net::Prefix& destination) {
                                return best_match(client, destination);
                              },
                          .others_have_more_specific =
                              [this](net::ParticipantId client, const net::Prefix& destination) {
                                return others_have_more_specific(client, destination);
                              }},
              .may_hear = [this](net::ParticipantId announcer, net::ParticipantId listener) {
                return exchange_.may_hear(announcer, listener);
              }}) {}

void FlowSpecRelay::reconfigured() {
  table_.reconfigure(config_of(exchange_));
  unicast_changed();
  news_ = true;
}

// The unicast routes of the announcing member (RFC 8955 §6 b; see bgp/flowspec_validation.h).
std::optional<bgp::FlowSpecBestMatch> FlowSpecRelay::best_match(
    net::ParticipantId client, const net::Prefix& destination) const {
  for (unsigned length = destination.length() + 1; length-- > 0;) {
    const auto covering = net::Prefix::containing(destination.address(), length).value();
    auto routes = server_.all_routes(covering);
    std::erase_if(routes, [](const auto& route) { return route.rejected.has_value(); });
    if (routes.empty()) continue;
    const auto own = std::ranges::find(routes, client, &routeserver::Route::participant);
    bgp::FlowSpecBestMatch match{.prefix = covering, .first_as = std::nullopt};
    if (own != routes.end()) match.first_as = own->attributes().as_path.first();
    return match;
  }
  return std::nullopt;
}

bool FlowSpecRelay::others_have_more_specific(net::ParticipantId client,
                                              const net::Prefix& destination) {
  if (!index_.is_built()) index_.build(server_.prefixes());
  const net::Asn own = exchange_.participant(client).asn;
  return index_.any_inside(destination, [&](const net::Prefix& inside) {
    const auto routes = server_.all_routes(inside);
    return std::ranges::any_of(routes, [&](const routeserver::Route& route) {
      return !route.rejected && server_.peer(route.peer).asn != own;
    });
  });
}

// Sessions.

void FlowSpecRelay::session_up(PeerId peer, const routeserver::SessionInfo& info,
                               bgp::FamilySet families) {
  session_down(peer);
  if (families.empty()) return;
  sessions_[peer] = Session{.info = info,
                            .families = families,
                            .ends_due = families,
                            .refreshing = {},
                            .wanted = {},
                            .waiting = {}};
  table_.listen({.peer = peer, .participant = server_.peer(peer).participant}, families);
  news_ = true;
}

void FlowSpecRelay::session_down(PeerId peer) {
  if (sessions_.erase(peer) == 0) return;
  table_.session_down(peer);
  news_ = true;
}

void FlowSpecRelay::refresh(PeerId peer, net::Family family) {
  const auto found = sessions_.find(peer);
  // Who has not heard of everything yet will.
  if (found == sessions_.end() || found->second.ends_due.contains(family)) return;
  if (!found->second.families.contains(family)) return;
  if (found->second.info.enhanced_refresh) found->second.refreshing.insert(family);
  table_.refresh(peer, family);
  news_ = true;
}

// Updates.

void FlowSpecRelay::update(PeerId peer, const bgp::UpdateMessage& update) {
  if (watching_) note_unicast(update);
  for (const bgp::FlowSpecRoutes& routes : update.flowspec) {
    take_rules(peer, routes, update.attributes);
  }
}

void FlowSpecRelay::take_rules(PeerId peer, const bgp::FlowSpecRoutes& routes,
                               const bgp::AttributesPtr& attributes) {
  if (!sessions_.contains(peer)) return;
  const routeserver::FlowSpecSession from{.peer = peer,
                                          .participant = server_.peer(peer).participant};
  for (const bgp::FlowSpecRule& rule : routes.withdrawn) table_.withdraw(peer, rule);
  for (const bgp::FlowSpecRule& rule : routes.announced) table_.announce(from, rule, attributes);
  watching_ = index_.is_built() || !table_.empty();
  news_ = true;
}

void FlowSpecRelay::note_unicast(const bgp::UpdateMessage& update) {
  if (!table_.empty()) {
    idle_ = 0;
  } else if (++idle_ >= kIdleUpdates) {
    idle_ = 0;
    index_.clear();
    watching_ = false;
    return;
  }
  for (const net::Prefix& prefix : update.withdrawn) note(prefix);
  for (const bgp::Announcement& announcement : update.announced) {
    for (const net::Prefix& prefix : announcement.prefixes) {
      if (index_.is_built()) index_.add(prefix);
      note(prefix);
    }
  }
}

void FlowSpecRelay::note(const net::Prefix& prefix) {
  if (all_changed_ || table_.empty()) return;
  news_ = true;
  changed_.push_back(prefix);
  if (changed_.size() > kMostNoted) unicast_changed();
}

void FlowSpecRelay::unicast_changed() {
  if (table_.empty()) return;
  all_changed_ = true;
  changed_.clear();
  news_ = true;
}

void FlowSpecRelay::settle() {
  if (!std::exchange(news_, false)) return;
  if (std::exchange(all_changed_, false)) {
    changed_ = {net::Prefix::all(net::Family::kIpv4), net::Prefix::all(net::Family::kIpv6)};
  }
  table_.unicast_changed(changed_);
  changed_.clear();
  ask_refused();
}

// Rules that there was no room for are with the member only: it must send them again.
void FlowSpecRelay::ask_refused() {
  for (const auto& [peer, session] : sessions_) {
    const net::ParticipantId client = server_.peer(peer).participant;
    if (!table_.wants_refresh(client)) continue;
    for (auto& [other, its] : sessions_) {
      if (server_.peer(other).participant == client) its.wanted = its.families;
    }
  }
}

// Output.

bool FlowSpecRelay::has_output(PeerId peer) const {
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) return false;
  const Session& session = found->second;
  return !session.waiting.empty() || !session.ends_due.empty() || !session.refreshing.empty() ||
         !session.wanted.empty() || table_.has_changes(peer);
}

std::vector<std::byte> FlowSpecRelay::output(PeerId peer) {
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) return {};
  auto& waiting = found->second.waiting;
  if (waiting.empty()) compose(peer, found->second);
  if (waiting.empty()) return {};
  auto piece = std::move(waiting.front());
  waiting.pop_front();
  return piece;
}

bgp::FamilySet FlowSpecRelay::take_wanted(PeerId peer) {
  const auto found = sessions_.find(peer);
  return found == sessions_.end() ? bgp::FamilySet{} : std::exchange(found->second.wanted, {});
}

void FlowSpecRelay::compose(PeerId peer, Session& session) {
  using Subtype = bgp::RouteRefreshMessage::Subtype;
  Composer composer(session.info, session.waiting);
  const bgp::FamilySet refreshing = std::exchange(session.refreshing, {});
  const bgp::FamilySet ends = std::exchange(session.ends_due, {});
  for (const net::Family family : kFamilies) {
    if (refreshing.contains(family)) composer.demarcate(family, Subtype::kBegin);
  }
  const FlowSpecChanges changes = table_.take_changes(peer);
  composer.withdraw(changes.withdrawn);
  composer.announce(changes.announced);
  for (const net::Family family : kFamilies) {
    if (refreshing.contains(family)) composer.demarcate(family, Subtype::kEnd);
    if (ends.contains(family)) composer.end_of_rib(family);
  }
}

}  // namespace fabrix::controller
