// The Linux fabric with the Program of a thousand participants, for bench/fabric: on the interfaces
// named, which are its first ports, until the standard input ends.
//
//     linux_thousand [--xdp] INTERFACE...
//
// Prints "ready" and the tags that lead to the routers at the first two ports, by the best route.
// Needs root. Fails with what went wrong on the standard error.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/controller/large_program.h"
#include "controller/linux_fabric.h"
#include "io/event_loop.h"
#include "io/file_descriptor.h"

namespace fabrix::controller {
namespace {

std::string tag_to(std::uint16_t router) {
  const program::Tag tag{
      .kind = program::TagKind::kInline, .reach = 0, .egress = net::RouterId{router}};
  return program::encode(tag).to_string();
}

Result<void> serve(const std::vector<std::string>& interfaces) {
  io::EventLoop loop;
  LinuxSettings settings;
  auto attach = exchange::FabricAttach::kTc;
  for (const std::string& name : interfaces) {
    if (name == "--xdp") {
      attach = exchange::FabricAttach::kXdp;
      continue;
    }
    const auto port = static_cast<std::uint32_t>(settings.ports.size() + 1);
    settings.ports.push_back({net::PortNo{port}, name, 0, attach});
  }
  FABRIX_TRY(const auto fabric, LinuxFabric::start(loop, settings));
  Result<void> outcome;
  fabric->install(
      std::make_shared<const program::Program>(large::large_program(large::Macs::kWritten)),
      [&outcome](Result<void> done) { outcome = std::move(done); });
  if (!outcome) return outcome;
  fmt::print("ready {} {}\n", tag_to(0), tag_to(1));
  if (std::fflush(stdout) != 0) return fail(io::errno_error("standard output"));
  std::string octet(1, ' ');
  while (read(STDIN_FILENO, octet.data(), 1) > 0) continue;
  return {};
}

}  // namespace
}  // namespace fabrix::controller

int main(int count, char** words) {
  const auto done = fabrix::controller::serve({words + 1, words + count});
  if (done) return 0;
  fmt::print(stderr, "linux_thousand: {}\n", done.error().message);
  return 1;
}
