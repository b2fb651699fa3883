#include "lab/open_vswitch.h"

#include <cstdint>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "io/command.h"
#include "lab/paths.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kSchema = "/usr/share/openvswitch/vswitch.ovsschema";
constexpr std::string_view kBridge = "ix";
constexpr std::uint64_t kDatapath = 0xf1;

// Everything below one directory. The switch connects to controller sockets only where OVS_RUNDIR
// says.
class Tools {
 public:
  explicit Tools(std::string_view lab)
      : directory_(lab_directory(lab)),
        namespace_(namespace_name(lab, kSwitchNode)),
        database_("unix:" + ovsdb_socket(lab)) {}

  std::string in_directory(std::string_view name) const {
    return fmt::format("{}/{}", directory_, name);
  }
  std::string database() const { return database_; }

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
  std::string database_;
};

struct Bridge {
  std::string name;
  std::uint64_t datapath_id = 0;
  std::map<std::string, net::PortNo> ports{};  // interfaces, and their numbers
};

std::vector<Bridge> bridges_of(const std::vector<Node>& nodes, const exchange::Topology& topology) {
  std::vector<Bridge> bridges;
  if (topology.switches.empty()) {
    Bridge& only = bridges.emplace_back();
    only = {.name = std::string(kBridge), .datapath_id = kDatapath};
    for (const Node& node : nodes) only.ports.emplace(port_name(node.port), node.port);
    return bridges;
  }
  for (const exchange::SwitchSpec& spec : topology.switches) {
    bridges.push_back({.name = "sw-" + spec.name, .datapath_id = spec.datapath_id});
  }
  for (const Node& node : nodes) {
    const auto at = exchange::switch_of(topology, node.port);  // load() has seen that there is one
    bridges[*at].ports.emplace(port_name(node.port), topology.switches[*at].ports.at(node.port));
  }
  for (const exchange::Link& link : topology.links) {
    for (const exchange::LinkEnd& end : link) {
      bridges[end.at].ports.emplace(link_name(topology, end), end.port);
    }
  }
  return bridges;
}

std::vector<std::string> words_for(const Bridge& bridge, std::string_view lab) {
  std::vector<std::string> words{
      "add-br",
      bridge.name,
      "--",
      "set",
      "bridge",
      bridge.name,
      "datapath_type=netdev",
      "protocols=OpenFlow13,OpenFlow14,OpenFlow15",
      "fail-mode=secure",
      fmt::format("other-config:datapath-id={:016x}", bridge.datapath_id)};
  for (const auto& [interface, number] : bridge.ports) {
    words.insert(words.end(), {"--", "add-port", bridge.name, interface, "--", "set", "interface",
                               interface, fmt::format("ofport_request={}", number.value)});
  }
  words.insert(words.end(), {"--", "set-controller", bridge.name, "unix:" + openflow_socket(lab),
                             "--", "set", "controller", bridge.name, "max_backoff=1000"});
  return words;
}

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

Result<void> configure_bridges(std::string_view lab, const std::vector<Node>& nodes,
                               const exchange::Topology& topology) {
  const Tools tools(lab);
  for (const Bridge& bridge : bridges_of(nodes, topology)) {
    if (auto done = tools.run(tools.vsctl(words_for(bridge, lab))); !done) return done;
  }
  return {};
}

std::vector<std::string> switch_logs(std::string_view lab) {
  const Tools tools(lab);
  return {tools.in_directory("ovs-vswitchd.log"), tools.in_directory("ovsdb-server.log")};
}

}  // namespace fabrix::lab
