// `fabrix policy diff`: which packets two versions of a policy treat differently, of all packets
// and whatever the routes are.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_file.h"
#include "app/policy_subject.h"
#include "app/policy_verbs.h"
#include "compiler/fate.h"
#include "controller/symbols.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;
using compiler::Change;
using policy::ClauseList;
using policy::Direction;

struct Versions {
  PolicyFile before;
  PolicyFile after;
};

std::string_view word_for(Direction direction) {
  return direction == Direction::kOutbound ? "outbound" : "inbound";
}

// "  A.policy:2:13 and 3 more clauses"
std::string places(const PolicyFile& file, const ClauseList& list,
                   const std::vector<std::uint32_t>& clauses) {
  if (clauses.empty()) return "no clause";
  std::string text = place_of(file, list.clauses[clauses.front()].at);
  const std::size_t more = clauses.size() - 1;
  if (more > 0) text += fmt::format(" and {} more clause{}", more, more == 1 ? "" : "s");
  return text;
}

void print(const Versions& versions, Direction direction, const std::vector<Change>& changes) {
  fmt::print("{}: {} change{}\n", word_for(direction), changes.size(),
             changes.size() == 1 ? "" : "s");
  for (const Change& change : changes) {
    const std::size_t width = std::max(change.before.size(), change.after.size());
    fmt::print("  such as {}\n", change.witness);
    fmt::print(
        "    was: {:{}}  ({})\n", change.before, width,
        places(versions.before, versions.before.policy->of(direction), change.clauses_before));
    fmt::print("    now: {:{}}  ({})\n", change.after, width,
               places(versions.after, versions.after.policy->of(direction), change.clauses_after));
  }
}

json::array places_in_json(const PolicyFile& file, const ClauseList& list,
                           const std::vector<std::uint32_t>& clauses) {
  json::array all;
  for (const std::uint32_t clause : clauses) {
    const SourceSpan& at = list.clauses[clause].at;
    all.push_back(json::object{{"file", file.file}, {"line", at.line}, {"column", at.column}});
  }
  return all;
}

void append(json::array& all, const Versions& versions, Direction direction,
            const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const auto& before = versions.before.policy->of(direction);
    const auto& after = versions.after.policy->of(direction);
    all.push_back(json::object{
        {"direction", word_for(direction)},
        {"witness", change.witness},
        {"before", change.before},
        {"after", change.after},
        {"clauses_before", places_in_json(versions.before, before, change.clauses_before)},
        {"clauses_after", places_in_json(versions.after, after, change.clauses_after)},
    });
  }
}

enum class Output : std::uint8_t { kText, kJson };

ExitCode tell(const Versions& versions, const policy::SymbolTable& symbols, Output output) {
  const bool in_json = output == Output::kJson;
  json::array all;
  std::size_t count = 0;
  for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
    const auto changes =
        compiler::compare(versions.before.policy->of(direction),
                          versions.after.policy->of(direction), direction, symbols);
    if (!changes) return complain(ExitCode::kFailed, changes.error().message);
    count += changes->size();
    if (in_json) append(all, versions, direction, *changes);
    if (!in_json && !changes->empty()) print(versions, direction, *changes);
  }
  if (in_json) fmt::print("{}\n", json::serialize(all));
  if (!in_json && count == 0) fmt::print("no packet changes\n");
  return count == 0 ? ExitCode::kOk : ExitCode::kFailed;
}

Result<ExitCode, ExitCode> compare(const Arguments& arguments) {
  const auto words = Words(arguments.words()).subspan(1);
  Subjects subjects(arguments);
  FABRIX_TRY(const Subject subject, sole_subject(subjects, words[1]));
  FABRIX_TRY(PolicyFile before, read_policy(subject, words[0]));
  FABRIX_TRY(PolicyFile after, read_policy(subject, words[1]));
  const auto symbols = controller::symbols_for(*subject.exchange, subject.owners.front());
  return tell({std::move(before), std::move(after)}, symbols,
              arguments.has("--json") ? Output::kJson : Output::kText);
}

}  // namespace

ExitCode policy_diff(const Arguments& arguments) {
  if (arguments.words().size() != 3) return misused(kPolicyUsage);
  const auto compared = compare(arguments);
  return compared ? *compared : compared.error();
}

}  // namespace fabrix::app
