#include "api/find.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::api {
namespace {

using routeserver::Peer;
using routeserver::PeerId;

std::optional<net::Asn> parse_asn(std::string_view text) {
  if (text.starts_with("AS") || text.starts_with("as")) text.remove_prefix(2);
  const auto value = parse_number<std::uint32_t>(text);
  return value ? std::optional(net::Asn{*value}) : std::nullopt;
}

template <typename Wanted>
std::vector<PeerId> peers_where(const controller::Controller& controller, Wanted&& is_wanted) {
  std::vector<PeerId> found;
  for (const Peer& peer : controller.route_server().peers()) {
    if (peer.present && is_wanted(peer)) found.push_back(peer.id);
  }
  return found;
}

std::vector<PeerId> peers_called(const controller::Controller& controller,
                                 std::string_view wanted) {
  const auto& exchange = controller.exchange();
  if (const auto* router = exchange.find_router(wanted)) {
    return peers_where(controller, [&](const Peer& peer) { return peer.router == router->id; });
  }
  if (const auto* participant = exchange.find_participant(wanted)) {
    return peers_where(controller,
                       [&](const Peer& peer) { return peer.participant == participant->id; });
  }
  if (const auto address = net::IpAddress::parse(wanted)) {
    return peers_where(controller, [&](const Peer& peer) { return peer.address == *address; });
  }
  const auto asn = parse_asn(wanted);
  if (!asn) return {};
  return peers_where(controller, [&](const Peer& peer) { return peer.asn == *asn; });
}

tl::unexpected<Refusal> nobody(const controller::Controller& controller, std::string_view wanted) {
  if (net::IpAddress::parse(wanted)) {
    return not_found(fmt::format("no router has the address {}", wanted));
  }
  if (const auto asn = parse_asn(wanted)) {
    return not_found(fmt::format("no participant has AS {}", asn->value));
  }
  std::vector<std::string> names;
  for (const auto& participant : controller.exchange().participants) {
    if (participant.present) names.push_back(participant.name);
  }
  for (const auto& router : controller.exchange().routers) names.push_back(router.name);
  return not_found(fmt::format("no router or participant is called '{}'{}", wanted,
                               did_you_mean(wanted, names)));
}

}  // namespace

Result<std::vector<PeerId>, Refusal> find_neighbors(const controller::Controller& controller,
                                                    std::string_view wanted) {
  auto found = peers_called(controller, wanted);
  if (found.empty()) return nobody(controller, wanted);
  return found;
}

Result<net::ParticipantId, Refusal> find_participant(const controller::Controller& controller,
                                                     std::string_view wanted) {
  if (const auto* participant = controller.exchange().find_participant(wanted)) {
    if (participant->present) return participant->id;
  }
  FABRIX_TRY(const auto peers, find_neighbors(controller, wanted));
  const auto& server = controller.route_server();
  const net::ParticipantId first = server.peer(peers.front()).participant;
  for (const PeerId peer : peers) {
    if (server.peer(peer).participant == first) continue;
    const auto& exchange = controller.exchange();
    return bad_request(fmt::format("'{}' may be {} or {}", wanted, exchange.participant(first).name,
                                   exchange.participant(server.peer(peer).participant).name));
  }
  return first;
}

}  // namespace fabrix::api
