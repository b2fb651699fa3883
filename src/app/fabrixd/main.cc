// fabrixd: the daemon. This file is the map of the system: it constructs every part and connects
// them.
//
//     exchange.yaml -> Exchange     BgpServer <-> Controller -> Fabric <-> OpenFlowServer <->
//     switch
//                                                     ^
//                                                api::Server <- fabrix show, trace, policy
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "api/server.h"
#include "app/arguments.h"
#include "app/endpoint_text.h"
#include "app/exit_code.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "controller/openflow_server.h"
#include "exchange/load.h"
#include "fabric/openflow_fabric.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "io/log.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrixd -c EXCHANGE.yaml [--check] [--openflow tcp:ADDRESS:PORT|unix:PATH] [--socket "
    "PATH]\n"
    "               [--bgp-port PORT] [--log-level trace|debug|info|warning|error]\n"
    "\n"
    "Runs the exchange: the route server on its addresses, the switch by OpenFlow (default\n"
    "tcp:127.0.0.1:6653), questions and policy changes on the socket (default "
    "/run/fabrix/fabrix.sock).\n"
    "--check says what is wrong with the configuration and the policies, and ends. SIGHUP reads "
    "the\n"
    "policies again; SIGTERM ends sessions with a Cease and leaves the switch forwarding.\n";

ExitCode complain_about(std::string_view what) {
  fmt::print(stderr, "fabrixd: {}\n", what);
  return ExitCode::kFailed;
}

// Sets every policy that the configuration names, and says what is wrong with them. True if all are
// accepted.
bool read_policies(controller::Controller& controller, const std::filesystem::path& directory) {
  bool good = true;
  for (const exchange::Participant& participant : controller.exchange().participants) {
    if (!participant.policy_file) continue;
    const std::string file = (directory / *participant.policy_file).string();
    const auto text = io::read_file(file, policy::kMaxPolicySize);
    if (!text) {
      fmt::print(stderr, "fabrixd: policy of {}: {}\n", participant.name, text.error().message);
      good = false;
      continue;
    }
    const auto set = controller.set_policy(participant.id, *text, file);
    fmt::print(stderr, "{}", render(set ? *set : set.error(), *text));
    good = good && set.has_value();
  }
  return good;
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
               const Arguments& arguments) {
  io::EventLoop loop;
  std::vector<net::PortNo> ports{exchange.route_server.port};
  for (const exchange::Router& router : exchange.routers) ports.push_back(router.port);
  fabric::OpenFlowFabric fabric(std::move(ports));
  controller::Controller controller(exchange, fabric);
  controller.on_notice = [](const controller::Notice& notice) {
    const bool bad = notice.severity == Severity::kError;
    io::log(bad ? io::LogLevel::kError : io::LogLevel::kInfo, "controller", notice.text);
  };
  if (!read_policies(controller, directory)) return ExitCode::kBadConfig;
  if (arguments.has("--check")) return ExitCode::kOk;
  settle_after_bursts(loop, controller);

  const auto openflow =
      parse_endpoint(arguments.value("--openflow").value_or("tcp:127.0.0.1:6653"));
  if (!openflow) return complain_about(openflow.error().message);
  const auto switches = controller::OpenFlowServer::start(loop, fabric, *openflow);
  if (!switches) return complain_about(switches.error().message);

  controller::BgpServer::Options options;
  if (const auto port = arguments.value("--bgp-port")) {
    const auto number = parse_port(*port);
    if (!number) return complain_about(number.error().message);
    options.port = *number;
  }
  const auto bgp = controller::BgpServer::start(loop, controller, options);
  if (!bgp) return complain_about(bgp.error().message);
  controller.on_output = [&bgp](routeserver::PeerId peer) { (*bgp)->send_updates(peer); };

  const std::string socket = arguments.value("--socket").value_or("/run/fabrix/fabrix.sock");
  std::filesystem::create_directories(std::filesystem::path(socket).parent_path());
  const auto api = api::Server::start(
      loop, socket,
      {.sources = {.controller = &controller, .bgp = bgp->get()}, .controller = &controller});
  if (!api) return complain_about(api.error().message);

  // What has been said is sent before the loop ends.
  io::Timer farewell(loop, [&loop] { loop.stop(); });
  const io::SignalWatch signals(loop, {SIGINT, SIGTERM, SIGHUP}, [&](int signal) {
    if (signal == SIGHUP) {
      read_policies(controller, directory);
    } else {
      (*bgp)->shut_down("fabrixd is stopping");
      farewell.start(std::chrono::milliseconds(200));
    }
  });
  controller.settle(io::EventLoop::now());
  io::log_info("fabrixd",
               fmt::format("serving exchange={} asn={} participants={} bgp_port={}", exchange.name,
                           exchange.asn.value, exchange.participants.size(), (*bgp)->port()));
  loop.run();
  return ExitCode::kOk;
}

ExitCode run(const std::vector<std::string>& words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"-c", "--openflow", "--socket", "--bgp-port", "--log-level"},
              .switches = {"--check", "--help", "-h"}});
  if (!arguments) return complain_about(arguments.error().message);
  const auto file = arguments->value("-c");
  const bool help = arguments->has("--help") || arguments->has("-h");
  if (help || !file || !arguments->words().empty()) {
    fmt::print(help ? stdout : stderr, "{}", kUsage);
    return help ? ExitCode::kOk : ExitCode::kUsage;
  }
  if (const auto level = arguments->value("--log-level")) {
    const auto parsed = io::parse_log_level(*level);
    if (!parsed) return complain_about("no log level is called " + *level);
    io::set_log_level(*parsed);
  }
  const auto text = io::read_file(*file, exchange::kMaxConfigSize);
  if (!text) return complain_about(text.error().message);
  const auto exchange = exchange::load(*text, *file);
  if (!exchange) {
    fmt::print(stderr, "{}", render(exchange.error(), *text));
    return ExitCode::kBadConfig;
  }
  return serve(*exchange, std::filesystem::path(*file).parent_path(), *arguments);
}

}  // namespace
}  // namespace fabrix::app

int main(int argc, char** argv) {
  return fabrix::app::to_int(fabrix::app::run(std::vector<std::string>(argv + 1, argv + argc)));
}
