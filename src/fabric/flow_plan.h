// FlowPlan: the flow entries that a switch needs for a Program, in the Program's blocks.
//
// A block that the Program has from the one before is not translated again, and two plans are
// compared by the blocks that they do not share: one participant's edit costs what its own rows do.
//
// A plan may be translated as it is written (outline()), so that a switch is busy with its first
// entries while the others are translated. Until it is whole, and for first_entries(), it belongs
// to one thread; else a value, any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_set>
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

  // The same, but blocks that are new are translated when something asks for their entries.
  static Result<FlowPlanPtr> outline(program::ProgramPtr program, std::vector<net::PortNo> ports,
                                     const FlowPlan& before, PortTags tags = {});

  const program::ProgramPtr& program() const { return program_; }
  // Whether all of it is translated.
  bool is_whole() const { return waiting_ == 0; }
  std::size_t size() const;
  std::size_t size_of(program::TableId table) const;
  // All of them; entries() are the plan's own, and live as long as it does.
  Flows flows() const;
  Entries entries() const;
  // The first `most` of them, or all, block by block: no more than these are translated for it.
  // Good until the next call.
  std::span<const Flows::value_type* const> first_entries(std::size_t most) const;
  // By how many rows the plans differ, in blocks that they do not share: about as many, or more.
  std::size_t rows_unlike(const FlowPlan& before) const;

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
    Block flows;                // null: nothing, or it waits
    bool waits = false;         // to be translated
  };
  // A table's blocks, and last what is in no block.
  using Table = std::vector<Place>;
  // The entries in order of their blocks, as far as somebody has asked for them.
  struct Listing {
    Entries entries;
    std::unordered_set<std::string_view> keys;  // of these
    std::size_t table = 0;                      // what comes next
    std::size_t place = 0;
    std::size_t row = 0;             // if the block waits
    std::shared_ptr<Flows> begun{};  // of its rows before that
  };
  enum class When : std::uint8_t { kNow, kLater };

  static Result<FlowPlanPtr> make(program::ProgramPtr program, std::vector<net::PortNo> ports,
                                  const FlowPlan& before, PortTags tags, When when);
  Result<Table> translate(program::TableId table, const program::Rows& rows, const Table& before,
                          When when);
  void complete() const;
  bool list_more() const;
  void list(const Flows::value_type& entry) const;
  void list_rows(Place& place) const;

  program::ProgramPtr program_;  // null: none
  std::vector<net::PortNo> ports_;
  PortTags tags_;
  mutable std::vector<Table> tables_;  // by TableId
  mutable std::size_t waiting_ = 0;    // blocks
  mutable Listing listing_;
};

}  // namespace fabrix::fabric
