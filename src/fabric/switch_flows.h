// SwitchFlows: the flow entries of one switch, and the steps that make them those of another plan
// without a packet that sees some of the old and some of the new.
//
//   in place  one commit with what differs, in the bank that packets see (fabric/flow_banks.h)
//   beside    the whole plan in the other bank, in small commits; the flip; the old entries go, in
//             small commits: for a switch whose commits are not atomic (OpenFlow 1.3), and for
//             changes so large that a switch that is busy with one commit loses packets
//
// Beside takes room for both plans. Where a switch with atomic commits refuses that, the change is
// made in place; where it has none, what was written is taken away again and the old plan stays. In
// place without atomic commits is only what is one flow mod, or restores what somebody else has
// broken.
//
// start(); then while next() has something: commit that, and say how it ended. Not thread-safe; no
// I/O. Whatever a step leaves behind in the bank that nobody sees goes with the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fabric/fabric.h"
#include "fabric/flow_banks.h"
#include "fabric/flow_plan.h"
#include "openflow/flow.h"

namespace fabrix::fabric {

class SwitchFlows {
 public:
  // Flow mods of one commit. Open vSwitch 3.1 needs some 2 us for each, in which its main thread
  // receives no packets.
  static constexpr std::size_t kBatch = 1000;

  using Mods = std::vector<openflow::FlowMod>;

  enum class Commits : std::uint8_t { kAtomic, kOneByOne };
  enum class Purpose : std::uint8_t { kChange, kRestore };
  // What a commit that succeeded, or was refused, has led to.
  enum class Progress : std::uint8_t { kUnderWay, kInForce, kRefused };

  // Nothing is known of what a switch has.
  void forget();
  // What it has was read; beside `wanted` it is that. Leaves what packets see, in the plan's
  // numbers. What they do not see counts as foreign.
  FabricAudit note(std::vector<openflow::FlowStats>& installed, const FlowPlanPtr& wanted);

  void start(FlowPlanPtr result, Commits commits, Purpose purpose);
  // What to commit now; none: nothing is left to do.
  std::optional<Mods> next() const;
  // What to commit when next() and so many after it have not been refused; none: that is seen when
  // they have ended.
  std::optional<Mods> after_next(std::size_t others = 0) const;
  bool is_done() const { return step_ == Step::kNone; }
  // Whether packets meet nothing of what next() and after_next() say, now and until all of it has
  // been committed: it may be committed in a row (openflow::CommitOrder).
  bool writes_unseen() const { return step_ == Step::kBeside; }
  // The result is not wanted, and packets have met nothing of it: what there is of it goes.
  void abandon();
  Progress on_committed();
  Progress on_rejected();

  FlowBank active() const { return active_; }
  std::size_t size() const { return read_ ? read_->size() : has_->size(); }

 private:
  enum class Step : std::uint8_t { kNone, kInPlace, kBeside, kFlip, kClean, kUndo };

  void is_as(FlowPlanPtr plan);
  void note_unlike(const std::vector<openflow::FlowStats>& seen, const FlowPlanPtr& wanted,
                   FabricAudit& found);
  std::size_t most_in_place(Purpose purpose) const;
  Mods changes(std::size_t most = FlowPlan::kAll) const;
  Mods removals() const;
  void begin(Step step, Mods mods);
  std::size_t reach(std::size_t most) const;
  Mods batch_from(std::size_t place) const;
  bool end_batch();
  void clean();
  Progress come_into_force();
  void undo();

  FlowBank active_ = FlowBank::kFirst;
  // What packets see; unless it was read and something else was found: that.
  FlowPlanPtr has_ = std::make_shared<const FlowPlan>();
  std::optional<FlowPlan::Flows> read_;
  Mods leftovers_;  // that remove what nobody sees

  Step step_ = Step::kNone;
  FlowPlanPtr result_;
  Commits commits_ = Commits::kAtomic;
  Mods mods_;  // of the step; beside, the result's entries follow, in the other bank
  std::size_t done_ = 0;
  bool is_wanted_ = true;  // the result
};

}  // namespace fabrix::fabric
