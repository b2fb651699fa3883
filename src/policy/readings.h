// Readings: does a text that mixes `+` and `>>` mean the same in the paper's precedence and in
// Python's?
//
// Decided by trying packets: for every clause of either reading one that it holds for, each of
// these varied to every value at which some test changes, and random mixtures of such values. A
// difference found is real; one at a combination of values that is never tried may be missed.
// Deterministic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "net/field.h"
#include "net/packet.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/term.h"

namespace fabrix::policy {

inline constexpr std::size_t kMaxProbes = 4000;

// A reading of one section.
struct Reading {
  TermPtr term;
  ClauseList clauses;
};

// Packets at and around the values that the clauses test, made when they are asked for: most
// differences show with the first few.
class Probes {
 public:
  Probes(const ClauseList& a, const ClauseList& b);

  // None after kMaxProbes.
  std::optional<net::Packet> next();

 private:
  std::vector<net::Packet> witnesses_;
  std::map<net::Field, std::vector<std::uint64_t>> boundaries_;
  std::vector<std::pair<net::Field, std::uint64_t>> variations_;  // of each witness
  std::mt19937 random_{1};
  std::size_t made_ = 0;
};

// A packet that the two treat differently, and how; none if none was found.
std::optional<std::string> difference(const Reading& paper, const Reading& pyretic,
                                      const SymbolTable& symbols);

}  // namespace fabrix::policy
