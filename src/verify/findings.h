// Findings: the violations found so far, and what every check of a Verifier needs to find them.
//
// Not thread-safe.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/packet.h"
#include "program/program.h"
#include "verify/hashing.h"
#include "verify/next_hops.h"
#include "verify/row_index.h"
#include "verify/symbolic.h"
#include "verify/validate.h"
#include "verify/workspace.h"
#include "verify/world.h"

namespace fabrix::verify {

class Findings {
 public:
  bool full() const { return violations_.size() >= kMaxViolations; }
  bool empty() const { return violations_.empty(); }
  // Ignored when full.
  void add(Violation violation);
  std::vector<Violation> take() { return std::exchange(violations_, {}); }

 private:
  std::vector<Violation> violations_;
};

// What belongs to which router: as Exchange says, looked up at once.
class Directory {
 public:
  Directory() = default;
  explicit Directory(const exchange::Exchange& exchange);
  std::optional<net::RouterId> find(const net::IpAddress& address) const;
  std::optional<net::RouterId> find(net::PortNo port) const;     // present
  std::optional<net::RouterId> find(net::MacAddress mac) const;  // present

 private:
  boost::unordered_flat_map<net::IpAddress, net::RouterId, std::hash<net::IpAddress>> addresses_;
  std::map<net::PortNo, net::RouterId> ports_;
  std::map<net::MacAddress, net::RouterId> macs_;
};

// References outlive every check. The World is the one without_room() for what falls back.
struct Task {
  const World& world;
  const program::Program& program;
  const NextHops& next_hops;
  const Terms& terms;
  const RowIndex& index;
  const Directory& directory;
  const Hashing& hashing;
  Workspace& work;
  Findings& findings;

  SymbolicProgram symbolic() const { return {index, work.space, work.effects}; }
  // What the sender's tags claim to say; null: nothing.
  const program::TagMeaning* meaning_of(net::ParticipantId sender) const;
  const policy::Shortfall* shortfall_of(net::ParticipantId sender) const;  // null: none
  // The MAC that answers the sender for a virtual next hop.
  std::optional<net::MacAddress> tag_of(net::ParticipantId sender,
                                        const net::IpAddress& address) const;
};

// The rows that act on a packet.
std::vector<program::Row> rows_for(const program::Program& program, const net::Packet& packet);

// "dropped", "sent to B (port b1)", with writes: for messages.
std::string describe(const Effect& effect, const exchange::Exchange& exchange);

// Says which clause a violation is about: that of its rows, or the one that decides on the witness.
void attribute(Violation& violation, const World& world);

// What the participant's ports bind a packet to that enters there: port and source MAC.
std::vector<Fixed> entrances_of(const exchange::Exchange& exchange, net::ParticipantId participant);

// The effect on a packet, of a function whose leaves are those of the Workspace.
const Effect& effect_at(Workspace& work, diagram::Diagram function, const net::Packet& packet);

// A row of a table. Its key is looked up once: what rows match lies somewhere else in memory.
struct Placed {
  program::TableId table = program::TableId::kAdmit;
  const program::Row* row = nullptr;  // not null
  std::optional<RowKey> key;          // RowIndex::key_of()
};

// The checks, each of its invariants. See validate.h.
void check_row(const Task& task, const Placed& placed);  // I1, I5, I7
// I6; false: a violation was found. Of a port that is somebody's check_admission() asks this.
bool check_priorities(const Task& task, program::TableId table, RowKey key);
void check_capacity(const Task& task);                                                    // I12
void check_neighbors(const Task& task, std::span<const program::VirtualNeighbor> fresh);  // I3, I5
void check_entrance(const Task& task, const Placed& placed);                              // I9
void check_admission(const Task& task, const exchange::Router& router);  // I6, I8, I9, I11
void check_site_admission(const Task& task);                             // I6, I8, I9, I11
void check_resolution(const Task& task);                                 // I2, I8, I11
void check_outbound(const Task& task, net::ParticipantId id);            // I2, I4, I11
// Whether it would find nothing to say about these packets. False: perhaps.
bool sends_right(const Task& task, net::ParticipantId sender, const FewPackets& few);
void check_inbound(const Task& task, net::ParticipantId receiver);     // I4, I11
void check_transit(const Task& task, const exchange::Router& router);  // I2, I4, I7, I8

// Of a row; and of what the participant's queries of that direction count.
void check_counting_row(const Task& task, const Placed& placed);  // I1, I13
void check_counting(const Task& task, net::ParticipantId owner,
                    policy::Direction direction);  // I8, I13

// Whether the row leads to its own table or an earlier one.
bool leads_back(program::TableId table, const program::Row& row);

}  // namespace fabrix::verify
