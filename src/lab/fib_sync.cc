#include "lab/fib_sync.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "io/event_loop.h"
#include "io/log.h"
#include "io/netlink_socket.h"
#include "lab/program.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kComponent = "fib_sync";
constexpr std::chrono::milliseconds kPeriod{200};
constexpr std::chrono::seconds kPatience{10};

// Not 0, which means another number in IPv6.
constexpr std::uint32_t kMetric = 20;

using Routes = std::vector<LearnedRoute>;

bool same_way(const io::Route& installed, const LearnedRoute& learned) {
  return installed.destination == learned.destination && installed.gateway == learned.gateway &&
         installed.metric == kMetric;
}

Result<Routes> ask_openbgpd(const std::string& directory) {
  const std::string socket = fmt::format("{}/{}", directory, kOpenBgpdSocket);
  FABRIX_TRY(const std::string answer,
             run_program({"bgpctl", {"-j", "-s", socket, "show", "rib", "best"}, {}}));
  return openbgpd_routes(answer);
}

Result<Routes> ask_gobgp(const std::string& directory) {
  Routes routes;
  for (const char* family : {"ipv4", "ipv6"}) {
    FABRIX_TRY(const std::string answer,
               run_program({"gobgp",
                            {"--target", gobgp_api(directory), "-j", "global", "rib", "-a", family},
                            {}}));
    FABRIX_TRY(const Routes some, gobgp_routes(answer));
    routes.insert(routes.end(), some.begin(), some.end());
  }
  return routes;
}

Result<Routes> ask(const FibSyncPlan& plan) {
  if (plan.kind == DaemonKind::kOpenBgpd) return ask_openbgpd(plan.directory);
  return ask_gobgp(plan.directory);
}

Result<std::vector<io::Route>> installed_routes(io::NetlinkSocket& netlink) {
  FABRIX_TRY(std::vector<io::Route> routes, io::list_routes(netlink, net::Family::kIpv4));
  FABRIX_TRY(const std::vector<io::Route> v6, io::list_routes(netlink, net::Family::kIpv6));
  routes.insert(routes.end(), v6.begin(), v6.end());
  std::erase_if(routes, [](const io::Route& one) { return one.protocol != io::kRouteProtocolBgp; });
  return routes;
}

// Tells each trouble once, however often it is met in a row.
class Complaints {
 public:
  void tell(std::string text) {
    if (text == last_) return;
    last_ = std::move(text);
    if (!last_.empty()) io::log_warning(kComponent, last_);
  }

 private:
  std::string last_;
};

// What the kernel refuses is tried again next time.
Result<void> apply(io::NetlinkSocket& netlink, const Routes& learned) {
  FABRIX_TRY(const std::vector<io::Route> installed, installed_routes(netlink));
  const FibChange change = fib_change(installed, learned);
  Result<void> outcome;
  for (const io::Route& route : change.remove) {
    if (auto done = io::delete_route(netlink, route); !done) outcome = std::move(done);
  }
  for (const io::Route& route : change.replace) {
    if (auto done = io::replace_route(netlink, route); !done) outcome = std::move(done);
  }
  return outcome;
}

}  // namespace

std::string gobgp_api(std::string_view directory) {
  return fmt::format("unix://{}/gobgpd.sock", directory);
}

FibChange fib_change(std::span<const io::Route> installed, std::span<const LearnedRoute> learned) {
  FibChange change;
  for (const io::Route& route : installed) {
    // What has another gateway now is replaced below.
    const bool wanted = std::ranges::any_of(learned, [&](const LearnedRoute& one) {
      return one.destination == route.destination && route.metric == kMetric;
    });
    if (!wanted) change.remove.push_back(route);
  }
  for (const LearnedRoute& route : learned) {
    const bool there =
        std::ranges::any_of(installed, [&](const io::Route& one) { return same_way(one, route); });
    if (there) continue;
    change.replace.push_back({.destination = route.destination,
                              .gateway = route.gateway,
                              .link = {},
                              .protocol = io::kRouteProtocolBgp,
                              .metric = kMetric});
  }
  return change;
}

Result<void> run_fib_sync(const FibSyncPlan& plan) {
  if (plan.kind != DaemonKind::kOpenBgpd && plan.kind != DaemonKind::kGoBgp) {
    return fail(Error{std::string(name_of(plan.kind)) + " installs its routes itself"});
  }
  FABRIX_TRY(io::NetlinkSocket netlink, io::NetlinkSocket::open(plan.network_namespace));
  io::EventLoop loop;
  bool stopping = false;
  const io::SignalWatch signals(loop, {SIGTERM, SIGINT}, [&](int) { stopping = true; });
  Complaints complaints;
  auto last_answer = io::EventLoop::now();
  while (!stopping && io::EventLoop::now() - last_answer < kPatience) {
    const Result<Routes> learned = ask(plan);
    if (learned) {
      last_answer = io::EventLoop::now();
      const auto done = apply(netlink, *learned);
      complaints.tell(done ? "" : done.error().message);
    } else {
      complaints.tell(learned.error().message);
    }
    loop.run_until([&] { return stopping; }, kPeriod);
  }
  return apply(netlink, {});
}

Result<void> start_fib_sync(const FibSyncPlan& plan) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in Fabrix changes the environment.
  const char* chosen = std::getenv("FABRIX_EXE");
  std::error_code error;
  const std::string program =
      chosen != nullptr ? chosen : std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (error) return fail(Error{"/proc/self/exe: " + error.message()});
  return start_detached({program,
                         {"internal", "fib-sync", std::string(name_of(plan.kind)), plan.directory,
                          plan.network_namespace},
                         plan.network_namespace},
                        fmt::format("{}/{}", plan.directory, kFibSyncLog));
}

int fib_sync_command(std::span<const std::string> arguments) {
  const auto kind = arguments.size() == 3 ? parse_daemon_kind(arguments[0]) : std::nullopt;
  if (!kind) {
    io::log_error(kComponent, "usage: fib-sync KIND DIRECTORY NAMESPACE");
    return 2;
  }
  const auto done = run_fib_sync({*kind, arguments[1], arguments[2]});
  if (done) return 0;
  io::log_error(kComponent, done.error().message);
  return 1;
}

}  // namespace fabrix::lab
