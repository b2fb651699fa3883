// FlowPlan: the flow entries that a switch needs for a Program, in the Program's blocks.
//
// A block that the Program has from the one before is not translated again, and two plans are
// compared by the blocks that they do not share: one participant's edit costs what its own rows do.
//
// Values; any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "base/result.h"
#include "fabric/flow_reading.h"
#include "fabric/port_tags.h"
#include "net/ids.h"
#include "openflow/flow.h"
#include "program/program.h"

namespace fabrix::fabric {

class FlowPlan;
using FlowPlanPtr = std::shared_ptr<const FlowPlan>;

class FlowPlan {
 public:
  using Flows = std::map<FlowKey, openflow::FlowMod>;
  using Entries = std::vector<const Flows::value_type*>;  // by key, each key once
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  // Of no Program: nothing.
  FlowPlan() = default;

  // `ports` and `tags` are the fabric's, as flows_for() needs them. Fails as that does.
  static Result<FlowPlanPtr> make(program::ProgramPtr program, std::vector<net::PortNo> ports,
                                  const FlowPlan& before, PortTags tags = {});

  const program::ProgramPtr& program() const { return program_; }
  std::size_t size() const { return size_; }
  std::size_t size_of(program::TableId table) const;
  // All of them; entries() are the plan's own, and live as long as it does.
  Flows flows() const;
  Entries entries() const;

  // What leads here from a switch that has just the flow entries of `before`, or just these. Where
  // that is more than `most` flow mods: some of them, more than `most`.
  std::vector<openflow::FlowMod> changes_from(const FlowPlan& before,
                                              std::size_t most = kAll) const;
  std::vector<openflow::FlowMod> changes_from(const Flows& present, std::size_t most = kAll) const;

 private:
  // Of the rows of a block, each once.
  using Block = std::shared_ptr<const Flows>;
  struct Place {
    program::Rows::Block rows;  // that it is of; null: nothing, or rows in no block
    Block flows;                // null: nothing
  };
  // A table's blocks, and last what is in no block.
  using Table = std::vector<Place>;

  Result<Table> translate(program::TableId table, const program::Rows& rows,
                          const Table& before) const;
  void count();

  program::ProgramPtr program_;  // null: none
  std::vector<net::PortNo> ports_;
  PortTags tags_;
  std::vector<Table> tables_;  // by TableId
  std::size_t size_ = 0;
};

}  // namespace fabrix::fabric
