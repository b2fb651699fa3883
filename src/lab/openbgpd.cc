#include "lab/openbgpd.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <pwd.h>

#include "io/file.h"
#include "lab/fib_sync.h"
#include "lab/plan.h"
#include "lab/program.h"
#include "lab/rib_json.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kConfiguration = "bgpd.conf";
constexpr std::string_view kLog = "bgpd.log";
constexpr const char* kUser = "_openbgpd";

constexpr std::string_view kHead = R"(AS {asn}
router-id {router_id}
socket "{socket}"
fib-update no
connect-retry 1
)";

// A transparent route server does not put itself at the head of the path (RFC 7947 §2.2.2.1).
constexpr std::string_view kNeighbor = R"(neighbor {neighbor} {{
  remote-as {neighbor_asn}
  port {port}
  local-address {local}
  enforce neighbor-as no
  announce IPv4 {ipv4}
  announce IPv6 {ipv6}
}}
)";

std::string prefix_rules(const RouterPlan& plan) {
  std::string text;
  for (const net::Prefix& prefix : plan.prefixes) {
    fmt::format_to(std::back_inserter(text), "allow to ebgp prefix {}\n", prefix.to_string());
  }
  return text;
}

// bgpd's processes chroot() to their user's home. Packages leave it to systemd to create it.
Result<void> create_home() {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(kUser, &entry, space.data(), space.size(), &found);
  if (found == nullptr) return fail(Error{fmt::format("there is no user {}", kUser)});
  std::error_code error;
  std::filesystem::create_directories(entry.pw_dir, error);
  if (error) return fail(Error{fmt::format("{}: {}", entry.pw_dir, error.message())});
  return {};
}

}  // namespace

std::string openbgpd_configuration(const RouterPlan& plan) {
  std::string text = fmt::format(kHead, fmt::arg("asn", plan.asn.value),
                                 fmt::arg("router_id", plan.router_id.to_string()),
                                 fmt::arg("socket", file_of(plan, kOpenBgpdSocket)));
  const auto end = std::back_inserter(text);
  for (const net::Prefix& prefix : plan.prefixes) {
    fmt::format_to(end, "network {}\n", prefix.to_string());
  }
  for (const Session& session : sessions_of(plan)) {
    const bool is_ipv4 = session.local.family() == net::Family::kIpv4;
    fmt::format_to(end, kNeighbor, fmt::arg("neighbor", session.route_server.to_string()),
                   fmt::arg("neighbor_asn", plan.route_server_asn.value),
                   fmt::arg("port", plan.route_server_port),
                   fmt::arg("local", session.local.to_string()),
                   fmt::arg("ipv4", is_ipv4 ? "unicast" : "none"),
                   fmt::arg("ipv6", is_ipv4 ? "none" : "unicast"));
  }
  return text + "allow from ebgp\n" + prefix_rules(plan);
}

// bgpd wants its configuration to be nobody else's business. It stays in the foreground (-d), or
// it would log to syslog.
Result<void> OpenBgpdDaemon::start() {
  if (auto done = create_home(); !done) return done;
  const std::string path = file_of(plan_, kConfiguration);
  auto done = io::write_file_atomically(path, openbgpd_configuration(plan_), 0600);
  if (!done) return done;
  done = start_detached({"bgpd", {"-d", "-v", "-f", path}, plan_.network_namespace},
                        file_of(plan_, kLog));
  if (!done) return done;
  return start_fib_sync({DaemonKind::kOpenBgpd, plan_.directory, plan_.network_namespace});
}

Result<bool> OpenBgpdDaemon::is_established() {
  FABRIX_TRY(const std::string answer, ask({"-j", "show", "neighbor"}));
  FABRIX_TRY(const std::size_t established, openbgpd_established(answer));
  return established == sessions_of(plan_).size();
}

Result<void> OpenBgpdDaemon::announce(const net::Prefix& prefix) {
  return set_network(prefix, "add");
}

Result<void> OpenBgpdDaemon::withdraw(const net::Prefix& prefix) {
  return set_network(prefix, "delete");
}

std::vector<std::string> OpenBgpdDaemon::logs() const {
  return {file_of(plan_, kLog), file_of(plan_, kFibSyncLog), file_of(plan_, kConfiguration)};
}

Result<std::string> OpenBgpdDaemon::ask(std::vector<std::string> words) const {
  words.insert(words.begin(), {"-s", file_of(plan_, kOpenBgpdSocket)});
  return run_program({"bgpctl", std::move(words), {}});
}

Result<void> OpenBgpdDaemon::set_network(const net::Prefix& prefix, const std::string& verb) {
  if (const auto index = index_of(plan_, prefix); !index) return fail(index.error());
  const auto answer = ask({"network", verb, prefix.to_string()});
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace fabrix::lab
