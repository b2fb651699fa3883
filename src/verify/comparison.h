// compare(): what two Worlds do to packets differently: which member's packets, to which prefix,
// with one that shows it. What a change means before it is made.
//
// By the meaning of clauses and routes, not by rows. Of each pair of fates one example a member.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/ids.h"
#include "net/packet.h"
#include "net/prefix.h"
#include "verify/world.h"

namespace fabrix::verify {

struct PacketChange {
  net::ParticipantId sender;
  std::optional<net::Prefix> prefix;  // by which it is routed; none: it concerns delivery alone
  net::Packet witness;
  std::string before;  // "sent to B (b1)"
  std::string after;
};

struct Comparison {
  std::vector<PacketChange> changes;
  bool complete = true;  // false: there are more
};

inline constexpr std::size_t kMaxChanges = 200;

// Of the same exchange. Their routes differ at most for `prefixes`.
Comparison compare(const World& before, const World& after, std::span<const net::Prefix> prefixes);

}  // namespace fabrix::verify
