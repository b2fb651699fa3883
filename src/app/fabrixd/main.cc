// fabrixd: the daemon. This file is the map of the system: it constructs every part and connects
// them.
//
//     exchange.yaml -> Exchange
//
//     BgpServer <-> Controller -> Fabric <-> OpenFlowServer <-> switch
//                       ^
//                  api::Server <- fabrix show, trace, policy
//                       ^
//                  daemon::MonitoringSite <- HTTP, BMP, MRT
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "api/server.h"
#include "app/arguments.h"
#include "app/endpoint_text.h"
#include "app/exchange_file.h"
#include "app/exit_code.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "controller/openflow_server.h"
#include "daemon/monitoring_site.h"
#include "exchange/load.h"
#include "fabric/openflow_fabric.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "io/log.h"

namespace fabrix::app {
namespace {

constexpr std::chrono::milliseconds kFarewell{200};
constexpr std::string_view kDefaultOpenFlow = "tcp:127.0.0.1:6653";
constexpr std::string_view kDefaultSocket = "/run/fabrix/fabrix.sock";

constexpr std::string_view kUsage =
    "usage: fabrixd -c EXCHANGE.yaml [--check] [options]\n"
    "\n"
    "Runs the exchange: the route server, the policies, and the switch that connects.\n"
    "\n"
    "  -c FILE             the configuration; policy files are relative to it\n"
    "  --check             say what is wrong with the configuration and the policies, and end\n"
    "  --openflow WHERE    wait for the switch at tcp:ADDRESS:PORT or unix:PATH (default\n"
    "                      tcp:127.0.0.1:6653)\n"
    "  --socket PATH       answer the fabrix command here (default /run/fabrix/fabrix.sock)\n"
    "  --bgp-port PORT     instead of the configuration's; 0 picks one\n"
    "  --log-level LEVEL   trace, debug, info (default), warning or error\n"
    "\n"
    "A participant whose policy has errors starts without one; the errors are printed. SIGHUP "
    "reads\n"
    "the policies again, and keeps the old one where the new one has errors. SIGTERM and SIGINT "
    "end\n"
    "sessions with a Cease and leave the switch forwarding. Ends with 2 for wrong usage, 78 for a\n"
    "wrong configuration (--check: or policy), 1 if a port or socket cannot be had.\n";

ExitCode complain(ExitCode code, std::string_view what) {
  fmt::print(stderr, "fabrixd: {}\n", what);
  return code;
}

struct Settings {
  io::Endpoint openflow;
  std::string socket;
  std::optional<std::uint16_t> bgp_port;
};

Result<Settings> read_settings(const Arguments& arguments) {
  Settings settings;
  FABRIX_TRY(settings.openflow,
             parse_endpoint(arguments.value("--openflow").value_or(std::string(kDefaultOpenFlow))));
  settings.socket = arguments.value("--socket").value_or(std::string(kDefaultSocket));
  if (const auto port = arguments.value("--bgp-port")) {
    FABRIX_TRY(settings.bgp_port, parse_port(*port));
  }
  if (const auto level = arguments.value("--log-level")) {
    const auto parsed = io::parse_log_level(*level);
    if (!parsed) {
      return fail(Error{"no log level is called '" + *level +
                        "': write trace, debug, info, warning or error"});
    }
    io::set_log_level(*parsed);
  }
  return settings;
}

// Sets every policy that the configuration names, and says what is wrong with them. True if all are
// accepted. A policy that is not leaves that participant's present one, and everybody else, alone.
bool read_policies(controller::Controller& controller, const std::filesystem::path& directory) {
  bool good = true;
  for (const exchange::Participant& participant : controller.exchange().participants) {
    if (!participant.policy_file) continue;
    const std::string file = (directory / *participant.policy_file).string();
    const auto text = io::read_file(file, policy::kMaxPolicySize);
    if (!text) {
      complain(ExitCode::kFailed,
               "policy of " + participant.name + " not changed: " + text.error().message);
      good = false;
      continue;
    }
    const auto set = controller.set_policy(participant.id, *text, file);
    fmt::print(stderr, "{}", render(set ? *set : set.error(), *text));
    if (!set) complain(ExitCode::kFailed, "policy of " + participant.name + " not changed");
    good = good && set.has_value();
  }
  return good;
}

// What `--check` ends with.
ExitCode check(const exchange::Exchange& exchange, const std::filesystem::path& directory) {
  fabric::OpenFlowFabric no_switch({});
  controller::Controller controller(exchange, no_switch);
  if (!read_policies(controller, directory)) return ExitCode::kBadConfig;
  fmt::print("{}: {} participants, {} routers, no errors\n", exchange.name,
             exchange.participants.size(), exchange.routers.size());
  return ExitCode::kOk;
}

io::LogLevel level_for(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return io::LogLevel::kError;
    case Severity::kWarning:
      return io::LogLevel::kWarning;
    case Severity::kNote:
      return io::LogLevel::kInfo;
  }
  return io::LogLevel::kInfo;
}

// Where a socket is to be, its directory must be.
void make_directory_of(const std::string& path) {
  const auto directory = std::filesystem::path(path).parent_path();
  std::error_code ignored;  // Listening will say what is wrong.
  if (!directory.empty()) std::filesystem::create_directories(directory, ignored);
}

// A burst of events becomes one round of the controller.
void settle_after_bursts(io::EventLoop& loop, controller::Controller& controller) {
  const auto posted = std::make_shared<bool>(false);
  controller.on_change = [&loop, &controller, posted] {
    if (std::exchange(*posted, true)) return;
    loop.post([&controller, posted] {
      *posted = false;
      controller.settle(io::EventLoop::now());
    });
  };
}

ExitCode serve(const exchange::Exchange& exchange, const std::filesystem::path& directory,
               const Settings& settings) {
  io::EventLoop loop;
  std::vector<net::PortNo> ports{exchange.route_server.port};
  for (const exchange::Router& router : exchange.routers) ports.push_back(router.port);
  fabric::OpenFlowFabric fabric(std::move(ports));
  controller::Controller controller(exchange, fabric);
  controller.on_notice = [](const controller::Notice& notice) {
    io::log(level_for(notice.severity), "controller", notice.text);
  };
  read_policies(controller, directory);
  settle_after_bursts(loop, controller);

  if (const auto* path = std::get_if<io::UnixEndpoint>(&settings.openflow)) {
    make_directory_of(path->path);
  }
  const auto switches = controller::OpenFlowServer::start(loop, fabric, settings.openflow);
  if (!switches) return complain(ExitCode::kFailed, "OpenFlow: " + switches.error().message);

  const auto bgp = controller::BgpServer::start(loop, controller, {.port = settings.bgp_port});
  if (!bgp) return complain(ExitCode::kFailed, "BGP: " + bgp.error().message);
  controller.on_output = [&bgp](routeserver::PeerId peer) { (*bgp)->send_updates(peer); };

  make_directory_of(settings.socket);
  const auto api = api::Server::start(
      loop, settings.socket,
      {.sources = {.controller = &controller, .bgp = bgp->get()}, .controller = &controller});
  if (!api) return complain(ExitCode::kFailed, "socket: " + api.error().message);

  const auto monitoring = daemon::MonitoringSite::start(
      loop, {.controller = &controller,
             .bgp = bgp->get(),
             .is_switch_connected = [&fabric] { return fabric.is_connected(); },
             .build = {.version = FABRIX_VERSION, .revision = "", .compiler = __VERSION__},
             .directory = directory.string()});
  if (!monitoring) return complain(ExitCode::kFailed, "monitoring: " + monitoring.error().message);

  // What has been said is sent before the loop ends.
  io::Timer farewell(loop, [&loop] { loop.stop(); });
  const io::SignalWatch signals(loop, {SIGINT, SIGTERM, SIGHUP}, [&](int signal) {
    if (signal == SIGHUP) {
      const bool good = read_policies(controller, directory);
      io::log_info("fabrixd", good ? "policies read again" : "policies read again, with errors");
    } else {
      (*bgp)->shut_down("fabrixd is stopping");
      farewell.start(kFarewell);
    }
  });
  controller.settle(io::EventLoop::now());
  io::log_info("fabrixd",
               fmt::format("serving exchange={} asn={} participants={} bgp_port={} socket={}",
                           exchange.name, exchange.asn.value, exchange.participants.size(),
                           (*bgp)->port(), settings.socket));
  loop.run();
  return ExitCode::kOk;
}

ExitCode run(const std::vector<std::string>& words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"-c", "--openflow", "--socket", "--bgp-port", "--log-level"},
              .switches = {"--check", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  const auto file = arguments->value("-c");
  const bool help = arguments->has("--help");
  if (help || !file || !arguments->words().empty()) {
    fmt::print(help ? stdout : stderr, "{}", kUsage);
    return help ? ExitCode::kOk : ExitCode::kUsage;
  }
  const auto settings = read_settings(*arguments);
  if (!settings) return complain(ExitCode::kUsage, settings.error().message);
  const auto text = io::read_file(*file, exchange::kMaxConfigSize);
  if (!text) return complain(ExitCode::kBadConfig, text.error().message);
  const auto directory = std::filesystem::path(*file).parent_path();
  const auto exchange = exchange::load(*text, *file, secrets_in(directory));
  if (!exchange) {
    fmt::print(stderr, "{}", render(exchange.error(), *text));
    return ExitCode::kBadConfig;
  }
  return arguments->has("--check") ? check(*exchange, directory)
                                   : serve(*exchange, directory, *settings);
}

}  // namespace
}  // namespace fabrix::app

int main(int argc, char** argv) {
  return fabrix::app::to_int(fabrix::app::run(std::vector<std::string>(argv + 1, argv + argc)));
}
