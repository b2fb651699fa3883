// The exchange that the tests of the policy language live in, and short ways to say things.
//
//   A: router a1 on port 1    B: b1 on 2    C: c1 on 3 and c2 on 4    D: d1 on 5, no peering with
//   anyone; nor has E: e1 on 6, and middlebox ports e2 on 7 and e3 on 8
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "policy/describe.h"
#include "policy/parse.h"

namespace fabrix::policy {

inline SymbolTable world(std::string_view owner) {
  SymbolTable symbols;
  symbols.participants = {
      {"A", {0}, {{"a1", {0}, {1}}}, true},
      {"B", {1}, {{"b1", {1}, {2}}}, true},
      {"C", {2}, {{"c1", {2}, {3}}, {"c2", {3}, {4}}}, true},
      {"D", {3}, {{"d1", {4}, {5}}}, false},
      {"E", {4}, {{"e1", {5}, {6}}, {"e2", {6}, {7}, true}, {"e3", {7}, {8}, true}}, false},
  };
  for (auto& each : symbols.participants) {
    if (each.name != owner) continue;
    symbols.owner = each.id;
    each.peer = false;
  }
  return symbols;
}

inline std::string rendered(const std::vector<Diagnostic>& diagnostics, std::string_view text) {
  return render(diagnostics, text);
}

inline Parsed parsed(std::string_view text, std::string_view owner = "A") {
  auto result = parse(text, "A.policy", world(owner));
  if (result) return *std::move(result);
  ADD_FAILURE() << rendered(result.error(), text);
  return {};
}

// The clauses in words, one a line.
inline std::string clauses_of(const ClauseList& list, std::string_view owner = "A") {
  std::string result;
  for (const Clause& each : list.clauses) result += describe(each, world(owner)) + "\n";
  return result;
}

inline std::string outbound(std::string_view expression) {
  return clauses_of(parsed("outbound = " + std::string(expression)).policy.outbound);
}

inline std::string inbound(std::string_view expression) {
  return clauses_of(parsed("inbound = " + std::string(expression), "C").policy.inbound, "C");
}

// All that is reported, errors or not, as "P0201 message".
inline std::vector<Diagnostic> reported(std::string_view text, std::string_view owner = "A") {
  auto result = parse(text, "A.policy", world(owner));
  return result ? result->diagnostics : result.error();
}

inline std::string codes(std::string_view text, std::string_view owner = "A") {
  std::string result;
  for (const Diagnostic& each : reported(text, owner)) {
    if (!result.empty()) result += ' ';
    result += each.code;
  }
  return result;
}

}  // namespace fabrix::policy
