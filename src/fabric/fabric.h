// Fabric: a target that Programs are installed on: simulated, or switches by OpenFlow.
//
// All calls and callbacks happen on the control thread. install() is atomic: a packet sees the old
// Program or the new one. Only one install may be under way.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/ids.h"
#include "program/program.h"

namespace fabrix::fabric {

class Fabric {
 public:
  Fabric() = default;
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;
  Fabric(Fabric&&) = delete;
  Fabric& operator=(Fabric&&) = delete;
  virtual ~Fabric() = default;

  using Done = std::function<void(Result<void>)>;

  // Makes the target behave as `program`. `done` is called exactly once, perhaps before install()
  // returns. On failure the target still has what it had. A target that is not connected remembers
  // the newest Program, installs it when it connects, and reports success at once; so it does when
  // the connection is lost meanwhile.
  virtual void install(program::ProgramPtr program, Done done) = 0;

  // Sends a frame out of a port (ARP and ND answers).
  virtual void send_frame(net::PortNo port, std::span<const std::byte> frame) = 0;

  // The ports of the exchange from now on; a Program for them follows. A target that does not mind
  // which there are has nothing to do.
  virtual void set_ports(const std::vector<net::PortNo>& /*ports*/) {}

  // A packet that a row sent to the controller.
  std::function<void(net::PortNo in_port, std::span<const std::byte> frame)> on_frame;
  // A port came up or went down.
  std::function<void(net::PortNo port, bool up)> on_port;

  // The target is connected and has been read: what it refused before may be worth another try.
  std::function<void()> on_ready;

  // One line for `fabrix show`: "openflow: connected, datapath 00000000000000f1, 42 rules".
  virtual std::string status() const = 0;
};

}  // namespace fabrix::fabric
