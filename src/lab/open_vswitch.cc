#include "lab/open_vswitch.h"

#include <utility>

#include <fmt/format.h>

#include "io/command.h"
#include "lab/paths.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kSchema = "/usr/share/openvswitch/vswitch.ovsschema";
constexpr std::string_view kBridge = "ix";

// Everything below one directory. The switch connects to controller sockets only where OVS_RUNDIR
// says.
class Tools {
 public:
  explicit Tools(std::string_view lab)
      : directory_(lab_directory(lab)), namespace_(namespace_name(lab, kSwitchNode)) {}

  std::string in_directory(std::string_view name) const {
    return fmt::format("{}/{}", directory_, name);
  }
  std::string database() const { return "unix:" + in_directory("ovsdb.sock"); }

  Result<void> run(std::vector<std::string> argv) const {
    io::CommandOptions options;
    options.process.argv = std::move(argv);
    options.process.environment = {{"OVS_RUNDIR", directory_},
                                   {"OVS_LOGDIR", directory_},
                                   {"OVS_DBDIR", directory_},
                                   {"OVS_SYSCONFDIR", directory_}};
    options.process.network_namespace = namespace_;
    options.timeout = std::chrono::seconds(20);
    const auto done = io::run_checked(options);
    if (!done) return fail(done.error());
    return {};
  }

  // What a daemon is told about where its files are.
  std::vector<std::string> daemon(std::vector<std::string> argv, std::string_view name) const {
    argv.push_back("--pidfile=" + in_directory(name) + ".pid");
    argv.push_back("--unixctl=" + in_directory(name) + ".ctl");
    argv.push_back("--log-file=" + in_directory(name) + ".log");
    for (const auto* const word : {"--detach", "--no-chdir", "-vconsole:off"})
      argv.emplace_back(word);
    return argv;
  }

  // ovs-vsctl waits for a switch that has died: always with a limit.
  std::vector<std::string> vsctl(std::vector<std::string> words) const {
    std::vector<std::string> argv{"ovs-vsctl", "--timeout=15", "--db=" + database()};
    argv.insert(argv.end(), words.begin(), words.end());
    return argv;
  }

 private:
  std::string directory_;
  std::string namespace_;
};

}  // namespace

Result<void> start_switch(std::string_view lab) {
  const Tools tools(lab);
  const std::string file = tools.in_directory("ovsdb.conf");
  const std::vector<std::vector<std::string>> commands{
      {"ovsdb-tool", "create", file, std::string(kSchema)},
      tools.daemon({"ovsdb-server", file, "--remote=p" + tools.database()}, "ovsdb-server"),
      tools.vsctl({"--no-wait", "init"}),
      tools.daemon({"ovs-vswitchd", tools.database()}, "ovs-vswitchd"),
  };
  for (const auto& command : commands) {
    if (auto done = tools.run(command); !done) return done;
  }
  return {};
}

Result<void> configure_bridge(std::string_view lab, const std::vector<Node>& nodes) {
  const Tools tools(lab);
  const std::string bridge(kBridge);
  std::vector<std::string> words{"add-br",
                                 bridge,
                                 "--",
                                 "set",
                                 "bridge",
                                 bridge,
                                 "datapath_type=netdev",
                                 "protocols=OpenFlow13,OpenFlow14,OpenFlow15",
                                 "fail-mode=secure",
                                 "other-config:datapath-id=00000000000000f1"};
  for (const Node& node : nodes) {
    const std::string port = port_name(node.port);
    words.insert(words.end(), {"--", "add-port", bridge, port, "--", "set", "interface", port,
                               fmt::format("ofport_request={}", node.port.value)});
  }
  words.insert(words.end(), {"--", "set-controller", bridge, "unix:" + openflow_socket(lab), "--",
                             "set", "controller", bridge, "max_backoff=1000"});
  return tools.run(tools.vsctl(std::move(words)));
}

std::vector<std::string> switch_logs(std::string_view lab) {
  const Tools tools(lab);
  return {tools.in_directory("ovs-vswitchd.log"), tools.in_directory("ovsdb-server.log")};
}

}  // namespace fabrix::lab
