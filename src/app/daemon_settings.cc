#include "app/daemon_settings.h"

#include "app/arguments.h"
#include "app/endpoint_text.h"
#include "base/number.h"
#include "exchange/interfaces.h"
#include "exchange/stream_address.h"

namespace fabrix::app {
namespace {

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

Result<std::chrono::seconds> read_audit(const std::string& text) {
  const auto seconds = parse_number<std::uint16_t>(text);
  if (seconds) return std::chrono::seconds(*seconds);
  return fail(Error{"'" + text + "' is no number of seconds: write 10, or 0 for never"});
}

Result<io::LogLevel> read_log_level(const std::string& text) {
  if (const auto level = io::parse_log_level(text)) return *level;
  return fail(
      Error{"no log level is called '" + text + "': write trace, debug, info, warning or error"});
}

}  // namespace

std::string_view daemon_usage() {
  return kUsage;
}

Result<DaemonSettings> read_daemon_settings(std::span<const std::string> words) {
  FABRIX_TRY(
      const auto arguments,
      Arguments::parse(words, {.valued = {"-c", "--fabric", "--interfaces", "--pins", "--attach",
                                          "--openflow", "--ovsdb", "--generation", "--socket",
                                          "--bgp-port", "--audit-every", "--log-level"},
                               .switches = {"--check", "--help"}}));
  DaemonSettings settings{.help = arguments.has("--help"), .check = arguments.has("--check")};
  if (settings.help) return settings;
  const auto file = arguments.value("-c");
  if (!file || !arguments.words().empty()) return fail(Error{});
  settings.file = *file;
  FABRIX_TRY(settings.fabric, read_fabric(arguments));
  settings.socket = arguments.value("--socket").value_or(std::string(kDefaultSocket));
  if (const auto port = arguments.value("--bgp-port")) {
    FABRIX_TRY(settings.bgp_port, exchange::parse_port(*port));
  }
  if (const auto every = arguments.value("--audit-every")) {
    FABRIX_TRY(settings.audit_every, read_audit(*every));
  }
  if (const auto level = arguments.value("--log-level")) {
    FABRIX_TRY(settings.log_level, read_log_level(*level));
  }
  return settings;
}

}  // namespace fabrix::app
