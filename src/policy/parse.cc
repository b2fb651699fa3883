#include "policy/parse.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "policy/elaborate.h"
#include "policy/lexer.h"
#include "policy/lower.h"
#include "policy/lower_queries.h"
#include "policy/parser.h"
#include "policy/readings.h"
#include "policy/report.h"

namespace fabrix::policy {
namespace {

struct Pragmas {
  std::optional<Precedence> precedence;
  bool overlap_first = false;
};

Pragmas read_pragmas(const Lexed& lexed, Report& report) {
  Pragmas result;
  for (const Pragma& each : lexed.pragmas) {
    if (each.name == "precedence" && each.value == "paper") {
      result.precedence = Precedence::kPaper;
    } else if (each.name == "precedence" && each.value == "pyretic") {
      result.precedence = Precedence::kPyretic;
    } else if (each.name == "overlap" && each.value == "first") {
      result.overlap_first = true;
    } else {
      report.error(
          "P0112", each.at, "unknown pragma",
          "#pragma precedence = paper, #pragma precedence = pyretic or #pragma overlap = first");
    }
  }
  return result;
}

// A list that decides nothing is no list: final_policy gives most texts only one direction.
bool decides(const ClauseList& list) {
  return std::any_of(list.clauses.begin(), list.clauses.end(), [](const Clause& each) {
    return !std::holds_alternative<UseDefault>(each.verdict) || !each.writes.empty() ||
           !each.extras.empty();
  });
}

ClauseList lower_clauses(const Checked& checked, Direction direction, Report& report) {
  const TermPtr& term = checked.of(direction);
  const bool received = checked.from_final && direction == Direction::kInbound;
  // What one half of final_policy leaves out applies in the other.
  Report unheard("");
  ClauseList list =
      lower(*term, received ? Keep::kForwardsOnly : Keep::kEverything, received ? unheard : report);
  return checked.from_final && !decides(list) ? ClauseList{} : std::move(list);
}

// As final_policy: what one half leaves out applies in the other. A claim that decides nothing is
// about what is sent.
Invariant lower_invariant(const CheckedInvariant& checked, Report& report) {
  const InvariantSyntax& syntax = *checked.syntax;
  const bool isolated = syntax.kind == InvariantKind::kIsolated;
  Invariant invariant;
  invariant.name = syntax.name;
  invariant.kind = isolated ? InvariantKind::kNever : syntax.kind;
  invariant.at = syntax.at;
  invariant.predicates = checked.predicates;
  if (checked.outbound == nullptr) return invariant;
  Report unheard("");
  invariant.outbound = lower(*checked.outbound, Keep::kEverything, unheard);
  invariant.inbound = lower(*checked.inbound, Keep::kForwardsOnly, unheard);
  for (const Diagnostic& each : unheard.take()) {
    if (each.severity == Severity::kError) report.add(each);
  }
  const bool received = decides(invariant.inbound);
  if (received && !decides(invariant.outbound)) invariant.outbound = {};
  if (!received) invariant.inbound = {};
  return invariant;
}

ClauseList lower_direction(const Checked& checked, Direction direction, const SymbolTable& symbols,
                           Report& report) {
  const TermPtr& term = checked.of(direction);
  if (term == nullptr) return {};
  ClauseList list = lower_clauses(checked, direction, report);
  if (!report.failed()) list.queries = lower_queries(*term, direction, symbols, report);
  return list;
}

bool is_empty(const ClauseList& list) {
  return list.clauses.empty() && list.queries.empty();
}

class Compilation {
 public:
  Compilation(const Lexed& lexed, const SymbolTable& symbols, Report& report)
      : lexed_(lexed), symbols_(symbols), report_(report) {}

  Policy run() {
    const Pragmas pragmas = read_pragmas(lexed_, report_);
    const Precedence precedence = pragmas.precedence.value_or(Precedence::kPaper);
    const File file = parse_file(lexed_, precedence, report_);
    check_block(file);
    const Checked checked = elaborate(file, symbols_, report_);
    Policy policy;
    policy.overlap_first = pragmas.overlap_first;
    // Also after an error: there may be something to say about the other section.
    policy.outbound = lower_direction(checked, Direction::kOutbound, symbols_, report_);
    policy.inbound = lower_direction(checked, Direction::kInbound, symbols_, report_);
    for (const CheckedInvariant& each : checked.invariants) {
      policy.invariants.push_back(lower_invariant(each, report_));
    }
    if (report_.failed()) return policy;
    note_ignored(file, policy);
    if (!pragmas.precedence) compare_readings(file, checked, policy);
    return policy;
  }

 private:
  void check_block(const File& file) {
    const auto owner = std::find_if(symbols_.participants.begin(), symbols_.participants.end(),
                                    [this](const auto& each) { return each.id == symbols_.owner; });
    if (!file.block || owner == symbols_.participants.end()) return;
    if (owner->name == file.block->name) return;
    report_.warning("P0113", file.block->at,
                    "this says that it is the policy of '" + file.block->name +
                        "', and it is read as that of '" + owner->name + "'",
                    "name the participant whose policy it is, or leave out the block");
  }

  void note_ignored(const File& file, const Policy& policy) {
    for (const Section& section : file.sections) {
      const bool empty = is_empty(policy.outbound) && is_empty(policy.inbound);
      if (section.kind != SectionKind::kFinal || !empty) continue;
      report_.note("P0308", section.at, "final_policy decides nothing: ignored",
                   "forward with >> fwd(B), or drop");
    }
  }

  void compare_readings(const File& file, const Checked& paper, const Policy& policy) {
    const bool mixes = std::any_of(file.sections.begin(), file.sections.end(),
                                   [](const Section& each) { return each.mixes.has_value(); });
    if (!mixes) return;
    // What Python's reading makes an error of was not meant that way.
    Report unheard("");
    const File other = parse_file(lexed_, Precedence::kPyretic, unheard);
    const Checked pyretic = elaborate(other, symbols_, unheard);
    if (unheard.failed()) return;
    for (const Section& section : file.sections) {
      for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
        if (!section.mixes || paper.of(direction) == nullptr || !covers(section, direction))
          continue;
        const ClauseList clauses = lower_direction(pyretic, direction, symbols_, unheard);
        // It multiplies out to more than a policy may have, so it is not what the paper's says.
        if (unheard.failed()) return warn(*section.mixes, {});
        const auto witness = difference({paper.of(direction), policy.of(direction)},
                                        {pyretic.of(direction), clauses}, symbols_);
        if (witness) warn(*section.mixes, *witness);
      }
    }
  }

  static bool covers(const Section& section, Direction direction) {
    if (section.kind == SectionKind::kFinal) return true;
    return (section.kind == SectionKind::kInbound) == (direction == Direction::kInbound);
  }

  void warn(const SourceSpan& at, std::string witness) {
    report_.add({.severity = Severity::kWarning,
                 .code = "P0302",
                 .message = "read as the paper does, '>>' before '+'; Python reads it otherwise",
                 .file = {},
                 .at = at,
                 .witness = std::move(witness),
                 .help = "write parentheses, or #pragma precedence = paper (or pyretic)"});
  }

  const Lexed& lexed_;
  const SymbolTable& symbols_;
  Report& report_;
};

bool needs_names(const Diagnostic& diagnostic) {
  constexpr std::array<std::string_view, 4> kCodes{"P0202", "P0303", "P0304", "P0305"};
  return std::find(kCodes.begin(), kCodes.end(), diagnostic.code) != kCodes.end();
}

bool refuses_length(std::string_view text, Report& report) {
  if (text.size() <= kMaxPolicySize) return false;
  report.error("P0403", {}, "a policy is at most " + std::to_string(kMaxPolicySize) + " octets");
  return true;
}

}  // namespace

Result<Parsed, std::vector<Diagnostic>> parse(std::string_view text, std::string_view file,
                                              const SymbolTable& symbols) {
  Report report(file);
  if (refuses_length(text, report)) return fail(report.take());
  const Lexed lexed = lex(text, report);
  Policy policy = Compilation(lexed, symbols, report).run();
  const bool failed = report.failed();
  std::vector<Diagnostic> diagnostics = report.take();
  if (failed) return fail(std::move(diagnostics));
  return Parsed{std::move(policy), std::move(diagnostics)};
}

std::vector<Diagnostic> check_alone(std::string_view text, std::string_view file) {
  Report report(file);
  if (refuses_length(text, report)) return report.take();
  const Lexed lexed = lex(text, report);
  Compilation(lexed, {}, report).run();
  std::vector<Diagnostic> diagnostics = report.take();
  diagnostics.erase(std::remove_if(diagnostics.begin(), diagnostics.end(), needs_names),
                    diagnostics.end());
  return diagnostics;
}

std::optional<std::string> block_name(std::string_view text) {
  Report unheard("");
  if (refuses_length(text, unheard)) return std::nullopt;
  const auto file = parse_file(lex(text, unheard), Precedence::kPaper, unheard);
  if (!file.block) return std::nullopt;
  return file.block->name;
}

}  // namespace fabrix::policy
