// fabrixd: the daemon. This file is the map of the system: it constructs every part and connects
// them.
//
//     exchange.yaml -> Exchange
//
//     BgpServer <-> Controller -> daemon::FabricHost <-> switch, or this machine's interfaces
//                       ^
//                  api::Server <- fabrix show, trace, policy, reload
//                       ^
//                  daemon::MonitoringSite <- HTTP, BMP, MRT
//                  daemon::ImportData <- RTR, IRR and SLURM files
#include <charconv>
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

#include "api/bad_updates.h"
#include "api/monitor_hub.h"
#include "api/port_commands.h"
#include "api/server.h"
#include "app/arguments.h"
#include "app/endpoint_text.h"
#include "app/exit_code.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "controller/fabric_watch.h"
#include "controller/fsm_record.h"
#include "controller/port_guard.h"
#include "controller/port_record.h"
#include "controller/run_record.h"
#include "daemon/config_file.h"
#include "daemon/exchange_join.h"
#include "daemon/fabric_host.h"
#include "daemon/import_data.h"
#include "daemon/monitoring_site.h"
#include "daemon/policy_files.h"
#include "daemon/reloader.h"
#include "daemon/sflow_export.h"
#include "daemon/telemetry_host.h"
#include "exchange/interfaces.h"
#include "exchange/load.h"
#include "exchange/port_locks.h"
#include "exchange/stream_address.h"
#include "exchange/telemetry_changes.h"
#include "exchange/warnings.h"
#include "fabric/openflow_fabric.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "io/log.h"
#include "io/thread_priority.h"

namespace fabrix::app {
namespace {

constexpr std::chrono::milliseconds kFarewell{200};
constexpr std::string_view kDefaultOpenFlow = "tcp:127.0.0.1:6653";
constexpr std::string_view kDefaultSocket = "/run/fabrix/fabrix.sock";

constexpr std::string_view kUsage =
    "usage: fabrixd -c EXCHANGE.yaml [--check] [options]\n"
    "\n"
    "Runs the exchange: the route server, the policies, and the fabric: switches that connect, "
    "or\n"
    "this machine's interfaces.\n"
    "\n"
    "  -c FILE             the configuration; policy files are relative to it\n"
    "  --check             say what is wrong with the configuration and the policies, and end\n"
    "  --fabric TYPE       openflow (switches) or linux (this machine's interfaces), instead of "
    "the\n"
    "                      configuration's\n"
    "  --interfaces NAMES  what the interfaces of all ports are called, %d for the port's number:\n"
    "                      swp%d\n"
    "  --pins DIRECTORY    where the kernel keeps the Linux fabric, on a BPF file system (default\n"
    "                      /sys/fs/bpf/fabrix)\n"
    "  --attach HOOK       where all ports of the Linux fabric meet frames: tc, or xdp before it\n"
    "  --openflow WHERE    wait for switches at tcp:ADDRESS:PORT or unix:PATH (default\n"
    "                      tcp:127.0.0.1:6653)\n"
    "  --ovsdb WHERE       ask there whether the switches are fail-secure, and complain if not:\n"
    "                      unix:PATH or tcp:ADDRESS:PORT of an ovsdb-server; may be given again\n"
    "  --generation N      be the switches' master with this fencing token, instead of the\n"
    "                      configuration's\n"
    "  --socket PATH       answer the fabrix command here (default /run/fabrix/fabrix.sock)\n"
    "  --bgp-port PORT     instead of the configuration's; 0 picks one\n"
    "  --audit-every N     read the fabric's rules each N seconds and correct them (default 4; 0: "
    "never)\n"
    "  --log-level LEVEL   trace, debug, info (default), warning or error\n"
    "\n"
    "A participant whose policy has errors starts without one; the errors are printed. SIGHUP "
    "reads\n"
    "everything again, as `fabrix reload` does: what has errors stays as it was. SIGTERM and "
    "SIGINT\n"
    "end sessions with a Cease and leave the fabric forwarding. Ends with 2 for wrong usage, 78 "
    "for a\n"
    "wrong configuration (--check: or policy), 1 if a port or socket cannot be had.\n";

ExitCode complain(ExitCode code, std::string_view what) {
  fmt::print(stderr, "fabrixd: {}\n", what);
  return code;
}

struct Settings {
  daemon::FabricChoice fabric;
  std::string socket;
  std::optional<std::uint16_t> bgp_port;
  std::chrono::seconds audit_every = controller::kAuditEvery;
};

Result<daemon::FabricChoice> read_fabric(const Arguments& arguments) {
  daemon::FabricChoice choice;
  FABRIX_TRY(choice.openflow,
             parse_endpoint(arguments.value("--openflow").value_or(std::string(kDefaultOpenFlow))));
  if (const auto type = arguments.value("--fabric")) {
    FABRIX_TRY(choice.type, parse_fabric_type(*type));
  }
  for (const std::string& where : arguments.values("--ovsdb")) {
    FABRIX_TRY(auto database, exchange::parse_stream_address(where));
    choice.ovsdb.push_back(std::move(database));
  }
  choice.interfaces = arguments.value("--interfaces");
  choice.pins = arguments.value("--pins");
  if (const auto hook = arguments.value("--attach")) {
    FABRIX_TRY(choice.attach, parse_fabric_attach(*hook));
  }
  if (const auto text = arguments.value("--generation")) {
    FABRIX_TRY(choice.generation, parse_generation(*text));
  }
  if (choice.interfaces && !exchange::is_interface_pattern(*choice.interfaces)) {
    return fail(Error{"'" + *choice.interfaces + "' names no interfaces: write swp%d"});
  }
  return choice;
}

Result<Settings> read_settings(const Arguments& arguments) {
  Settings settings;
  FABRIX_TRY(settings.fabric, read_fabric(arguments));
  settings.socket = arguments.value("--socket").value_or(std::string(kDefaultSocket));
  if (const auto port = arguments.value("--bgp-port")) {
    FABRIX_TRY(settings.bgp_port, exchange::parse_port(*port));
  }
  if (const auto every = arguments.value("--audit-every")) {
    std::uint16_t seconds = 0;
    const auto* const end = every->data() + every->size();
    const auto parsed = std::from_chars(every->data(), end, seconds);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      return fail(Error{"'" + *every + "' is no number of seconds: write 10, or 0 for never"});
    }
    settings.audit_every = std::chrono::seconds(seconds);
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

void print(const std::vector<daemon::FileProblem>& problems) {
  for (const daemon::FileProblem& problem : problems) fmt::print(stderr, "{}\n", problem.text);
}

// Sets every policy that the configuration names, and says what is wrong with them. True if all are
// accepted.
bool read_policies(controller::Controller& controller, const std::filesystem::path& directory) {
  const daemon::PolicyFiles files = daemon::read_policies(controller, directory);
  print(files.problems);
  for (const std::string& name : files.refused) {
    complain(ExitCode::kFailed, "policy of " + name + " not changed");
  }
  return files.refused.empty();
}

// What `--check` ends with.
ExitCode check(const exchange::Exchange& exchange, const std::filesystem::path& directory) {
  fabric::OpenFlowFabric no_switch({});
  controller::Controller controller(exchange, no_switch);
  const bool good = read_policies(controller, directory);
  const auto problems = daemon::check_import_files(exchange, directory);
  print(problems);
  for (const auto& text : exchange::warnings(exchange)) fmt::print(stderr, "warning: {}\n", text);
  if (!good || !problems.empty()) return ExitCode::kBadConfig;
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

void log_warnings(const exchange::Exchange& exchange) {
  for (const auto& text : exchange::warnings(exchange)) io::log_warning("fabrixd", text);
}

// Wakes the controller for what waits.
class Waker {
 public:
  Waker(io::EventLoop& loop, controller::Controller& controller)
      : timer_(loop, [&controller] { controller.wake(io::EventLoop::now()); }) {
    controller.on_wait = [this](io::Clock::time_point at) { timer_.start_at(at); };
  }

 private:
  io::Timer timer_;
};

// Has the controller ask for what queries and ports have counted, again and again.
class QueryReader {
 public:
  QueryReader(io::EventLoop& loop, controller::Controller& controller)
      : timer_(loop,
               [this, &controller] {
                 controller.read_queries();
                 timer_.start(controller::kReadQueriesEvery);
               }),
        drops_(loop, [this, &controller] {
          controller.read_drops();
          drops_.start(controller::kReadDropsEvery);
        }) {
    timer_.start(controller::kReadQueriesEvery);
    drops_.start(controller::kReadDropsEvery);
  }

 private:
  io::Timer timer_;
  io::Timer drops_;
};

// What a reload came to, for the log.
void log_reload(const api::ReloadReport& report) {
  fmt::print(stderr, "{}", api::to_text(report));
  if (report.outcome == api::ReloadOutcome::kRefused) {
    io::log_error("fabrixd", "reload refused, the configuration before stays");
    return;
  }
  io::log_info("fabrixd",
               fmt::format("reloaded changes={} sessions={} problems={}", report.changes.size(),
                           report.sessions.size(), report.problems.size()));
}

exchange::PortLocks read_port_locks(const std::filesystem::path& file) {
  const auto text = io::read_file(file.string(), exchange::kMaxConfigSize);
  return text ? exchange::port_locks_of(*text) : exchange::PortLocks{};
}

// From what the daemon before this one recorded.
template <typename Record>
void go_on(Record& record) {
  for (const std::string& problem : record.restore()) io::log_warning("controller", problem);
  record.keep();
}

ExitCode serve(const exchange::Exchange& exchange, const std::filesystem::path& file,
               const Settings& settings) {
  const auto directory = file.parent_path();
  io::EventLoop loop;
  if (const auto* path = std::get_if<io::UnixEndpoint>(&settings.fabric.openflow)) {
    make_directory_of(path->path);
  }
  auto ties = daemon::read_fabric_ties(file);
  settings.fabric.apply_to(ties);
  auto host = daemon::FabricHost::start(loop, exchange, settings.fabric, std::move(ties));
  if (!host) return complain(ExitCode::kFailed, host.error().message);
  controller::Controller controller(exchange, host->fabric());
  controller.on_notice = [](const controller::Notice& notice) {
    io::log(level_for(notice.severity), "controller", notice.text);
  };
  read_policies(controller, directory);
  settle_after_bursts(loop, controller);
  const Waker waker(loop, controller);
  const QueryReader query_reader(loop, controller);
  const controller::FabricWatch fabric_watch(loop, controller, settings.audit_every);

  make_directory_of(settings.socket);
  controller::RunRecord record(loop, settings.socket + ".running");
  controller::FsmRecord states(loop, controller, settings.socket + ".states");
  go_on(states);
  controller::PortRecord ports(controller, settings.socket + ".ports");
  go_on(ports);
  const auto bgp = controller::BgpServer::start(
      loop, controller,
      {.port = settings.bgp_port,
       .restarting = record.found() ? controller::Restarting::kYes : controller::Restarting::kNo,
       .awaited = record.sessions_before()});
  if (!bgp) return complain(ExitCode::kFailed, "BGP: " + bgp.error().message);
  api::disable_closed_sessions(controller, **bgp);
  controller::PortGuard port_guard(loop, controller, read_port_locks(file));
  port_guard.on_closed = [&controller, &bgp](net::RouterId router) {
    api::disable_closed_sessions(controller, **bgp, router);
  };
  controller.on_output = [&bgp](routeserver::PeerId peer) { (*bgp)->send_updates(peer); };

  daemon::ImportData import_data(loop, controller, directory);
  const auto rpki_status = [&import_data] { return import_data.rpki_status(); };

  daemon::TelemetryHost telemetry;
  const auto telemetry_site = daemon::read_telemetry_site(file);
  if (const auto done = telemetry.configured(telemetry_site); !done) {
    return complain(ExitCode::kFailed, "telemetry: " + done.error().message);
  }
  daemon::ExchangeJoin join(loop, controller);
  join.configured(telemetry.service(), telemetry_site);
  daemon::SflowExport sflow(loop, controller, host->fabric());
  // A switch has a sampler of its own.
  const bool has_sampler = exchange.fabric.type == exchange::FabricType::kLinux;
  const auto feed_telemetry = [&sflow, &telemetry, has_sampler] {
    sflow.on_datagram = nullptr;
    if (telemetry.service() == nullptr || !has_sampler) return;
    sflow.on_datagram = [&telemetry](const std::vector<std::byte>& datagram,
                                     const net::IpAddress& agent) {
      telemetry.receive(datagram, agent);
    };
  };
  feed_telemetry();
  if (const auto done = sflow.configured(); !done) {
    io::log_warning("sflow", done.error().message);
  }

  const auto monitoring = daemon::MonitoringSite::start(
      loop, {.controller = &controller,
             .bgp = bgp->get(),
             .rpki_status = rpki_status,
             .is_switch_connected = [&host] { return host->is_connected(); },
             .fabric_parts = [&host] { return host->parts(); },
             .sflow = [&sflow] { return sflow.metrics(); },
             .build = {.version = FABRIX_VERSION, .revision = "", .compiler = __VERSION__},
             .directory = directory.string()});
  if (!monitoring) return complain(ExitCode::kFailed, "monitoring: " + monitoring.error().message);

  daemon::SessionWatch& watch = (*monitoring)->watch();
  api::MonitorHub monitors(
      controller, {.begin = [&watch](monitoring::Observer& observer) { watch.add(observer); },
                   .end = [&watch](monitoring::Observer& observer) { watch.remove(observer); }});
  api::BadUpdates bad_updates(controller);
  controller.on_bad_update = [&](routeserver::PeerId peer, const bgp::BadUpdate& update) {
    bad_updates.note(peer, update);
    monitors.bad_update(peer, update);
  };

  daemon::Reloader reloader(file, {.controller = &controller,
                                   .bgp = bgp->get(),
                                   .import_data = &import_data,
                                   .fabric = &*host});
  const auto reload = [&](api::ReloadMode mode) {
    auto report = reloader.reload(mode);
    const auto site = daemon::read_telemetry_site(file);
    if (report.outcome != api::ReloadOutcome::kRefused) {
      for (const auto& more : {exchange::differences(port_guard.locks(), read_port_locks(file)),
                               exchange::changes(telemetry.site(), site)}) {
        report.changes.insert(report.changes.end(), more.begin(), more.end());
      }
    }
    if (mode == api::ReloadMode::kCheck) return report;
    if (report.outcome == api::ReloadOutcome::kApplied) {
      port_guard.configured(read_port_locks(file));
      log_warnings(controller.exchange());
      const auto complain_of = [&report](const std::string& text) {
        const auto told = daemon::problem_with("", text);
        report.problems.push_back(told.diagnostic);
        report.problem_text += told.text;
      };
      const auto moved = telemetry.configured(site);
      if (!moved) complain_of("telemetry: " + moved.error().message);
      join.configured(telemetry.service(), site);
      feed_telemetry();
      if (const auto done = sflow.configured(); !done) {
        io::log_warning("sflow", done.error().message);
      }
      for (const Error& problem : (*monitoring)->configured()) {
        complain_of("monitoring: " + problem.message);
      }
    } else {
      (*monitoring)->refused();
    }
    log_reload(report);
    return report;
  };
  const auto api = api::Server::start(
      loop, settings.socket,
      {.sources = {.controller = &controller,
                   .bgp = bgp->get(),
                   .rpki_status = rpki_status,
                   .bad_updates = &bad_updates,
                   .fabric_faults = [&host] { return host->faults(); },
                   .attach_of = [&host](net::PortNo port) { return host->attach_of(port); }},
       .controller = &controller,
       .reload = reload,
       .bgp = bgp->get(),
       .monitors = &monitors});
  if (!api) return complain(ExitCode::kFailed, "socket: " + api.error().message);

  // What has been said is sent before the loop ends.
  io::Timer farewell(loop, [&loop] { loop.stop(); });
  const io::SignalWatch signals(loop, {SIGINT, SIGTERM, SIGHUP}, [&](int signal) {
    if (signal == SIGHUP) {
      reload(api::ReloadMode::kApply);
    } else {
      (*bgp)->shut_down("fabrixd is stopping");
      farewell.start(kFarewell);
    }
  });
  controller.settle(io::EventLoop::now());
  log_warnings(exchange);
  io::log_info("fabrixd",
               fmt::format("serving exchange={} asn={} participants={} bgp_port={} socket={}",
                           exchange.name, exchange.asn.value, exchange.participants.size(),
                           (*bgp)->port(), settings.socket));
  (*bgp)->on_worth_awaiting_changed = [&record] { record.changed(); };
  record.keep([&bgp] { return (*bgp)->worth_awaiting(); });
  if (!io::put_this_thread_first()) {
    io::log_info("fabrixd", "the kernel gives it no precedence over other programs");
  }
  loop.run();
  record.finish();
  return ExitCode::kOk;
}

ExitCode run(const std::vector<std::string>& words) {
  const auto arguments = Arguments::parse(
      words,
      {.valued = {"-c", "--fabric", "--interfaces", "--pins", "--attach", "--openflow", "--ovsdb",
                  "--generation", "--socket", "--bgp-port", "--audit-every", "--log-level"},
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
  auto exchange = daemon::read_config(*file);
  if (!exchange) {
    print(exchange.error());
    return ExitCode::kBadConfig;
  }
  if (const auto applied = settings->fabric.apply_to(*exchange); !applied) {
    for (const Error& error : applied.error()) complain(ExitCode::kBadConfig, error.message);
    return ExitCode::kBadConfig;
  }
  return arguments->has("--check") ? check(*exchange, std::filesystem::path(*file).parent_path())
                                   : serve(*exchange, *file, *settings);
}

}  // namespace
}  // namespace fabrix::app

int main(int argc, char** argv) {
  return fabrix::app::to_int(fabrix::app::run(std::vector<std::string>(argv + 1, argv + argc)));
}
