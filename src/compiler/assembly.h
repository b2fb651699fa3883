// Assembly: the Program put together from what each participant has in it, block by block: what did
// not change is shared with the Program before.
//
// Tables that belong to nobody are made again only when what they depend on changed. Not
// thread-safe.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "compiler/admit.h"
#include "compiler/extras.h"
#include "compiler/source_sets.h"
#include "exchange/exchange.h"
#include "net/flow_hash.h"
#include "net/ids.h"
#include "policy/policy.h"
#include "program/program.h"

namespace fabrix::compiler {

class Assembly {
 public:
  // `exchange` must outlive it.
  explicit Assembly(const exchange::Exchange& exchange);

  // The exchange has changed in place: every table is made again.
  void reconfigure();

  // What a participant has; null: nothing.
  void set_outbound(net::ParticipantId owner, const program::Rows::Block& rows);
  void set_inbound(net::ParticipantId owner, const program::Rows::Block& rows);
  // Of the tables that count for the owner's queries; null: it has none, and nothing of it passes.
  void set_sent(net::ParticipantId owner, const program::Rows::Block& rows);
  void set_delivered(net::ParticipantId owner, const program::Rows::Block& rows);
  // By participant: what it receives is counted.
  const std::vector<bool>& counted() const { return counted_; }
  const std::vector<bool>& port_up() const { return port_up_; }  // by router
  // At most once a sender before the next program().
  void set_neighbors(net::ParticipantId sender, const program::Neighbors::Block& neighbors);
  // Whether what it sends passes the outbound table.
  enum class Sends : std::uint8_t { kByDefault, kByPolicy };
  void set_sends(net::ParticipantId sender, Sends how);
  // The keys of the buckets that its policy tests, in what it sends and in what it receives.
  struct Tested {
    net::HashKeys sent;
    net::HashKeys received;

    static Tested by(const policy::Policy* policy);  // null: none
    friend bool operator==(const Tested&, const Tested&) = default;
  };
  void set_tested(net::ParticipantId owner, const Tested& tested);
  void set_chains(net::ParticipantId owner, Chains chains);
  // Where packets may come from: reads these prefixes again. It is not checked at first.
  void follow(SourceSets& sources, std::span<const exchange::PlacedPrefix> changed);
  // All ports are up at first.
  void set_port(net::RouterId router, bool up);
  // Ports of the exchange are open that were not, or no longer.
  void standing_changed();

  // The Program as it is now. The same pointer if it is equal to the one before.
  program::ProgramPtr program();

 private:
  program::Rows make(program::TableId table) const;
  void admit_again(net::ParticipantId owner);
  void admit_all_again();
  void refresh_admission();
  void take_neighbors();
  Passage passage_of(net::ParticipantId owner) const;
  void put(program::Rows& table, net::ParticipantId owner, const program::Rows::Block& rows,
           program::TableId id);
  void mark(program::TableId table);

  const exchange::Exchange& exchange_;
  std::vector<bool> sends_by_policy_;  // by participant
  std::vector<bool> counted_;          // by participant
  std::vector<Tested> tested_;         // by participant
  net::HashKeys received_;             // tested in what anybody receives
  std::vector<Chains> chains_;         // by participant: by which it receives
  std::vector<Sources> sources_;       // by participant
  std::vector<bool> admission_stale_;  // by participant
  std::vector<bool> port_up_;          // by router
  // By block (program::block_of).
  program::Rows admit_;
  program::Rows outbound_;
  program::Rows inbound_;
  program::Rows sent_;
  program::Rows delivered_;
  program::Neighbors neighbors_;
  std::vector<program::Neighbors::Change> other_neighbors_;  // not in it yet
  std::array<bool, program::kTableCount> stale_{};           // to be made again
  bool neighbors_stale_ = false;
  program::ProgramPtr program_;  // null: none yet
};

}  // namespace fabrix::compiler
