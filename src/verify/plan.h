// Plan: what a check has to look at, since it differs from what was found right, or since nothing
// was.
//
// Values; any thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "net/ids.h"
#include "net/prefix.h"
#include "program/delta.h"
#include "program/program.h"
#include "verify/few_packets.h"
#include "verify/findings.h"
#include "verify/row_index.h"

namespace fabrix::verify {

// Participants or routers, by id.
template <typename Id>
class IdSet {
 public:
  explicit IdSet(std::size_t size) : has_(size, false) {}
  void add(Id id) {
    if (id.index() >= has_.size() || has_[id.index()]) return;
    has_[id.index()] = true;
    ids_.push_back(id);
  }
  bool contains(Id id) const { return id.index() < has_.size() && has_[id.index()]; }
  const std::vector<Id>& ids() const { return ids_; }  // as added

 private:
  std::vector<bool> has_;
  std::vector<Id> ids_;
};

struct Plan {
  explicit Plan(const exchange::Exchange& exchange);

  bool full = false;
  std::vector<Placed> rows;  // new ones
  // The keys of rows that came, went or changed, each once; and whether one without a key did.
  std::array<std::vector<RowKey>, program::kTableCount> keys;
  std::array<bool, program::kTableCount> unkeyed{};
  std::vector<program::VirtualNeighbor> neighbors;  // new ones
  IdSet<net::RouterId> admission;
  bool site_admission = false;
  bool resolution = false;
  IdSet<net::ParticipantId> senders;
  IdSet<net::ParticipantId> receivers;
  // Those of them whose rows of the outbound and of the inbound table have been found right before.
  IdSet<net::ParticipantId> proven_senders;
  IdSet<net::ParticipantId> proven_receivers;
  // Those of the senders whose rows of the outbound table are right but perhaps for some packets.
  std::vector<std::pair<net::ParticipantId, std::vector<FewPackets>>> few_sent;
  IdSet<net::RouterId> transit;
  IdSet<net::ParticipantId> told;     // of everything
  IdSet<net::ParticipantId> judging;  // likewise, if it judges what it is told otherwise now
  std::span<const exchange::PlacedPrefix> prefixes;  // all others that mind are told of, again

  void add_rows(const program::ProgramDelta& delta);
  // Everything, in a Program whose rows are these.
  void add_all(const exchange::Exchange& exchange, const program::Program& program,
               const RowIndex& index);
  // Whose rows the keys are.
  void follow_keys(const exchange::Exchange& exchange, const Directory& directory);

 private:
  void add_key(program::TableId table, std::optional<RowKey> key);
  void follow(program::TableId table, RowKey key, const exchange::Exchange& exchange,
              const Directory& directory);
  void follow_unkeyed(program::TableId table, const exchange::Exchange& exchange);
};

// Carries it out.
void carry_out(const Plan& plan, const Task& task);

}  // namespace fabrix::verify
