#include "policy/term_place.h"

#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace fabrix::policy {
namespace {

// NOLINTBEGIN(misc-no-recursion): as deep as the term, at most kMaxDepth.
struct Mover {
  const SourceSpan& at;

  Filter operator()(Filter node) const { return node; }
  Act operator()(Act node) const { return node; }
  Count operator()(Count node) const { return node; }
  Sequence operator()(const Sequence& node) const { return {all(node.parts)}; }
  Parallel operator()(const Parallel& node) const { return {all(node.parts)}; }
  Ranked operator()(const Ranked& node) const { return {all(node.parts)}; }
  Choice operator()(const Choice& node) const {
    return {node.condition, moved(node.then, at), moved(node.otherwise, at)};
  }

  std::vector<TermPtr> all(const std::vector<TermPtr>& parts) const {
    std::vector<TermPtr> result;
    result.reserve(parts.size());
    for (const TermPtr& each : parts) result.push_back(moved(each, at));
    return result;
  }
};

}  // namespace

TermPtr moved(const TermPtr& term, const SourceSpan& at) {
  if (term == nullptr) return nullptr;
  const auto move_node = [&at](const auto& node) {
    return std::make_shared<const Term>(Term{Mover{at}(node), at});
  };
  return std::visit(move_node, term->node);
}
// NOLINTEND(misc-no-recursion)

TermPtr named(const TermPtr& found, const SourceSpan& at) {
  const bool is_test = found != nullptr && std::holds_alternative<Filter>(found->node);
  return is_test ? moved(found, at) : found;
}

}  // namespace fabrix::policy
