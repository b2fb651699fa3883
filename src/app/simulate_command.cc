// `fabrix simulate`: a script against a whole exchange in one process.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/fsm_query.h"
#include "api/queries.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/exchange_file.h"
#include "io/file.h"
#include "lab/simulation.h"
#include "policy/policy.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix simulate EXCHANGE.yaml SCRIPT [--json]\n"
    "\n"
    "  announce ROUTER PREFIX... [as-path \"300 1\"] [med N] [community X:Y]...\n"
    "  withdraw ROUTER PREFIX...\n"
    "  session ROUTER up|down\n"
    "  port ROUTER up|down\n"
    "  policy PARTICIPANT FILE|none          FILE relative to the script\n"
    "  event PARTICIPANT NAME [KEY=VALUE]... [from=SOURCE]\n"
    "  wait DURATION                         30s, 5m, 12h: fsms may time out\n"
    "  packet ROUTER tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
    "  expect ROUTER|nowhere FROM-ROUTER tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
    "\n"
    "SCRIPT may be - for standard input; # begins a comment; packets are tcp, udp, sctp, icmp, "
    "icmp6.\n"
    "With --json one object a line. Ends with 1 if an expectation fails, 65 if a line or a policy "
    "is\n"
    "wrong: a wrong line ends the run there, a wrong policy leaves the one before in place.\n";

constexpr std::size_t kMaxScript = 16U << 20U;

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  bool bad_policy = false;
};

json::object to_json(const lab::SimulatedStep& step, std::size_t line) {
  json::object object{{"line", line}};
  if (!step.expected.empty()) object["expected"] = step.expected;
  if (!step.delivered.empty()) object["delivered"] = step.delivered;
  object["ok"] = step.ok;
  object["command"] = step.command;
  if (!step.participant.empty()) object["participant"] = step.participant;
  if (step.trace) {
    object["from"] = step.from;
    object["packet"] = to_string(step.trace->packet);
    object["why"] = step.trace->verdict;
    json::array steps;
    for (const auto& one : step.trace->steps) {
      steps.push_back(json::object{{"table", one.table}, {"row", one.row}, {"reason", one.reason}});
    }
    object["steps"] = std::move(steps);
  }
  if (!step.transitions.empty()) {
    json::array transitions;
    for (const auto& one : step.transitions) transitions.push_back(api::to_json(one));
    object["transitions"] = std::move(transitions);
  }
  if (!step.diagnostics.empty()) {
    json::array diagnostics;
    for (const Diagnostic& one : step.diagnostics) diagnostics.push_back(api::to_json(one));
    object["diagnostics"] = std::move(diagnostics);
  }
  if (!step.notices.empty()) {
    json::array notices;
    for (const std::string& one : step.notices) notices.push_back(json::string(one));
    object["notices"] = std::move(notices);
  }
  return object;
}

// Line 0 stands for the configuration.
std::string place(std::size_t line) {
  return line == 0 ? "configuration" : fmt::format("line {}", line);
}

std::string at(const std::string& place) {
  return place == "nowhere" ? place : "at " + place;
}

void print_for_people(const lab::SimulatedStep& step, std::size_t line,
                      const exchange::Exchange& exchange) {
  fmt::print("{}", render(step.diagnostics, step.policy_text));
  for (const std::string& notice : step.notices) fmt::print("{}: {}\n", place(line), notice);
  for (const controller::FsmTransition& one : step.transitions) {
    fmt::print("{}: {}\n", place(line), controller::to_string(one));
  }
  if (step.command == "policy" && !step.ok) {
    fmt::print("{}: the policy of {} is refused; the one before, if any, stays\n", place(line),
               step.participant);
  }
  if (step.command == "packet") fmt::print("{}\n", to_string(*step.trace, exchange));
  if (step.command != "expect") return;
  fmt::print("{}: {} {} from {} arrives {}{}\n", place(line), step.ok ? "ok  " : "FAIL",
             to_string(step.trace->packet), step.from, at(step.delivered),
             step.ok ? "" : ", expected " + at(step.expected));
  if (!step.ok) fmt::print("{}\n", to_string(*step.trace, exchange));
}

class Runner {
 public:
  Runner(const exchange::Exchange& exchange, bool as_json)
      : exchange_(exchange), as_json_(as_json) {}

  void take(const lab::SimulatedStep& step, std::size_t line) {
    if (step.command == "expect") ++(step.ok ? tally_.passed : tally_.failed);
    if (step.command == "packet" && !step.ok) ++tally_.failed;
    if (step.command == "policy" && !step.ok) tally_.bad_policy = true;
    if (step.command.empty()) return;
    if (as_json_)
      fmt::print("{}\n", json::serialize(to_json(step, line)));
    else
      print_for_people(step, line, exchange_);
  }

  // A line that cannot be carried out: what follows it would prove nothing.
  ExitCode give_up(const std::string& file, std::size_t line, const std::string& why) const {
    if (as_json_) {
      const json::object object{{"line", line}, {"ok", false}, {"error", why}};
      fmt::print("{}\n", json::serialize(object));
    }
    std::fflush(stdout);
    return complain_verbatim(ExitCode::kBadInput, fmt::format("{}:{}: error: {}", file, line, why));
  }

  ExitCode end() const {
    if (!as_json_) fmt::print("{} passed, {} failed\n", tally_.passed, tally_.failed);
    if (tally_.failed > 0) return ExitCode::kFailed;
    return tally_.bad_policy ? ExitCode::kBadInput : ExitCode::kOk;
  }

 private:
  const exchange::Exchange& exchange_;
  bool as_json_;
  Tally tally_;
};

struct Script {
  std::string file;
  std::string text;
};

ExitCode run(const exchange::Exchange& exchange, const std::string& exchange_file,
             const Script& script, Runner runner) {
  namespace fs = std::filesystem;
  const auto read_from = [](const fs::path& directory) {
    return [directory](const std::string& file) {
      return io::read_file((directory / file).string(), policy::kMaxPolicySize);
    };
  };
  // The configuration's policies lie beside it, the script's beside the script.
  fs::path directory = fs::path(exchange_file).parent_path();
  lab::Simulation simulation(exchange,
                             [&](const std::string& file) { return read_from(directory)(file); });
  for (const auto& step : simulation.load_policies()) {
    runner.take(step, 0);
  }
  directory = fs::path(script.file).parent_path();
  std::size_t line_number = 0;
  std::size_t begin = 0;
  while (begin < script.text.size()) {
    const std::size_t end = std::min(script.text.find('\n', begin), script.text.size());
    const auto step = simulation.run(std::string_view(script.text).substr(begin, end - begin));
    ++line_number;
    begin = end + 1;
    if (!step) return runner.give_up(script.file, line_number, step.error().message);
    runner.take(*step, line_number);
  }
  return runner.end();
}

}  // namespace

ExitCode simulate_command(Words words) {
  const auto arguments = Arguments::parse(words, {.valued = {}, .switches = {"--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (arguments->words().size() != 2) return misused(kUsage);
  const std::string& exchange_file = arguments->words()[0];
  const std::string& script_file = arguments->words()[1];
  const auto exchange = read_exchange(exchange_file);
  if (!exchange) return exchange.error();
  const auto text = io::read_file(script_file == "-" ? "/dev/stdin" : script_file, kMaxScript);
  if (!text) return complain(ExitCode::kNotFound, text.error().message);
  return run(*exchange, exchange_file, {.file = script_file, .text = *text},
             Runner(*exchange, arguments->has("--json")));
}

}  // namespace fabrix::app
