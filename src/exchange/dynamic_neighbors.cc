#include "exchange/dynamic_neighbors.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "exchange/participants.h"

namespace fabrix::exchange {
namespace {

bool is_of(const Participant& participant, const DynamicRange& range) {
  return participant.present && participant.dynamic == range.prefix;
}

// A place that a neighbour has left; null: there is none.
Participant* free_place(Exchange& exchange) {
  const auto found =
      std::find_if(exchange.participants.begin(), exchange.participants.end(),
                   [](const Participant& one) { return one.dynamic && !one.present; });
  return found == exchange.participants.end() ? nullptr : &*found;
}

Router& router_of(Exchange& exchange, net::ParticipantId participant) {
  return *std::find_if(exchange.routers.begin(), exchange.routers.end(),
                       [&](const Router& one) { return one.participant == participant; });
}

void settle(const DynamicRange& range, net::Asn asn, const net::IpAddress& address,
            Participant& participant, Router& router) {
  participant.name = fmt::format("AS{}-{}", asn.value, address.to_string());
  participant.asn = asn;
  participant.peers.reset();
  participant.routers = {router.id};
  participant.session = range.session;
  participant.import = range.import;
  participant.dynamic = range.prefix;
  participant.present = true;
  router.name = participant.name;
  router.addresses = {address};
  router.present = false;
}

void append(Exchange& exchange, const DynamicRange& range, net::Asn asn,
            const net::IpAddress& address) {
  Participant participant;
  participant.id = net::ParticipantId{static_cast<std::uint16_t>(exchange.participants.size())};
  Router router;
  router.id = net::RouterId{static_cast<std::uint16_t>(exchange.routers.size())};
  router.participant = participant.id;
  settle(range, asn, address, participant, router);
  exchange.participants.push_back(std::move(participant));
  exchange.routers.push_back(std::move(router));
}

}  // namespace

const DynamicRange* range_of(const Exchange& exchange, const net::IpAddress& address) {
  const Router* const router = exchange.find_router(address);
  if (router != nullptr && !exchange.owner(router->id).dynamic) return nullptr;
  const auto& own = exchange.route_server.addresses;
  if (std::find(own.begin(), own.end(), address) != own.end()) return nullptr;
  const auto& taken = exchange.virtual_next_hops;
  const auto holds = [&](const net::Prefix& prefix) { return prefix.contains(address); };
  if (std::any_of(taken.begin(), taken.end(), holds)) return nullptr;
  const DynamicRange* longest = nullptr;
  for (const DynamicRange& range : exchange.route_server.dynamic) {
    const bool longer = longest == nullptr || range.prefix.length() > longest->prefix.length();
    if (longer && holds(range.prefix)) longest = &range;
  }
  return longest;
}

bool is_welcome(const Exchange& exchange, const DynamicRange& range, net::Asn asn) {
  if (asn == exchange.asn) return false;
  return range.asns.empty() ||
         std::any_of(range.asns.begin(), range.asns.end(), [&](const AsnRange& asns) {
           return asns.first.value <= asn.value && asn.value <= asns.last.value;
         });
}

std::size_t neighbors_of(const Exchange& exchange, const DynamicRange& range) {
  const auto count = std::count_if(exchange.participants.begin(), exchange.participants.end(),
                                   [&](const Participant& one) { return is_of(one, range); });
  return static_cast<std::size_t>(count);
}

Result<void, NoNeighbor> add_neighbor(Exchange& exchange, const net::IpAddress& address,
                                      net::Asn asn) {
  const DynamicRange& range = *range_of(exchange, address);
  if (neighbors_of(exchange, range) >= range.limit) return fail(NoNeighbor::kLimit);
  if (Participant* const place = free_place(exchange)) {
    settle(range, asn, address, *place, router_of(exchange, place->id));
    return {};
  }
  const bool has_room =
      exchange.participants.size() < kMaxParticipants && exchange.routers.size() < kMaxRouters;
  if (!has_room) return fail(NoNeighbor::kNoRoom);
  append(exchange, range, asn, address);
  return {};
}

void remove_neighbor(Exchange& exchange, const net::IpAddress& address) {
  const Router* const found = exchange.find_router(address);
  if (found == nullptr) return;
  Router& router = exchange.routers[found->id.index()];
  Participant& participant = exchange.participants[router.participant.index()];
  if (!participant.dynamic) return;
  participant.present = false;
  participant.routers.clear();
  participant.peers.emplace();
  participant.session.md5_password.reset();
  router.addresses.clear();
}

void keep_neighbors(const Exchange& running, Exchange& candidate) {
  for (const Participant& one : running.participants) {
    if (!one.present || !one.dynamic) continue;
    const net::IpAddress& address = running.router(one.routers.front()).addresses.front();
    const DynamicRange* const range = range_of(candidate, address);
    if (range == nullptr || !is_welcome(candidate, *range, one.asn)) continue;
    // Who finds no place has its session ended, as one that is not configured any more.
    std::ignore = add_neighbor(candidate, address, one.asn);
  }
}

}  // namespace fabrix::exchange
