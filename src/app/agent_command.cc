// `fabrix agent`: the sFlow agent of this host.
#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/host_agent.h"
#include "app/arguments.h"
#include "app/commands.h"
#include "app/udp_endpoint_text.h"
#include "base/number.h"
#include "exchange/stream_address.h"
#include "host/config.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "net/host_name.h"
#include "sflow/datagram.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix agent [--config FILE] [--collector HOST[:PORT][,...]] [--interface NAME[,..."
    "]]\n"
    "                    [--sampling N] [--polling SECONDS] [--direction in|out|both] [--check]\n"
    "\n"
    "The sFlow agent of this host: samples the packets of interfaces in the kernel, and counts\n"
    "interfaces, processors, memory, disks, protocols, services and containers, for any collector\n"
    "of sFlow version 5. Until ^C; SIGHUP has it read FILE again.\n"
    "\n"
    "  --config     what is sampled, counted and sent where, in the form of hsflowd.conf\n"
    "  --collector  send there instead, to an address or a name; without a port it is 6343\n"
    "  --interface  sample these interfaces instead\n"
    "  --sampling   one packet in N, on the average, at every interface that is sampled\n"
    "  --polling    send each source's counters so often; 0: never\n"
    "  --direction  sample packets that come in, that go out, or both\n"
    "  --check      only say what is wrong with the configuration\n"
    "\n"
    "docs/agent.md explains the file. Sampling needs root, or CAP_BPF and CAP_NET_ADMIN, and "
    "Linux\n"
    "5.8. Ends with 78 if the configuration is wrong, with 1 if the kernel does not let it.\n";

template <typename Number>
Result<std::optional<Number>> number_of(const Arguments& arguments, const std::string& option,
                                        Number least, Number most) {
  const auto text = arguments.value(option);
  if (!text) return std::optional<Number>();
  const auto value = parse_number<Number>(*text);
  if (value && *value >= least && *value <= most) return value;
  return fail(
      Error{fmt::format("{} {}: write a number from {} to {}", option, *text, least, most)});
}

// "192.0.2.1", "[2001:db8::1]:6343", "collector.example.net:6343".
Result<host::Collector> collector_of(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = text.substr(0, colon);
  if (!net::is_host_name(name)) {
    FABRIX_TRY(const auto to, parse_udp_endpoint(text, sflow::kDefaultPort));
    return host::Collector{.address = to.address, .port = to.port};
  }
  host::Collector collector{.port = sflow::kDefaultPort, .name = std::string(name)};
  if (colon == text.size()) return collector;
  FABRIX_TRY(collector.port, exchange::parse_port(text.substr(colon + 1)));
  return collector;
}

// What the command line says holds.
Result<void> apply(const Arguments& arguments, host::Config& config) {
  if (const auto text = arguments.value("--collector")) {
    config.collectors.clear();
    for (std::size_t begin = 0; begin <= text->size();) {
      const std::size_t end = std::min(text->find(',', begin), text->size());
      FABRIX_TRY(auto collector, collector_of(text->substr(begin, end - begin)));
      config.collectors.push_back(std::move(collector));
      begin = end + 1;
    }
  }
  if (const auto text = arguments.value("--interface")) {
    config.sampled.clear();
    for (std::size_t begin = 0; begin <= text->size();) {
      const std::size_t end = std::min(text->find(',', begin), text->size());
      if (end == begin) return fail(Error{"--interface " + *text + ": a name is missing"});
      config.sampled.emplace_back().device = text->substr(begin, end - begin);
      begin = end + 1;
    }
  }
  FABRIX_TRY(const auto sampling,
             number_of<std::uint32_t>(arguments, "--sampling", 1, host::Config::kMaxRate));
  if (sampling) {
    for (auto& sampled : config.sampled) sampled.rate = sampling;
  }
  FABRIX_TRY(const auto polling, number_of<std::uint32_t>(arguments, "--polling", 0, 3600));
  if (polling) config.polling_seconds = *polling;
  if (const auto text = arguments.value("--direction")) {
    const auto direction = host::direction_of(*text);
    if (!direction) return fail(Error{"--direction " + *text + ": write in, out or both"});
    for (auto& sampled : config.sampled) sampled.direction = *direction;
  }
  return {};
}

// How the command was given, and what the file says now. A file that is wrong is told of.
class Wanted {
 public:
  explicit Wanted(const Arguments& arguments) : arguments_(arguments) {}

  // Otherwise what the command ends with, after the complaint.
  Result<host::Config, ExitCode> read() const {
    host::Config config;
    if (const auto file = arguments_.value("--config")) {
      auto text = io::read_file(*file, std::size_t{1} << 20U);
      if (!text) return fail(complain(ExitCode::kBadConfig, text.error().message));
      auto reading = host::read_config(*text, *file);
      if (has_error(reading.diagnostics)) {
        return fail(complain_of(reading.diagnostics, *text));
      }
      if (!reading.diagnostics.empty()) {
        fmt::print(stderr, "{}", render(reading.diagnostics, *text));
      }
      config = std::move(reading.config);
    }
    if (const auto applied = apply(arguments_, config); !applied) {
      return fail(complain(ExitCode::kUsage, "agent: " + applied.error().message));
    }
    if (config.collectors.empty()) {
      return fail(complain(ExitCode::kBadConfig,
                           "agent: there is no collector: write collector { ip=192.0.2.1 } in the "
                           "file, or --collector 192.0.2.1"));
    }
    return config;
  }

 private:
  static ExitCode complain_of(const std::vector<Diagnostic>& diagnostics, const std::string& text) {
    (void)complain(ExitCode::kBadConfig, diagnostics, text);
    return ExitCode::kBadConfig;
  }

  const Arguments& arguments_;
};

void tell_start(const agent::HostAgent& agent, const host::Config& config) {
  std::vector<std::string> collectors;
  for (const auto& collector : config.collectors) {
    const io::IpEndpoint to{.address = collector.address, .port = collector.port};
    collectors.push_back(collector.name.empty()
                             ? to_string(io::Endpoint(to))
                             : fmt::format("{}:{}", collector.name, collector.port));
  }
  const auto sampled = agent.sampled();
  fmt::print(
      stderr, "agent {} sends to {}, samples {}, counts {}; ^C ends this\n",
      agent.address().to_string(), fmt::join(collectors, ", "),
      sampled.empty() ? "nothing" : fmt::format("{}", fmt::join(sampled, ", ")),
      config.polling_seconds == 0 ? "never" : fmt::format("every {} s", config.polling_seconds));
}

void tell_end(const agent::HostAgent::Counts& counts) {
  fmt::print(stderr, "{} samples, {} lost; {} datagrams sent, {} not\n", counts.samples,
             counts.lost, counts.datagrams, counts.unsent);
}

// The agent, until a signal ends it.
class Running {
 public:
  explicit Running(const Wanted& wanted)
      : wanted_(wanted),
        signals_(loop_, {SIGINT, SIGTERM, SIGHUP}, [this](int number) { take(number); }) {}

  ExitCode run(const host::Config& config) {
    if (!begin(config)) return ExitCode::kFailed;
    loop_.run();
    if (!agent_) return ExitCode::kFailed;
    tell_end(agent_->counts());
    return ExitCode::kOk;
  }

 private:
  bool begin(const host::Config& config) {
    auto started = agent::HostAgent::start(loop_, config);
    if (!started) {
      (void)complain(ExitCode::kFailed, "agent: " + started.error().message);
      return false;
    }
    agent_ = *std::move(started);
    tell_start(*agent_, config);
    return true;
  }

  void take(int number) {
    if (number != SIGHUP) return loop_.stop();
    const auto config = wanted_.read();
    if (!config) return;
    // Another agent, to collectors: it begins to count anew.
    agent_.reset();
    if (!begin(*config)) loop_.stop();
  }

  const Wanted& wanted_;
  io::EventLoop loop_;
  io::SignalWatch signals_;
  std::unique_ptr<agent::HostAgent> agent_;
};

}  // namespace

ExitCode agent_command(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--config", "--collector", "--interface", "--sampling",
                                          "--polling", "--direction"},
                               .switches = {"--check", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const bool is_given = arguments->value("--config") || arguments->value("--collector");
  if (!arguments->words().empty() || !is_given) return misused(kUsage);
  const Wanted wanted(*arguments);
  const auto config = wanted.read();
  if (!config) return config.error();
  if (arguments->has("--check")) return ExitCode::kOk;
  return Running(wanted).run(*config);
}

}  // namespace fabrix::app
