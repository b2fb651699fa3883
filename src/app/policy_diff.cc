// `fabrix policy diff`: which packets two versions of a policy treat differently, of all packets
// and whatever the routes are.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/arguments.h"
#include "app/commands.h"
#include "app/policy_file.h"
#include "app/policy_states.h"
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
  const PolicyFile& before;
  const PolicyFile& after;
};

enum class Output : std::uint8_t { kText, kJson };

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

// Of one pair of states and one direction.
struct Found {
  const VersionsInStates& in;
  Direction direction;
  std::vector<Change> changes;
};

void print(const Versions& versions, const Found& found) {
  fmt::print("{}{}{}: {} change{}\n", word_for(found.direction),
             found.in.states.empty() ? "" : ", ", found.in.states, found.changes.size(),
             found.changes.size() == 1 ? "" : "s");
  const ClauseList& before = found.in.before->of(found.direction);
  const ClauseList& after = found.in.after->of(found.direction);
  for (const Change& change : found.changes) {
    const std::size_t width = std::max(change.before.size(), change.after.size());
    fmt::print("  such as {}\n", change.witness);
    fmt::print("    was: {:{}}  ({})\n", change.before, width,
               places(versions.before, before, change.clauses_before));
    fmt::print("    now: {:{}}  ({})\n", change.after, width,
               places(versions.after, after, change.clauses_after));
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

void append(json::array& all, const Versions& versions, const Found& found) {
  const ClauseList& before = found.in.before->of(found.direction);
  const ClauseList& after = found.in.after->of(found.direction);
  for (const Change& change : found.changes) {
    all.push_back(json::object{
        {"direction", word_for(found.direction)},
        {"states", found.in.states},
        {"witness", change.witness},
        {"before", change.before},
        {"after", change.after},
        {"clauses_before", places_in_json(versions.before, before, change.clauses_before)},
        {"clauses_after", places_in_json(versions.after, after, change.clauses_after)},
    });
  }
}

// Changes that other states showed already are not told again.
void remove_known(std::vector<Change>& changes, Direction direction,
                  std::set<std::tuple<Direction, std::string, std::string, std::string>>& known) {
  std::erase_if(changes, [&](const Change& each) {
    return !known.emplace(direction, each.witness, each.before, each.after).second;
  });
}

Result<std::vector<Found>> changes_of(const std::vector<VersionsInStates>& pairs,
                                      const policy::SymbolTable& symbols) {
  std::vector<Found> all;
  std::set<std::tuple<Direction, std::string, std::string, std::string>> known;
  for (const VersionsInStates& each : pairs) {
    for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
      FABRIX_TRY(auto changes, compiler::compare(each.before->of(direction),
                                                 each.after->of(direction), direction, symbols));
      remove_known(changes, direction, known);
      if (!changes.empty()) all.push_back({each, direction, std::move(changes)});
    }
  }
  return all;
}

void tell(const Versions& versions, const std::vector<Found>& all, Output output) {
  json::array in_json;
  for (const Found& found : all) {
    if (output == Output::kJson) {
      append(in_json, versions, found);
    } else {
      print(versions, found);
    }
  }
  if (output == Output::kJson) {
    fmt::print("{}\n", json::serialize(in_json));
  } else if (all.empty()) {
    fmt::print("no packet changes\n");
  }
}

Result<ExitCode, ExitCode> compare(const Arguments& arguments) {
  const auto words = Words(arguments.words()).subspan(1);
  Subjects subjects(arguments);
  FABRIX_TRY(const Subject subject, sole_subject(subjects, words[1]));
  FABRIX_TRY(const PolicyFile before, read_policy(subject, words[0]));
  FABRIX_TRY(const PolicyFile after, read_policy(subject, words[1]));
  const auto symbols = controller::symbols_for(*subject.exchange, subject.owners.front());
  const auto pairs = in_all_states(before, after);
  if (!pairs) return complain(ExitCode::kFailed, pairs.error().message);
  const auto changes = changes_of(*pairs, symbols);
  if (!changes) return complain(ExitCode::kFailed, changes.error().message);
  tell({before, after}, *changes, arguments.has("--json") ? Output::kJson : Output::kText);
  return changes->empty() ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

ExitCode policy_diff(const Arguments& arguments) {
  if (arguments.words().size() != 3) return misused(kPolicyUsage);
  const auto compared = compare(arguments);
  return compared ? *compared : compared.error();
}

}  // namespace fabrix::app
