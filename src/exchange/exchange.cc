#include "exchange/exchange.h"

#include <algorithm>

namespace fabrix::exchange {
namespace {

template <typename Items, typename Wanted>
auto find_in(const Items& items, Wanted wanted) -> const typename Items::value_type* {
  const auto found = std::find_if(items.begin(), items.end(), wanted);
  return found == items.end() ? nullptr : &*found;
}

bool names(const Participant& participant, net::ParticipantId peer) {
  if (!participant.peers) return true;
  return std::find(participant.peers->begin(), participant.peers->end(), peer) !=
         participant.peers->end();
}

}  // namespace

const Participant* Exchange::find_participant(std::string_view wanted) const {
  return find_in(participants,
                 [&](const Participant& one) { return one.present && one.name == wanted; });
}

const Router* Exchange::find_router(std::string_view wanted) const {
  return find_in(routers, [&](const Router& one) { return one.present && one.name == wanted; });
}

const Router* Exchange::find_router(const net::IpAddress& address) const {
  return find_in(routers, [&](const Router& one) {
    return std::find(one.addresses.begin(), one.addresses.end(), address) != one.addresses.end();
  });
}

const Router* Exchange::find_router(net::PortNo port) const {
  return find_in(routers, [&](const Router& one) { return one.present && one.port == port; });
}

std::vector<net::RouterId> Exchange::routers_of(net::ParticipantId id) const {
  std::vector<net::RouterId> found = participant(id).routers;
  std::erase_if(found, [this](net::RouterId each) { return router(each).middlebox; });
  return found;
}

std::vector<net::RouterId> Exchange::middleboxes_of(net::ParticipantId id) const {
  std::vector<net::RouterId> found = participant(id).routers;
  std::erase_if(found, [this](net::RouterId each) { return !router(each).middlebox; });
  return found;
}

bool Exchange::may_peer(net::ParticipantId a, net::ParticipantId b) const {
  return a != b && names(participant(a), b) && names(participant(b), a);
}

bool Exchange::may_hear(net::ParticipantId a, net::ParticipantId b) const {
  return participant(a).import.chosen && participant(b).import.chosen && may_peer(a, b);
}

bool Exchange::on_peering_lan(const net::IpAddress& address) const {
  return std::any_of(peering_lan.begin(), peering_lan.end(),
                     [&](const net::Prefix& prefix) { return prefix.contains(address); });
}

}  // namespace fabrix::exchange
