#include "compiler/predicate_diagram.h"

#include <span>
#include <variant>
#include <vector>

#include "compiler/box.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate or Shape, at most policy::kMaxDepth.
class Builder {
 public:
  // `known` may be null.
  Builder(diagram::Store& store, const RouteSense& sense, const KnownField* known)
      : store_(store), sense_(sense), known_(known) {}

  Diagram build(const policy::Predicate& predicate) {
    if (!store_.spend(1)) return store_.none();
    return std::visit([this](const auto& node) { return of(node); }, predicate.node);
  }

 private:
  Diagram of(const policy::Constant& node) { return node.value ? store_.always() : store_.none(); }

  Diagram of(const policy::FieldTest& node) {
    const auto passes = known_ == nullptr ? std::nullopt : (*known_)(node);
    if (passes) return *passes ? store_.always() : store_.none();
    return of(FieldRange{index_of(node.field), node.intervals});
  }

  Diagram of(const policy::FromParticipant& node) {
    const std::uint64_t value = sender_value(node.participant);
    return store_.test(kSenderField, value, value);
  }

  Diagram of(const policy::InPrefixesOf& node) {
    std::vector<Diagram> boxes;
    for (const Box& box : prefix_boxes(node, sense_.reachability)) boxes.push_back(of(box));
    return store_.disjunction(boxes);
  }

  Diagram of(const policy::OnRoute& node) {
    const std::size_t question = sense_.number_of(node);
    if (sense_.has_fields()) return store_.test(question_field(question), 1, 1);
    return build(*address_in(sense_.regions[question], node.side));
  }

  Diagram of(const policy::Not& node) { return store_.complement(build(*node.operand)); }

  Diagram of(const policy::And& node) {
    Diagram all = store_.always();
    for (const auto& operand : node.operands) all = store_.conjunction(all, build(*operand));
    return all;
  }

  Diagram of(const policy::Or& node) {
    std::vector<Diagram> operands;
    for (const auto& operand : node.operands) operands.push_back(build(*operand));
    return store_.disjunction(operands);
  }

  Diagram of(const FieldRange& range) {
    std::vector<Diagram> parts;
    for (const policy::Interval& part : range.intervals) {
      parts.push_back(store_.test(range.field, part.low, part.high));
    }
    store_.spend(parts.size());
    return store_.disjunction(parts);
  }

  Diagram of(const Box& box) {
    Diagram all = store_.always();
    for (const FieldRange& range : box.ranges) all = store_.conjunction(all, of(range));
    return all;
  }

  diagram::Store& store_;
  const RouteSense& sense_;
  const KnownField* known_;
};

// NOLINTEND(misc-no-recursion)

}  // namespace

Diagram diagram_of(diagram::Store& store, const policy::Predicate& predicate,
                   const RouteSense& sense) {
  return Builder(store, sense, nullptr).build(predicate);
}

Diagram diagram_of(diagram::Store& store, const policy::Predicate& predicate,
                   const RouteSense& sense, const KnownField& known) {
  return Builder(store, sense, &known).build(predicate);
}

}  // namespace fabrix::compiler
