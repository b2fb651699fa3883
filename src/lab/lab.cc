#include "lab/lab.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "exchange/fabric_attach.h"
#include "exchange/policy_words.h"
#include "io/file.h"
#include "io/netlink_socket.h"
#include "io/offload.h"
#include "lab/interrupt.h"
#include "lab/middlebox.h"
#include "lab/open_vswitch.h"
#include "lab/paths.h"
#include "lab/processes.h"
#include "lab/program.h"
#include "lab/remains.h"

namespace fabrix::lab {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::chrono::milliseconds kPollInterval{50};
constexpr std::chrono::seconds kDaemonStart{20};
constexpr std::chrono::seconds kSessions{60};

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

// "2 bird, 1 frr".
std::string count_daemons(const std::vector<LabRouter>& routers) {
  std::map<std::string_view, int> counts;
  for (const LabRouter& router : routers) ++counts[name_of(router.daemon)];
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return text;
}

Result<void> make_empty(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  fs::create_directories(directory, error);
  if (error) return fail(Error{directory + ": " + error.message()});
  return {};
}

std::string last_lines(const std::string& path) {
  constexpr std::size_t kMost = 1500;
  std::string text = io::read_file(path).value_or("");
  if (text.size() > kMost) text.erase(0, text.size() - kMost);
  return text;
}

}  // namespace

Result<void> wait_until(std::chrono::milliseconds limit,
                        const std::function<Result<void>()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto answer = done();
    if (answer) return {};
    if (interrupted()) return fail(Error{"interrupted"});
    if (std::chrono::steady_clock::now() >= deadline) return answer;
    std::this_thread::sleep_for(kPollInterval);
  }
}

Lab::Lab(Definition definition, Options options)
    : definition_(std::move(definition)),
      options_(std::move(options)),
      nodes_(nodes_of(definition_)) {
  for (const LabRouter& router : definition_.routers) {
    daemons_[router.name] = make_daemon(router.daemon, plan_of(router));
  }
}

RouterPlan Lab::plan_of(const LabRouter& router) const {
  const exchange::Exchange& exchange = definition_.exchange;
  const exchange::Router& site = *exchange.find_router(router.name);
  // A router id is an IPv4 address; a router without one gets one from its number.
  auto id = net::IpAddress::v4({10, 255, static_cast<std::uint8_t>(site.id.index() >> 8U),
                                static_cast<std::uint8_t>(site.id.index() & 0xffU)});
  for (const net::IpAddress& address : site.addresses) {
    if (address.family() == net::Family::kIpv4) id = address;
  }
  return {.name = router.name,
          .asn = exchange.owner(site.id).asn,
          .router_id = id,
          .lan_addresses = site.addresses,
          .route_server_asn = exchange.asn,
          .route_server_addresses = exchange.route_server.addresses,
          .route_server_port = exchange.route_server.tcp_port,
          .extended_next_hop = exchange.owner(site.id).session.extended_next_hop,
          .prefixes = router.prefixes,
          .network_namespace = namespace_of(router.name),
          .directory = lab_directory(options_.name) + "/" + router.name};
}

std::string Lab::namespace_of(std::string_view node) const {
  return namespace_name(options_.name, node);
}

std::string Lab::log_of_exchange() const {
  return lab_directory(options_.name) + "/fabrixd.log";
}

std::vector<std::string> Lab::logs_of(std::string_view node) const {
  if (node == kSwitchNode && !is_linux()) return switch_logs(options_.name);
  if (node == kSwitchNode) return {log_of_exchange()};
  if (node == kServerNode) return {log_of_exchange()};
  const auto found = daemons_.find(node);
  return found == daemons_.end() ? std::vector<std::string>() : found->second->logs();
}

Result<void> Lab::start(const Progress& progress) {
  if (auto done = start_network(); !done) return done;
  progress("network", fmt::format("{} namespaces, named {}*", nodes_.size() + (is_linux() ? 0 : 1),
                                  namespace_prefix(options_.name)));
  if (auto done = start_exchange(); !done) return done;
  progress("exchange", fmt::format("{} with {} ports, fabrixd as AS {}",
                                   is_linux() ? "the kernel's fabric" : "Open vSwitch",
                                   nodes_.size(), definition_.exchange.asn.value));
  if (auto done = start_middleboxes(); !done) return done;
  if (auto done = start_routers(); !done) return done;
  const std::size_t boxes = definition_.middleboxes.size();
  progress(
      "routers",
      fmt::format(
          "{} started: {}{}", definition_.routers.size(), count_daemons(definition_.routers),
          boxes == 0 ? "" : fmt::format(", and {} middlebox{}", boxes, boxes == 1 ? "" : "es")));
  if (auto done = await_sessions(); !done) return done;
  progress("sessions", "BGP with the route server, across the fabric: all established");
  FABRIX_TRY(const std::string settled, await_routes());
  progress("settled", settled);
  return {};
}

Result<void> Lab::start_network() {
  const auto names = namespaces_of(options_.name, nodes_);
  if (auto done = remove_remains(options_.name, names); !done) return done;
  if (auto done = make_directory(options_.name, names); !done) return done;
  if (auto done = record_source(options_.name, options_.folder); !done) return done;
  if (auto done = record_fabric(options_.name, options_.fabric); !done) return done;
  auto built =
      build_network(options_.name, nodes_, definition_.exchange.peering_lan, options_.fabric);
  for (const Node& node : nodes_) {
    const bool at_xdp = is_linux() && options_.attach == exchange::FabricAttach::kXdp;
    if (built && at_xdp) built = io::face_xdp(std::string(kInterface), namespace_of(node.name));
  }
  if (!built || is_linux()) return built;
  return lay_links(options_.name, topology());
}

// fabrixd first, so that the switch finds its controller at once.
Result<void> Lab::start_exchange() {
  if (is_linux()) return start_fabrixd();
  if (auto done = start_switch(options_.name); !done) return done;
  if (auto done = start_fabrixd(); !done) return done;
  return configure_bridges(options_.name, nodes_, topology());
}

Result<void> Lab::start_fabrixd() {
  std::vector<std::string> arguments{"-c",       options_.folder / "exchange.yaml",
                                     "--socket", control_socket(options_.name),
                                     "--fabric", std::string(exchange::name_of(options_.fabric))};
  const std::vector<std::string> own =
      is_linux() ? std::vector<std::string>{"--interfaces", std::string(kPortNames), "--pins",
                                            pin_directory(options_.name)}
                 : std::vector<std::string>{"--openflow", "unix:" + openflow_socket(options_.name),
                                            "--ovsdb", "unix:" + ovsdb_socket(options_.name)};
  arguments.insert(arguments.end(), own.begin(), own.end());
  if (options_.attach) {
    arguments.insert(arguments.end(), {"--attach", std::string(name_of(*options_.attach))});
  }
  const ProgramCall call{.program = options_.fabrixd,
                         .arguments = std::move(arguments),
                         .network_namespace = namespace_of(kServerNode)};
  if (auto done = start_detached(call, log_of_exchange()); !done) return done;
  const auto answers = wait_until(kDaemonStart, [this]() -> Result<void> {
    if (is_running()) return {};
    const std::vector<std::string> home{namespace_of(kServerNode)};
    return fail(Error{processes_in(home).empty() ? "it has ended" : "it does not answer"});
  });
  if (!answers) {
    return fail(Error{fmt::format("fabrixd: {}; its last words:\n{}", answers.error().message,
                                  last_lines(log_of_exchange()))});
  }
  return {};
}

Result<void> Lab::start_middleboxes() {
  for (const LabMiddlebox& middlebox : definition_.middleboxes) {
    const std::string directory = lab_directory(options_.name) + "/" + middlebox.name;
    if (auto done = make_empty(directory); !done) return done;
    auto started = start_middlebox({.drops = middlebox.drops,
                                    .network_namespace = namespace_of(middlebox.name),
                                    .directory = directory});
    if (!started) return fail(Error{middlebox.name + ": " + started.error().message});
  }
  return {};
}

Result<void> Lab::start_routers() {
  for (const LabRouter& router : definition_.routers) {
    if (interrupted()) return fail(Error{"interrupted"});
    if (auto done = start_router(router); !done) return done;
  }
  return {};
}

Result<void> Lab::start_router(const LabRouter& router) {
  if (auto done = make_empty(plan_of(router).directory); !done) return done;
  auto started = daemons_.at(router.name)->start();
  if (!started) return fail(Error{router.name + ": " + started.error().message});
  return {};
}

bool Lab::is_running() const {
  return show("status").has_value();
}

Result<json::value> Lab::show(std::string_view what) const {
  return options_.ask(control_socket(options_.name), {{"command", "show"}, {"what", what}});
}

Result<json::value> Lab::trace(std::string_view router, const net::Packet& packet) const {
  return options_.ask(
      control_socket(options_.name),
      {{"command", "trace"}, {"router", router}, {"packet", net::to_string(packet)}});
}

Result<std::vector<io::Route>> Lab::routes_of(std::string_view router, net::Family family) const {
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open(namespace_of(router)));
  return io::list_routes(netlink, family);
}

Result<void> Lab::is_established(std::string_view router, PowerState state) const {
  FABRIX_TRY(const json::value sessions, show("sessions"));
  for (const json::value& session : sessions.as_array()) {
    const json::object& object = session.as_object();
    const std::string name = text_of(object, "router");
    if (!router.empty() && name != router) continue;
    const std::string now = text_of(object, "state");
    const bool established = now == "Established" || now == "established";
    if (established == (state == PowerState::kUp)) continue;
    return fail(Error{
        fmt::format("the session of {} ({}) is {}{}", name, text_of(object, "address"), now,
                    object.contains("last_error") ? ": " + text_of(object, "last_error") : "")});
  }
  return {};
}

Result<void> Lab::await_sessions() {
  return wait_until(kSessions, [this] { return is_established("", PowerState::kUp); });
}

Result<void> Lab::is_settled() const {
  FABRIX_TRY(const json::value status, show("status"));
  if (status.as_object().at("settled").as_bool()) return {};
  return fail(Error{"the exchange does not settle"});
}

Result<void> Lab::has_route(std::string_view router, const net::Prefix& prefix,
                            RouteChange change) const {
  FABRIX_TRY(const json::value routes,
             options_.ask(control_socket(options_.name),
                          {{"command", "show"}, {"what", "routes"}, {"for", prefix.to_string()}}));
  const json::array& rows = routes.as_array();
  const bool there = std::ranges::any_of(rows, [&](const json::value& row) {
    return text_of(row.as_object(), "router") == router &&
           text_of(row.as_object(), "prefix") == prefix.to_string();
  });
  if (there == (change == RouteChange::kAnnounce)) return {};
  return fail(Error{fmt::format("the route server {} {} of {}", there ? "still has" : "lacks",
                                prefix.to_string(), router)});
}

// All that the router originates: as it is after its daemon's start.
Result<void> Lab::has_routes_of(const LabRouter& router) const {
  for (const net::Prefix& prefix : router.prefixes) {
    auto there = has_route(router.name, prefix, RouteChange::kAnnounce);
    if (!there) return there;
  }
  return is_settled();
}

Result<std::string> Lab::await_routes() {
  for (const LabRouter& router : definition_.routers) {
    const auto done = wait_until(kConvergence, [&] { return has_routes_of(router); });
    if (!done) return fail(done.error());
  }
  FABRIX_TRY(const json::value status, show("status"));
  const json::object& object = status.as_object();
  return fmt::format("{} prefixes, {} rules in the fabric",
                     object.at("prefixes").to_number<std::uint64_t>(),
                     object.at("rules").to_number<std::uint64_t>());
}

Result<void> Lab::change_route(const RouteStep& step) {
  Daemon& daemon = *daemons_.at(step.router);
  auto told = step.change == RouteChange::kAnnounce ? daemon.announce(step.prefix)
                                                    : daemon.withdraw(step.prefix);
  if (!told) return told;
  return wait_until(kConvergence, [&]() -> Result<void> {
    auto known = has_route(step.router, step.prefix, step.change);
    return known ? is_settled() : known;
  });
}

Result<void> Lab::change_policy(const PolicyStep& step) {
  json::object request{{"command", "remove-policy"}, {"participant", step.participant}};
  std::string text;
  if (step.file) {
    const std::string file = options_.folder / *step.file;
    FABRIX_TRY(text, io::read_file(file));
    request["command"] = "set-policy";
    request["file"] = file;
    request["text"] = text;
  }
  const auto accepted = options_.ask(control_socket(options_.name), request);
  if (!accepted) return fail(accepted.error());
  auto settled = wait_until(kConvergence, [this] { return is_settled(); });
  if (!settled) return settled;
  // A policy whose Program fails validation is taken back.
  FABRIX_TRY(const json::value policies, show("policies"));
  std::string now;
  for (const json::value& row : policies.as_array()) {
    const bool own = text_of(row.as_object(), "participant") == step.participant;
    if (own) now = text_of(row.as_object(), "text");
  }
  if (now == text) return {};
  return fail(Error{"the exchange has taken the policy back: see `fabrix show notices`"});
}

Result<void> Lab::change_link(const LinkStep& step) const {
  return set_cable(options_.name, definition_.exchange.find_router(step.router)->port, step.state);
}

Result<void> Lab::change_switch(std::string_view name, PowerState state) const {
  const auto& switches = topology().switches;
  const auto found = std::ranges::find(switches, name, &exchange::SwitchSpec::name);
  if (is_linux() || found == switches.end()) {
    return fail(Error{fmt::format("the fabric has no switch '{}'", name)});
  }
  const auto at = static_cast<exchange::SwitchIndex>(found - switches.begin());
  return set_switch(options_.name, topology(), at, state);
}

// The status has a line for each link that is not right: "link e1:49-c1:1: port 1 of c1 is down".
Result<void> Lab::is_known(std::string_view name, PowerState state) const {
  FABRIX_TRY(const json::value status, show("status"));
  const std::string fabric = text_of(status.as_object(), "fabric");
  for (exchange::LinkIndex link = 0; link < topology().links.size(); ++link) {
    const auto& [one, other] = topology().links[link];
    const bool is_its =
        topology().switches[one.at].name == name || topology().switches[other.at].name == name;
    const std::string line = "link " + exchange::describe(topology(), link) + ":";
    const bool is_right = fabric.find(line) == std::string::npos;
    if (!is_its || is_right == (state == PowerState::kUp)) continue;
    return fail(Error{line + (is_right ? " is still used" : " is not used yet")});
  }
  return {};
}

Result<void> Lab::change_session(const SessionStep& step) {
  const LabRouter& router = *definition_.find_router(step.router);
  if (step.state == PowerState::kUp) {
    if (auto done = start_router(router); !done) return done;
  } else {
    const std::vector<std::string> home{namespace_of(step.router)};
    if (auto done = end_processes_in(home); !done) return done;
  }
  const auto known = wait_until(kSessions, [&] { return is_established(step.router, step.state); });
  if (!known || step.state == PowerState::kDown) {
    return known ? wait_until(kConvergence, [this] { return is_settled(); }) : known;
  }
  return wait_until(kConvergence, [&] { return has_routes_of(router); });
}

}  // namespace fabrix::lab
