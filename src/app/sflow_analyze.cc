// `fabrix sflow analyze`: the telemetry engine without an exchange.
#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "analyzer/playback.h"
#include "analyzer/router_sessions.h"
#include "analyzer/service.h"
#include "app/arguments.h"
#include "app/neighbor_text.h"
#include "app/sflow_input.h"
#include "app/sflow_verbs.h"
#include "app/udp_endpoint_text.h"
#include "base/diagnostic.h"
#include "base/number.h"
#include "exchange/active_route_reader.h"
#include "exchange/export_site.h"
#include "exchange/load.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "sflow/datagram.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix sflow analyze [FILE [--speed X|max] [--port N|any]]\n"
    "                            [--listen ADDRESS[:PORT]] [--rest ADDRESS[:PORT]]\n"
    "                            [--country FILE] [--asn FILE] [--oui FILE] [--dns SERVERS]\n"
    "                            [--bgp ADDRESS[:PORT]] [--router ADDRESS,as=AS,id=ID[,...]]...\n"
    "                            [--export KIND=URL]... [--script FILE,...] [--store DIRECTORY]\n"
    "                            [--allow URL,...] [--command FILE,...] [--property "
    "NAME=VALUE,...]\n"
    "                            [--ca FILE] [--active-routes FILE] [--threads N]\n"
    "\n"
    "Measures flows in the sFlow datagrams that come to --listen, and answers over HTTP at --rest, "
    "as\n"
    "sFlow-RT does: flow definitions, active flows, thresholds, events (docs/telemetry.md). Until "
    "^C.\n"
    "\n"
    "With FILE, a capture (pcap or pcapng; - is stdin), its datagrams in place of those of UDP, on "
    "the\n"
    "capture's clock: rates, events and records are those of the time when it was made, at any "
    "speed.\n"
    "It waits for PUT /replay/json (docs/telemetry.md), so that flows can be defined before.\n"
    "\n"
    "  --speed   of FILE: begin at once, X times as fast; max: without pauses\n"
    "  --port    of FILE: datagrams to this UDP port; default 6343\n"
    "  --listen  where datagrams come by UDP; default [::]:6343, without a port 6343\n"
    "  --rest    where questions come by TCP; default 127.0.0.1:8008, without a port 8008. Who "
    "can\n"
    "            ask can also change definitions and have datagrams sent on: nobody is asked who "
    "they\n"
    "            are\n"
    "  --country, --asn  databases in MaxMind's format, for the key functions of these names\n"
    "  --oui     the IEEE's oui.csv or oui.txt; default /usr/share/ieee-data/oui.csv (ieee-data)\n"
    "  --dns     who is asked for dns: 192.0.2.53,[2001:db8::53]:5353; default the system's "
    "servers\n"
    "  --bgp     where routers connect that tell their tables (docs/telemetry.md); without a port "
    "1179.\n"
    "            Only those may that --router or a script names\n"
    "  --router  one of them, and who we are to it: 192.0.2.1,as=64500,id=10.0.0.1. Also: ipv6,\n"
    "            flowspec, flowspec6, peer-as=AS, max-prefixes=N, password=TEXT, port=PORT to dial "
    "it\n"
    "  --export  where flows, metrics and events are sent on to (docs/exports.md), eight at most:\n"
    "            influxdb=http://192.0.2.1:8086/write?db=fabrix, "
    "clickhouse=http://192.0.2.1:8123/,\n"
    "            nats=nats://192.0.2.1:4222/fabrix; also https:// and tls://, and hosts by name\n"
    "  --ca      certificates in PEM that are trusted besides the system's, of exports and "
    "scripts\n"
    "  --script    scripts in JavaScript that run beside it (docs/scripts.md)\n"
    "  --store     where scripts keep what they store; without it they lose it at the end\n"
    "  --allow     where scripts may send: https://HOST:PORT, http://NAME:PORT=ADDRESS,\n"
    "              tcp://HOST:PORT, udp://ADDRESS:PORT; dns://NAME, what they may look up\n"
    "  --command   programs that scripts may run, by their whole paths\n"
    "  --property  what getSystemProperty(NAME) tells scripts\n"
    "  --active-routes  a list in YAML of which routes of routers are kept installed, as\n"
    "              exchange.telemetry.active_routes is (docs/configuration.md)\n"
    "  --threads   that count flows together, 1 to 16; default 1. More pay where as many "
    "processors "
    "are\n"
    "              free\n"
    "\n"
    "Port 0 is any that is free; stderr says which.\n";

// What stands between commas.
std::vector<std::string> list_of(const Arguments& arguments, std::string_view option) {
  std::vector<std::string> list;
  for (const std::string& text : arguments.values(option)) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      if (end > at) list.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return list;
}

Result<analyzer::ScriptOptions> scripts_of(const Arguments& arguments) {
  analyzer::ScriptOptions scripts;
  scripts.files = list_of(arguments, "--script");
  scripts.store = arguments.value("--store").value_or("");
  scripts.allow = list_of(arguments, "--allow");
  scripts.commands = list_of(arguments, "--command");
  scripts.ca = arguments.value("--ca").value_or("");
  for (const std::string& property : list_of(arguments, "--property")) {
    const std::size_t mark = property.find('=');
    if (mark == 0 || mark == std::string::npos) {
      return fail(Error{"'" + property + "' is not NAME=VALUE"});
    }
    scripts.properties[property.substr(0, mark)] = property.substr(mark + 1);
  }
  return scripts;
}

Result<analyzer::BgpOptions> bgp_of(const Arguments& arguments) {
  analyzer::BgpOptions bgp;
  if (const auto listen = arguments.value("--bgp")) {
    FABRIX_TRY(bgp.listen, parse_udp_endpoint(*listen, speaker::kDefaultPort));
  }
  for (const std::string& text : arguments.values("--router")) {
    const auto neighbor = parse_neighbor(text);
    if (!neighbor) return fail(Error{"--router: " + neighbor.error().message});
    bgp.neighbors.push_back(*neighbor);
  }
  return bgp;
}

Result<std::vector<exchange::ActiveRouteSite>> active_routes_of(const Arguments& arguments) {
  const auto file = arguments.value("--active-routes");
  if (!file) return std::vector<exchange::ActiveRouteSite>();
  FABRIX_TRY(const std::string text, io::read_file(*file, exchange::kMaxConfigSize));
  auto sites = exchange::load_active_routes(text, *file);
  if (!sites) return fail(Error{"\n" + render(sites.error(), text)});
  return *std::move(sites);
}

Result<std::size_t> threads_of(const Arguments& arguments) {
  const auto text = arguments.value("--threads");
  if (!text) return std::size_t{1};
  const auto threads = parse_number<std::size_t>(*text);
  if (threads && *threads >= 1 && *threads <= analyzer::kMaxThreads) return *threads;
  return fail(Error{fmt::format("--threads '{}': 1 to {}", *text, analyzer::kMaxThreads)});
}

Result<analyzer::ServiceOptions> options_of(const Arguments& arguments) {
  analyzer::ServiceOptions options;
  FABRIX_TRY(const auto listen,
             parse_udp_endpoint(arguments.value("--listen").value_or("::"), sflow::kDefaultPort));
  FABRIX_TRY(options.rest, parse_udp_endpoint(arguments.value("--rest").value_or("127.0.0.1"),
                                              analyzer::kDefaultRestPort));
  options.sflow = listen;
  options.names.country = arguments.value("--country").value_or("");
  options.names.as = arguments.value("--asn").value_or("");
  options.names.oui = arguments.value("--oui").value_or(std::string(analyzer::kOuiFile));
  options.names.dns = arguments.value("--dns").value_or("");
  for (const std::string& text : arguments.values("--export")) {
    const auto site = exchange::parse_export(text);
    if (!site) return fail(Error{fmt::format("--export '{}': {}", text, site.error().message)});
    options.exports.push_back(*site);
    options.exports.back().ca = arguments.value("--ca").value_or("");
  }
  FABRIX_TRY(options.bgp, bgp_of(arguments));
  if (options.exports.size() > exchange::kMaxExports) {
    return fail(Error{fmt::format("--export: {} at most", exchange::kMaxExports)});
  }
  FABRIX_TRY(options.scripts, scripts_of(arguments));
  FABRIX_TRY(options.active_routes, active_routes_of(arguments));
  FABRIX_TRY(options.threads, threads_of(arguments));
  return options;
}

Result<std::optional<analyzer::Recording>, InputFailure> recording_of(const Arguments& arguments) {
  if (arguments.words().empty()) return std::optional<analyzer::Recording>();
  const auto misuse = [](const Error& error) {
    return fail(InputFailure{ExitCode::kUsage, "sflow analyze: " + error.message});
  };
  analyzer::Recording recording;
  if (const auto text = arguments.value("--speed")) {
    const auto speed = analyzer::parse_playback_speed(*text);
    if (!speed) return misuse(speed.error());
    recording.speed = *speed;
  }
  const auto port = captured_port(arguments);
  if (!port) return misuse(port.error());
  const auto keep = [&recording](const SflowDatagram& datagram) {
    recording.datagrams.push_back({.time = datagram.time,
                                   .from = datagram.source,
                                   .octets = {datagram.octets.begin(), datagram.octets.end()}});
    return Reading::kContinue;
  };
  const auto read = read_capture(arguments.words()[0], *port, keep);
  if (!read) return fail(read.error());
  return std::optional(std::move(recording));
}

}  // namespace

ExitCode sflow_analyze(Words words) {
  const auto arguments = Arguments::parse(
      words, {.valued = {"--listen", "--rest", "--country", "--asn", "--oui", "--dns", "--export",
                         "--bgp", "--router", "--script", "--store", "--allow", "--command",
                         "--property", "--ca", "--active-routes", "--threads", "--speed", "--port"},
              .switches = {"--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const bool is_file = arguments->words().size() == 1;
  const bool is_paced = arguments->value("--speed") || arguments->value("--port");
  const bool is_misused = is_file ? arguments->value("--listen").has_value() : is_paced;
  if (arguments->words().size() > 1 || is_misused) return misused(kUsage);
  auto options = options_of(*arguments);
  if (!options) return complain(ExitCode::kUsage, "sflow analyze: " + options.error().message);
  auto recording = recording_of(*arguments);
  if (!recording) return complain(recording.error().code, recording.error().message);
  if (*recording) options->sflow.reset();
  io::EventLoop loop;
  const auto service = analyzer::Service::start(loop, *options, *std::move(recording));
  if (!service) return complain(ExitCode::kFailed, "sflow analyze: " + service.error().message);
  const auto bgp = (*service)->sessions().speaker().listening();
  const auto sflow = (*service)->sflow();
  fmt::print(stderr, "sFlow {},{} HTTP at {}; ^C ends this\n",
             sflow ? "at " + to_string(io::Endpoint(*sflow)) : "of " + arguments->words()[0],
             bgp ? fmt::format(" BGP at {},", to_string(io::Endpoint(*bgp))) : "",
             to_string((*service)->rest()));
  const io::SignalWatch signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  loop.run();
  const auto& counters = (*service)->engine().counters();
  fmt::print(stderr, "{} datagrams received, {} dropped by the kernel\n", counters.datagrams,
             counters.discarded);
  return ExitCode::kOk;
}

}  // namespace fabrix::app
