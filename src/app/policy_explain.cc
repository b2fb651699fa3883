// `fabrix policy explain`: which clause of a policy decides about a packet, and why the others do
// not.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
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
#include "app/policy_states.h"
#include "app/policy_subject.h"
#include "app/policy_verbs.h"
#include "compiler/fate.h"
#include "controller/symbols.h"
#include "net/flow_hash.h"
#include "net/packet.h"
#include "policy/balance.h"
#include "policy/describe.h"
#include "policy/explain.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;
using Outcome = policy::Trial::Outcome;
using Policies = std::vector<PolicyInStates>;

struct Question {
  net::Packet packet;
  std::optional<std::string> sender;
};

// "tcp 100.0.0.1:1024 -> 140.0.0.1:80 from B"
Result<Question> parse_question(std::string text) {
  Question question;
  constexpr std::string_view kFrom = " from ";
  const std::size_t from = text.rfind(kFrom);
  if (from != std::string::npos) {
    question.sender = text.substr(from + kFrom.size());
    text.resize(from);
  }
  FABRIX_TRY(question.packet, net::parse_packet(text));
  return question;
}

struct Case {
  const PolicyFile& file;
  const PolicyInStates& in;
  const policy::SymbolTable& symbols;
  const net::Packet& packet;
  policy::Viewpoint viewpoint;

  const policy::ClauseList& list() const { return in.policy->of(viewpoint.direction); }
};

// The destination after what the clause writes.
net::IpAddress destination(const policy::Clause& clause, const net::Packet& packet) {
  net::Packet changed = packet;
  for (const policy::Write& write : clause.writes)
    net::set_value(changed, write.field, write.value);
  return changed.dst_ip;
}

// What must be so for a clause that matches to be carried out; empty: nothing.
std::string condition(const Case& about, const policy::Trial& trial, const policy::Clause& clause) {
  std::string text = trial.outcome == Outcome::kDepends ? trial.reason : "";
  const bool outbound = about.viewpoint.direction == policy::Direction::kOutbound;
  const bool decided = std::holds_alternative<policy::Drop>(clause.verdict) ||
                       std::holds_alternative<policy::UseDefault>(clause.verdict);
  if (!outbound || decided) return text;
  const auto* forward = std::get_if<policy::Forward>(&clause.verdict);
  const std::string who =
      forward != nullptr ? policy::name_of(forward->target, about.symbols) : "a target";
  if (!text.empty()) text += " and ";
  return text + who + " announces " + destination(clause, about.packet).to_string();
}

std::string_view rank_of(std::size_t matched) {
  return matched == 0 ? "decides" : "else decides";
}

bool is_final(const Case& about, const policy::Trial& trial, const policy::Clause& clause) {
  return trial.outcome == Outcome::kMatches && condition(about, trial, clause).empty();
}

// "A sends", "A receives", "A receives from B"
std::string headline(const Case& about) {
  const auto name = [&](net::ParticipantId id) {
    for (const auto& each : about.symbols.participants) {
      if (each.id == id) return each.name;
    }
    return std::string();
  };
  std::string text = name(about.symbols.owner);
  if (about.viewpoint.direction == policy::Direction::kOutbound) return text + " sends";
  text += " receives";
  return about.viewpoint.sender ? text + " from " + name(*about.viewpoint.sender) : text;
}

// What the clause was written as; empty if it spans lines.
std::string_view written(const PolicyFile& file, const SourceSpan& at) {
  std::string_view text = file.text;
  for (std::uint32_t line = 1; line < at.line; ++line) text.remove_prefix(text.find('\n') + 1);
  return text.substr(0, text.find('\n')).substr(at.column - 1, at.length);
}

std::string text_of(const Case& about) {
  std::string text;
  std::size_t matched = 0;
  bool ends = false;
  for (const policy::Trial& trial :
       policy::explain(about.list(), about.packet, about.viewpoint, about.symbols)) {
    const policy::Clause& clause = about.list().clauses[trial.clause];
    text += fmt::format("  {}: {}\n", place_of(about.file, clause.at),
                        policy::describe(clause, about.symbols));
    if (trial.outcome == Outcome::kDoesNotMatch) {
      text += fmt::format("      does not apply: {}\n", trial.reason);
      continue;
    }
    const std::string when = condition(about, trial, clause);
    text += fmt::format("      {}: {}{}\n", rank_of(matched++),
                        compiler::deed(clause, about.symbols), when.empty() ? "" : ", if " + when);
    ends = is_final(about, trial, clause);
  }
  if (!ends)
    text += fmt::format("  {}: as BGP says\n", matched == 0 ? "no clause decides" : "else");
  return text;
}

// In states of fsms in which it is the same, once.
void print(const std::vector<Case>& cases) {
  std::set<std::string> told;
  for (const Case& about : cases) {
    const std::string head = headline(about);
    const std::string text = text_of(about);
    if (!told.insert(head + text).second) continue;
    fmt::print("{} {}{}{}{}\n{}", head, net::to_string(about.packet),
               net::bucket_text(about.packet, policy::hash_keys_of(about.list())),
               about.in.states.empty() ? "" : ", ", about.in.states, text);
  }
}

// Those that the clauses test, by key.
json::object buckets_of(const Case& about) {
  const net::HashKeys tested = policy::hash_keys_of(about.list());
  json::object buckets;
  for (const net::HashKey key : net::kHashKeys) {
    if (tested.contains(key)) buckets[net::name_of(key)] = net::bucket_of(about.packet, key);
  }
  return buckets;
}

json::object to_json(const Case& about) {
  json::array clauses;
  bool ends = false;
  for (const policy::Trial& trial :
       policy::explain(about.list(), about.packet, about.viewpoint, about.symbols)) {
    const policy::Clause& clause = about.list().clauses[trial.clause];
    const bool matches = trial.outcome != Outcome::kDoesNotMatch;
    clauses.push_back(json::object{
        {"file", about.file.file},
        {"line", clause.at.line},
        {"column", clause.at.column},
        {"text", written(about.file, clause.at)},
        {"clause", policy::describe(clause, about.symbols)},
        {"applies", matches},
        {"why_not", matches ? "" : trial.reason},
        {"action", matches ? compiler::deed(clause, about.symbols) : ""},
        {"if", matches ? condition(about, trial, clause) : ""},
    });
    ends = is_final(about, trial, clause);
  }
  const bool outbound = about.viewpoint.direction == policy::Direction::kOutbound;
  return {{"direction", outbound ? "outbound" : "inbound"},
          {"packet", net::to_string(about.packet)},
          {"states", about.in.states},
          {"buckets", buckets_of(about)},
          {"clauses", std::move(clauses)},
          {"else", ends ? "" : "as BGP says"}};
}

// From which the policies decide anything.
std::vector<policy::Viewpoint> own_viewpoints(net::ParticipantId owner, const Policies& policies) {
  using enum policy::Direction;
  const auto decides = [&policies](policy::Direction direction) {
    return std::ranges::any_of(policies, [direction](const PolicyInStates& each) {
      return !each.policy->of(direction).clauses.empty();
    });
  };
  std::vector<policy::Viewpoint> both;
  if (decides(kOutbound) || !decides(kInbound)) both.push_back({kOutbound, owner});
  if (decides(kInbound)) both.push_back({kInbound, std::nullopt});
  return both;
}

Result<std::vector<policy::Viewpoint>, ExitCode> viewpoints(const Question& question,
                                                            const Subject& subject,
                                                            const Policies& policies) {
  using enum policy::Direction;
  const net::ParticipantId owner = subject.owners.front();
  if (!question.sender) return own_viewpoints(owner, policies);
  const auto* sender = subject.exchange->find_participant(*question.sender);
  if (sender == nullptr) {
    return fail(
        complain(ExitCode::kNotFound, fmt::format("no participant of {} is called '{}'",
                                                  subject.exchange_file, *question.sender)));
  }
  if (sender->id == owner) return std::vector<policy::Viewpoint>{{kOutbound, owner}};
  return std::vector<policy::Viewpoint>{{kInbound, sender->id}};
}

Result<Question, ExitCode> question_of(Words words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  auto question = parse_question(text);
  if (question) return *std::move(question);
  return fail(complain(ExitCode::kBadInput, question.error().message));
}

Result<void, ExitCode> answer(const Arguments& arguments) {
  const auto words = Words(arguments.words()).subspan(1);
  FABRIX_TRY(const Question question, question_of(words.subspan(1)));
  Subjects subjects(arguments);
  FABRIX_TRY(const Subject subject, sole_subject(subjects, words.front()));
  FABRIX_TRY(const PolicyFile file, read_policy(subject, words.front()));
  const Policies policies = in_all_states(file);
  FABRIX_TRY(const auto views, viewpoints(question, subject, policies));
  const auto symbols = controller::symbols_for(*subject.exchange, subject.owners.front());
  std::vector<Case> cases;
  for (const policy::Viewpoint& view : views) {
    for (const PolicyInStates& in : policies) {
      cases.push_back({file, in, symbols, question.packet, view});
    }
  }
  if (!arguments.has("--json")) {
    print(cases);
    return {};
  }
  json::array all;
  for (const Case& about : cases) all.push_back(to_json(about));
  fmt::print("{}\n", json::serialize(all));
  return {};
}

}  // namespace

ExitCode policy_explain(const Arguments& arguments) {
  if (arguments.words().size() < 3) return misused(kPolicyUsage);
  const auto answered = answer(arguments);
  return answered ? ExitCode::kOk : answered.error();
}

}  // namespace fabrix::app
