#include "compiler/packet_space.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/box.h"
#include "compiler/witness.h"
#include "net/flow_hash.h"
#include "policy/describe.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;

template <typename Node, typename... Known>
constexpr bool kIsOneOf = (std::is_same_v<Node, Known> || ...);

// What only routes can answer.
template <typename Node>
constexpr bool kIsQuestion =
    !kIsOneOf<Node, policy::Constant, policy::FieldTest, policy::FromParticipant, policy::Not,
              policy::And, policy::Or>;

template <typename Node>
std::string question(const Node& node, const policy::SymbolTable& symbols) {
  return policy::describe(policy::Predicate{node}, symbols);
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate, at most policy::kMaxDepth.
class Questions {
 public:
  explicit Questions(const policy::SymbolTable& symbols) : symbols_(symbols) {}

  void collect(const policy::Predicate& predicate) {
    std::visit([this](const auto& node) { visit(node); }, predicate.node);
  }

  std::map<std::string, diagram::FieldIndex> take() { return std::move(found_); }

 private:
  template <typename Node>
  void visit(const Node& node) {
    if constexpr (kIsQuestion<Node>) {
      const auto next = static_cast<diagram::FieldIndex>(kFirstQuestionField + found_.size());
      if (found_.size() <= PacketSpace::kMaxQuestions)
        found_.emplace(question(node, symbols_), next);
    } else if constexpr (std::is_same_v<Node, policy::Not>) {
      collect(*node.operand);
    } else if constexpr (kIsOneOf<Node, policy::And, policy::Or>) {
      for (const auto& operand : node.operands) collect(*operand);
    }
  }

  const policy::SymbolTable& symbols_;
  std::map<std::string, diagram::FieldIndex> found_;
};

}  // namespace

class PacketSpace::Builder {
 public:
  explicit Builder(PacketSpace& space) : space_(space), store_(*space.store_) {}

  Diagram build(const policy::Predicate& predicate) {
    if (!store_.spend(1)) return store_.none();
    return std::visit([this](const auto& node) { return of(node); }, predicate.node);
  }

 private:
  template <typename Node>
  Diagram of(const Node& node) {
    static_assert(kIsQuestion<Node>);
    const diagram::FieldIndex field = space_.questions_.at(question(node, *space_.symbols_));
    return store_.test(field, 1, 1);
  }

  Diagram of(const policy::Constant& node) { return node.value ? store_.always() : store_.none(); }

  Diagram of(const policy::FieldTest& node) {
    std::vector<Diagram> parts;
    for (const policy::Interval& each : node.intervals) {
      parts.push_back(store_.test(index_of(node.field), each.low, each.high));
    }
    return store_.disjunction(parts);
  }

  Diagram of(const policy::FromParticipant& node) {
    const std::uint64_t value = sender_value(node.participant);
    return store_.test(kSenderField, value, value);
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

  PacketSpace& space_;
  diagram::Store& store_;
};
// NOLINTEND(misc-no-recursion)

PacketSpace::PacketSpace(const policy::SymbolTable& symbols,
                         std::map<std::string, diagram::FieldIndex> questions)
    : symbols_(&symbols), questions_(std::move(questions)) {
  std::vector<unsigned> widths = policy_field_widths();
  widths.resize(kFirstQuestionField + questions_.size(), 1);
  store_ = std::make_unique<diagram::Store>(widths);
}

Result<PacketSpace> PacketSpace::create(const policy::SymbolTable& symbols,
                                        std::span<const policy::PredicatePtr> predicates) {
  Questions questions(symbols);
  for (const policy::PredicatePtr& each : predicates) questions.collect(*each);
  auto found = questions.take();
  if (found.size() > kMaxQuestions) {
    return fail(Error{"more than " + std::to_string(kMaxQuestions) +
                      " different conditions on routes are too many to compare"});
  }
  return PacketSpace(symbols, std::move(found));
}

Diagram PacketSpace::of(const policy::Predicate& predicate) {
  return Builder(*this).build(predicate);
}

Diagram PacketSpace::all(policy::Direction direction) {
  const Diagram ip4 =
      store_->test(index_of(net::Field::kEthType), net::kEthTypeIpv4, net::kEthTypeIpv4);
  const Diagram ip6 =
      store_->test(index_of(net::Field::kEthType), net::kEthTypeIpv6, net::kEthTypeIpv6);
  std::vector<Diagram> senders;
  for (const auto& each : symbols_->participants) {
    const bool own = each.id == symbols_->owner;
    if (own != (direction == policy::Direction::kOutbound)) continue;
    const std::uint64_t value = sender_value(each.id);
    senders.push_back(store_->test(kSenderField, value, value));
  }
  return store_->conjunction(store_->disjunction(ip4, ip6), store_->disjunction(senders));
}

std::string PacketSpace::choose_sender(Diagram& rest) {
  const Diagram set = rest;
  bool chosen = false;
  bool matters = false;
  std::string name;
  for (const auto& each : symbols_->participants) {
    const Diagram sent = store_->cofactor(set, kSenderField, sender_value(each.id));
    if (sent == store_->none()) {
      matters = matters || each.id != symbols_->owner;
      continue;
    }
    matters = matters || (chosen && sent != rest);
    if (chosen) continue;
    chosen = true;
    rest = sent;
    name = each.id == symbols_->owner ? "" : each.name;
  }
  return matters && !name.empty() ? " from " + name : "";
}

std::string PacketSpace::choose_answers(Diagram& rest) {
  std::string text;
  for (const auto& [question, field] : questions_) {
    const Diagram no = store_->cofactor(rest, field, 0);
    const Diagram yes = store_->cofactor(rest, field, 1);
    if (yes == no) continue;
    const bool answer = yes != store_->none();
    text += (text.empty() ? ", where " : " and ") + std::string(answer ? "" : "not ") + question;
    rest = answer ? yes : no;
  }
  return text;
}

std::optional<std::string> PacketSpace::example(Diagram set) {
  const auto packet = witness(*store_, set);
  if (!packet) return std::nullopt;
  Diagram rest = set;
  net::HashKeys hashed;
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    const auto field = static_cast<net::Field>(i);
    const Diagram before = rest;
    rest = store_->cofactor(rest, index_of(field), net::value_of(*packet, field));
    for (const net::HashKey key : net::kHashKeys) {
      if (field == net::bucket_field(key) && rest != before) hashed.add(key);
    }
  }
  const std::string sender = choose_sender(rest);
  return net::to_string(*packet) + net::bucket_text(*packet, hashed) + sender +
         choose_answers(rest);
}

}  // namespace fabrix::compiler
