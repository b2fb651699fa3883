#include "lab/frr.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "io/file.h"
#include "io/file_descriptor.h"
#include "io/namespace.h"
#include "lab/plan.h"
#include "lab/program.h"
#include "lab/rib_json.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kInterface = "ix0";

constexpr std::string_view kZebraHead = "hostname {name}\nlog file {log} informational\n";

// Without the filter FRR would tell the route server its own routes back. The networks need not be
// in the kernel's table.
constexpr std::string_view kHead = R"(hostname {name}
log file {log} informational
bgp as-path access-list own permit ^$
router bgp {asn}
 bgp router-id {router_id}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
)";

// A transparent route server does not put itself at the head of the path (RFC 7947 §2.2.2.1).
constexpr std::string_view kNeighbor = R"( neighbor {neighbor} remote-as {neighbor_asn}
 neighbor {neighbor} port {port}
 neighbor {neighbor} update-source {local}
 neighbor {neighbor} timers connect 1
 neighbor {neighbor} advertisement-interval 0
 no neighbor {neighbor} enforce-first-as
)";

std::string family_block(const RouterPlan& plan, net::Family family) {
  std::string text = fmt::format(" address-family {} unicast\n", word_of(family));
  const auto end = std::back_inserter(text);
  for (const net::Prefix& prefix : plan.prefixes) {
    if (prefix.family() == family) fmt::format_to(end, "  network {}\n", prefix.to_string());
  }
  for (const Session& session : sessions_of(plan)) {
    if (!session.carries(family)) continue;
    const std::string neighbor = session.route_server.to_string();
    fmt::format_to(end, "  neighbor {0} activate\n  neighbor {0} filter-list own out\n", neighbor);
  }
  return text + " exit-address-family\n";
}

struct User {
  uid_t id = 0;
  gid_t group = 0;
};

std::optional<User> find_user(const char* name) {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(name, &entry, space.data(), space.size(), &found);
  if (found == nullptr) return std::nullopt;
  return User{.id = entry.pw_uid, .group = entry.pw_gid};
}

// Lines of /proc/net/if_inet6: address, index, length, scope, flags (hexadecimal), name.
constexpr std::string_view kLinkLocalScope = "20";
constexpr unsigned kNotUsable = 0x48;  // IFA_F_TENTATIVE, IFA_F_DADFAILED

// bgpd tears an IPv6 session down (NOTIFICATION 5, FSM error) if the interface has no link-local
// address yet, and that one has to pass duplicate address detection first.
Result<void> check_link_local(const std::string& network_namespace) {
  FABRIX_TRY(const io::NamespaceScope inside, io::NamespaceScope::enter(network_namespace));
  std::ifstream addresses("/proc/thread-self/net/if_inet6");
  addresses >> std::hex;
  std::string address;
  std::string index;
  std::string length;
  std::string scope;
  unsigned flags = 0;
  std::string name;
  while (addresses >> address >> index >> length >> scope >> flags >> name) {
    if (name == kInterface && scope == kLinkLocalScope && (flags & kNotUsable) == 0) return {};
  }
  return fail(Error{"no link-local address"});
}

bool speaks_ipv6(const RouterPlan& plan) {
  return std::ranges::any_of(sessions_of(plan), [](const Session& session) {
    return session.local.family() == net::Family::kIpv6;
  });
}

// The directory and all that is in it.
Result<void> give_to_frr(const std::string& directory) {
  const auto user = find_user("frr");
  if (!user) return fail(Error{"there is no user frr"});
  std::vector<std::string> paths{directory};
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    paths.push_back(entry.path());
  }
  for (const std::string& path : paths) {
    if (chown(path.c_str(), user->id, user->group) != 0) return fail(io::errno_error(path));
  }
  return {};
}

}  // namespace

std::string frr_configuration(const RouterPlan& plan) {
  std::string text = fmt::format(
      kHead, fmt::arg("name", plan.name), fmt::arg("log", file_of(plan, "bgpd.log")),
      fmt::arg("asn", plan.asn.value), fmt::arg("router_id", plan.router_id.to_string()));
  for (const Session& session : sessions_of(plan)) {
    fmt::format_to(
        std::back_inserter(text), kNeighbor, fmt::arg("neighbor", session.route_server.to_string()),
        fmt::arg("neighbor_asn", plan.route_server_asn.value),
        fmt::arg("port", plan.route_server_port), fmt::arg("local", session.local.to_string()));
    if (session.ipv4_over_ipv6) {
      text += fmt::format(" neighbor {} capability extended-nexthop\n",
                          session.route_server.to_string());
    }
  }
  text += family_block(plan, net::Family::kIpv4);
  text += family_block(plan, net::Family::kIpv6);
  return text;
}

// Each part returns when it is ready, so bgpd finds zebra.
Result<void> FrrDaemon::start() {
  if (speaks_ipv6(plan_)) {
    const auto& where = plan_.network_namespace;
    if (auto done = wait_for_success([&] { return check_link_local(where); }); !done) return done;
  }
  if (auto done = write_files(); !done) return done;
  if (auto done = start_part("zebra"); !done) return done;
  return start_part("bgpd");
}

Result<bool> FrrDaemon::is_established() {
  FABRIX_TRY(const std::string answer, ask({"show bgp summary json"}));
  FABRIX_TRY(const std::size_t established, frr_established(answer));
  return established == sessions_of(plan_).size();
}

Result<void> FrrDaemon::announce(const net::Prefix& prefix) {
  return configure(prefix, "network " + prefix.to_string());
}

Result<void> FrrDaemon::withdraw(const net::Prefix& prefix) {
  return configure(prefix, "no network " + prefix.to_string());
}

std::vector<std::string> FrrDaemon::logs() const {
  return {file_of(plan_, "bgpd.log"), file_of(plan_, "zebra.log"), file_of(plan_, "bgpd.conf")};
}

Result<void> FrrDaemon::write_files() {
  const std::string zebra = fmt::format(kZebraHead, fmt::arg("name", plan_.name),
                                        fmt::arg("log", file_of(plan_, "zebra.log")));
  auto done = io::write_file_atomically(file_of(plan_, "zebra.conf"), zebra);
  if (!done) return done;
  done = io::write_file_atomically(file_of(plan_, "bgpd.conf"), frr_configuration(plan_));
  if (!done) return done;
  return give_to_frr(plan_.directory);
}

// -P 0: no telnet port, vtysh has its socket.
Result<void> FrrDaemon::start_part(const std::string& part) {
  const auto started =
      run_program({"frr/" + part,
                   {"-d", "-f", file_of(plan_, part + ".conf"), "-i", file_of(plan_, part + ".pid"),
                    "-z", file_of(plan_, "zserv.api"), "--vty_socket", plan_.directory, "-P", "0"},
                   plan_.network_namespace});
  if (!started) return fail(started.error());
  return {};
}

Result<std::string> FrrDaemon::ask(const std::vector<std::string>& commands) const {
  std::vector<std::string> arguments{"--vty_socket", plan_.directory, "-d", "bgpd"};
  for (const std::string& command : commands) arguments.insert(arguments.end(), {"-c", command});
  return run_program({"vtysh", std::move(arguments), {}});
}

Result<void> FrrDaemon::configure(const net::Prefix& prefix, const std::string& command) {
  if (const auto index = index_of(plan_, prefix); !index) return fail(index.error());
  const auto answer =
      ask({"configure terminal", fmt::format("router bgp {}", plan_.asn.value),
           fmt::format("address-family {} unicast", word_of(prefix.family())), command});
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace fabrix::lab
