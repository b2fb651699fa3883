#include "fabric/switch_flows.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::fabric {
namespace {

// Whether a switch has each of the entries once, and nothing else.
bool are(const std::vector<openflow::FlowStats>& flows, const FlowPlan::Entries& entries) {
  if (flows.size() != entries.size()) return false;
  const auto key = [](const FlowPlan::Flows::value_type* each) -> const FlowKey& {
    return each->first;
  };
  std::vector<bool> found(entries.size());
  return std::ranges::all_of(flows, [&](const openflow::FlowStats& flow) {
    const FlowKey its = key_of(flow.table_id, flow.priority, flow.match);
    const auto at = std::ranges::lower_bound(entries, its, {}, key);
    if (at == entries.end() || (*at)->first != its || !same_flow(flow, (*at)->second)) return false;
    auto is_found = found[static_cast<std::size_t>(at - entries.begin())];
    const bool is_first = !is_found;
    is_found = true;
    return is_first;
  });
}

}  // namespace

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
  FabricAudit found{.rules = all - (flipped ? 1 : 0)};
  if (are(banked.seen, wanted->entries())) {
    found.wanted = found.right = banked.seen.size();
    is_as(wanted);
  } else {
    note_unlike(banked.seen, wanted, found);
  }
  found.foreign += banked.unseen.size();
  leftovers_.clear();
  for (const openflow::FlowStats& flow : banked.unseen) {
    leftovers_.push_back(removal_of(openflow::addition_of(flow)));
  }
  installed = std::move(banked.seen);
  return found;
}

void SwitchFlows::note_unlike(const std::vector<openflow::FlowStats>& seen,
                              const FlowPlanPtr& wanted, FabricAudit& found) {
  const FlowPlan::Flows flows = wanted->flows();
  found.wanted = flows.size();
  read_.emplace();
  for (const openflow::FlowStats& flow : seen) {
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
}

void SwitchFlows::is_as(FlowPlanPtr plan) {
  has_ = std::move(plan);
  read_.reset();
}

SwitchFlows::Mods SwitchFlows::changes(std::size_t most) const {
  Mods mods = read_ ? result_->changes_from(*read_, most) : result_->changes_from(*has_, most);
  for (openflow::FlowMod& mod : mods) mod = in_bank(std::move(mod), active_);
  return mods;
}

SwitchFlows::Mods SwitchFlows::removals() const {
  Mods mods;
  const auto add = [&](const FlowPlan::Flows::value_type& each) {
    mods.push_back(in_bank(removal_of(each.second), active_));
  };
  if (read_) {
    std::ranges::for_each(*read_, add);
  } else {
    for (const auto* each : has_->entries()) add(*each);
  }
  return mods;
}

void SwitchFlows::begin(Step step, Mods mods) {
  step_ = step;
  mods_ = std::move(mods);
  done_ = 0;
}

// How many flow mods the step has, up to `most`.
std::size_t SwitchFlows::reach(std::size_t most) const {
  if (step_ != Step::kBeside || most <= mods_.size()) return std::min(most, mods_.size());
  return mods_.size() + result_->first_entries(most - mods_.size()).size();
}

std::size_t SwitchFlows::most_in_place(Purpose purpose) const {
  if (commits_ == Commits::kAtomic) return size() == 0 ? FlowPlan::kAll : kBatch;
  return purpose == Purpose::kRestore ? FlowPlan::kAll : 1;
}

void SwitchFlows::start(FlowPlanPtr result, Commits commits, Purpose purpose) {
  result_ = std::move(result);
  commits_ = commits;
  is_wanted_ = true;
  const std::size_t most = most_in_place(purpose);
  const bool is_far = !read_ && result_->rows_unlike(*has_) > most;
  Mods differs = is_far ? Mods{} : changes(most);
  if (!is_far && differs.size() <= most) return begin(Step::kInPlace, std::move(differs));
  begin(Step::kBeside, leftovers_);
}

std::optional<SwitchFlows::Mods> SwitchFlows::next() const {
  if (is_done()) return std::nullopt;
  return step_ == Step::kInPlace ? mods_ : batch_from(done_);
}

std::optional<SwitchFlows::Mods> SwitchFlows::after_next(std::size_t others) const {
  if (is_done() || step_ == Step::kInPlace) return std::nullopt;
  const std::size_t place = done_ + ((others + 1) * kBatch);
  if (reach(place + 1) <= place) return std::nullopt;
  return batch_from(place);
}

SwitchFlows::Mods SwitchFlows::batch_from(std::size_t place) const {
  const std::size_t end = reach(place + kBatch);
  Mods batch;
  batch.reserve(end - place);
  for (std::size_t i = place; i < std::min(end, mods_.size()); ++i) batch.push_back(mods_[i]);
  if (end <= mods_.size()) return batch;
  const auto entries = result_->first_entries(end - mods_.size());
  for (const auto* each : entries.subspan(std::max(place, mods_.size()) - mods_.size())) {
    batch.push_back(in_bank(each->second, other(active_)));
  }
  return batch;
}

// Whether it was the last of the step.
bool SwitchFlows::end_batch() {
  done_ = step_ == Step::kInPlace ? mods_.size() : reach(done_ + kBatch);
  return reach(done_ + 1) == done_;
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
      if (!is_wanted_) break;
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
  undo();
  return Progress::kUnderWay;
}

void SwitchFlows::undo() {
  for (const auto* each : result_->entries()) {
    leftovers_.push_back(removal_of(in_bank(each->second, other(active_))));
  }
  begin(Step::kUndo, leftovers_);
}

void SwitchFlows::abandon() {
  is_wanted_ = false;
  if (step_ == Step::kBeside) return undo();
  if (step_ == Step::kInPlace) begin(Step::kNone, {});
}

}  // namespace fabrix::fabric
