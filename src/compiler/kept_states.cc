#include "compiler/kept_states.h"

#include <algorithm>
#include <utility>

namespace fabrix::compiler {

void KeptStates::keep(CompiledState state, const Basis& basis) {
  rows_ += state.rows();
  kept_.push_back({.state = std::move(state), .basis = basis});
  while (kept_.size() > kMaxKeptStates || rows_ > kMaxKeptRows) drop(kept_.begin());
}

std::optional<CompiledState> KeptStates::take(const policy::Policy& policy, const Basis& basis) {
  const auto found = std::ranges::find_if(
      kept_, [&policy](const Kept& each) { return each.state.policy.get() == &policy; });
  if (found == kept_.end()) return std::nullopt;
  const bool same_routes = found->basis.routes == basis.routes || !found->state.depends_on_routes();
  std::optional<CompiledState> state;
  rows_ -= found->state.rows();
  if (found->basis.surroundings == basis.surroundings && same_routes) {
    state = std::move(found->state);
  }
  kept_.erase(found);
  return state;
}

void KeptStates::drop(std::list<Kept>::iterator at) {
  rows_ -= at->state.rows();
  kept_.erase(at);
}

}  // namespace fabrix::compiler
