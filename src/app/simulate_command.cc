// `fabrix simulate`: a script against a whole exchange in one process.
#include <filesystem>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/queries.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "exchange/load.h"
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
    "  packet ROUTER tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
    "  expect ROUTER|nowhere FROM-ROUTER tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
    "\n"
    "SCRIPT may be - for standard input. Ends with 1 if an expectation fails, 65 if a line or a "
    "policy is wrong.\n";

constexpr std::size_t kMaxScript = 16U << 20U;

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  bool bad_policy = false;
};

json::object to_json(const lab::SimulatedStep& step, std::size_t line) {
  json::object object{{"line", line}, {"command", step.command}};
  if (!step.expected.empty()) object["expected"] = step.expected;
  if (!step.delivered.empty()) object["delivered"] = step.delivered;
  object["ok"] = step.ok;
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

void print_for_people(const lab::SimulatedStep& step, std::size_t line,
                      const exchange::Exchange& exchange) {
  fmt::print("{}", render(step.diagnostics, step.policy_text));
  for (const std::string& notice : step.notices) fmt::print("line {}: {}\n", line, notice);
  if (step.command == "packet") fmt::print("{}\n", to_string(*step.trace, exchange));
  if (step.command != "expect") return;
  fmt::print("line {}: {} {} from {} arrives at {}\n", line, step.ok ? "ok  " : "FAIL",
             to_string(step.trace->packet), step.from, step.delivered);
  if (!step.ok) {
    fmt::print("expected {}\n{}\n", step.expected, to_string(*step.trace, exchange));
  }
}

class Runner {
 public:
  Runner(const exchange::Exchange& exchange, bool as_json)
      : exchange_(exchange), as_json_(as_json) {}

  void take(const lab::SimulatedStep& step, std::size_t line) {
    if (step.command == "expect") ++(step.ok ? tally_.passed : tally_.failed);
    if (step.command == "policy" && !step.ok) tally_.bad_policy = true;
    if (step.command.empty()) return;
    if (as_json_)
      fmt::print("{}\n", json::serialize(to_json(step, line)));
    else
      print_for_people(step, line, exchange_);
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

ExitCode run(const exchange::Exchange& exchange, const std::string& exchange_file,
             const std::string& script_file, const std::string& script, bool as_json) {
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
  Runner runner(exchange, as_json);
  for (auto& step : simulation.load_policies()) {
    step.command = "policy";
    runner.take(step, 0);
  }
  directory = fs::path(script_file).parent_path();
  std::size_t line_number = 0;
  std::size_t begin = 0;
  while (begin < script.size()) {
    const std::size_t end = std::min(script.find('\n', begin), script.size());
    const auto step = simulation.run(std::string_view(script).substr(begin, end - begin));
    ++line_number;
    begin = end + 1;
    if (!step) {
      return complain(ExitCode::kBadInput, fmt::format("{}:{}: error: {}", script_file, line_number,
                                                       step.error().message));
    }
    runner.take(*step, line_number);
  }
  return runner.end();
}

}  // namespace

ExitCode simulate_command(Words words) {
  const auto arguments = Arguments::parse(words, {.valued = {}, .switches = {"--json"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->words().size() != 2) {
    fmt::print(stderr, "{}", kUsage);
    return ExitCode::kUsage;
  }
  const std::string& exchange_file = arguments->words()[0];
  const std::string& script_file = arguments->words()[1];
  const auto config = io::read_file(exchange_file, exchange::kMaxConfigSize);
  if (!config) return complain(ExitCode::kNotFound, config.error().message);
  const auto exchange = exchange::load(*config, exchange_file);
  if (!exchange) {
    fmt::print(stderr, "{}", render(exchange.error(), *config));
    return ExitCode::kBadConfig;
  }
  const auto script = io::read_file(script_file == "-" ? "/dev/stdin" : script_file, kMaxScript);
  if (!script) return complain(ExitCode::kNotFound, script.error().message);
  return run(*exchange, exchange_file, script_file, *script, arguments->has("--json"));
}

}  // namespace fabrix::app
