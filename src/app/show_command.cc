// `fabrix show`: what a running daemon knows. Lists of routes are asked for page by page, and
// printed as they come.
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/event_text.h"
#include "app/fsm_text.h"
#include "app/route_text.h"
#include "app/table.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix show WHAT [--json] [--lab NAME | --socket PATH]\n"
    "\n"
    "  status                 the exchange in a few figures\n"
    "  participants           members, their routers, how much they announce\n"
    "  neighbors              BGP sessions: state, routes by what became of them, the last error\n"
    "                         (also: protocols, bgp summary)\n"
    "  neighbor X             one of them in detail; X is a router, participant, address or ASN\n"
    "  neighbor X received|accepted|filtered|advertised    its routes\n"
    "  sessions               BGP sessions, as scripts know them\n"
    "  routes                 all routes\n"
    "  route for PREFIX|ADDRESS [from X] [to PARTICIPANT]\n"
    "                         all paths of a prefix or of the longest match, why the best is "
    "best,\n"
    "                         who does not get one and why; what PARTICIPANT is told\n"
    "  classes                forwarding classes and their virtual next hops\n"
    "  policies               each member's policy\n"
    "  counters [PARTICIPANT] what queries and counted clauses of policies have counted, how fast\n"
    "  ports                  what ports may be used for, and how much they did not let in\n"
    "  drops [ROUTER|PARTICIPANT] frames that ports did not let in, by reason\n"
    "  rules                  what is installed in the switch, and whose it is\n"
    "  notices                what the controller had to say\n"
    "  rpki                   where origins are looked up: caches, VRPs, their age and expiry\n"
    "  flowspec               FlowSpec rules: whose, what for, why one is invalid, who was told\n"
    "  fsm [NAME]             finite-state policies: instances, their states, what happened last\n"
    "  bad [NEIGHBOR]         the last malformed UPDATEs, what is wrong with them, their octets\n"
    "\n"
    "Words may be shortened (fabrix s n). The daemon is that of the lab, the one at PATH, at\n"
    "$FABRIX_SOCKET, or at /run/fabrix/fabrix.sock.\n";

const Syntax kSyntax{.valued = {"--socket", "--lab"}, .switches = {"--json", "--help"}};

// What `show` can show, by the protocol's names and by those of other tools.
const std::vector<std::string> kShown{
    "status",   "participants", "sessions", "neighbors", "routes",    "classes",
    "policies", "rules",        "notices",  "rpki",      "protocols", "bgp",
    "flowspec", "bad",          "counters", "fsm",       "ports",     "drops"};
const std::vector<std::string> kLists{"received", "accepted", "filtered", "advertised"};

enum class Format : std::uint8_t { kText, kJson };

struct Question {
  std::string socket;
  json::object request;
  Format format = Format::kText;
};

using Render = std::string (*)(const json::value&);

ExitCode ask_once(const Question& question, Render render) {
  const auto answer = api::ask(question.socket, question.request);
  if (!answer) return complain(answer.error());
  const bool as_json = question.format == Format::kJson;
  fmt::print("{}", as_json ? json::serialize(*answer) + "\n" : render(*answer));
  return ExitCode::kOk;
}

// A list of routes: a line each, or one array of them.
class RoutePrinter {
 public:
  explicit RoutePrinter(Format format) : format_(format) {}

  api::Continue take(const json::array& rows) {
    std::string out;
    for (const json::value& row : rows) {
      if (format_ == Format::kJson) {
        out += (printed_ == 0 ? "[" : ",\n") + json::serialize(row);
      } else {
        out += (printed_ == 0 ? route_heading() : "") + route_line(row.as_object());
      }
      ++printed_;
    }
    // Nobody reads on: `fabrix show routes | head`.
    const bool gone = std::fwrite(out.data(), 1, out.size(), stdout) != out.size();
    return gone ? api::Continue::kNo : api::Continue::kYes;
  }

  void finish() const {
    const bool none = printed_ == 0;
    if (format_ == Format::kJson) fmt::print("{}", none ? "[]\n" : "]\n");
    if (format_ == Format::kText && none) fmt::print("none\n");
  }

 private:
  Format format_;
  std::size_t printed_ = 0;
};

ExitCode list_routes(const Question& question) {
  auto connection = api::Connection::open(question.socket);
  if (!connection) return complain(connection.error());
  RoutePrinter printer(question.format);
  const auto listed = connection->ask_pages(
      question.request, [&](const json::array& rows) { return printer.take(rows); });
  if (!listed) return complain(listed.error());
  printer.finish();
  return ExitCode::kOk;
}

std::string render_rpki(const json::value& answer) {
  json::object figures = answer.as_object();
  const json::value caches = figures.at("caches");
  figures.erase("caches");
  return render_table(figures) + "\n" + render_table(caches);
}

// Each rule after whose it is, in lines that fit a terminal. A rule's text has its priority.
std::string render_rules(const json::value& rules) {
  json::array owners;
  for (const json::value& rule : rules.as_array()) {
    json::object owner;
    for (const std::string_view key : {"table", "participant", "origin", "clause"}) {
      if (rule.as_object().contains(key)) owner[key] = rule.at(key);
    }
    owners.push_back(std::move(owner));
  }
  if (owners.empty()) return render_table(rules);
  std::vector<std::string> lines;
  std::size_t width = 0;
  const std::string table = render_table(owners);
  for (std::size_t begin = 0; begin < table.size(); begin = table.find('\n', begin) + 1) {
    lines.push_back(table.substr(begin, table.find('\n', begin) - begin));
    width = std::max(width, lines.back().size() + 2);
  }
  std::string out = fmt::format("{:<{}}rule\n", lines.front(), width);
  for (std::size_t i = 0; i < rules.as_array().size(); ++i) {
    const std::string rule = printable(rules.at(i).at("rule").as_string());
    out += fmt::format("{:<{}}{}\n", lines.at(i + 1), width,
                       wrapped(rule, {.first = width, .next = width + 2}));
  }
  return out;
}

// After "neighbors": nothing, a name, or a name and a list.
ExitCode show_neighbors(Question question, Words rest) {
  if (rest.empty()) {
    question.request["what"] = "neighbors";
    return ask_once(question,
                    [](const json::value& all) { return render_neighbors(all.as_array()); });
  }
  question.request["what"] = "neighbor";
  question.request["name"] = rest[0];
  if (rest.size() == 1) {
    return ask_once(question,
                    [](const json::value& all) { return render_neighbor_details(all.as_array()); });
  }
  if (rest.size() > 2) return misused(kUsage);
  const auto list = complete(rest[1], kLists);
  if (!list) return complain(ExitCode::kUsage, "show neighbor: " + list.error().message);
  question.request["list"] = *list;
  return list_routes(question);
}

// After "bgp": what routers call it.
ExitCode show_bgp(const Question& question, Words rest) {
  if (rest.empty()) return show_neighbors(question, rest);
  const auto what = complete(rest[0], {"summary", "neighbors"});
  if (!what) return complain(ExitCode::kUsage, "show bgp: " + what.error().message);
  if (*what == "summary" && rest.size() > 1) return misused(kUsage);
  return show_neighbors(question, rest.subspan(1));
}

// After "routes": [all] [for] DESTINATION [from X] [to X], or [all].
ExitCode show_routes(Question question, Words rest) {
  const std::array<std::string, 3> keywords{"for", "from", "to"};
  if (!rest.empty() && rest.front() == "all") rest = rest.subspan(1);
  if (!rest.empty() && rest.back() == "all") rest = rest.first(rest.size() - 1);
  question.request["what"] = "routes";
  if (rest.empty()) return list_routes(question);
  question.request["what"] = "route";
  if (rest.front() != "for") {
    question.request["for"] = rest.front();
    rest = rest.subspan(1);
  }
  for (; rest.size() >= 2; rest = rest.subspan(2)) {
    const bool known = std::ranges::find(keywords, rest[0]) != keywords.end();
    if (!known || question.request.contains(rest[0])) return misused(kUsage);
    question.request[rest[0]] = rest[1];
  }
  if (!rest.empty() || !question.request.contains("for")) return misused(kUsage);
  return ask_once(question,
                  [](const json::value& answer) { return render_route(answer.as_object()); });
}

ExitCode show_bad(Question question, Words rest) {
  if (rest.size() > 1) return misused(kUsage);
  if (!rest.empty()) question.request["name"] = rest[0];
  return ask_once(question, [](const json::value& all) { return render_bad(all.as_array()); });
}

// Rates with as many digits as tell something.
std::string rate_text(const json::object& counter, std::string_view key) {
  const auto* const rate = counter.if_contains(key);
  return rate == nullptr ? "" : fmt::format("{:.1f}", rate->to_number<double>());
}

std::string render_counters(const json::value& answer) {
  json::array rows;
  for (const json::value& each : answer.as_array()) {
    const json::object& counter = each.as_object();
    json::object row;
    for (const std::string_view key : {"participant", "direction", "query", "packets", "octets"}) {
      row[key] = counter.at(key);
    }
    row["packets/s"] = rate_text(counter, "packets_per_second");
    row["octets/s"] = rate_text(counter, "octets_per_second");
    row["over"] = fmt::format("{}s", counter.at("interval").to_number<double>());
    const auto* const changed = counter.if_contains("changed");
    row["changed"] = changed == nullptr ? json::value("never") : *changed;
    rows.push_back(std::move(row));
  }
  return render_table(rows);
}

std::string render_ports(const json::value& answer) {
  json::array rows;
  for (const json::value& each : answer.as_array()) {
    const json::object& port = each.as_object();
    json::object row;
    for (const std::string_view key : {"router", "participant", "port", "standing", "dropped"}) {
      row[key] = port.at(key);
    }
    row["up"] = port.at("up").as_bool() ? "yes" : "no";
    row["drops/s"] = rate_text(port, "drops_per_second");
    for (const std::string_view key :
         {"in_packets", "in_octets", "out_packets", "out_octets", "attach", "attach_refused",
          "source_check", "closed_by", "since", "reason"}) {
      const auto* const value = port.if_contains(key);
      row[key] = value == nullptr ? json::value("") : *value;
    }
    rows.push_back(std::move(row));
  }
  return render_table(rows);
}

std::string render_drops(const json::value& answer) {
  json::array rows;
  for (const json::value& each : answer.as_array()) {
    const json::object& drop = each.as_object();
    json::object row;
    for (const std::string_view key : {"router", "port", "reason", "packets", "octets"}) {
      row[key] = drop.at(key);
    }
    row["packets/s"] = rate_text(drop, "packets_per_second");
    const auto* const changed = drop.if_contains("changed");
    row["changed"] = changed == nullptr ? json::value("never") : *changed;
    row["what"] = drop.at("text");
    rows.push_back(std::move(row));
  }
  return render_table(rows);
}

ExitCode show_drops(Question question, Words rest) {
  if (rest.size() > 1) return misused(kUsage);
  if (!rest.empty()) question.request["name"] = rest[0];
  return ask_once(question, render_drops);
}

ExitCode show_counters(Question question, Words rest) {
  if (rest.size() > 1) return misused(kUsage);
  if (!rest.empty()) question.request["name"] = rest[0];
  return ask_once(question, render_counters);
}

ExitCode show_fsm(Question question, Words rest) {
  if (rest.size() > 1) return misused(kUsage);
  if (!rest.empty()) question.request["name"] = rest[0];
  return ask_once(question, [](const json::value& all) { return render_fsms(all.as_array()); });
}

// A shorthand that is no unambiguous beginning.
std::string written_out(const std::string& word) {
  return word == "n" ? "neighbors" : word;
}

}  // namespace

ExitCode show_command(Words words) {
  const auto arguments = Arguments::parse(words, kSyntax);
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  Words rest = arguments->words();
  const bool ends_in_json = !rest.empty() && rest.back() == "json";
  if (ends_in_json) rest = rest.first(rest.size() - 1);
  if (rest.empty()) return misused(kUsage);
  const auto what = complete(written_out(rest[0]), kShown);
  if (!what) return complain(ExitCode::kUsage, "show: " + what.error().message);
  const bool as_json = ends_in_json || arguments->has("--json");
  Question question{.socket = socket_path(*arguments),
                    .request = {{"command", "show"}, {"what", *what}},
                    .format = as_json ? Format::kJson : Format::kText};
  rest = rest.subspan(1);
  if (*what == "neighbors" || *what == "protocols") return show_neighbors(question, rest);
  if (*what == "bgp") return show_bgp(question, rest);
  if (*what == "routes") return show_routes(question, rest);
  if (*what == "bad") return show_bad(question, rest);
  if (*what == "counters") return show_counters(question, rest);
  if (*what == "drops") return show_drops(question, rest);
  if (*what == "fsm") return show_fsm(question, rest);
  if (!rest.empty()) return misused(kUsage);
  if (*what == "rules") return ask_once(question, render_rules);
  if (*what == "ports") return ask_once(question, render_ports);
  return ask_once(question, *what == "rpki" ? render_rpki : render_table);
}

}  // namespace fabrix::app
