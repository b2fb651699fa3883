#include "policy/parse.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/suggest.h"
#include "base/utf8.h"
#include "policy/assemble.h"
#include "policy/chain_order.h"
#include "policy/chains.h"
#include "policy/clause_counters.h"
#include "policy/elaborate.h"
#include "policy/fsm_elaborate.h"
#include "policy/fsm_policy.h"
#include "policy/lexer.h"
#include "policy/parser.h"
#include "policy/readings.h"
#include "policy/report.h"

namespace fabrix::policy {
namespace {

struct Pragmas {
  std::optional<Precedence> precedence;
  bool overlap_first = false;
  bool count_clauses = false;
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
    } else if (each.name == "count" && each.value == "clauses") {
      result.count_clauses = true;
    } else {
      report.error("P0112", each.at, "unknown pragma",
                   "#pragma precedence = paper, #pragma precedence = pyretic, "
                   "#pragma overlap = first or #pragma count = clauses");
    }
  }
  return result;
}

bool is_empty(const ClauseList& list) {
  return list.clauses.empty() && list.queries.empty();
}

class Compilation {
 public:
  Compilation(std::string_view text, const SymbolTable& symbols, Report& report)
      : text_(text), lexed_(lex(text, report)), symbols_(symbols), report_(report) {}

  Parsed run() {
    const Pragmas pragmas = read_pragmas(lexed_, report_);
    const Precedence precedence = pragmas.precedence.value_or(Precedence::kPaper);
    const File file = parse_file(lexed_, precedence, report_);
    check_block(file);
    check_chains(file, symbols_, report_);
    Parsed parsed = judged(file, pragmas);
    note_unused(file);  // last, since the messages are bounded
    return parsed;
  }

 private:
  Parsed judged(const File& file, const Pragmas& pragmas) {
    const Precedence precedence = pragmas.precedence.value_or(Precedence::kPaper);
    Parsed parsed;
    read_fsms(file, {precedence, pragmas.overlap_first, pragmas.count_clauses}, parsed);
    const FsmContext fsms = parsed.fsms ? parsed.fsms->initially() : FsmContext{};
    // What is odd about a policy with fsms has been told: odd in all of their states.
    Report unheard = report_.aside();
    Assembly assembly = assemble(file, symbols_, fsms, parsed.fsms ? unheard : report_);
    assembly.policy.overlap_first = pragmas.overlap_first;
    if (pragmas.count_clauses) count_clauses(assembly.policy, symbols_);
    if (!parsed.fsms) ChainOrder(symbols_, report_).add(assembly.policy);
    report_.spend(0, {});  // too much may have been what nobody heard of
    if (report_.failed()) return parsed;
    note_ignored(file, assembly.policy);
    if (!pragmas.precedence) compare_readings(file, assembly, fsms);
    if (!parsed.fsms) parsed.policy = std::move(assembly.policy);
    return parsed;
  }

  // What nothing names does nothing, and may be a section that is misspelt.
  void note_unused(const File& file) {
    std::unordered_map<std::string_view, std::size_t> mentions;
    for (const Token& token : lexed_.tokens) {
      if (token.kind == TokenKind::kName) ++mentions[token.text];
    }
    for (const Definition& each : file.definitions) {
      const SyntaxKind kind = each.body->kind;
      // These are read and checked by themselves.
      const bool is_told =
          kind == SyntaxKind::kError || kind == SyntaxKind::kMachine || kind == SyntaxKind::kChain;
      if (!is_told && mentions[each.name] == 1) note_unused(file, each);
    }
  }

  void note_unused(const File& file, const Definition& definition) {
    const std::string message = quoted(definition.name) + " is defined and not used";
    const std::array<std::string, 3> sections{"outbound", "inbound", "final_policy"};
    if (const auto section = nearest(definition.name, sections)) {
      report_.warning("P0114", definition.at, message, "did you mean " + quoted(*section) + "?");
    } else if (report_.failed()) {
      // What would use it may be what could not be read.
    } else if (file.sections.empty()) {
      report_.warning("P0114", definition.at, message,
                      "what a policy does is said by outbound, inbound or final_policy");
    } else {
      report_.note("P0114", definition.at, message, "nor is it checked");
    }
  }

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

  void read_fsms(const File& file, const FsmPolicy::Options& options, Parsed& into) {
    const bool any = !file.machines.empty() || !file.events.empty();
    if (!any) return;
    if (report_.failed()) {
      check_fsms(file, report_);  // for what is wrong with them
      return;
    }
    auto fsms = FsmPolicy::create(text_, symbols_, options, report_);
    if (fsms == nullptr) return;
    auto policy = fsms->read(fsms->no_instances());
    // What is wrong in the initial states has been reported.
    if (!policy) return;
    into.policy = *std::move(policy);
    if (!file.machines.empty()) into.fsms = std::move(fsms);
  }

  void note_ignored(const File& file, const Policy& policy) {
    for (const Section& section : file.sections) {
      const bool empty = is_empty(policy.outbound) && is_empty(policy.inbound);
      if (section.kind != SectionKind::kFinal || !empty) continue;
      report_.note("P0308", section.at, "final_policy decides nothing: ignored",
                   "forward with >> fwd(B), or drop");
    }
  }

  void compare_readings(const File& file, const Assembly& assembly, const FsmContext& fsms) {
    const Checked& paper = assembly.checked;
    const Policy& policy = assembly.policy;
    const bool mixes = std::any_of(file.sections.begin(), file.sections.end(),
                                   [](const Section& each) { return each.mixes.has_value(); });
    if (!mixes) return;
    // What Python's reading makes an error of was not meant that way.
    Report unheard("");
    const File other = parse_file(lexed_, Precedence::kPyretic, unheard);
    const Checked pyretic = elaborate(other, symbols_, unheard, fsms);
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

  std::string_view text_;
  Lexed lexed_;
  const SymbolTable& symbols_;
  Report& report_;
};

bool needs_names(const Diagnostic& diagnostic) {
  constexpr std::array<std::string_view, 4> kCodes{"P0202", "P0303", "P0304", "P0305"};
  return std::find(kCodes.begin(), kCodes.end(), diagnostic.code) != kCodes.end();
}

// Too long, or no text.
bool refuses(std::string_view text, Report& report) {
  if (text.size() > kMaxPolicySize) {
    report.error("P0403", {}, "a policy is at most " + std::to_string(kMaxPolicySize) + " octets");
    return true;
  }
  const std::string_view good = text.substr(0, utf8_prefix(text));
  if (good.size() == text.size()) return false;
  const auto line = std::count(good.begin(), good.end(), '\n');
  const std::size_t line_start = good.rfind('\n') + 1;  // npos + 1 is 0
  report.error("P0001",
               {static_cast<std::uint32_t>(line) + 1,
                static_cast<std::uint32_t>(good.size() - line_start) + 1, 1},
               "this is no UTF-8", "save the file as UTF-8");
  return true;
}

}  // namespace

Result<Parsed, std::vector<Diagnostic>> parse(std::string_view text, std::string_view file,
                                              const SymbolTable& symbols) {
  Report report(file);
  if (refuses(text, report)) return fail(report.take());
  Parsed parsed = Compilation(text, symbols, report).run();
  const bool failed = report.failed();
  parsed.diagnostics = report.take();
  if (failed) return fail(std::move(parsed.diagnostics));
  return parsed;
}

std::vector<Diagnostic> check_alone(std::string_view text, std::string_view file) {
  Report report(file);
  if (refuses(text, report)) return report.take();
  Compilation(text, {}, report).run();
  std::vector<Diagnostic> diagnostics = report.take();
  diagnostics.erase(std::remove_if(diagnostics.begin(), diagnostics.end(), needs_names),
                    diagnostics.end());
  return diagnostics;
}

std::optional<std::string> block_name(std::string_view text) {
  Report unheard("");
  if (refuses(text, unheard)) return std::nullopt;
  const auto file = parse_file(lex(text, unheard), Precedence::kPaper, unheard);
  if (!file.block) return std::nullopt;
  return file.block->name;
}

}  // namespace fabrix::policy
