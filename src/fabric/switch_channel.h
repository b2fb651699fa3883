// SwitchChannel: an OpenFlow channel to a switch that may be one of several.
//
// Of a switch that is the only one this is its openflow::Channel, no more. Of one of several it
// speaks to its owner in the exchange's port numbers, and keeps the switch's underlay right: groups
// and the underlay's flow entries are read with the others, corrected, and left out of what the
// owner hears. What the switch refuses of them is an ErrorReported. One change of groups is under
// way at a time, so that links that go up and down do not pile up.
//
// Not thread-safe; no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "fabric/fabric.h"
#include "fabric/underlay.h"
#include "openflow/channel.h"

namespace fabrix::fabric {

class SwitchChannel {
 public:
  using Time = openflow::Channel::Time;

  // `underlay`, of one of several, must outlive this. `held` are events that were taken out of the
  // channel before.
  explicit SwitchChannel(openflow::Channel channel, Underlay* underlay = nullptr,
                         std::vector<openflow::Event> held = {});

  // As of openflow::Channel.
  void feed(std::span<const std::byte> bytes, Time now) { channel_.feed(bytes, now); }
  void tick(Time now) { channel_.tick(now); }
  std::optional<Time> deadline() const { return channel_.deadline(); }
  std::vector<std::byte> take_output() { return channel_.take_output(); }
  bool is_closed() const { return channel_.is_closed(); }
  std::vector<openflow::Event> take_events();
  Result<void> read_flows(std::vector<openflow::FlowStatsRequest> requests = {
                              openflow::FlowStatsRequest{}});
  Result<void> read_tables() { return channel_.read_tables(); }
  Result<void> read_meters() { return channel_.read_meters(); }
  Result<void> read_meter_counts() { return channel_.read_meter_counts(); }
  Result<void> change_meters(openflow::CommitToken token,
                             std::span<const openflow::MeterMod> mods) {
    return channel_.change_meters(token, mods);
  }
  Result<void> read_counts(std::uint64_t cookie, std::uint64_t mask) {
    return channel_.read_counts(cookie, mask);
  }
  Result<void> read_port_counts() { return channel_.read_port_counts(); }
  Result<void> commit(openflow::CommitToken token, std::vector<openflow::FlowMod> mods,
                      openflow::CommitOrder order = openflow::CommitOrder::kAlone);
  bool withdraw(openflow::CommitToken token) { return channel_.withdraw(token); }
  Result<void> packet_out(openflow::PacketOut packet);

  // The underlay wants other groups than before.
  void update_groups();
  // Adds what was wrong with the underlay when the flows were last read; a group that is wrong
  // counts as a rule that is different.
  void add_to(FabricAudit& audit) const;

 private:
  enum class Heard : std::uint8_t { kByOwner, kHere };

  Heard hear(openflow::Connected& event) const;
  Heard hear(openflow::FlowsRead& event);
  Heard hear(openflow::CountsRead& event) const;
  Heard hear(openflow::PortCountsRead& event) const;
  Heard hear(openflow::GroupsRead& event);
  Heard hear(openflow::FlowRemoved& event) const;
  Heard hear(openflow::PacketIn& event) const;
  Heard hear(openflow::PortStatus& event) const;
  Heard hear(openflow::Committed& event);
  template <class Other>
  Heard hear(Other& /*event*/) const {
    return Heard::kByOwner;
  }
  bool is_ours(openflow::CommitToken token) const;
  openflow::CommitToken next_token();
  openflow::ErrorReported error_of(const openflow::Rejected& refused);
  void read_groups();

  openflow::Channel channel_;
  Underlay* underlay_;
  std::vector<openflow::Event> held_;
  std::uint64_t tokens_ = 0;
  std::optional<openflow::CommitToken> changing_groups_;
  bool reading_groups_ = false;
  bool knows_groups_ = false;
  std::size_t wrong_groups_ = 0;
  Underlay::FlowsFound found_;
};

}  // namespace fabrix::fabric
