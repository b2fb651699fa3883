// SharedHops: what groups of routes and their shares tell as next hops, by number, for those who
// check it (exchange::HopShares).
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/route_groups.h"
#include "compiler/route_shares.h"
#include "compiler/sender.h"
#include "exchange/hop_shares.h"
#include "net/ids.h"

namespace fabrix::compiler {

class SharedHops final : public exchange::HopShares {
 public:
  // All must outlive it.
  SharedHops(const RouteGroups& groups, const RouteShares& shares,
             const std::vector<Sender>& senders)
      : groups_(groups), shares_(shares), senders_(senders) {}

  // Its place and its serial number: another group at that place has another number.
  Number number_of(GroupId id) const { return std::uint64_t{id.value} << 32U | groups_[id].serial; }
  const RouteGroup* group(Number number) const;  // null: it is gone
  const RouteGroup* at(Number number) const;     // the one at its place, perhaps another; or null

  bool shares_of(Number group, std::vector<Number>& shares) const override;
  void own_clients(Number group, std::vector<net::ParticipantId>& clients) const override;
  bool speaks_of(Number group, net::ParticipantId client) const override;
  bool has_share(Number share, net::Family family) const override;
  void words_of(Number share, net::Family family,
                std::vector<exchange::ClientNextHop>& words) const override;
  std::optional<net::IpAddress> word_of(Number share, net::Family family,
                                        net::ParticipantId client) const override;
  void expect(std::span<const Number> shares, net::ParticipantId client) const override;
  std::uint64_t version(Number share) const override;

 private:
  const RouteShares::Share* share(Number number) const;  // null: it is gone
  std::optional<net::IpAddress> word(const RouteShares::Sharer& sharer, net::Family family) const;

  const RouteGroups& groups_;
  const RouteShares& shares_;
  const std::vector<Sender>& senders_;
};

}  // namespace fabrix::compiler
