// The world of the OpenFlow fabric's tests: a fabric with a switch that behaves, and what went
// between them.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/flow_translation.h"
#include "fabric/openflow_fabric.h"
#include "tests/openflow/fake_switch.h"

namespace fabrix::fabric {

using openflow::FlowCommand;
using openflow::FlowMod;
using openflow::tests::FakeSwitch;

inline const OpenFlowFabric::Time kNow{};
inline const std::vector<net::PortNo> kPorts{net::PortNo{1}, net::PortNo{2}};

// Rows of these priorities.
inline program::ProgramPtr program_of(const std::vector<std::uint16_t>& priorities) {
  auto program = std::make_shared<program::Program>();
  for (const std::uint16_t priority : priorities) {
    program::Row row;
    row.priority = priority;
    row.match.exact(net::Field::kInPort, 1);
    row.next = program::Output{net::PortNo{2}};
    program->table(program::TableId::kAdmit).push_back(row);
  }
  program->canonicalize();
  return program;
}

// How often and with what an install was answered.
struct Answer {
  int calls = 0;
  std::optional<Result<void>> outcome;

  bool succeeded() const { return calls == 1 && outcome->has_value(); }
  bool failed() const { return calls == 1 && !outcome->has_value(); }
};

// A fabric with its switch, and what went between them.
class OpenFlowFabricTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fabric_.on_event = [this](const std::string& text) { events_.push_back(text); };
    fabric_.on_port = [this](net::PortNo port, bool up) { ports_.emplace_back(port.value, up); };
    fabric_.on_frame = [this](net::PortNo port, std::span<const std::byte> frame) {
      frames_.emplace_back(port, std::vector<std::byte>(frame.begin(), frame.end()));
    };
    fabric_.on_ready = [this] { ++ready_; };
  }

  // A switch of this version that has those flows.
  void connect(const std::vector<FlowMod>& flows = {},
               openflow::Version version = openflow::Version::kOpenFlow14) {
    switch_.emplace(version);
    switch_->flows = flows;
    switch_->ports = {port(1, "p1", 0), port(2, "p2", 0)};
    fabric_.connected(kNow);
  }

  void connect_and_settle(const std::vector<FlowMod>& flows = {}) {
    connect(flows);
    exchange();
    switch_->flows.clear();
  }

  static openflow::PortDesc port(std::uint32_t number, const std::string& name,
                                 std::uint32_t config) {
    openflow::PortDesc desc;
    desc.number = net::PortNo{number};
    desc.name = name;
    desc.config = config;
    return desc;
  }

  // Lets both talk until neither has anything to say.
  void exchange() {
    for (bool quiet = false; !quiet;) {
      const auto out = fabric_.take_output();
      switch_->feed(out);
      quiet = !turn() && out.empty();
    }
  }

  // What the switch has to say reaches the fabric.
  bool turn() {
    const auto in = switch_->take_output();
    if (!in.empty()) fabric_.feed(in, kNow);
    return !in.empty();
  }

  // Answers must not move: the fabric holds a reference.
  std::shared_ptr<Answer> install(program::ProgramPtr program) {
    auto answer = std::make_shared<Answer>();
    fabric_.install(std::move(program), [answer](Result<void> outcome) {
      ++answer->calls;
      answer->outcome = std::move(outcome);
    });
    return answer;
  }

  using Audited = std::optional<Result<FabricAudit>>;
  std::shared_ptr<Audited> audit(const program::ProgramPtr& program) {
    auto answer = std::make_shared<Audited>();
    fabric_.audit(program, [answer](Result<FabricAudit> outcome) { *answer = std::move(outcome); });
    return answer;
  }

  // The flow mods that reached the switch since the last call, as "+priority" and "-priority".
  std::vector<int> take_mods() {
    std::vector<int> mods;
    for (const FlowMod& mod : std::exchange(switch_->flows, {})) {
      const bool removal = mod.command == FlowCommand::kDeleteStrict;
      mods.push_back(removal ? -mod.priority : mod.priority);
    }
    std::ranges::sort(mods);
    return mods;
  }

  static std::vector<FlowMod> flows_of(const program::ProgramPtr& program) {
    return flows_for(*program, kPorts).value();
  }

  OpenFlowFabric fabric_{kPorts};
  std::optional<FakeSwitch> switch_;
  std::vector<std::string> events_;
  std::vector<std::pair<std::uint32_t, bool>> ports_;
  std::vector<std::pair<net::PortNo, std::vector<std::byte>>> frames_;
  int ready_ = 0;
};

}  // namespace fabrix::fabric
