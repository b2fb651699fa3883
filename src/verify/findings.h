// Findings: the violations found so far, and what every check of validate() needs to find them.
//
// Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/packet.h"
#include "program/program.h"
#include "verify/symbolic.h"
#include "verify/validate.h"
#include "verify/world.h"

namespace fabrix::verify {

class Findings {
 public:
  bool full() const { return violations_.size() >= kMaxViolations; }
  // Ignored when full.
  void add(Violation violation);
  std::vector<Violation> take() { return std::exchange(violations_, {}); }

 private:
  std::vector<Violation> violations_;
};

// References outlive every check. The World is the one without_room() for what falls back.
struct Task {
  const World& world;
  const program::Program& program;
  const NextHopOf& next_hop;
  const Terms& terms;
  const RowIndex& index;
  Findings& findings;

  // Whether the precedent has the very same rows there.
  bool is_known(program::TableId table) const;
};

// The rows that act on a packet.
std::vector<program::Row> rows_for(const program::Program& program, const net::Packet& packet);

// "dropped", "sent to B (port b1)", with writes: for messages.
std::string describe(const Effect& effect, const exchange::Exchange& exchange);

// What A's ports bind a packet to that enters there.
Fixed entering_at(const exchange::Router& router);

// The checks, each of its invariants. See validate.h.
void check_structure(const Task& task);                             // I1, I5, I6, I7, I12
void check_neighbors(const Task& task);                             // I3
void check_admission(const Task& task);                             // I8, I9, I11
void check_resolution(const Task& task);                            // I2, I8, I11
void check_outbound(const Task& task, net::ParticipantId sender);   // I2, I3, I4, I11
void check_inbound(const Task& task, net::ParticipantId receiver);  // I4, I11
void check_transit(const Task& task);                               // I2, I4, I7, I8

// Whether some row leads to its own table or an earlier one.
bool leads_back(const program::Program& program);

}  // namespace fabrix::verify
