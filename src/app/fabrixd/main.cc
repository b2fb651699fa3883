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
#include "app/daemon_settings.h"
#include "app/exit_code.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "controller/fabric_watch.h"
#include "controller/fsm_record.h"
#include "controller/port_guard.h"
#include "controller/port_record.h"
#include "controller/run_record.h"
#include "daemon/config_file.h"
#include "daemon/controller_loop.h"
#include "daemon/exchange_telemetry.h"
#include "daemon/fabric_host.h"
#include "daemon/import_data.h"
#include "daemon/monitoring_site.h"
#include "daemon/policy_files.h"
#include "daemon/reloader.h"
#include "exchange/load.h"
#include "exchange/port_locks.h"
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
ExitCode complain(ExitCode code, std::string_view what) {
  fmt::print(stderr, "fabrixd: {}\n", what);
  return code;
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

void log_warnings(const exchange::Exchange& exchange) {
  for (const auto& text : exchange::warnings(exchange)) io::log_warning("fabrixd", text);
}

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

// The Reloader, and the parts that read the file for themselves.
struct ReloadedParts {
  const std::filesystem::path& file;
  const controller::Controller& controller;
  daemon::Reloader& reloader;
  controller::PortGuard& port_guard;
  daemon::ExchangeTelemetry& telemetry;
  daemon::MonitoringSite& monitoring;
};

void add_problem(const std::string& text, api::ReloadReport& report) {
  const auto told = daemon::problem_with("", text);
  report.problems.push_back(told.diagnostic);
  report.problem_text += told.text;
}

// The new configuration is in force.
void tell_parts(const ReloadedParts& parts, const exchange::TelemetrySite& site,
                api::ReloadReport& report) {
  parts.port_guard.configured(read_port_locks(parts.file));
  log_warnings(parts.controller.exchange());
  const auto moved = parts.telemetry.configured(site);
  if (!moved) add_problem("telemetry: " + moved.error().message, report);
  for (const Error& problem : parts.monitoring.configured()) {
    add_problem("monitoring: " + problem.message, report);
  }
}

api::ReloadReport reload(const ReloadedParts& parts, api::ReloadMode mode) {
  auto report = parts.reloader.reload(mode);
  const auto site = daemon::read_telemetry_site(parts.file);
  if (report.outcome != api::ReloadOutcome::kRefused) {
    for (const auto& more :
         {exchange::differences(parts.port_guard.locks(), read_port_locks(parts.file)),
          exchange::changes(parts.telemetry.site(), site)}) {
      report.changes.insert(report.changes.end(), more.begin(), more.end());
    }
  }
  if (mode == api::ReloadMode::kCheck) return report;
  if (report.outcome == api::ReloadOutcome::kApplied) {
    tell_parts(parts, site, report);
  } else {
    parts.monitoring.refused();
  }
  log_reload(report);
  return report;
}

// From what the daemon before this one recorded.
template <typename Record>
void go_on(Record& record) {
  for (const std::string& problem : record.restore()) io::log_warning("controller", problem);
  record.keep();
}

// NOLINTNEXTLINE(readability-function-size): the map of the system, from top to bottom
ExitCode serve(const exchange::Exchange& exchange, const DaemonSettings& settings) {
  const std::filesystem::path& file = settings.file;
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
  const daemon::ControllerLoop controller_loop(loop, controller);
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

  daemon::ExchangeTelemetry telemetry(loop, controller, host->fabric());
  if (const auto done = telemetry.configured(daemon::read_telemetry_site(file)); !done) {
    return complain(ExitCode::kFailed, "telemetry: " + done.error().message);
  }

  const auto monitoring = daemon::MonitoringSite::start(
      loop, {.controller = &controller,
             .bgp = bgp->get(),
             .rpki_status = rpki_status,
             .is_switch_connected = [&host] { return host->is_connected(); },
             .fabric_parts = [&host] { return host->parts(); },
             .sflow = [&telemetry] { return telemetry.sflow(); },
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
  const ReloadedParts parts{.file = file,
                            .controller = controller,
                            .reloader = reloader,
                            .port_guard = port_guard,
                            .telemetry = telemetry,
                            .monitoring = **monitoring};
  const auto reload = [&parts](api::ReloadMode mode) { return app::reload(parts, mode); };
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
  const auto settings = read_daemon_settings(words);
  if (!settings) {
    const std::string& message = settings.error().message;
    if (!message.empty()) return complain(ExitCode::kUsage, message);
    fmt::print(stderr, "{}", daemon_usage());
    return ExitCode::kUsage;
  }
  if (settings->help) {
    fmt::print("{}", daemon_usage());
    return ExitCode::kOk;
  }
  if (settings->log_level) io::set_log_level(*settings->log_level);
  auto exchange = daemon::read_config(settings->file);
  if (!exchange) {
    print(exchange.error());
    return ExitCode::kBadConfig;
  }
  if (const auto applied = settings->fabric.apply_to(*exchange); !applied) {
    for (const Error& error : applied.error()) complain(ExitCode::kBadConfig, error.message);
    return ExitCode::kBadConfig;
  }
  return settings->check ? check(*exchange, settings->file.parent_path())
                         : serve(*exchange, *settings);
}

}  // namespace
}  // namespace fabrix::app

int main(int argc, char** argv) {
  return fabrix::app::to_int(fabrix::app::run(std::vector<std::string>(argv + 1, argv + argc)));
}
