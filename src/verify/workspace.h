// Workspace: what the checks of one Program, and of those after it, build their diagrams in. What
// was built for one sender is found again for the next.
//
// `reachability` must outlive it. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "verify/admission_form.h"
#include "verify/effect.h"
#include "verify/packet_space.h"

namespace fabrix::verify {

struct Workspace {
  explicit Workspace(const exchange::Reachability& reachability) : space(reachability) {}

  PacketSpace space;
  Effects effects;

  std::vector<AdmissionForm> right_forms;  // of rows of the first table

  // Forgets diagrams and effects when there are so many that finding them takes longer than making
  // them again, but for what every check needs. Between checks: all handles are void.
  void make_room();

  // Packets that a router sends by a route: IP, not for the peering LAN, not neighbour discovery.
  // Always of the same exchange.
  diagram::Diagram routed(const exchange::Exchange& exchange);
  // Packets that enter at a port of these, with that router's MAC.
  diagram::Diagram entering_from(const exchange::Exchange& exchange,
                                 std::span<const net::ParticipantId> senders);

 private:
  std::optional<diagram::Diagram> routed_;
};

// Nodes of diagrams that a Workspace may hold then: what a processor's cache holds; and where some
// were made of many prefixes, which takes long.
inline constexpr std::size_t kMaxWorkspace = std::size_t{1} << 13U;
inline constexpr std::size_t kMaxWithRoutes = std::size_t{1} << 19U;

}  // namespace fabrix::verify
