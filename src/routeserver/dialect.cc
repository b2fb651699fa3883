#include "routeserver/dialect.h"

#include <algorithm>
#include <array>

#include "base/byte_writer.h"
#include "net/prefix.h"

namespace fabrix::routeserver {
namespace {

bool knows_next_hop(const Dialect& dialect, const Sayable& route) {
  return route.next_hop.family() == route.family || dialect.extended_next_hop;
}

// No smaller than the largest message, in any dialect and with any treatment, that tells one prefix
// with these attributes. For two-octet peers the path is there twice (RFC 6793 §4.2.2), and a long
// segment is split.
std::size_t largest_message(const bgp::PathAttributes& attributes) {
  constexpr std::size_t kFixed =
      256;  // message, MP_REACH_NLRI and attributes of one size; prepends
  constexpr std::size_t kEachAs = 9;
  constexpr std::size_t kEachSegment = 4;
  std::size_t size = kFixed + 4 * attributes.communities.size() +
                     8 * attributes.extended_communities.size() +
                     12 * attributes.large_communities.size();
  for (const bgp::AsPathSegment& segment : attributes.as_path.segments) {
    size += kEachSegment + kEachAs * segment.asns.size();
  }
  return size;
}

}  // namespace

Dialect dialect_of(const SessionInfo& session) {
  return {.asn_width = session.asn_width,
          .max_message = session.max_message,
          .extended_next_hop = session.extended_next_hop,
          .add_path = session.add_path};
}

bgp::EncodeOptions encode_options(const Dialect& dialect, net::Family family) {
  return {.asn_width = dialect.asn_width,
          .max_message = dialect.max_message,
          .add_path = dialect.add_path.contains(family),
          .ipv4_over_ipv6_next_hop = dialect.extended_next_hop};
}

bool can_say(const Dialect& dialect, const Sayable& route) {
  if (!knows_next_hop(dialect, route)) return false;
  if (largest_message(route.attributes) <= dialect.max_message) return true;
  ByteWriter ignored;
  const std::array prefixes{net::Prefix::all(route.family)};
  return bgp::encode_announcement(route.attributes, route.next_hop, {.prefixes = prefixes},
                                  encode_options(dialect, route.family), ignored)
      .has_value();
}

bool can_always_say(const Sayable& route) {
  constexpr Dialect kDefault;
  return knows_next_hop(kDefault, route) &&
         largest_message(route.attributes) <= kDefault.max_message;
}

ClientSet& Speakers::speakers_of(const Dialect& dialect) {
  const auto found = std::ranges::find(groups_, dialect, &Group::dialect);
  if (found != groups_.end()) return found->clients;
  groups_.push_back({.dialect = dialect, .clients = {}});
  return groups_.back().clients;
}

void Speakers::grow(std::size_t count) {
  for (; count_ < count; ++count_) {
    speakers_of({}).insert(PeerId{static_cast<std::uint16_t>(count_)});
  }
}

bool Speakers::learn(PeerId client, const Dialect& dialect) {
  if (speakers_of(dialect).contains(client)) return false;
  for (Group& group : groups_) group.clients.erase(client);
  speakers_of(dialect).insert(client);
  std::erase_if(groups_, [](const Group& group) { return group.clients.empty(); });
  return true;
}

// Those among `clients` that cannot be told the route, and perhaps others like them.
ClientSet Speakers::unable(const ClientSet& clients, const Sayable& route) const {
  ClientSet all;
  for (const Group& group : groups_) {
    const bool concerned = group.clients.intersects(clients);
    if (concerned && !can_say(group.dialect, route)) all |= group.clients;
  }
  return all;
}

void Speakers::keep_sayable(const ExportControl& control, const Sayable& route,
                            std::vector<ExportRule>& rules) const {
  for (ExportRule& rule : rules) {
    const auto told = control.exported(route.attributes, rule.treatment);
    rule.clients -= unable(rule.clients, {told, route.next_hop, route.family});
  }
  std::erase_if(rules, [](const ExportRule& rule) { return rule.clients.empty(); });
}

}  // namespace fabrix::routeserver
