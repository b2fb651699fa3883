// KeptStates: what was compiled of one participant's policy in other states of its fsms, so that a
// state that comes again is swapped in instead of compiled again.
//
// A state is known by its Policy, the very object. What was compiled is good as long as nothing
// changes that its rows depend on besides the policy: `Basis` counts those changes. Keeps at most
// kMaxKeptStates with at most kMaxKeptRows together; of more the least recently used goes. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "compiler/receiver.h"
#include "compiler/sender.h"
#include "policy/policy.h"

namespace fabrix::compiler {

inline constexpr std::size_t kMaxKeptStates = 256;
inline constexpr std::size_t kMaxKeptRows = 65'536;

// What rows depend on besides the policy.
struct Basis {
  std::uint64_t surroundings = 0;  // ports, who is counted
  std::uint64_t routes = 0;

  friend bool operator==(const Basis&, const Basis&) = default;
};

struct CompiledState {
  std::shared_ptr<const policy::Policy> policy;
  CompiledOutbound outbound;
  Receiver receiver;

  bool depends_on_routes() const {
    return (outbound.policy && outbound.policy->depends_on_routes()) || receiver.watches_routes();
  }
  std::size_t rows() const {
    return (outbound.rows ? outbound.rows->size() : 0) +
           (receiver.rows ? receiver.rows->size() : 0);
  }
};

class KeptStates {
 public:
  // The policy is a new one, in this state: nothing of the one before is of use.
  void begin(std::shared_ptr<const policy::Policy> policy) {
    kept_.clear();
    rows_ = 0;
    present_ = std::move(policy);
  }
  void enter(std::shared_ptr<const policy::Policy> policy) { present_ = std::move(policy); }
  const std::shared_ptr<const policy::Policy>& present() const { return present_; }

  void keep(CompiledState state, const Basis& basis);
  // What was kept of the policy, if it is still good; no longer kept then.
  std::optional<CompiledState> take(const policy::Policy& policy, const Basis& basis);

  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    CompiledState state;
    Basis basis;
  };
  void drop(std::list<Kept>::iterator at);

  std::shared_ptr<const policy::Policy> present_;  // null: none
  std::list<Kept> kept_;                           // the least recently used first
  std::size_t rows_ = 0;                           // of all of them
};

}  // namespace fabrix::compiler
