#include "controller/linux_pins.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "fabric/linux_layout.h"
#include "io/bpf_map.h"
#include "io/bpf_object.h"
#include "tests/controller/linux_cables.h"

namespace fabrix::controller::tests {
namespace {

TEST(LinuxPins, FilesOfPortsAndOfMapsAreToldApart) {
  EXPECT_EQ(linux_port_pin(7), "port_7");
  EXPECT_EQ(linux_xdp_pin(7), "port_7_xdp");
  EXPECT_TRUE(is_linux_port_pin("port_7"));
  EXPECT_TRUE(is_linux_port_pin("port_7_xdp"));
  EXPECT_FALSE(is_linux_map("port_7"));
  for (const char* name : {"programs", "xdp_programs", "narrow", "port_counts", "ports_in"}) {
    EXPECT_TRUE(is_linux_map(name)) << name;
    EXPECT_FALSE(is_linux_port_pin(name)) << name;
  }
  EXPECT_FALSE(is_linux_map("somebody_elses"));
  EXPECT_FALSE(is_linux_port_pin("somebody_elses"));
}

class LinuxPinsTest : public PinnedCables {
 protected:
  void SetUp() override {
    PinnedCables::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    fabric_ = start(pins());
    ASSERT_NE(fabric_, nullptr);
    install(*fabric_, *program_);
    ASSERT_TRUE(ping(1, "10.9.0.2"));
    for (const auto& entry : std::filesystem::directory_iterator(pins_)) {
      const std::string name = entry.path().filename().string();
      const bool is_ours = is_linux_map(name) || is_linux_port_pin(name);  // and not the kernel's
      if (is_ours) files_.push_back(entry.path());
    }
  }

  fabric::FabricAudit audit() {
    std::optional<fabric::FabricAudit> found;
    fabric_->audit(program_, [&](auto outcome) {
      EXPECT_TRUE(outcome) << outcome.error().message;
      found = outcome ? *outcome : fabric::FabricAudit{};
    });
    EXPECT_TRUE(loop_.run_until([&] { return found.has_value(); }, kPatience));
    return found.value_or(fabric::FabricAudit{});
  }

  // All are there, and enough for packets and for the next process.
  void expect_whole() {
    EXPECT_TRUE(audit().agrees());
    for (const auto& file : files_) EXPECT_TRUE(io::open_pinned(file.string())) << file;
    fabric_.reset();
    EXPECT_TRUE(ping_once(1, "10.9.0.2"));
    fabric_ = start(pins_);
    ASSERT_NE(fabric_, nullptr);
    EXPECT_TRUE(ping_once(1, "10.9.0.2")) << "as the object before has left it";
  }

  const program::ProgramPtr program_ = std::make_shared<const program::Program>(wire(1, 2));
  std::unique_ptr<LinuxFabric> fabric_;
  std::vector<std::filesystem::path> files_;
};

TEST_F(LinuxPinsTest, WhatSomebodyElseRemovesIsPutBack) {
  EXPECT_TRUE(audit().agrees());
  std::filesystem::remove(pins_ + "/programs");
  std::filesystem::remove(pins_ + "/" + linux_port_pin(1));
  const auto found = audit();
  EXPECT_EQ(found.others, 1U);
  EXPECT_EQ(found.ports, 1U);
  EXPECT_EQ(found.wrong(), 2U);
  ASSERT_EQ(found.differences.size(), 2U);
  EXPECT_EQ(found.differences[0].is, "the file of map programs was gone");
  EXPECT_EQ(found.differences[1].is, "the file of port 1 was gone");
  expect_whole();
}

TEST_F(LinuxPinsTest, ADirectoryThatSomebodyElseUnmountsIsMountedAgain) {
  ASSERT_EQ(umount2(pins_.c_str(), MNT_DETACH), 0);
  EXPECT_EQ(audit().wrong(), files_.size());
  expect_whole();
}

// As the error says: then there is nothing, and packets come to this machine again.
TEST_F(LinuxPinsTest, WhatAnotherVersionLeftIsRefusedUntilItsFilesAreGone) {
  fabric_.reset();
  const auto map = io::BpfMap::adopt(io::open_pinned(pins_ + "/state").value(), "state").value();
  auto state = map.value_of<fabrix_state>(std::uint32_t{0}).value().value();
  ++state.layout;
  ASSERT_TRUE(map.put_value(std::uint32_t{0}, state));
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  const auto refused = LinuxFabric::start(loop_, {.ports = all_ports(), .pin_directory = pins_});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("`rm " + pins_ + "/*` ends it"), std::string::npos);
  EXPECT_TRUE(ping_once(1, "10.9.0.2"));
  for (const auto& file : files_) std::filesystem::remove(file);
  // The kernel lets go of them by and by.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool passes = true;
  while (passes && std::chrono::steady_clock::now() < deadline) passes = ping_once(1, "10.9.0.2");
  EXPECT_FALSE(passes);
  fabric_ = start(pins_);
  ASSERT_NE(fabric_, nullptr);
  install(*fabric_, *program_);
  EXPECT_TRUE(ping(1, "10.9.0.2"));
}

TEST_F(LinuxPinsTest, NobodyElseStartsThere) {
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  const auto second = LinuxFabric::start(loop_, {.ports = all_ports(), .pin_directory = pins_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, pins_ + " is the fabric of another process");
  EXPECT_TRUE(audit().agrees());
}

}  // namespace
}  // namespace fabrix::controller::tests
