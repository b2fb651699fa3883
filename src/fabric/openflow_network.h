// OpenFlowNetwork: Programs on several OpenFlow switches, as a state machine without I/O.
//
// A frame meets the whole Program at the switch where it comes in. What leaves by a port of another
// switch is labelled there with that port, and nothing more is decided on the way
// (fabric/underlay.h): so a frame sees one version of the policies, although the switches change
// one after the other, and switches of the core never change with policies. Each switch has its
// share of the Program (fabric/program_share.h); a meter limits what comes in at one switch.
//
// install() succeeds when all switches that are there have taken it. When one refuses, those that
// took it get the old Program back. A switch that is away does not hold up the others: it is
// corrected when it comes.
//
// A connection is a switch's once the handshake says which; unknown datapath ids are refused, and a
// second connection of a switch replaces the first. Every second each link is probed
// (fabric/link_states.h); when one fails or comes back, the paths are computed anew and the groups
// of all switches changed. A silent link is avoided where there is another way. A switch itself
// leaves out its own links that are down. on_notice tells of switches and links that come and go.
//
// Control thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "fabric/fabric.h"
#include "fabric/link_states.h"
#include "fabric/openflow_fabric.h"
#include "fabric/program_share.h"
#include "fabric/topology.h"

namespace fabrix::fabric {

using SwitchConnectionId = StrongId<struct SwitchConnectionTag, std::uint64_t>;

class OpenFlowNetwork : public Fabric {
 public:
  using Time = openflow::Channel::Time;
  using ConnectionId = SwitchConnectionId;
  static constexpr std::chrono::seconds kProbeEvery{1};

  explicit OpenFlowNetwork(Topology topology);

  void install(program::ProgramPtr program, Done done) override;
  // Of the switches that are there, together; the Program that they carry out is that of the first
  // that differs.
  void audit(const program::ProgramPtr& program, AuditDone done) override;
  void send_frame(net::PortNo port, std::span<const std::byte> frame) override;
  // Ports that no switch has are reported as down.
  void set_ports(const std::vector<net::PortNo>& ports) override;
  void set_tags(const PortTags& tags) override;
  // A line for all, and one for each switch, and each link that is not used.
  std::string status() const override;
  void read_query_counts() override;
  void read_drop_counts() override;
  // What the switches answered to the last reading, and a new one.
  void read_port_counts() override;
  void forget_queries(const std::set<QueryKey>& keep) override;

  // Whether all switches are there and have been read.
  bool is_connected() const;
  // In the configuration's order: the switches, and whether each is there; the links, and whether
  // each is right.
  struct Part {
    std::string name;
    bool is_right = false;
  };
  std::vector<Part> switches() const;
  std::vector<Part> links() const;

  // As of OpenFlowFabric, for all switches.
  void set_generation(std::uint64_t generation) { generation_ = generation; }

  // Connections. An id that is no more is ignored.
  ConnectionId connected(Time now);
  void feed(ConnectionId id, std::span<const std::byte> bytes, Time now);
  void disconnected(ConnectionId id);
  std::vector<std::byte> take_output(ConnectionId id);
  bool wants_close(ConnectionId id) const;
  void tick(Time now);
  std::optional<Time> deadline() const;

  // There may be output to take, of any connection, or a connection to close.
  std::function<void()> on_output;
  // For the log.
  std::function<void(const std::string&)> on_event;

 private:
  struct Member {
    SwitchPorts ports;
    OpenFlowFabric fabric;
    ProgramShare share;
    program::ProgramPtr has;  // the share that it was given last
    std::optional<ConnectionId> connection{};
    QueryCounts counted{};  // what of its counts is in ours
  };
  struct Installing {
    program::ProgramPtr program;
    Done done;
    std::vector<program::ProgramPtr> before;  // by switch; null: it was not asked
    std::size_t under_way = 0;
    std::string refusal{};
    bool undoing = false;
  };
  struct Auditing {
    program::ProgramPtr program;
    AuditDone done;
    FabricAudit sum{};
    std::size_t under_way = 0;
    std::size_t read = 0;
    std::string failure{};
  };

  void listen_to(SwitchIndex at);
  void on_installed(SwitchIndex at, const Result<void>& outcome);
  void end_installing();
  void undo();
  void on_audited(SwitchIndex at, const Result<FabricAudit>& outcome);
  void add(SwitchIndex at, const FabricAudit& found);
  void on_port_of(SwitchIndex at, net::PortNo port, bool up);
  void on_frame_of(SwitchIndex at, net::PortNo port, std::span<const std::byte> frame);
  void on_counts_of(SwitchIndex at);
  void hand_over(ConnectionId id, openflow::Channel channel, std::vector<openflow::Event> events);
  void note_fencing(const openflow::Event& event);
  void drop(SwitchIndex at);
  void send_probes();
  void check_links();
  void note_link(LinkIndex link) const;
  void report(const std::string& text) const;
  void notice(Severity severity, const std::string& text) const;
  Member* member_of(ConnectionId id) const;

  Topology topology_;
  LinkStates links_;
  std::set<LinkIndex> down_;
  std::set<LinkIndex> silent_;
  std::set<std::uint64_t> refused_;               // datapath ids that have been told of
  std::vector<std::unique_ptr<Member>> members_;  // by switch
  std::map<ConnectionId, openflow::Channel> arriving_;
  std::uint64_t next_connection_ = 1;
  std::optional<std::uint64_t> generation_;
  bool fenced_ = false;          // another controller has a switch
  program::ProgramPtr program_;  // the newest that was taken
  std::optional<Installing> installing_;
  std::optional<Auditing> auditing_;
  Time now_{};
  Time next_probe_{};
};

}  // namespace fabrix::fabric
