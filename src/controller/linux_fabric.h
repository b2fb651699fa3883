// LinuxFabric: Programs on the ports of this machine itself, carried out by eBPF in its kernel.
//
// Each interface of the exchange has the fabric's entrance at its tc ingress (TCX); what a
// participant's policy says is a program of its own that the entrance leads to
// (fabric/linux_image.h, bpf/fabric.bpf.c, ADR 10). A new Program is built beside the one in force
// and comes into force by the write of one number: no packet sees both.
//
// Of a port with FabricAttach::kXdp its entrance is at XDP as well, in the interface's driver if
// that has a place for it, before the kernel makes an skb of a frame: what leaves by one port with
// at most its MACs rewritten, what is answered, and what is discarded, ends there. All else goes on
// to tc as if XDP had not been there; so does what would leave by a port whose driver sends nothing
// at XDP, and what has a tag, a checksum that an interface is to finish, or more than 1514 octets.
//
// With a pin directory the fabric outlives the process: maps and links are files of a bpffs, and
// packets go on as they did, by a process killed as well as by one that ended. The next start()
// takes over what is there; its first install() makes only what differs. remove() ends it.
//
// Needs root, and Linux 6.6 or newer (TCX links, long jumps). Fails with what the kernel said.
// Control thread only; must not outlive the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/fabric_attach.h"
#include "fabric/fabric.h"
#include "io/event_loop.h"
#include "net/ids.h"

namespace fabrix::controller {

struct LinuxPort {
  net::PortNo port;
  std::string interface;   // by name, in the namespace of the thread that calls
  std::uint16_t vlan = 0;  // that frames are tagged with there (fabric/port_tags.h); 0: none
  exchange::FabricAttach attach = exchange::FabricAttach::kTc;

  friend bool operator==(const LinuxPort&, const LinuxPort&) = default;
};

struct LinuxSettings {
  std::vector<LinuxPort> ports;
  // On a bpffs, which is mounted there if it is none; empty: nothing is pinned, and the fabric ends
  // with the object.
  std::string pin_directory;
};

class LinuxFabric final : public fabric::Fabric {
 public:
  // An interface that is missing is waited for; it is down until then.
  static Result<std::unique_ptr<LinuxFabric>> start(io::EventLoop& loop,
                                                    const LinuxSettings& settings);
  ~LinuxFabric() override;
  LinuxFabric(const LinuxFabric&) = delete;
  LinuxFabric& operator=(const LinuxFabric&) = delete;
  LinuxFabric(LinuxFabric&&) = delete;
  LinuxFabric& operator=(LinuxFabric&&) = delete;

  void install(program::ProgramPtr program, Done done) override;
  void audit(const program::ProgramPtr& program, AuditDone done) override;
  void send_frame(net::PortNo port, std::span<const std::byte> frame) override;
  // The interfaces say which ports there are: set_interfaces().
  void set_ports(const std::vector<net::PortNo>& ports) override;
  void read_query_counts() override;
  void read_port_counts() override;
  // Rates outlive the process, as ports do. Samples that came meanwhile come first, as far as there
  // was room.
  Result<void> set_sampling(const fabric::SamplingRates& rates) override;
  std::string status() const override;

  // These ports, at these interfaces and hooks, from now on; those that stay forward throughout.
  void set_interfaces(const std::vector<LinuxPort>& ports);

  // None: there is no such port, or it has no interface yet.
  std::optional<exchange::PortAttach> attach_of(net::PortNo port) const;

  // Takes away what a fabric pinned there: from now on its ports do nothing. Success if there is
  // nothing.
  static Result<void> remove(const std::string& pin_directory);

 private:
  class Core;
  explicit LinuxFabric(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace fabrix::controller
