// CompiledNextHops: what is told as next hops, by the compiler's groups, as a controller has it;
// and for tests of the verifier, other addresses told to some.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compiler/compiler.h"
#include "verify/next_hops.h"

namespace fabrix::verify {

// Instead of what the compiler says, for one prefix.
struct ToldOtherwise {
  exchange::PlacedPrefix where;
  net::ParticipantId client;
  net::IpAddress address;
};

class CompiledNextHops : public NextHops {
 public:
  // All must outlive it.
  CompiledNextHops(const compiler::Compiler& compiler, NextHopOf next_hop,
                   std::optional<ToldOtherwise> otherwise = {})
      : compiler_(compiler), next_hop_(std::move(next_hop)), otherwise_(otherwise) {}

  net::IpAddress of(net::ParticipantId client, const net::Prefix& prefix) const override {
    const bool is_other =
        otherwise_ && otherwise_->where.prefix == prefix && otherwise_->client == client;
    return is_other ? otherwise_->address : next_hop_(client, prefix);
  }
  Group group(const exchange::PlacedPrefix& prefix) const override {
    const bool is_other = otherwise_ && otherwise_->where == prefix;
    return is_other ? kOther : compiler_.hop_group(prefix.place);
  }
  bool has(Group group, net::Family family) const override {
    return group == kOther ? otherwise_ && otherwise_->where.prefix.family() == family
                           : compiler_.has_hop_group(group, family);
  }
  void list(Group group, net::Family family, List& instead) const override {
    compiler_.next_hops_of(behind(group), family, instead);
    if (group != kOther) return;
    std::erase_if(instead, [&](const auto& each) { return each.client == otherwise_->client; });
    instead.push_back({.client = otherwise_->client, .address = otherwise_->address});
  }
  std::optional<net::IpAddress> instead(Group group, net::Family family,
                                        net::ParticipantId client) const override {
    if (group == kOther && client == otherwise_->client) return otherwise_->address;
    return compiler_.next_hop_of(behind(group), family, client);
  }
  void expect(std::span<const Group> groups, net::ParticipantId client) const override {
    compiler_.expect(groups, client);
  }
  std::uint64_t grouping() const override { return compiler_.grouping(); }
  std::optional<std::uint64_t> version(net::ParticipantId client) const override {
    if (otherwise_) return std::nullopt;
    return compiler_.told_version(client);
  }
  std::size_t words(net::ParticipantId client) const override {
    return compiler_.told_words(client);
  }
  const exchange::HopShares* shares() const override { return &compiler_.shares(); }
  bool has_other(const exchange::RouteKey& /*key*/) const override { return false; }

 private:
  static constexpr Group kOther = ~Group{0};

  Group behind(Group group) const {
    return group == kOther ? compiler_.hop_group(otherwise_->where.place) : group;
  }

  const compiler::Compiler& compiler_;
  NextHopOf next_hop_;
  std::optional<ToldOtherwise> otherwise_;
};

}  // namespace fabrix::verify
