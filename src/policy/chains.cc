#include "policy/chains.h"

#include <algorithm>
#include <string>

#include "policy/predicate.h"

namespace fabrix::policy {

std::optional<std::vector<net::RouterId>> Chains::read(const std::vector<Bound>& links) const {
  std::vector<net::RouterId> all;
  bool good = true;
  for (const Bound& each : links) good = add(each, all, 0) && good;
  if (!good) return std::nullopt;
  if (!all.empty()) return all;
  report_.error("P0204", links.front().syntax->at, "a chain without a middlebox",
                "such as chain web = firewall >> scanner");
  return std::nullopt;
}

// False: reported.
// NOLINTNEXTLINE(misc-no-recursion): as deep as kMaxDepth.
bool Chains::add(const Bound& link, std::vector<net::RouterId>& all, unsigned depth) const {
  if (!names_.spend(link.syntax->at)) return false;
  if (depth >= kMaxDepth) {
    report_.error("P0402", link.syntax->at, "definitions are nested too deeply");
    return false;
  }
  const Bound settled = names_.settle(link);
  std::vector<Bound> parts;
  switch (settled.syntax->kind) {
    case SyntaxKind::kChain:
    case SyntaxKind::kSequence:
      parts = children_of(settled);
      break;
    case SyntaxKind::kList:
    case SyntaxKind::kComprehension:
      parts = names_.members(settled);
      break;
    default:
      return add_port(link, all);
  }
  bool good = true;
  for (const Bound& each : parts) good = add(each, all, depth + 1) && good;
  return good;
}

bool Chains::add_port(const Bound& link, std::vector<net::RouterId>& all) const {
  const Bound settled = names_.settle(link);
  const Syntax& syntax = *settled.syntax;
  if (syntax.kind == SyntaxKind::kName && names_.knows(syntax.text)) {
    names_.report_unknown(syntax.text, syntax.at);  // it is defined here or below
    return false;
  }
  const auto port = targets_.own_middlebox(link);
  if (!port) return false;
  if (std::find(all.begin(), all.end(), *port) != all.end()) {
    report_.error("P0315", link.syntax->at, "a packet would pass a middlebox twice",
                  "each one of a chain is passed once");
    return false;
  }
  all.push_back(*port);
  if (all.size() != kMaxPassed + 1) return true;
  report_.error("P0408", link.syntax->at,
                "a packet passes at most " + std::to_string(kMaxPassed) + " middleboxes");
  return false;
}

void check_chains(const File& file, const SymbolTable& symbols, Report& report) {
  Names names(file, report);
  const Targets targets(symbols, names, report);
  const Chains chains(names, targets, report);
  for (std::size_t i = 0; i < file.definitions.size(); ++i) {
    const SyntaxPtr& body = file.definitions[i].body;
    if (body->kind == SyntaxKind::kChain) chains.read({{body, Names::outermost(i)}});
  }
}

}  // namespace fabrix::policy
