// `fabrix lab`: emulated exchanges with real routers.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "api/client.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/endpoint_text.h"
#include "app/table.h"
#include "exchange/policy_words.h"
#include "io/namespace.h"
#include "lab/catalogue.h"
#include "lab/checks.h"
#include "lab/fib_sync.h"
#include "lab/interrupt.h"
#include "lab/lab.h"
#include "lab/paths.h"
#include "lab/remains.h"
#include "lab/report.h"
#include "lab/shell.h"

namespace fabrix::app {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kUsage =
    "usage: fabrix lab list                               labs there are\n"
    "       fabrix lab run NAME [--fabric linux|openflow] [--attach tc|xdp] [--keep] [--json]\n"
    "                      [--as INSTANCE]                start, check, remove; --keep leaves it\n"
    "       fabrix lab check INSTANCE [--json]            check a kept lab again\n"
    "       fabrix lab shell INSTANCE                     nodes, a1 ping ..., pingall, trace, ...\n"
    "       fabrix lab exec INSTANCE ROUTER COMMAND...    a command in a router's namespace\n"
    "       fabrix lab logs INSTANCE [ROUTER|ix|rs]       where its logs are, or a node's log\n"
    "       fabrix lab down INSTANCE                      remove it\n"
    "\n"
    "Labs are folders with lab.yaml and exchange.yaml in $FABRIX_LABS, ./labs or Fabrix's own.\n"
    "An instance is called as its lab unless --as says otherwise. The fabric is linux (eBPF in "
    "this\n"
    "kernel) unless --fabric or lab.yaml says openflow (Open vSwitch). Its ports are attached as\n"
    "exchange.yaml says, unless --attach does.\n";

const Syntax kSyntax{.valued = {"--as", "--fabric", "--attach"},
                     .switches = {"--json", "--keep", "--help"}};

Result<boost::json::value> ask_daemon(const std::string& socket,
                                      const boost::json::object& request) {
  auto answer = api::ask(socket, request);
  if (answer) return *std::move(answer);
  std::string message = answer.error().message;
  const auto* const diagnostics = answer.error().diagnostics.if_array();
  if (diagnostics != nullptr && !diagnostics->empty()) {
    message += "\n" + render_table(answer.error().diagnostics);
  }
  return fail(Error{std::move(message)});
}

// fabrixd is installed, and built, next to fabrix.
std::string fabrixd_path() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path() / "fabrixd";
}

// Names of instances become names of namespaces, directories and sockets.
bool is_instance_name(std::string_view name) {
  constexpr std::size_t kLongest = 40;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= kLongest && name.front() != '-' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

lab::Lab make_lab(lab::Definition definition, const std::string& instance, const fs::path& folder,
                  exchange::FabricType fabric, std::optional<exchange::FabricAttach> attach = {}) {
  return {std::move(definition),
          {.name = instance,
           .folder = folder,
           .fabrixd = fabrixd_path(),
           .fabric = fabric,
           .attach = attach,
           .ask = ask_daemon}};
}

// What the lab is about, or what the command line says, or else linux.
Result<exchange::FabricType> fabric_of(const lab::Definition& definition,
                                       const Arguments& arguments) {
  const auto word = arguments.value("--fabric");
  if (!word) return definition.fabric.value_or(exchange::FabricType::kLinux);
  FABRIX_TRY(const auto wanted, parse_fabric_type(*word));
  if (definition.fabric.value_or(wanted) == wanted) return wanted;
  return fail(Error{fmt::format("what this lab expects is about {}: it runs on no other fabric",
                                exchange::name_of(*definition.fabric))});
}

// A lab that has been started and kept.
Result<lab::Lab> find_running(const std::string& instance) {
  FABRIX_TRY(const std::string folder, lab::recorded_source(instance));
  FABRIX_TRY(auto definition, lab::read_lab(folder));
  return make_lab(std::move(definition), instance, folder, lab::recorded_fabric(instance));
}

ExitCode list_command() {
  const auto folders = lab::catalogue_folders();
  const auto labs = lab::list_labs(folders);
  const auto present = lab::present_labs();
  for (const lab::Listed& listed : labs) {
    const auto definition = lab::read_lab(listed.folder);
    const bool running = std::ranges::binary_search(present, listed.name);
    fmt::print("{:<14} {}{}\n", listed.name,
               definition ? definition->description : "(has mistakes: fabrix lab run tells)",
               running ? "  [running]" : "");
  }
  if (labs.empty()) fmt::print("no labs in $FABRIX_LABS or ./labs\n");
  return ExitCode::kOk;
}

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

 private:
  Clock::time_point begin_ = Clock::now();
};

// What is printed for people; nothing of it with --json.
class Console {
 public:
  explicit Console(bool silent) : silent_(silent) {}

  void say(std::string_view text) const {
    if (silent_) return;
    fmt::print("{}", text);
    std::ignore = std::fflush(stdout);
  }
  void phase(std::string_view what, std::string_view text) const {
    say(fmt::format("  {:<9} {:<62} {:>5.1f} s\n", what, text, watch_.seconds()));
  }
  double seconds() const { return watch_.seconds(); }

 private:
  bool silent_;
  Stopwatch watch_;
};

void introduce(const Console& console, const lab::Lab& lab) {
  const exchange::Exchange& exchange = lab.definition().exchange;
  console.say(fmt::format("Lab {}: {}\n\n", lab.name(), lab.definition().description));
  for (const exchange::Participant& participant : exchange.participants) {
    std::string routers;
    for (const net::RouterId id : participant.routers) {
      const std::string& name = exchange.router(id).name;
      const auto* const router = lab.definition().find_router(name);
      routers += fmt::format("  {} ({})", name,
                             router == nullptr ? "middlebox" : lab::name_of(router->daemon));
    }
    console.say(fmt::format("  {:<4} AS {:<6}{}{}\n", participant.name, participant.asn.value,
                            routers, participant.policy_file ? "  with a policy" : ""));
  }
  console.say("\n");
}

// How the command was called: the script `./fabrix` says so.
std::string own_name() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in Fabrix changes the environment.
  const char* const name = std::getenv("FABRIX_COMMAND");
  return name == nullptr ? "fabrix" : name;
}

// A packet to try: the first that the lab sends from this router.
std::string sample_packet(const lab::Definition& definition, const std::string& router) {
  for (const lab::Step& step : definition.steps) {
    const auto* const traffic = std::get_if<lab::TrafficStep>(&step.action);
    if (traffic != nullptr && traffic->from == router) return traffic->packet_text;
  }
  return "tcp 100.0.0.1 -> 140.0.0.1:80";
}

std::string next_steps(const lab::Lab& lab) {
  const auto& routers = lab.definition().routers;
  if (routers.empty()) return "";
  const std::string& name = lab.name();
  const std::string& router = routers.front().name;
  const std::vector<std::pair<std::string, std::string_view>> commands{
      {fmt::format("trace --lab {} {} '{}'", name, router, sample_packet(lab.definition(), router)),
       "why a packet goes where it goes"},
      {fmt::format("show routes --lab {}", name), "or sessions, classes, policies, rules"},
      {fmt::format("policy set --lab {} --participant A FILE", name),
       "another policy for a member"},
      {fmt::format("lab exec {} {} ip route", name, router), "any command in a router"},
      {fmt::format("lab shell {}", name), "pingall, iperf, link down, ... as in Mininet"},
      {fmt::format("lab check {}", name), "check again"},
      {fmt::format("lab down {}", name), "remove it"},
  };
  std::string text = "\nThe lab goes on running. Try:\n";
  for (const auto& [command, purpose] : commands) {
    text += fmt::format("  {} {:<58} # {}\n", own_name(), command, purpose);
  }
  return text;
}

// Goes through the steps of a running lab and prints what comes of them.
ExitCode check(lab::Lab& lab, const Console& console, bool json) {
  const auto outcomes =
      lab::run_steps(lab, [&](const lab::Outcome& outcome) { console.say(lab::line_of(outcome)); });
  const lab::Totals sums = lab::totals(outcomes);
  if (json) {
    auto document = lab::to_json(lab.name(), outcomes);
    document["seconds"] = console.seconds();
    fmt::print("{}\n", boost::json::serialize(document));
  }
  console.say("\n" + lab::last_line(sums));
  if (lab::interrupted()) return complain(ExitCode::kFailed, "interrupted");
  return sums.failed == 0 ? ExitCode::kOk : ExitCode::kFailed;
}

ExitCode start_and_check(lab::Lab& lab, const Console& console, const Arguments& arguments) {
  introduce(console, lab);
  const auto started =
      lab.start([&](std::string_view what, std::string_view text) { console.phase(what, text); });
  if (!started) return complain(ExitCode::kFailed, started.error().message);
  return check(lab, console, arguments.has("--json"));
}

ExitCode run_lab(lab::Lab& lab, const Console& console, const Arguments& arguments) {
  const auto claim = lab::Claim::take(lab.name());
  if (!claim) return complain(ExitCode::kFailed, claim.error().message);
  const lab::InterruptGuard guard;
  const ExitCode code = start_and_check(lab, console, arguments);
  if (arguments.has("--keep") && !lab::interrupted()) {
    console.say(next_steps(lab));
    return code;
  }
  const auto removed = lab::remove_remains(lab.name(), lab::namespaces_of(lab.name(), lab.nodes()));
  if (!removed) return complain(ExitCode::kFailed, removed.error().message);
  return code;
}

ExitCode open_shell(lab::Lab& lab) {
  lab::Shell(lab).run();
  return ExitCode::kOk;
}

ExitCode run_command(const std::string& name, const Arguments& arguments) {
  const auto folders = lab::catalogue_folders();
  const auto folder = lab::find_lab(name, folders);
  if (!folder) return complain(ExitCode::kNotFound, folder.error().message);
  auto definition = lab::read_lab(*folder);
  if (!definition) return complain_verbatim(ExitCode::kBadConfig, definition.error().message);
  const auto fabric = fabric_of(*definition, arguments);
  if (!fabric) return complain(ExitCode::kUsage, fabric.error().message);
  std::optional<exchange::FabricAttach> attach;
  if (const auto word = arguments.value("--attach")) {
    const auto parsed = parse_fabric_attach(*word);
    if (!parsed) return complain(ExitCode::kUsage, parsed.error().message);
    attach = *parsed;
  }
  if (geteuid() != 0) return complain(ExitCode::kFailed, "a lab needs root: it makes networks");
  const std::string instance = arguments.value("--as").value_or(name);
  if (!is_instance_name(instance)) {
    return complain(ExitCode::kUsage, "'" + instance + "' cannot name a lab");
  }
  lab::Lab lab = make_lab(*std::move(definition), instance, fs::absolute(*folder), *fabric, attach);
  const Console console(arguments.has("--json"));
  const ExitCode code = run_lab(lab, console, arguments);
  const bool offers_shell = arguments.has("--keep") && !arguments.has("--json") &&
                            isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  if (offers_shell && lab.is_running()) open_shell(lab);
  return code;
}

ExitCode check_command(const std::string& instance, const Arguments& arguments) {
  auto lab = find_running(instance);
  if (!lab) return complain(ExitCode::kNotFound, lab.error().message);
  const auto claim = lab::Claim::take(instance);
  if (!claim) return complain(ExitCode::kFailed, claim.error().message);
  const lab::InterruptGuard guard;
  return check(*lab, Console(arguments.has("--json")), arguments.has("--json"));
}

ExitCode shell_command(const std::string& instance) {
  auto lab = find_running(instance);
  if (!lab) return complain(ExitCode::kNotFound, lab.error().message);
  return open_shell(*lab);
}

ExitCode down_command(const std::string& instance) {
  const auto claim = lab::Claim::take(instance);
  if (!claim) return complain(ExitCode::kFailed, claim.error().message);
  std::vector<std::string> also;
  const auto folders = lab::catalogue_folders();
  if (const auto folder = lab::find_lab(instance, folders)) {
    if (const auto definition = lab::read_lab(*folder)) {
      also = lab::namespaces_of(instance, lab::nodes_of(*definition));
    }
  }
  const auto removed = lab::remove_remains(instance, also);
  if (!removed) return complain(ExitCode::kFailed, removed.error().message);
  return ExitCode::kOk;
}

// Becomes the command: terminal, signals and exit status are its own.
ExitCode exec_command(Words words) {
  const std::string& instance = words[0];
  const auto scope = io::NamespaceScope::enter(lab::namespace_name(instance, words[1]));
  if (!scope) return complain(ExitCode::kNotFound, scope.error().message);
  std::vector<std::string> texts(words.begin() + 2, words.end());
  std::vector<char*> argv;
  argv.reserve(texts.size() + 1);
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  return complain(ExitCode::kNotFound, io::errno_error(texts.front()).message);
}

ExitCode logs_command(const std::string& instance, const std::optional<std::string>& node) {
  const auto lab = find_running(instance);
  if (!lab) return complain(ExitCode::kNotFound, lab.error().message);
  if (node) {
    const auto logs = lab->logs_of(*node);
    if (logs.empty()) return complain(ExitCode::kNotFound, "no node is called " + *node);
    const auto text = io::read_file(logs.front());
    if (!text) return complain(ExitCode::kFailed, text.error().message);
    fmt::print("{}", *text);
    return ExitCode::kOk;
  }
  std::vector<std::string> nodes{std::string(lab::kSwitchNode), std::string(lab::kServerNode)};
  const auto& routers = lab->definition().routers;
  nodes.reserve(nodes.size() + routers.size());
  for (const lab::LabRouter& router : routers) nodes.push_back(router.name);
  for (const std::string& each : nodes) {
    for (const std::string& path : lab->logs_of(each)) fmt::print("{:<6} {}\n", each, path);
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode internal_command(Words words) {
  if (words.empty() || words[0] != "fib-sync") {
    return complain(ExitCode::kUsage, "'internal' is not for people");
  }
  return lab::fib_sync_command(words.subspan(1)) == 0 ? ExitCode::kOk : ExitCode::kFailed;
}

ExitCode lab_command(Words words) {
  static const std::vector<std::string> verbs{"list", "run",  "check", "shell",
                                              "exec", "logs", "down"};
  if (words.size() >= 4 && words[0] == "exec") return exec_command(words.subspan(1));
  const auto arguments = Arguments::parse(words, kSyntax);
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const auto& rest = arguments->words();
  if (rest.empty()) return misused(kUsage);
  const auto verb = complete(rest[0], verbs);
  if (!verb) return complain(ExitCode::kUsage, verb.error().message + " (fabrix lab --help)");
  if (rest.size() == 1 && *verb == "list") return list_command();
  if (rest.size() == 3 && *verb == "logs") return logs_command(rest[1], rest[2]);
  if (rest.size() != 2 || !is_instance_name(rest[1])) return misused(kUsage);
  if (*verb == "run") return run_command(rest[1], *arguments);
  if (*verb == "check") return check_command(rest[1], *arguments);
  if (*verb == "shell") return shell_command(rest[1]);
  if (*verb == "down") return down_command(rest[1]);
  if (*verb == "logs") return logs_command(rest[1], std::nullopt);
  return misused(kUsage);
}

}  // namespace fabrix::app
