#include "lab/gobgp.h"

#include <cstddef>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "io/file.h"
#include "lab/fib_sync.h"
#include "lab/plan.h"
#include "lab/program.h"
#include "lab/rib_json.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kConfiguration = "gobgpd.toml";
constexpr std::string_view kLog = "gobgpd.log";

// Without the policy GoBGP would tell the route server its own routes back.
constexpr std::string_view kHead = R"([global.config]
  as = {asn}
  router-id = "{router_id}"
[global.apply-policy.config]
  export-policy-list = ["own"]
  default-export-policy = "reject-route"

[[policy-definitions]]
  name = "own"
  [[policy-definitions.statements]]
    name = "local"
    [policy-definitions.statements.conditions.bgp-conditions]
      route-type = "local"
    [policy-definitions.statements.actions]
      route-disposition = "accept-route"
)";

constexpr std::string_view kNeighbor = R"(
[[neighbors]]
  [neighbors.config]
    peer-as = {neighbor_asn}
    neighbor-address = "{neighbor}"
  [neighbors.timers.config]
    connect-retry = 1
  [neighbors.transport.config]
    local-address = "{local}"
    remote-port = {port}
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "{family}-unicast"
)";

}  // namespace

std::string gobgp_configuration(const RouterPlan& plan) {
  std::string text = fmt::format(kHead, fmt::arg("asn", plan.asn.value),
                                 fmt::arg("router_id", plan.router_id.to_string()));
  for (const Session& session : sessions_of(plan)) {
    fmt::format_to(
        std::back_inserter(text), kNeighbor, fmt::arg("neighbor_asn", plan.route_server_asn.value),
        fmt::arg("neighbor", session.route_server.to_string()),
        fmt::arg("local", session.local.to_string()), fmt::arg("port", plan.route_server_port),
        fmt::arg("family", word_of(session.local.family())));
  }
  return text;
}

Result<void> GoBgpDaemon::start() {
  const std::string path = file_of(plan_, kConfiguration);
  auto done = io::write_file_atomically(path, gobgp_configuration(plan_));
  if (!done) return done;
  done = start_detached(
      {"gobgpd",
       {"-f", path, "--api-hosts", gobgp_api(plan_.directory), "--pprof-disable", "-p"},
       plan_.network_namespace},
      file_of(plan_, kLog));
  if (!done) return done;
  done = wait_for_success([this] { return announce_all(); });
  if (!done) return done;
  return start_fib_sync({DaemonKind::kGoBgp, plan_.directory, plan_.network_namespace});
}

Result<bool> GoBgpDaemon::is_established() {
  FABRIX_TRY(const std::string answer, ask({"-j", "neighbor"}));
  FABRIX_TRY(const std::size_t established, gobgp_established(answer));
  return established == sessions_of(plan_).size();
}

Result<void> GoBgpDaemon::announce(const net::Prefix& prefix) {
  return change_rib(prefix, {"add", prefix.to_string(), "origin", "igp"});
}

Result<void> GoBgpDaemon::withdraw(const net::Prefix& prefix) {
  return change_rib(prefix, {"del", prefix.to_string()});
}

std::vector<std::string> GoBgpDaemon::logs() const {
  return {file_of(plan_, kLog), file_of(plan_, kFibSyncLog), file_of(plan_, kConfiguration)};
}

Result<void> GoBgpDaemon::announce_all() {
  for (const net::Prefix& prefix : plan_.prefixes) {
    if (auto done = announce(prefix); !done) return done;
  }
  return {};
}

Result<std::string> GoBgpDaemon::ask(std::vector<std::string> words) const {
  words.insert(words.begin(), {"--target", gobgp_api(plan_.directory)});
  return run_program({"gobgp", std::move(words), {}});
}

Result<void> GoBgpDaemon::change_rib(const net::Prefix& prefix, std::vector<std::string> words) {
  if (const auto index = index_of(plan_, prefix); !index) return fail(index.error());
  words.insert(words.begin(), {"global", "rib", "-a", std::string(word_of(prefix.family()))});
  const auto answer = ask(std::move(words));
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace fabrix::lab
