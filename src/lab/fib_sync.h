// fib_sync: keeps the kernel's routing table in step with a BGP daemon that does not do so itself
// (OpenBGPD portable, GoBGP without zebra).
//
// A process of its own in the router's namespace asks the daemon's tool for its best routes every
// 200 ms and changes the routes of protocol `bgp` in the table main accordingly; others it leaves
// alone. It blocks; use it for nothing else. It ends with SIGTERM, or once the daemon has not
// answered for ten seconds; then without leaving routes behind.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/routes.h"
#include "lab/daemon.h"
#include "lab/rib_json.h"

namespace fabrix::lab {

// Names of files in the daemon's directory that it shares with the synchronization.
inline constexpr std::string_view kOpenBgpdSocket = "bgpd.sock";
inline constexpr std::string_view kFibSyncLog = "fib_sync.log";

// For gobgp --target.
std::string gobgp_api(std::string_view directory);

struct FibSyncPlan {
  DaemonKind kind = DaemonKind::kOpenBgpd;  // or kGoBgp
  std::string directory;                    // the daemon's
  std::string network_namespace;            // the router's; empty: the calling thread's
};

// What is to be done to the kernel's table.
struct FibChange {
  std::vector<io::Route> remove;
  std::vector<io::Route> replace;

  friend bool operator==(const FibChange&, const FibChange&) = default;
};

FibChange fib_change(std::span<const io::Route> installed, std::span<const LearnedRoute> learned);

// Synchronizes until it is to end; fails if the kernel or the kind of daemon is not what it needs.
Result<void> run_fib_sync(const FibSyncPlan& plan);

// Starts a detached process that does so: this very program, or $FABRIX_EXE where set, with the
// arguments `internal fib-sync KIND DIRECTORY NAMESPACE`.
Result<void> start_fib_sync(const FibSyncPlan& plan);

// `fabrix internal fib-sync`; its arguments are KIND DIRECTORY NAMESPACE. The exit code.
int fib_sync_command(std::span<const std::string> arguments);

}  // namespace fabrix::lab
