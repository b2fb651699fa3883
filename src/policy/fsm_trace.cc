#include "policy/fsm_trace.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace fabrix::policy {
namespace {

// More steps than people read.
constexpr std::size_t kMaxShown = 60;

// Follows, from a state, what a property says of it.
// NOLINTBEGIN(misc-no-recursion): as deep as the formula, which the parser bounds.
class Walk {
 public:
  Walk(const Machine& machine, const std::vector<Event>& events, const Model& model)
      : machine_(machine), events_(events), model_(model), at_(machine.initial) {
    lines_.push_back({"start", describe(machine_, at_)});
  }

  std::string run(const Property& property) {
    refute(property);
    return text();
  }

 private:
  // By which move the search came to a state.
  struct Came {
    StateId from = 0;
    Move move;
  };

  struct Line {
    std::string cause;
    std::string state;
  };

  // Why the property does not hold where the walk has come to.
  void refute(const Property& property) {
    const auto holds_here = [this](const PropertyPtr& each) -> bool {
      return model_.holds(*each)[at_];
    };
    switch (property.kind) {
      case FormulaKind::kNot:
        return confirm(*property.children[0]);
      case FormulaKind::kAnd: {
        const auto found =
            std::find_if_not(property.children.begin(), property.children.end(), holds_here);
        return refute(**found);
      }
      case FormulaKind::kOr:
        return refute(telling(property));
      case FormulaKind::kImplies:
        return refute(*property.children[1]);
      case FormulaKind::kAllNext:
        step_into(complement(property.children[0]));
        return refute(*property.children[0]);
      case FormulaKind::kAllGlobally:
        go(StateSet(model_.states(), true), complement(property.children[0]));
        return refute(*property.children[0]);
      case FormulaKind::kAllFinally:
        return circle(complement(property.children[0]), property);
      case FormulaKind::kAllUntil:
        return refute_until(property);
      default:
        remark_ = property.text + " does not hold here";
    }
  }

  // Of operands the one that has most to say: about more than this state.
  static const Property& telling(const Property& property) {
    const auto found =
        std::find_if(property.children.rbegin(), property.children.rend(),
                     [](const PropertyPtr& each) { return each->kind != FormulaKind::kTruth; });
    return found == property.children.rend() ? *property.children.back() : **found;
  }

  void refute_until(const Property& property) {
    const StateSet no_second = complement(property.children[1]);
    StateSet neither = complement(property.children[0]);
    for (std::size_t i = 0; i < neither.size(); ++i) neither[i] = neither[i] && no_second[i];
    if (go(no_second, neither)) {
      remark_ = property.text + " does not hold: here neither of its sides does";
      return;
    }
    circle(no_second, property);
  }

  // Why the property does hold where the walk has come to.
  void confirm(const Property& property) {
    const auto holds_here = [this](const PropertyPtr& each) -> bool {
      return model_.holds(*each)[at_];
    };
    switch (property.kind) {
      case FormulaKind::kNot:
        return refute(*property.children[0]);
      case FormulaKind::kAnd:
        if (telling(property).kind != FormulaKind::kTruth) return confirm(telling(property));
        remark_ = property.text + " holds here";
        return;
      case FormulaKind::kOr: {
        const auto found =
            std::find_if(property.children.begin(), property.children.end(), holds_here);
        return confirm(**found);
      }
      case FormulaKind::kSomeNext:
        step_into(model_.holds(*property.children[0]));
        return confirm(*property.children[0]);
      case FormulaKind::kSomeFinally:
        go(StateSet(model_.states(), true), model_.holds(*property.children[0]));
        return confirm(*property.children[0]);
      case FormulaKind::kSomeGlobally:
        return circle(model_.holds(*property.children[0]), property);
      case FormulaKind::kSomeUntil:
        go(model_.holds(*property.children[0]), model_.holds(*property.children[1]));
        return confirm(*property.children[1]);
      default:
        remark_ = property.text + " holds here";
    }
  }

  StateSet complement(const PropertyPtr& property) const {
    StateSet set = model_.holds(*property);
    set.flip();
    return set;
  }

  void take(const Move& move) {
    at_ = move.to;
    lines_.push_back(
        {std::to_string(lines_.size()) + ". " + cause_of(move), describe(machine_, at_)});
  }

  std::string cause_of(const Move& move) const {
    if (move.cause == Move::Cause::kNothing) return "nothing happens";
    if (move.cause == Move::Cause::kTimeout) {
      return "no event for " + duration_text(machine_.timeouts[move.which].after);
    }
    const Event& event = events_[machine_.inputs[move.which].event];
    return event.name + "=" + event.values[move.value];
  }

  void step_into(const StateSet& set) {
    const auto& moves = model_.moves(at_);
    const auto found =
        std::find_if(moves.begin(), moves.end(), [&set](const Move& move) { return set[move.to]; });
    if (found != moves.end()) take(*found);
  }

  // By a shortest way through `along` to `until`; false: there is none.
  bool go(const StateSet& along, const StateSet& until) {
    std::vector<std::optional<Came>> came(model_.states());
    std::vector<StateId> queue{at_};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const StateId state = queue[i];
      if (until[state]) {
        follow(came, state);
        return true;
      }
      if (!along[state]) continue;
      for (const Move& move : model_.moves(state)) {
        if (came[move.to] || move.to == at_) continue;
        came[move.to] = Came{state, move};
        queue.push_back(move.to);
      }
    }
    return false;
  }

  // From here to the state, as the search came there.
  void follow(const std::vector<std::optional<Came>>& came, StateId state) {
    std::vector<Move> way;
    for (StateId back = state; back != at_; back = came[back]->from) {
      way.push_back(came[back]->move);
    }
    std::for_each(way.rbegin(), way.rend(), [this](const Move& move) { take(move); });
  }

  // For ever inside `set`, in which it can stay: steps until a state comes again.
  void circle(const StateSet& set, const Property& property) {
    Property inside;
    inside.states = set;
    Property always{FormulaKind::kSomeGlobally, {}, {}, {std::make_shared<const Property>(inside)}};
    const StateSet stays = model_.holds(always);
    std::vector<std::pair<StateId, std::size_t>> seen;
    while (true) {
      const auto again = std::find_if(seen.begin(), seen.end(),
                                      [this](const auto& each) { return each.first == at_; });
      if (again != seen.end()) {
        const std::string from =
            again->second == 0 ? "the start" : "step " + std::to_string(again->second);
        remark_ = "and so on from " + from + ", for ever";
        return;
      }
      seen.emplace_back(at_, lines_.size() - 1);
      const std::size_t before = lines_.size();
      step_into(stays);
      if (lines_.size() > before) continue;
      remark_ = property.text + " does not hold here";
      return;
    }
  }

  std::string text() const {
    std::size_t width = 0;
    for (const Line& line : lines_) width = std::max(width, line.cause.size());
    std::string result;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (i == kMaxShown) {
        result += "... " + std::to_string(lines_.size() - i) + " more steps\n";
        break;
      }
      const Line& line = lines_[i];
      result += line.cause + std::string(width - line.cause.size() + 2, ' ') + line.state + "\n";
    }
    return result + remark_;
  }

  const Machine& machine_;
  const std::vector<Event>& events_;
  const Model& model_;
  StateId at_;
  std::vector<Line> lines_;
  std::string remark_;
};
// NOLINTEND(misc-no-recursion)

}  // namespace

std::string counterexample(const Machine& machine, const std::vector<Event>& events,
                           const Model& model, const Property& property) {
  return Walk(machine, events, model).run(property);
}

}  // namespace fabrix::policy
