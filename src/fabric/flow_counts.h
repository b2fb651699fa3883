// FlowCounts: what a switch's flow entries have counted for queries and drops (Row::queries), and
// what its meters have dropped, as differences.
//
// A flow entry is known by its place in the switch and its cookie: one that is replaced by one for
// other queries, with the same match, has another. It says what it has counted when it is asked,
// and when it is removed, so that nothing is lost over a change. What one that outlived a
// connection, or a controller, has counted is taken on.
//
// Not thread-safe; no I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "fabric/flow_banks.h"
#include "fabric/flow_reading.h"
#include "fabric/meter_counts.h"
#include "fabric/port_tags.h"
#include "fabric/query_counts.h"
#include "net/ids.h"
#include "openflow/message.h"
#include "program/program.h"

namespace fabrix::fabric {

// The cookie of a row's flow entries: its origin's, or if it is of a clause that is counted, of
// what counts it, which may change while the match stays.
std::uint64_t cookie_of(const program::Row& row);

class FlowCounts {
 public:
  // So much more was counted for these queries of the owner.
  using Add = std::function<void(net::ParticipantId owner, std::span<const std::uint64_t> queries,
                                 const QueryCount& more)>;

  explicit FlowCounts(Add add) : add_(std::move(add)) {}

  // The flow entries of the Program in that bank that count, besides those that have not yet said
  // that they are gone.
  void expect(const program::Program& program, std::span<const net::PortNo> ports, FlowBank bank,
              const PortTags& tags = {});
  // What some have counted to now.
  void note(std::span<const openflow::FlowStats> flows);
  // Likewise all that there are: what is not among them was removed while nobody listened.
  void note_all(std::span<const openflow::FlowStats> flows);
  void note(const openflow::FlowRemoved& flow);
  // What the Program's meters, if there is one, have dropped to now.
  void note(const program::ProgramPtr& program, std::span<const openflow::MeterStats> meters);

  // What to ask the switch for (openflow::Channel::read_counts()): those of `cookie` under `mask`.
  struct Slice {
    std::uint64_t cookie = 0;
    std::uint64_t mask = 0;
    friend auto operator<=>(const Slice&, const Slice&) = default;
  };
  std::vector<Slice> of_policies() const;  // together all that count for queries and clauses
  static Slice of_drops();

  // Nothing counts.
  bool empty() const { return counting_.empty(); }
  // An entry has gone since expect(), and is perhaps back.
  bool forgot() const { return forgot_; }

 private:
  struct CountingFlow {
    net::ParticipantId owner;
    std::vector<std::uint64_t> queries;
    QueryCount seen;  // when it last said so
  };
  using Key = std::pair<FlowKey, std::uint64_t>;  // with the cookie

  static Key key_of(const openflow::FlowStats& flow);
  void expect(program::TableId table, const program::Row& row, std::span<const net::PortNo> ports,
              FlowBank bank, const PortTags& tags);
  void note(const Key& key, const QueryCount& total);

  Add add_;
  std::map<Key, CountingFlow> counting_;
  MeterCounts meters_;
  bool forgot_ = false;
};

}  // namespace fabrix::fabric
