#include "fabric/switch_flows.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/assert.h"

namespace fabrix::fabric {

void SwitchFlows::forget() {
  active_ = FlowBank::kFirst;
  read_.emplace();
  leftovers_.clear();
  step_ = Step::kNone;
}

FabricAudit SwitchFlows::note(std::vector<openflow::FlowStats>& installed,
                              const FlowPlanPtr& wanted) {
  const std::size_t all = installed.size();
  BankedFlows banked = by_bank(std::move(installed));
  active_ = banked.active;
  const bool flipped = all != banked.seen.size() + banked.unseen.size();
  const FlowPlan::Flows flows = wanted->flows();
  read_.emplace();
  FabricAudit found{.rules = all - (flipped ? 1 : 0), .wanted = flows.size()};
  for (const openflow::FlowStats& flow : banked.seen) {
    FlowKey key = key_of(flow.table_id, flow.priority, flow.match);
    const auto has = flows.find(key);
    const bool is_right = has != flows.end() && same_flow(flow, has->second);
    const bool is_new =
        read_->emplace(std::move(key), is_right ? has->second : openflow::addition_of(flow)).second;
    if (!is_new) continue;  // changed while it was read
    if (has == flows.end()) ++found.foreign;
    if (is_right) ++found.right;
  }
  found.different = read_->size() - found.foreign - found.right;
  found.missing = flows.size() - found.right - found.different;
  if (found.right == flows.size() && read_->size() == found.right) is_as(wanted);
  found.foreign += banked.unseen.size();
  leftovers_.clear();
  for (const openflow::FlowStats& flow : banked.unseen) {
    leftovers_.push_back(removal_of(openflow::addition_of(flow)));
  }
  installed = std::move(banked.seen);
  return found;
}

void SwitchFlows::is_as(FlowPlanPtr plan) {
  has_ = std::move(plan);
  read_.reset();
}

SwitchFlows::Mods SwitchFlows::changes() const {
  Mods mods = read_ ? result_->changes_from(*read_) : result_->changes_from(*has_);
  for (openflow::FlowMod& mod : mods) mod = in_bank(std::move(mod), active_);
  return mods;
}

SwitchFlows::Mods SwitchFlows::removals() const {
  Mods mods;
  for (const auto& [key, flow] : read_ ? *read_ : has_->flows()) {
    mods.push_back(in_bank(removal_of(flow), active_));
  }
  return mods;
}

SwitchFlows::Mods SwitchFlows::whole(FlowBank bank) const {
  Mods mods;
  for (const auto* each : result_->entries()) mods.push_back(in_bank(each->second, bank));
  return mods;
}

void SwitchFlows::begin(Step step, Mods mods) {
  step_ = step;
  mods_ = std::move(mods);
  done_ = 0;
}

void SwitchFlows::start(FlowPlanPtr result, Commits commits, Purpose purpose) {
  result_ = std::move(result);
  commits_ = commits;
  Mods differs = changes();
  const bool is_small = differs.size() <= kBatch;
  const bool at_once = commits == Commits::kAtomic
                           ? is_small || size() == 0
                           : differs.size() <= 1 || purpose == Purpose::kRestore;
  if (at_once) return begin(Step::kInPlace, std::move(differs));
  Mods mods = leftovers_;
  std::ranges::move(whole(other(active_)), std::back_inserter(mods));
  begin(Step::kBeside, std::move(mods));
}

std::optional<SwitchFlows::Mods> SwitchFlows::next() const {
  if (step_ == Step::kNone) return std::nullopt;
  if (step_ == Step::kInPlace) return mods_;
  const auto left = std::span(mods_).subspan(done_);
  const auto batch = left.first(std::min(left.size(), kBatch));
  return Mods(batch.begin(), batch.end());
}

// Whether it was the last of the step.
bool SwitchFlows::end_batch() {
  done_ = step_ == Step::kInPlace ? mods_.size() : std::min(done_ + kBatch, mods_.size());
  return done_ == mods_.size();
}

void SwitchFlows::clean() {
  begin(leftovers_.empty() ? Step::kNone : Step::kClean, leftovers_);
}

SwitchFlows::Progress SwitchFlows::come_into_force() {
  is_as(std::exchange(result_, nullptr));
  clean();
  return Progress::kInForce;
}

SwitchFlows::Progress SwitchFlows::on_committed() {
  FABRIX_ASSERT(step_ != Step::kNone);
  if (!end_batch()) return Progress::kUnderWay;
  switch (step_) {
    case Step::kNone:
      break;
    case Step::kInPlace:
      return come_into_force();
    case Step::kBeside:
      begin(Step::kFlip, {flip_to(other(active_))});
      break;
    case Step::kFlip:
      leftovers_ = removals();
      active_ = other(active_);
      return come_into_force();
    case Step::kClean:
      leftovers_.clear();
      begin(Step::kNone, {});
      break;
    case Step::kUndo:
      leftovers_.clear();
      begin(Step::kNone, {});
      if (commits_ == Commits::kOneByOne) return Progress::kRefused;
      begin(Step::kInPlace, changes());
      break;
  }
  return Progress::kUnderWay;
}

SwitchFlows::Progress SwitchFlows::on_rejected() {
  FABRIX_ASSERT(step_ != Step::kNone);
  const Step step = step_;
  begin(Step::kNone, {});
  // The plan is in force: what is left of the old one goes with the next.
  if (step == Step::kClean) return Progress::kUnderWay;
  if (step == Step::kInPlace || step == Step::kUndo) return Progress::kRefused;
  for (openflow::FlowMod& flow : whole(other(active_))) {
    leftovers_.push_back(removal_of(flow));
  }
  begin(Step::kUndo, leftovers_);
  return Progress::kUnderWay;
}

}  // namespace fabrix::fabric
