// FakeSwitch: the switch's end of an OpenFlow connection, built from the codec: enough of one to
// talk to a Channel in tests. It refuses additions of priority kBadPriority, at the moment they are
// added to a bundle; and of kBadAtCommit, when the bundle is committed. Wrong use of bundles is an
// error as in Open vSwitch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "openflow/message.h"

namespace fabrix::openflow::tests {

inline constexpr std::uint16_t kBadPriority = 666;
inline constexpr std::uint16_t kBadAtCommit = 667;

class FakeSwitch {
 public:
  explicit FakeSwitch(Version version) : version_(version) {
    send(0, Hello{.versions = std::uint32_t{1} << static_cast<unsigned>(version)});
  }

  void feed(std::span<const std::byte> bytes) {
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    for (;;) {
      const auto header = decode_header(input_);
      if (!header || header->length > input_.size()) return;
      const auto message = decode_message(std::span(input_).first(header->length));
      if (message) on_message(*message);
      input_.erase(input_.begin(), input_.begin() + header->length);
    }
  }

  void send(std::uint32_t xid, Body body) {
    encode_message({.version = version_, .xid = xid, .body = std::move(body)}, output_);
  }

  std::vector<std::byte> take_output() { return output_.take(); }

  std::uint64_t datapath_id = 0xf1;
  std::vector<FlowMod> flows;  // in the order added
  std::vector<MeterConfig> meters;
  std::optional<MeterConfig> controller_meter;
  std::vector<Group> groups;
  bool has_meters = true;             // else it knows no such messages
  std::vector<TableFeatures> tables;  // else it does not say
  std::vector<PortDesc> ports;        // one part of the reply for each
  std::vector<PortStats> port_stats;
  std::vector<Body> heard;  // all but the flow mods
  std::uint64_t generation_id = 0;

 private:
  void on_message(const Message& message) {
    const std::uint32_t xid = message.xid;
    if (const auto* mod = std::get_if<FlowMod>(&message.body)) {
      const bool refused = mod->priority == kBadPriority && mod->command == FlowCommand::kAdd;
      return refused ? send(xid, refusal()) : flows.push_back(*mod);
    }
    if (const auto* add = std::get_if<BundleAdd>(&message.body)) return on_add(xid, *add);
    heard.push_back(message.body);
    if (std::holds_alternative<FeaturesRequest>(message.body)) {
      return send(xid, FeaturesReply{.datapath_id = datapath_id, .tables = 254});
    }
    if (std::holds_alternative<PortDescRequest>(message.body)) return send_ports(xid);
    if (std::holds_alternative<BarrierRequest>(message.body)) return send(xid, BarrierReply{});
    if (const auto* asked = std::get_if<FlowStatsRequest>(&message.body)) {
      return send_flows(xid, *asked);
    }
    if (std::holds_alternative<MeterConfigRequest>(message.body)) return send_meters(xid);
    if (std::holds_alternative<TableFeaturesRequest>(message.body)) {
      return tables.empty() ? send(xid, refusal())
                            : send(xid, TableFeaturesReply{.tables = tables});
    }
    if (const auto* mod = std::get_if<MeterMod>(&message.body)) return on_meter(xid, *mod);
    if (std::holds_alternative<GroupDescRequest>(message.body)) {
      return send(xid, GroupDescReply{.groups = groups});
    }
    if (std::holds_alternative<PortStatsRequest>(message.body)) {
      return send(xid, PortStatsReply{.ports = port_stats});
    }
    if (const auto* mod = std::get_if<GroupMod>(&message.body)) return on_group(xid, *mod);
    if (const auto* echo = std::get_if<EchoRequest>(&message.body)) {
      return send(xid, EchoReply{echo->data});
    }
    if (const auto* role = std::get_if<RoleRequest>(&message.body)) return on_role(xid, *role);
    if (const auto* control = std::get_if<BundleControl>(&message.body)) on_control(xid, *control);
  }

  void send_meters(std::uint32_t xid) {
    if (!has_meters) return send(xid, refusal());
    MeterConfigReply reply{.meters = meters};
    if (controller_meter) reply.meters.push_back(*controller_meter);
    send(xid, std::move(reply));
  }

  static ErrorMessage refusal() { return {.type = 5, .code = 1, .data = {}}; }

  void on_meter(std::uint32_t xid, const MeterMod& mod) {
    if (has_meters && mod.meter.id == kControllerMeter) {
      const bool adds_it = mod.command == MeterCommand::kAdd;
      if (adds_it == controller_meter.has_value()) return send(xid, refusal());
      controller_meter = mod.meter;
      return;
    }
    const auto is_it = [&mod](const MeterConfig& meter) { return meter.id == mod.meter.id; };
    const bool known = std::any_of(meters.begin(), meters.end(), is_it);
    const bool adds = mod.command == MeterCommand::kAdd;
    if (!has_meters || mod.meter.id == kBadPriority || known == adds) return send(xid, refusal());
    std::erase_if(meters, is_it);
    if (mod.command != MeterCommand::kDelete) meters.push_back(mod.meter);
  }

  void on_group(std::uint32_t xid, const GroupMod& mod) {
    const auto is_it = [&mod](const Group& group) { return group.id == mod.group.id; };
    const bool known = std::any_of(groups.begin(), groups.end(), is_it);
    const bool adds = mod.command == GroupCommand::kAdd;
    if (mod.group.id == kBadPriority || known == adds) return send(xid, refusal());
    std::erase_if(groups, is_it);
    if (mod.command != GroupCommand::kDelete) groups.push_back(mod.group);
  }

  void on_add(std::uint32_t xid, const BundleAdd& add) {
    if (!bundle_ || *bundle_ != add.bundle_id) {
      return send(xid, ErrorMessage{.type = 17, .code = 2, .data = {}});
    }
    if (add.mod.priority == kBadPriority) return send(xid, refusal());
    staged_.emplace_back(xid, add.mod);
  }

  void on_control(std::uint32_t xid, const BundleControl& control) {
    BundleControl reply = control;
    reply.type = static_cast<BundleControlType>(static_cast<unsigned>(control.type) + 1);
    if (control.type == BundleControlType::kOpenRequest) {
      bundle_ = control.bundle_id;
      return send(xid, reply);
    }
    const auto staged = std::exchange(staged_, {});
    bundle_.reset();
    if (control.type != BundleControlType::kCommitRequest) return send(xid, reply);
    for (const auto& [add_xid, mod] : staged) {
      if (mod.priority != kBadAtCommit) continue;
      send(add_xid, refusal());
      return send(xid, ErrorMessage{.type = 17, .code = 13, .data = {}});
    }
    for (const auto& [add_xid, mod] : staged) flows.push_back(mod);
    send(xid, reply);
  }

  void on_role(std::uint32_t xid, const RoleRequest& role) {
    if (role.generation_id < generation_id) {
      return send(xid, ErrorMessage{.type = 11, .code = 0, .data = {}});
    }
    generation_id = role.generation_id;
    send(xid, RoleReply{.role = role.role, .generation_id = role.generation_id});
  }

  void send_ports(std::uint32_t xid) {
    for (const PortDesc& port : ports) {
      send(xid, PortDescReply{.ports = {port}, .more = More::kYes});
    }
    send(xid, PortDescReply{});
  }

  void send_flows(std::uint32_t xid, const FlowStatsRequest& asked) {
    FlowStatsReply part;
    for (const FlowMod& mod : flows) {
      if (((mod.cookie ^ asked.cookie) & asked.cookie_mask) != 0) continue;
      FlowStats flow;
      flow.table_id = mod.table_id;
      flow.priority = mod.priority;
      flow.cookie = mod.cookie;
      flow.match = mod.match;
      flow.instructions = mod.instructions;
      part.flows.push_back(flow);
      if (part.flows.size() < 3) continue;
      part.more = More::kYes;
      send(xid, std::exchange(part, {}));
    }
    send(xid, part);
  }

  Version version_;
  std::vector<std::byte> input_;
  WireWriter output_;
  std::optional<std::uint32_t> bundle_;
  std::vector<std::pair<std::uint32_t, FlowMod>> staged_;
};

}  // namespace fabrix::openflow::tests
