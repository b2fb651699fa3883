#include "python/checked_policy.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <variant>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/queries.h"
#include "base/suggest.h"
#include "controller/symbols.h"
#include "net/prefix.h"
#include "policy/describe.h"
#include "policy/interpret.h"
#include "policy/vocabulary.h"

namespace fabrix::python {
namespace {

namespace json = boost::json;

using Announced = std::map<net::ParticipantId, std::vector<net::Prefix>>;

Result<net::ParticipantId, Failure> find_participant(const exchange::Exchange& exchange,
                                                     const std::string& name) {
  if (const auto* found = exchange.find_participant(name)) return found->id;
  std::vector<std::string> known;
  for (const auto& each : exchange.participants) known.push_back(each.name);
  const auto meant = nearest(name, known);
  return refused(fmt::format("no participant is called '{}'{}", name,
                             meant ? "; did you mean " + *meant + "?" : ""));
}

Result<std::vector<net::Prefix>, Failure> read_prefixes(const std::vector<std::string>& texts) {
  std::vector<net::Prefix> prefixes;
  for (const std::string& text : texts) {
    const auto prefix = net::Prefix::parse(text);
    if (!prefix) return refused(fmt::format("'{}': {}", text, net::describe(prefix.error())));
    prefixes.push_back(*prefix);
  }
  return prefixes;
}

json::array clauses_of(const policy::ClauseList& list, std::string_view direction,
                       const policy::SymbolTable& symbols) {
  json::array rows;
  for (const policy::Clause& clause : list.clauses) {
    rows.push_back(json::object{{"direction", direction},
                                {"number", rows.size() + 1},
                                {"clause", policy::describe(clause, symbols)},
                                {"line", clause.at.line}});
  }
  return rows;
}

json::object decision_of(const policy::Candidate& candidate, const policy::SymbolTable& symbols) {
  json::object object{{"packet", net::to_string(candidate.packet)}, {"writes", candidate.writes}};
  object["target"] = nullptr;
  if (const auto* forward = std::get_if<policy::Forward>(&candidate.verdict)) {
    object["decision"] = "forward";
    object["target"] = policy::name_of(forward->target, symbols);
  } else if (const auto* several = std::get_if<policy::Multicast>(&candidate.verdict)) {
    object["decision"] = "multicast";
    object["target"] = policy::name_of(*several, symbols);
  } else {
    const bool drops = std::holds_alternative<policy::Drop>(candidate.verdict);
    object["decision"] = drops ? "drop" : "default";
  }
  return object;
}

}  // namespace

Result<net::Packet, Failure> make_packet(const std::string& text,
                                         const std::map<std::string, std::uint64_t>& fields) {
  auto packet = net::parse_packet(text);
  if (!packet) return refused(fmt::format("'{}' is no packet: {}", text, packet.error().message));
  for (const auto& [name, value] : fields) {
    const auto word = policy::find_field(name);
    if (!word || word->kind != policy::FieldKind::kNumber) {
      return refused(fmt::format("a packet has no number '{}'", name));
    }
    if (value > net::max_value(word->field)) {
      return refused(fmt::format("{} does not fit {}, which is at most {}", value, name,
                                 net::max_value(word->field)));
    }
    net::set_value(*packet, word->field, value);
  }
  return *packet;
}

Result<CheckedPolicy, Failure> CheckedPolicy::check(ExchangePtr exchange,
                                                    const std::string& participant,
                                                    std::string text, const std::string& file) {
  FABRIX_TRY(const auto owner, find_participant(*exchange, participant));
  auto symbols = controller::symbols_for(*exchange, owner);
  auto parsed = policy::parse(text, file, symbols);
  if (!parsed) {
    return fail(Failure{.kind = FailureKind::kPolicy,
                        .message = {},
                        .diagnostics = std::move(parsed).error(),
                        .source = std::move(text)});
  }
  return CheckedPolicy(std::move(exchange), std::move(symbols), std::move(text),
                       *std::move(parsed));
}

Outcome CheckedPolicy::evaluate(const Question& question) const {
  policy::PacketContext context{.sender = symbols_.owner, .announced = nullptr};
  if (question.direction == policy::Direction::kInbound) {
    // An id that no participant has.
    context.sender = {static_cast<decltype(symbols_.owner.value)>(exchange_->participants.size())};
  }
  if (!question.sender.empty()) {
    FABRIX_TRY(context.sender, find_participant(*exchange_, question.sender));
  }
  Announced announced;
  for (const auto& [name, texts] : question.announced) {
    FABRIX_TRY(const auto announcer, find_participant(*exchange_, name));
    FABRIX_TRY(announced[announcer], read_prefixes(texts));
  }
  std::vector<net::ParticipantId> reachable;
  for (const std::string& name : question.reachable.value_or(std::vector<std::string>{})) {
    FABRIX_TRY(const auto id, find_participant(*exchange_, name));
    reachable.push_back(id);
  }
  const std::function<bool(net::ParticipantId, const net::IpAddress&)> covers =
      [&announced](net::ParticipantId announcer, const net::IpAddress& address) {
        return std::ranges::any_of(announced[announcer], [&address](const net::Prefix& each) {
          return each.contains(address);
        });
      };
  context.announced = &covers;
  const policy::Reachable has_route = [&](net::ParticipantId participant, const net::Packet&) {
    return !question.reachable || std::ranges::find(reachable, participant) != reachable.end();
  };
  const policy::ClauseList& list = parsed_.policy.of(question.direction);
  for (std::size_t i = 0; i < list.clauses.size(); ++i) {
    const policy::ClauseList one{.clauses = {list.clauses[i]}, .shape = {}};
    const auto found = policy::first_applicable(one, question.packet, context, has_route);
    if (!found) continue;
    json::object object = decision_of(*found, symbols_);
    object["number"] = i + 1;
    object["clause"] = policy::describe(list.clauses[i], symbols_);
    return json::value(std::move(object));
  }
  return json::value(json::object{{"decision", nullptr},
                                  {"target", nullptr},
                                  {"packet", net::to_string(question.packet)},
                                  {"writes", false},
                                  {"number", nullptr},
                                  {"clause", nullptr}});
}

json::array CheckedPolicy::clauses() const {
  json::array rows = clauses_of(parsed_.policy.outbound, "outbound", symbols_);
  for (json::value& row : clauses_of(parsed_.policy.inbound, "inbound", symbols_)) {
    rows.push_back(std::move(row));
  }
  return rows;
}

json::array CheckedPolicy::warnings() const {
  json::array rows;
  for (const Diagnostic& each : parsed_.diagnostics) rows.push_back(api::to_json(each));
  return rows;
}

std::string CheckedPolicy::warning_text() const {
  return render(parsed_.diagnostics, text_);
}

}  // namespace fabrix::python
