#include "compiler/shared_hops.h"

#include "base/ahead.h"

namespace fabrix::compiler {
namespace {

std::uint32_t place_of(std::uint64_t number) {
  return static_cast<std::uint32_t>(number >> 32U);
}

std::uint32_t serial_of(std::uint64_t number) {
  return static_cast<std::uint32_t>(number);
}

}  // namespace

const RouteGroup* SharedHops::at(Number number) const {
  return groups_.get(GroupId{place_of(number)});
}

const RouteGroup* SharedHops::group(Number number) const {
  const RouteGroup* found = at(number);
  return found != nullptr && found->serial == serial_of(number) ? found : nullptr;
}

const RouteShares::Share* SharedHops::share(Number number) const {
  const ShareId id{place_of(number)};
  if (id.index() >= shares_.end() || shares_[id].serial != serial_of(number)) return nullptr;
  return &shares_[id];
}

bool SharedHops::shares_of(Number group, std::vector<Number>& shares) const {
  shares.clear();
  const RouteGroup* found = this->group(group);
  if (found == nullptr || !found->is_alike) return false;
  for (const ShareId id : found->shares) {
    shares.push_back(std::uint64_t{id.value} << 32U | shares_[id].serial);
  }
  return true;
}

void SharedHops::own_clients(Number group, std::vector<net::ParticipantId>& clients) const {
  clients.clear();
  const RouteGroup* found = this->group(group);
  if (found == nullptr) return;
  for (const Member& each : found->members) clients.push_back(each.sender());
}

bool SharedHops::speaks_of(Number group, net::ParticipantId client) const {
  const RouteGroup* found = this->group(group);
  return found != nullptr && found->member(client) != nullptr;
}

bool SharedHops::has_share(Number share, net::Family family) const {
  const auto* found = this->share(share);
  return found != nullptr && found->users.at(index_of(family)) > 0;
}

std::optional<net::IpAddress> SharedHops::word(const RouteShares::Sharer& sharer,
                                               net::Family family) const {
  const Sender& sender = senders_[sharer.sender.index()];
  if (!sharer.uses.at(index_of(family)) || !sender.has_policy()) return std::nullopt;
  return sender.next_hop(sharer.of, family);
}

void SharedHops::words_of(Number share, net::Family family,
                          std::vector<exchange::ClientNextHop>& words) const {
  words.clear();
  const auto* found = this->share(share);
  if (found == nullptr) return;
  for (const RouteShares::Sharer& each : found->sharers) {
    if (!each.is_somebody()) continue;
    const auto address = word(each, family);
    if (address) words.push_back({.client = each.sender, .address = *address});
  }
}

std::optional<net::IpAddress> SharedHops::word_of(Number share, net::Family family,
                                                  net::ParticipantId client) const {
  const auto* found = this->share(share);
  const auto* sharer = found != nullptr ? shares_.sharer(*found, client) : nullptr;
  return sharer != nullptr ? word(*sharer, family) : std::nullopt;
}

void SharedHops::expect(std::span<const Number> shares, net::ParticipantId client) const {
  for (const Number number : shares) {
    const ShareId id{place_of(number)};
    if (id.index() < shares_.end()) send_for(shares_[id]);
  }
  for (const Number number : shares) {
    const auto* found = share(number);
    const auto* sharer = found != nullptr ? shares_.sharer(*found, client) : nullptr;
    if (sharer != nullptr) send_for(*sharer);
  }
  const ClassTable& classes = senders_[client.index()].classes();
  for (const Number number : shares) {
    const auto* found = share(number);
    const auto* sharer = found != nullptr ? shares_.sharer(*found, client) : nullptr;
    if (sharer != nullptr && sharer->is_in_class()) send_for(classes[sharer->of]);
  }
}

std::uint64_t SharedHops::version(Number share) const {
  const auto* found = this->share(share);
  return found != nullptr ? found->version : 0;
}

}  // namespace fabrix::compiler
