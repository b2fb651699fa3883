// `fabrix sflow analyze`: the telemetry engine without an exchange.
#include <csignal>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "analyzer/service.h"
#include "app/arguments.h"
#include "app/sflow_verbs.h"
#include "app/udp_endpoint_text.h"
#include "exchange/export_site.h"
#include "io/event_loop.h"
#include "sflow/datagram.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix sflow analyze [--listen ADDRESS[:PORT]] [--rest ADDRESS[:PORT]] "
    "[--export KIND=URL]...\n"
    "\n"
    "Measures flows in the sFlow datagrams that come to --listen, and answers over HTTP at --rest, "
    "as\n"
    "sFlow-RT does: flow definitions, active flows, thresholds, events (docs/telemetry.md). Until "
    "^C.\n"
    "\n"
    "  --listen  where datagrams come by UDP; default [::]:6343, without a port 6343\n"
    "  --rest    where questions come by TCP; default 127.0.0.1:8008, without a port 8008. Who "
    "can\n"
    "            ask can also change definitions and have datagrams sent on: nobody is asked who "
    "they\n"
    "            are\n"
    "  --export  where flows, metrics and events are sent on to (docs/exports.md), eight at most:\n"
    "            influxdb=http://192.0.2.1:8086/write?db=fabrix, "
    "clickhouse=http://192.0.2.1:8123/,\n"
    "            nats=nats://192.0.2.1:4222/fabrix\n"
    "\n"
    "Port 0 is any that is free; stderr says which.\n";

Result<analyzer::ServiceOptions> options_of(const Arguments& arguments) {
  analyzer::ServiceOptions options;
  FABRIX_TRY(const auto listen,
             parse_udp_endpoint(arguments.value("--listen").value_or("::"), sflow::kDefaultPort));
  FABRIX_TRY(options.rest, parse_udp_endpoint(arguments.value("--rest").value_or("127.0.0.1"),
                                              analyzer::kDefaultRestPort));
  options.sflow = listen;
  for (const std::string& text : arguments.values("--export")) {
    const auto site = exchange::parse_export(text);
    if (!site) return fail(Error{fmt::format("--export '{}': {}", text, site.error().message)});
    options.exports.push_back(*site);
  }
  if (options.exports.size() > exchange::kMaxExports) {
    return fail(Error{fmt::format("--export: {} at most", exchange::kMaxExports)});
  }
  return options;
}

}  // namespace

ExitCode sflow_analyze(Words words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"--listen", "--rest", "--export"}, .switches = {"--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  if (!arguments->words().empty()) return misused(kUsage);
  const auto options = options_of(*arguments);
  if (!options) return complain(ExitCode::kUsage, "sflow analyze: " + options.error().message);
  io::EventLoop loop;
  const auto service = analyzer::Service::start(loop, *options);
  if (!service) return complain(ExitCode::kFailed, "sflow analyze: " + service.error().message);
  fmt::print(stderr, "sFlow at {}, HTTP at {}; ^C ends this\n",
             to_string(io::Endpoint(*(*service)->sflow())), to_string((*service)->rest()));
  const io::SignalWatch signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  loop.run();
  const auto& counters = (*service)->engine().counters();
  fmt::print(stderr, "{} datagrams received, {} dropped by the kernel\n", counters.datagrams,
             counters.discarded);
  return ExitCode::kOk;
}

}  // namespace fabrix::app
