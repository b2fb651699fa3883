// Receiver: one participant's inbound half, with the rows it has under present routes.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/route_answers.h"
#include "diagram/diagram.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "policy/policy.h"
#include "program/program.h"

namespace fabrix::compiler {

struct Receiver {
  std::shared_ptr<const policy::Policy> policy;  // null: no inbound clauses
  std::vector<net::ParticipantId> prefix_sets;   // that its conditions mention
  std::vector<std::vector<net::Prefix>> prefixes;
  RouteAnswers answers;
  std::vector<policy::AddressSet> regions;  // of the answers that the rows are made of
  program::Rows::Block rows;                // null: none

  bool watches_routes() const { return !prefix_sets.empty() || !answers.questions().empty(); }
};

// What the rows are made of, besides the policy.
struct ReceiverInput {
  const exchange::Exchange& exchange;
  const std::vector<bool>& port_up;  // by router
  const exchange::Reachability& reachability;
  diagram::Store& store;  // scratch
};

// None: more than kMaxPolicyRows.
std::optional<Receiver> compile_receiver(net::ParticipantId owner,
                                         std::shared_ptr<const policy::Policy> policy,
                                         const ReceiverInput& input);

enum class Refreshed : std::uint8_t { kSame, kMade, kTooManyRows };

// Makes the rows anew: something else than routes has changed, such as a middlebox port.
Refreshed remake(Receiver& receiver, net::ParticipantId owner, const ReceiverInput& input);

// Routes have changed: makes the rows anew if they may be others; none where they are too many.
Refreshed refresh(Receiver& receiver, net::ParticipantId owner, const RouteChange& change,
                  const ReceiverInput& input);

// Whether routes that its rows depend on may be others: these routers announce other prefixes than
// before (sorted), and these prefixes have other routes.
bool is_concerned(const Receiver& receiver, const exchange::Exchange& exchange,
                  std::span<const net::RouterId> announcers, std::span<const net::Prefix> changed);

// What to say of a participant of which they are too many.
Diagnostic inbound_problem(std::string_view participant);

}  // namespace fabrix::compiler
