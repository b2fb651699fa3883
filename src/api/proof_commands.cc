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
  object["witness"] = violation.witness ? json::value(verify::describe_witness(violation, exchange))
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

using fabric::Difference;

// What was found of the fabric, and what comes of it.
struct FabricFindings {
  Result<fabric::FabricAudit> outcome = fail(Error{"it was not read"});
  // Something else is installed by now: what differs cannot be held against it.
  bool is_past = false;
  std::vector<verify::Violation> faults{};
};

FabricFindings findings_of(const Controller& controller) {
  const auto& check = controller.fabric_check();
  FabricFindings found;
  if (check.outcome) found.outcome = *check.outcome;
  if (!found.outcome || found.outcome->agrees()) return found;
  found.is_past = check.program != controller.installed();
  if (found.outcome->actual && !found.is_past) {
    found.faults = controller::faults_of(controller, found.outcome->actual);
  }
  return found;
}

std::string_view name_of(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::kMissing:
      return "missing";
    case Difference::Kind::kDifferent:
      return "different";
    case Difference::Kind::kForeign:
      break;
  }
  return "foreign";
}

// "A.policy:1:1, clause 1 of A's outbound policy"; empty: no clause's.
std::string clause_of(const Difference& difference, const Controller& controller) {
  if (!difference.wanted) return {};
  const auto clause = verify::clause_of(controller.world(), *difference.wanted);
  if (!clause) return {};
  return verify::where_is(*clause, controller.exchange(), files_of(controller));
}

std::string wanted_by(const Difference& difference) {
  if (!difference.wanted) return {};
  return fmt::format("{} {}", program::name_of(difference.table), to_string(*difference.wanted));
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

json::array to_json(const std::vector<Difference>& differences, const Controller& controller) {
  json::array all;
  for (const Difference& each : differences) {
    all.push_back(json::object{{"kind", name_of(each.kind)},
                               {"wanted", text_or_null(wanted_by(each))},
                               {"clause", text_or_null(clause_of(each, controller))},
                               {"is", text_or_null(each.is)}});
  }
  return all;
}

json::object to_json(const FabricFindings& found, const Controller& controller) {
  if (!found.outcome) return {{"error", found.outcome.error().message}};
  const fabric::FabricAudit& audit = *found.outcome;
  return {{"rules", audit.rules},
          {"wanted", audit.wanted},
          {"right", audit.right},
          {"different", audit.different},
          {"missing", audit.missing},
          {"foreign", audit.foreign},
          {"meters", audit.meters},
          {"neighbors", audit.neighbors},
          {"ports", audit.ports},
          {"others", audit.others},
          {"differences", to_json(audit.differences, controller)},
          {"unsaid", audit.unsaid},
          {"violations", to_json(found.faults, controller)}};
}

std::string lines_of(const Difference& difference, const Controller& controller) {
  const std::string wanted = wanted_by(difference);
  const std::string clause = clause_of(difference, controller);
  std::string text =
      fmt::format("{:<11} {}\n", name_of(difference.kind), wanted.empty() ? difference.is : wanted);
  if (!clause.empty()) text += fmt::format("  --> {}\n", clause);
  if (!wanted.empty() && !difference.is.empty()) text += fmt::format("  is: {}\n", difference.is);
  return text;
}

std::string text_of_effects(const FabricFindings& found, const Controller& controller) {
  if (found.is_past) return "            other rules have been installed since it was read\n";
  std::string text;
  if (found.outcome->unsaid != 0) {
    text += fmt::format(
        "            {} of these do what Fabrix never says: what becomes of packets "
        "is not known\n",
        found.outcome->unsaid);
  } else if (found.outcome->actual && found.faults.empty()) {
    text += "            no packet goes elsewhere for that\n";
  }
  for (const verify::Violation& each : found.faults) {
    text += verify::render(each, controller.exchange(), files_of(controller));
  }
  return text;
}

std::string text_of_fabric(const FabricFindings& found, const Controller& controller) {
  if (!found.outcome) {
    return fmt::format("installed   unknown: {}\n", found.outcome.error().message);
  }
  const fabric::FabricAudit& audit = *found.outcome;
  if (audit.agrees()) {
    return fmt::format("installed   right: {} rules read back, as intended\n", audit.rules);
  }
  std::string text = fmt::format(
      "installed   WRONG, and being corrected: of {} rules intended {} are right, {} do something "
      "else, {} are missing; {} are nobody's\n",
      audit.wanted, audit.right, audit.different, audit.missing, audit.foreign);
  for (const Difference& each : audit.differences) text += lines_of(each, controller);
  if (audit.meters > 0) {
    text += fmt::format("            {} meters are missing, nobody's or of another rate\n",
                        audit.meters);
  }
  if (audit.neighbors + audit.ports + audit.others > 0) {
    text += fmt::format(
        "            {} virtual next hops, {} ports and {} others (counters, the version in force) "
        "are "
        "wrong\n",
        audit.neighbors, audit.ports, audit.others);
  }
  const std::size_t all = audit.wrong() - audit.meters;
  if (all > audit.differences.size()) {
    text += fmt::format("            and {} more\n", all - audit.differences.size());
  }
  return text + text_of_effects(found, controller);
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
  for (const Diagnostic& each : what_if.problems) {
    const bool is_note = each.severity == Severity::kNote;
    text += (is_note ? "note        " : "problem     ") + each.message + "\n";
  }
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
  if (controller.fabric_check().is_pending) return json::value(json::object{{"pending", true}});
  const FabricFindings found = findings_of(controller);
  const controller::Audit audit = controller::audit(controller);
  const bool right = audit.violations.empty() && found.outcome && found.outcome->agrees();
  return json::value(
      json::object{{"pending", false},
                   {"right", right},
                   {"settled", audit.settled},
                   {"fabric", to_json(found, controller)},
                   {"checked", json::object{{"senders", audit.senders},
                                            {"receivers", audit.coverage.receivers},
                                            {"rows", audit.coverage.rows},
                                            {"told", audit.coverage.told}}},
                   {"microseconds", audit.took.count()},
                   {"violations", to_json(audit.violations, controller)},
                   {"text", text_of_fabric(found, controller) + text_of_audit(audit, controller)}});
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
