// ToldNextHops: what members are told as next hops, for the verifier: by the compiler's groups,
// which the route server announces by, and the routes' own.
#pragma once

#include <optional>
#include <span>

#include "compiler/compiler.h"
#include "routeserver/route_server.h"
#include "verify/next_hops.h"

namespace fabrix::controller {

class ToldNextHops final : public verify::NextHops {
 public:
  // Both must outlive it.
  ToldNextHops(const compiler::Compiler& compiler, const routeserver::RouteServer& route_server)
      : compiler_(compiler), route_server_(route_server) {}

  // The unspecified address if the client has no route.
  net::IpAddress of(net::ParticipantId client, const net::Prefix& prefix) const override;
  Group group(const exchange::PlacedPrefix& prefix) const override {
    return compiler_.hop_group(prefix.place);
  }
  bool has(Group group, net::Family family) const override {
    return compiler_.has_hop_group(group, family);
  }
  void list(Group group, net::Family family, List& instead) const override {
    compiler_.next_hops_of(group, family, instead);
  }
  std::optional<net::IpAddress> instead(Group group, net::Family family,
                                        net::ParticipantId client) const override {
    return compiler_.next_hop_of(group, family, client);
  }
  void expect(std::span<const Group> groups, net::ParticipantId client) const override {
    compiler_.expect(groups, client);
  }
  std::uint64_t grouping() const override { return compiler_.grouping(); }
  std::optional<std::uint64_t> version(net::ParticipantId client) const override {
    return compiler_.told_version(client);
  }
  std::uint64_t version() const;  // of all clients together
  std::size_t words(net::ParticipantId client) const override {
    return compiler_.told_words(client);
  }
  const exchange::HopShares* shares() const override { return &compiler_.shares(); }
  bool has_other(const exchange::RouteKey& key) const override {
    return route_server_.has_other_next_hop(key);
  }

  // None: the client has no route.
  std::optional<net::IpAddress> find(net::ParticipantId client, const net::Prefix& prefix) const;

 private:
  const compiler::Compiler& compiler_;
  const routeserver::RouteServer& route_server_;
};

}  // namespace fabrix::controller
