// LinuxPorts: the ports of a Linux fabric: interfaces whose frames enter it, and by which frames
// leave.
//
// Ports keep their entrance through changes of others, and through the process's end if they are
// pinned. An interface that comes later, or anew, is taken when it is seen, and has no IPv6 of its
// own from then on. A port is up if its interface is there, up, and has a carrier.
//
// Control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/linux_datapath.h"
#include "controller/linux_fabric.h"
#include "exchange/fabric_attach.h"
#include "fabric/port_counts.h"
#include "fabric/sample.h"
#include "io/bpf_program.h"
#include "io/links.h"
#include "io/netlink_socket.h"

namespace fabrix::controller {

class LinuxPorts {
 public:
  // The datapath must outlive it. `directory`: where links are pinned; empty: nowhere.
  static Result<LinuxPorts> open(LinuxDatapath& datapath, std::string directory);

  // These from now on, at XDP too if they are told so and can be. One that cannot is at tc alone.
  Result<void> set(const std::vector<LinuxPort>& ports);

  // Looks at the interfaces, and takes what is new. Fails with the last port that could not be
  // taken: it is tried again the next time, and is down until then. on_port of those that came up
  // or went down since the last time. All are thought to be up at first.
  using OnPort = std::function<void(net::PortNo, bool up)>;
  Result<void> look(const OnPort& on_port);

  // By which ports frames may leave at XDP: drivers say it once their own ports are there, and may
  // say otherwise later. What every port may send is not asked about there, so the MTU has to allow
  // it. Part of look().
  Result<void> choose_ways_out();

  // How ports are sampled from now on, also those that come. Until it is called ports have the
  // rates that a process before this one left.
  Result<void> set_sampling(const fabric::SamplingRates& rates);

  // What has passed them since the port has its slot, which it keeps from one process to the next.
  Result<fabric::PortCounts> counts() const;

  // The interface's index. None: it is not there.
  std::optional<std::uint32_t> interface_of(net::PortNo port) const;
  // That its frames carry; 0: none, or there is no such port.
  std::uint16_t vlan_of(net::PortNo port) const;
  // None: it is not there.
  std::optional<exchange::PortAttach> attach_of(net::PortNo port) const;
  // Those that are there.
  std::vector<LinuxPortPlace> places() const;
  // What is wrong with a port, and has been mended; as LinuxDatapath::mend().
  Result<std::optional<LinuxFault>> mend(const LinuxSuspect& suspect);
  std::size_t size() const { return ports_.size(); }
  std::size_t up_count() const;
  // Those that are at XDP, and the packets whose way has ended there, as counts() counts.
  std::size_t xdp_count() const;
  Result<std::uint64_t> packets_at_xdp() const;

 private:
  struct Attached {
    std::string interface;
    std::uint32_t index = 0;  // 0: it is not there
    std::uint32_t slot = 0;
    std::uint16_t flags = 0;
    std::uint16_t vlan = 0;
    exchange::FabricAttach wanted = exchange::FabricAttach::kTc;
    std::uint32_t mtu = 0;
    std::uint32_t sample_rate = 0;
    bool up = true;
    io::FileDescriptor link;
    io::FileDescriptor xdp_link;  // not valid: it is at tc alone
    std::string xdp_refusal;      // why, if it is to be at XDP
  };

  LinuxPorts(LinuxDatapath& datapath, std::string directory, io::NetlinkSocket netlink,
             io::NetlinkSocket generic)
      : datapath_(&datapath),
        directory_(std::move(directory)),
        netlink_(std::move(netlink)),
        generic_(std::move(generic)) {}

  Result<void> follow(net::PortNo port, Attached& attached, const io::Link* link);
  Result<std::uint32_t> sampling_rate(net::PortNo port, std::uint32_t interface) const;
  Result<void> attach(net::PortNo port, Attached& attached, const io::Link& link);
  Result<io::FileDescriptor> tie(const std::string& pin, std::uint32_t interface,
                                 io::BpfKind kind) const;
  void follow_xdp(net::PortNo port, Attached& attached, const io::Link& link);
  void leave_xdp(net::PortNo port, Attached& attached) const;
  Result<void> put_maps(const LinuxPortPlace& port);
  static LinuxPortPlace place_of(net::PortNo port, const Attached& attached);
  Result<std::optional<LinuxFault>> mend_link(net::PortNo port);
  Result<std::optional<LinuxFault>> mend_pins(net::PortNo port, const Attached& attached) const;
  Result<void> detach(net::PortNo port, Attached& attached);
  Result<void> drop_foreign();
  Result<void> add(const LinuxPort& port);
  Result<void> set_vlan(const LinuxPort& port);
  Result<void> add_all(const std::vector<LinuxPort>& ports);
  Result<std::uint32_t> slot_for(net::PortNo port) const;
  std::optional<std::uint32_t> slot_before(net::PortNo port) const;
  std::string pin_of(net::PortNo port) const;
  std::string xdp_pin_of(net::PortNo port) const;

  LinuxDatapath* datapath_;
  std::string directory_;
  io::NetlinkSocket netlink_;
  io::NetlinkSocket generic_;
  std::map<net::PortNo, Attached> ports_;
  std::optional<fabric::SamplingRates> rates_;
  std::set<std::uint32_t> slots_;  // taken
};

}  // namespace fabrix::controller
