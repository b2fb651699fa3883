#include "exchange/lasting_ids.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "exchange/participants.h"

namespace fabrix::exchange {
namespace {

// Index in the candidate -> index from now on.
using Places = std::vector<std::size_t>;

Places participant_places(const Exchange& running, const Exchange& candidate) {
  std::map<std::string_view, std::size_t> known;
  for (const Participant& one : running.participants) known.emplace(one.name, one.id.index());
  Places places;
  std::size_t next = running.participants.size();
  for (const Participant& one : candidate.participants) {
    const auto found = known.find(one.name);
    places.push_back(found == known.end() ? next++ : found->second);
  }
  return places;
}

// `participants` are the places of the candidate's participants.
Places router_places(const Exchange& running, const Exchange& candidate,
                     const Places& participants) {
  std::map<std::pair<std::size_t, std::string_view>, std::size_t> known;
  for (const Router& one : running.routers) {
    known.emplace(std::pair(one.participant.index(), std::string_view(one.name)), one.id.index());
  }
  Places places;
  std::size_t next = running.routers.size();
  for (const Router& one : candidate.routers) {
    const auto found = known.find({participants[one.participant.index()], one.name});
    places.push_back(found == known.end() ? next++ : found->second);
  }
  return places;
}

Participant tombstone(const Participant& gone) {
  Participant stone = gone;
  stone.present = false;
  stone.policy_file.reset();
  stone.peers.emplace();
  stone.routers.clear();
  stone.session.md5_password.reset();
  return stone;
}

Router tombstone(const Router& gone) {
  Router stone = gone;
  stone.present = false;
  stone.addresses.clear();
  stone.mac = {};
  stone.port = {};
  stone.interface.clear();
  return stone;
}

template <typename Id>
Id place_of(const Places& places, Id id) {
  return Id{static_cast<std::uint16_t>(places[id.index()])};
}

// Tombstones of what was, with `items` put in their places.
template <typename Item>
std::vector<Item> arranged(const std::vector<Item>& was, std::vector<Item> items,
                           const Places& places) {
  std::vector<Item> all;
  all.reserve(was.size() + items.size());
  for (const Item& one : was) all.push_back(tombstone(one));
  std::size_t size = was.size();
  for (const std::size_t place : places) size = std::max(size, place + 1);
  all.resize(size);
  for (std::size_t i = 0; i < items.size(); ++i) all[places[i]] = std::move(items[i]);
  return all;
}

std::optional<Error> no_room(std::string_view what, const Places& places, std::size_t most) {
  std::size_t needed = 0;
  for (const std::size_t place : places) needed = std::max(needed, place + 1);
  if (needed <= most) return std::nullopt;
  return Error{fmt::format(
      "there is room for {} {}, the removed ones included: a restart makes room", most, what)};
}

}  // namespace

Result<Exchange, std::vector<Error>> with_lasting_ids(const Exchange& running, Exchange candidate) {
  const Places participants = participant_places(running, candidate);
  const Places routers = router_places(running, candidate, participants);
  std::vector<Error> errors;
  if (auto error = no_room("participants", participants, kMaxParticipants)) {
    errors.push_back(*std::move(error));
  }
  if (auto error = no_room("routers", routers, kMaxRouters)) errors.push_back(*std::move(error));
  if (!errors.empty()) return fail(std::move(errors));

  for (Participant& one : candidate.participants) {
    one.id = place_of(participants, one.id);
    for (net::RouterId& router : one.routers) router = place_of(routers, router);
    if (!one.peers) continue;
    for (net::ParticipantId& peer : *one.peers) peer = place_of(participants, peer);
  }
  for (Router& one : candidate.routers) {
    one.id = place_of(routers, one.id);
    one.participant = place_of(participants, one.participant);
  }
  candidate.participants =
      arranged(running.participants, std::move(candidate.participants), participants);
  candidate.routers = arranged(running.routers, std::move(candidate.routers), routers);
  return candidate;
}

}  // namespace fabrix::exchange
