// FsmPolicy: a policy whose meaning depends on the states of its fsms, kept ready to be read in any
// of them.
//
// At any moment the meaning is a plain Policy: the packets whose instance of an fsm is in one of a
// case's states are that case's. A packet has one instance of each fsm, so the policies in which
// all packets are in the same states (`combinations`) say all that can come about: parse() has read
// every one of them, and nothing in the text can turn out wrong later. Immutable; any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/assemble.h"
#include "policy/fsm_elaborate.h"
#include "policy/fsm_machine.h"
#include "policy/fsm_predicate.h"
#include "policy/lexer.h"
#include "policy/parse.h"
#include "policy/parser.h"
#include "policy/policy.h"
#include "policy/report.h"

namespace fabrix::policy {

// Combinations of states that read differently, of all fsms of a policy.
inline constexpr std::size_t kMaxCombinations = 128;
// The clauses of all of them.
inline constexpr std::size_t kMaxCombinedClauses = 20'000;

// A state of each fsm.
using Combination = std::vector<StateId>;

class FsmPolicy {
 public:
  // What the pragmas of the text say.
  struct Options {
    Precedence precedence = Precedence::kPaper;
    bool overlap_first = false;
    bool count_clauses = false;
  };
  // Null: something is wrong with the text, and reported; of its syntax the caller has told.
  static std::shared_ptr<const FsmPolicy> create(std::string_view text, const SymbolTable& symbols,
                                                 const Options& options, Report& report);

  FsmPolicy(const FsmPolicy&) = delete;
  ~FsmPolicy() = default;
  FsmPolicy& operator=(const FsmPolicy&) = delete;
  FsmPolicy(FsmPolicy&&) = delete;
  FsmPolicy& operator=(FsmPolicy&&) = delete;

  const std::vector<Event>& events() const { return fsms_.events; }
  const SymbolTable& symbols() const { return symbols_; }
  const std::vector<Machine>& machines() const { return fsms_.machines; }

  // The policy where each fsm has these instances. It fails where that takes too many clauses or
  // too deep conditions (P0401, P0402).
  Result<Policy, std::vector<Diagnostic>> read(const std::vector<Instances>& instances) const;

  // One of each kind, the initial one first.
  const std::vector<Combination>& combinations() const { return combinations_; }
  // The policy where all packets are in these states.
  Assembly read(const Combination& combination, Report& report) const;
  // Whether a packet may see two instances of one fsm, before a write and after it. Then there are
  // policies that are no combination's.
  bool may_reclassify() const { return may_reclassify_; }
  // By state of a machine: the one that stands for all that read as it does.
  const std::vector<StateId>& kinds(std::size_t machine) const { return kinds_[machine]; }
  // "auth: state=in; ids: state=clean"
  std::string describe(const Combination& combination) const;

  // All fsms in their initial states, for all packets.
  FsmContext initially() const { return context(combinations_.front()); }
  std::vector<Instances> no_instances() const {
    return std::vector<Instances>(fsms_.machines.size());
  }

 private:
  FsmPolicy(std::string_view text, SymbolTable symbols, const Options& options)
      : text_(text), symbols_(std::move(symbols)), options_(options) {}
  FsmContext context(const Combination& combination) const;
  void combine(Report& report);
  void look_ahead(Report& report);
  void foresee(const Policy& policy);

  std::string text_;  // the syntax views it
  SymbolTable symbols_;
  Options options_;
  Lexed lexed_;
  File file_;
  Fsms fsms_;
  std::vector<std::vector<StateId>> kinds_;  // by machine
  std::vector<Combination> combinations_;
  std::vector<Clause> foreseen_;
  bool may_reclassify_ = false;
};

}  // namespace fabrix::policy
