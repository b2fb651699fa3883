// Syntax of `invariant` statements, before any name is looked up. docs/policy.md, "Invariants".
//
// As policy/syntax.h: immutable once parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace fabrix::policy {

struct Syntax;

enum class InvariantKind : std::uint8_t {
  kWithin,    // p <= q: every packet of p is one of q
  kEqual,     // p == q: the same packets
  kDiffer,    // p != q: not the same packets
  kNever,     // never e
  kAlways,    // always e
  kIsolated,  // isolated(t, u)
};

// invariant NAME: ...
struct InvariantSyntax {
  std::string name;
  InvariantKind kind = InvariantKind::kWithin;
  std::vector<std::shared_ptr<const Syntax>> operands;  // one for never and always, else two
  SourceSpan at;                                        // of the name
  std::size_t definitions_before = 0;                   // it sees those
};

}  // namespace fabrix::policy
