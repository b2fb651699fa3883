#include "controller/fsm_readings.h"

#include <functional>
#include <utility>
#include <variant>

#include "net/ip_address.h"

namespace fabrix::controller {
namespace {

using policy::FsmPolicy;
using policy::StateId;

std::uint64_t mixed(std::uint64_t value) {  // SplitMix64
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

std::uint64_t digest_of(const policy::ClassKey& key) {
  std::uint64_t digest = 0;
  for (const policy::ClassValue& each : key) {
    const auto* number = std::get_if<std::uint64_t>(&each);
    const std::uint64_t value =
        number != nullptr ? *number : std::hash<net::IpAddress>()(std::get<net::IpAddress>(each));
    digest = mixed(digest ^ value);
  }
  return digest;
}

// The instances of one fsm that do not read as the initial state does, in order.
class Telling {
 public:
  Telling(const FsmPolicy& policy, std::size_t index, const FsmStates::Machine& machine)
      : kinds_(policy.kinds(index)),
        initial_(kinds_[policy.machines()[index].initial]),
        at_(machine.begin()),
        end_(machine.end()) {
    settle();
  }

  bool done() const { return at_ == end_; }
  const policy::ClassKey& key() const { return at_->first; }
  StateId kind() const { return kinds_[at_->second.state]; }
  void next() {
    ++at_;
    settle();
  }

 private:
  void settle() {
    while (at_ != end_ && kind() == initial_) ++at_;
  }

  const std::vector<StateId>& kinds_;
  StateId initial_;
  FsmStates::Machine::const_iterator at_;
  FsmStates::Machine::const_iterator end_;
};

// Alike if the states read alike, and hardly ever else.
std::uint64_t digest_of(const FsmPolicy& policy, const FsmStates& states) {
  std::uint64_t digest = 0;
  for (std::size_t i = 0; i < states.machines.size(); ++i) {
    for (Telling each(policy, i, *states.machines[i]); !each.done(); each.next()) {
      digest += mixed(digest_of(each.key()) ^ mixed(i << 32U | each.kind()));
    }
  }
  return digest;
}

bool read_alike(const FsmPolicy& policy, const FsmStates& a, const FsmStates& b) {
  for (std::size_t i = 0; i < a.machines.size(); ++i) {
    if (a.machines[i] == b.machines[i]) continue;
    Telling one(policy, i, *a.machines[i]);
    Telling other(policy, i, *b.machines[i]);
    for (; !one.done() && !other.done(); one.next(), other.next()) {
      if (one.kind() != other.kind() || one.key() != other.key()) return false;
    }
    if (!one.done() || !other.done()) return false;
  }
  return true;
}

}  // namespace

void FsmReadings::begin(const FsmPolicyPtr& fsms, const FsmStates& states,
                        const PolicyPtr& policy) {
  if (fsms_ == fsms) return;
  fsms_ = fsms;
  kept_.clear();
  instances_ = 0;
  keep(states, policy);
}

FsmReadings::PolicyPtr FsmReadings::find(const FsmStates& states) {
  const std::uint64_t digest = digest_of(*fsms_, states);
  for (auto each = kept_.begin(); each != kept_.end(); ++each) {
    if (each->digest != digest || !read_alike(*fsms_, each->states, states)) continue;
    kept_.splice(kept_.end(), kept_, each);
    return each->policy;
  }
  return nullptr;
}

void FsmReadings::keep(const FsmStates& states, PolicyPtr policy) {
  kept_.push_back(
      {.digest = digest_of(*fsms_, states), .states = states, .policy = std::move(policy)});
  instances_ += states.count();
  while (kept_.size() > kMaxReadings || (kept_.size() > 1 && instances_ > kMaxReadInstances)) {
    instances_ -= kept_.front().states.count();
    kept_.pop_front();
  }
}

}  // namespace fabrix::controller
