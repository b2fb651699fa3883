#include "api/proof_commands.h"

#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "api/queries.h"
#include "controller/audit.h"
#include "controller/what_if.h"
#include "verify/report.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using controller::Controller;
using controller::WhatIf;

verify::FileOf files_of(const Controller& controller) {
  return [&controller](net::ParticipantId owner) { return controller.policy_file(owner); };
}

json::object to_json(const verify::Violation& violation, const Controller& controller) {
  const exchange::Exchange& exchange = controller.exchange();
  json::array rows;
  for (const program::Row& row : violation.rows) {
    rows.push_back(json::string(program::to_string(row)));
  }
  json::object object{{"invariant", violation.invariant},
                      {"name", verify::name_of_invariant(violation.invariant)},
                      {"message", violation.message},
                      {"rows", std::move(rows)}};
  object["witness"] = violation.witness
                          ? json::value(verify::describe_witness(*violation.witness, exchange))
                          : json::value(nullptr);
  object["clause"] =
      violation.clause
          ? json::value(verify::where_is(*violation.clause, exchange, files_of(controller)))
          : json::value(nullptr);
  object["text"] = verify::render(violation, exchange, files_of(controller));
  return object;
}

json::array to_json(const std::vector<verify::Violation>& violations,
                    const Controller& controller) {
  json::array all;
  for (const verify::Violation& each : violations) all.push_back(to_json(each, controller));
  return all;
}

json::object to_json(const Result<fabric::FabricAudit>& outcome) {
  if (!outcome) return {{"error", outcome.error().message}};
  return {{"rules", outcome->rules},     {"wanted", outcome->wanted},
          {"right", outcome->right},     {"different", outcome->different},
          {"missing", outcome->missing}, {"foreign", outcome->foreign}};
}

std::string text_of_fabric(const Result<fabric::FabricAudit>& outcome) {
  if (!outcome) return fmt::format("installed   unknown: {}\n", outcome.error().message);
  if (outcome->agrees()) {
    return fmt::format("installed   right: {} rules read back, as intended\n", outcome->rules);
  }
  return fmt::format(
      "installed   WRONG, and being corrected: of {} rules intended {} are right, {} do something "
      "else, {} are missing; {} are nobody's\n",
      outcome->wanted, outcome->right, outcome->different, outcome->missing, outcome->foreign);
}

std::string text_of_audit(const controller::Audit& audit, const Controller& controller) {
  std::string text = fmt::format(
      "intended    {}: {} rows, {} senders with a policy, {} receivers, {} prefixes told; {:.1f} "
      "ms\n",
      audit.violations.empty() ? "right" : "WRONG", audit.coverage.rows, audit.senders,
      audit.coverage.receivers, audit.coverage.told,
      static_cast<double>(audit.took.count()) / 1000.0);
  if (!audit.settled) text += "            changes wait to be installed: ask again\n";
  for (const verify::Violation& each : audit.violations) {
    text += verify::render(each, controller.exchange(), files_of(controller));
  }
  return text;
}

json::array tables_of(const WhatIf& what_if) {
  json::array tables;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const WhatIf::Table& table = what_if.tables.at(i);
    tables.push_back(json::object{{"table", program::name_of(static_cast<program::TableId>(i))},
                                  {"rows", table.rows},
                                  {"added", table.added},
                                  {"removed", table.removed},
                                  {"modified", table.modified}});
  }
  return tables;
}

json::array packets_of(const WhatIf& what_if, const exchange::Exchange& exchange) {
  json::array packets;
  for (const verify::PacketChange& each : what_if.packets.changes) {
    json::object change{{"sender", exchange.participant(each.sender).name},
                        {"packet", net::to_string(each.witness)},
                        {"before", each.before},
                        {"after", each.after}};
    change["prefix"] = each.prefix ? json::value(each.prefix->to_string()) : json::value(nullptr);
    packets.push_back(std::move(change));
  }
  return packets;
}

std::string text_of_packets(const WhatIf& what_if, const exchange::Exchange& exchange) {
  if (what_if.packets.changes.empty()) return "packets     none go elsewhere\n";
  std::string text = "packets\n";
  for (const verify::PacketChange& each : what_if.packets.changes) {
    text += fmt::format("  {} {}: {}\n      was {}\n      is  {}\n",
                        exchange.participant(each.sender).name,
                        each.prefix ? "to " + each.prefix->to_string() : "on delivery",
                        net::to_string(each.witness), each.before, each.after);
  }
  return text + (what_if.packets.complete ? "" : "  and more\n");
}

std::string words_for(const WhatIf& what_if, const Controller& controller) {
  std::string text = text_of_packets(what_if, controller.exchange());
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const WhatIf::Table& table = what_if.tables.at(i);
    if (table.added + table.removed + table.modified == 0) continue;
    text +=
        fmt::format("{:<11} +{} -{} ~{} rows\n", program::name_of(static_cast<program::TableId>(i)),
                    table.added, table.removed, table.modified);
  }
  text += fmt::format("capacity    {} rows of {}, {} before; {} virtual next hops, {} before\n",
                      what_if.rows_after, what_if.max_rows, what_if.rows_before,
                      what_if.next_hops_after, what_if.next_hops_before);
  for (const Diagnostic& each : what_if.problems) text += "problem     " + each.message + "\n";
  for (const verify::Violation& each : what_if.violations) {
    text += verify::render(each, controller.exchange(), files_of(controller));
  }
  text += what_if.violations.empty() ? "verdict     right\n" : "verdict     would be refused\n";
  return text;
}

json::value to_json(const WhatIf& what_if, const Controller& controller) {
  json::array problems;
  for (const Diagnostic& each : what_if.problems) problems.push_back(api::to_json(each));
  return json::object{{"accepted", what_if.violations.empty()},
                      {"packets", packets_of(what_if, controller.exchange())},
                      {"complete", what_if.packets.complete},
                      {"tables", tables_of(what_if)},
                      {"rows", what_if.rows_after},
                      {"rows_before", what_if.rows_before},
                      {"max_rows", what_if.max_rows},
                      {"next_hops", what_if.next_hops_after},
                      {"next_hops_before", what_if.next_hops_before},
                      {"problems", std::move(problems)},
                      {"violations", to_json(what_if.violations, controller)},
                      {"text", words_for(what_if, controller)}};
}

Result<net::ParticipantId, Refusal> participant_named(const Controller& controller,
                                                      std::string_view name) {
  if (const auto* found = controller.exchange().find_participant(name)) return found->id;
  std::vector<std::string> names;
  for (const auto& each : controller.exchange().participants) names.push_back(each.name);
  return not_found(fmt::format("no participant is called '{}'{}", name, did_you_mean(name, names)));
}

Answer withdrawn(const Controller& controller, const json::object& request,
                 std::string_view prefix_text) {
  const auto prefix = net::Prefix::parse(prefix_text);
  if (!prefix) return bad_request(fmt::format("'{}' is no prefix", prefix_text));
  const auto from = text_of(request, "from");
  if (!from) return bad_request("what-if withdraw needs to know from whom (\"from\")");
  FABRIX_TRY(const auto announcer, participant_named(controller, *from));
  const auto what_if = controller::what_if_withdrawn(controller, *prefix, announcer);
  if (what_if) return to_json(*what_if, controller);
  return not_found(fmt::format("{} announces no route for {}", *from, prefix->to_string()));
}

}  // namespace

Answer verify_command(Controller& controller, const json::object& request) {
  const json::value* const read = request.if_contains("read");
  if (read != nullptr && read->is_bool() && read->get_bool()) {
    controller.check_fabric();
    return json::value(json::object{{"pending", true}});
  }
  const auto& check = controller.fabric_check();
  if (check.is_pending) return json::value(json::object{{"pending", true}});
  const Result<fabric::FabricAudit> unread = fail(Error{"it was not read"});
  const auto& fabric = check.outcome ? *check.outcome : unread;
  const controller::Audit audit = controller::audit(controller);
  const bool right = audit.violations.empty() && fabric && fabric->agrees();
  return json::value(
      json::object{{"pending", false},
                   {"right", right},
                   {"settled", audit.settled},
                   {"fabric", to_json(fabric)},
                   {"checked", json::object{{"senders", audit.senders},
                                            {"receivers", audit.coverage.receivers},
                                            {"rows", audit.coverage.rows},
                                            {"told", audit.coverage.told}}},
                   {"microseconds", audit.took.count()},
                   {"violations", to_json(audit.violations, controller)},
                   {"text", text_of_fabric(fabric) + text_of_audit(audit, controller)}});
}

Answer what_if_command(const Controller& controller, const json::object& request) {
  if (const auto prefix = text_of(request, "withdraw")) {
    return withdrawn(controller, request, *prefix);
  }
  const auto name = text_of(request, "participant");
  const auto text = text_of(request, "text");
  if (!name || !text) {
    return bad_request("what-if needs a participant and a policy's text, or what is withdrawn");
  }
  FABRIX_TRY(const auto participant, participant_named(controller, *name));
  const auto what_if = controller::what_if_policy(controller, participant, *text,
                                                  text_of(request, "file").value_or("policy"));
  if (what_if) return to_json(*what_if, controller);
  json::array diagnostics;
  for (const Diagnostic& each : what_if.error()) diagnostics.push_back(api::to_json(each));
  return fail(Refusal{.kind = RefusalKind::kRefused,
                      .error = "the policy would be refused",
                      .diagnostics = std::move(diagnostics)});
}

}  // namespace fabrix::api
