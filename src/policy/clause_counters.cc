#include "policy/clause_counters.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/fnv.h"
#include "policy/describe.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

// What it is called by; a long text by how it begins, and a number of its own.
std::string label_of(std::string text, std::uint64_t hash) {
  constexpr std::size_t kLongest = 72;
  if (text.size() <= kLongest) return text;
  text.resize(kLongest);
  return text + "...#" + std::to_string(hash);
}

std::uint64_t hash_of(Direction direction, const std::string& text) {
  Fnv fnv;
  fnv.add(static_cast<std::uint64_t>(direction));
  fnv.add(text);
  return fnv.value();
}

void count_clauses(Direction direction, ClauseList& list, const SymbolTable& symbols) {
  std::map<std::string, int> alike;
  for (Clause& clause : list.clauses) {
    if (is_never(*clause.when)) continue;
    std::string text = describe(clause, symbols);
    const int number = ++alike[text];
    if (number > 1) text += " #" + std::to_string(number);
    const std::uint64_t hash = hash_of(direction, text);
    // The top bit is for other counters (program/drop.h).
    clause.counter = std::make_shared<const ClauseCounter>(
        ClauseCounter{.id = hash >> 1U, .label = label_of(std::move(text), hash)});
  }
}

}  // namespace

void count_clauses(Policy& policy, const SymbolTable& symbols) {
  policy.counts_clauses = true;
  count_clauses(Direction::kOutbound, policy.outbound, symbols);
  count_clauses(Direction::kInbound, policy.inbound, symbols);
  // No packet is theirs, but members are told now what counting needs then.
  const auto some = std::make_shared<const ClauseCounter>();
  for (Clause& clause : policy.foreseen) clause.counter = some;
}

}  // namespace fabrix::policy
