// PacketSpace: sets of packets as diagrams, for questions about a policy that hold whatever the
// routes are.
//
// What a predicate asks of routes (prefixes(B), say) is opaque: each such question is a field of
// its own, of one bit, that may be anything for any packet. The packets are those that policy
// tables see: IPv4 and IPv6, sent by the owner (outbound) or by one of the others (inbound).
//
// Not thread-safe, as its diagram::Store.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "diagram/diagram.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

class PacketSpace {
 public:
  // For these predicates. Fails if they ask more than kMaxQuestions different things of routes.
  // `symbols` must outlive this.
  static Result<PacketSpace> create(const policy::SymbolTable& symbols,
                                    std::span<const policy::PredicatePtr> predicates);

  diagram::Diagram of(const policy::Predicate& predicate);
  diagram::Diagram all(policy::Direction direction);
  diagram::Store& store() { return *store_; }

  // A packet of the set, such as a person would write it, and what else makes it one: "tcp
  // 100.0.0.1:1024 -> 140.0.0.1:80 from B, where dst_in(prefixes(C))". None: the set is empty.
  std::optional<std::string> example(diagram::Diagram set);

  static constexpr std::size_t kMaxQuestions = 38;

 private:
  PacketSpace(const policy::SymbolTable& symbols,
              std::map<std::string, diagram::FieldIndex> questions);

  class Builder;

  std::string choose_sender(diagram::Diagram& rest);
  std::string choose_answers(diagram::Diagram& rest);

  const policy::SymbolTable* symbols_;
  std::map<std::string, diagram::FieldIndex> questions_;
  std::unique_ptr<diagram::Store> store_;
};

}  // namespace fabrix::compiler
