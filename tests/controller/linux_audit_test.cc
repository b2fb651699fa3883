// The audit of a Linux fabric with ports that are interfaces, beside a loop that goes on.
#include "controller/linux_audit.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "controller/linux_port_maps.h"
#include "io/bpf_program.h"
#include "tests/controller/linux_cables.h"

namespace fabrix::controller::tests {
namespace {

class LinuxAuditTest : public LinuxCables {
 protected:
  void SetUp() override {
    LinuxCables::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    scope_.emplace(io::NamespaceScope::enter(fabric_home_.name()).value());
    datapath_ = LinuxDatapath::open("").value();
    ports_.emplace(LinuxPorts::open(*datapath_, "").value());
    ASSERT_TRUE(ports_->set(all_ports()));
    program::Program program = wire(1, 2);
    for (std::uint64_t i = 0; i < 50; ++i) {
      program::Row row;
      row.priority = 1;
      row.match.exact(net::Field::kDstPort, 997 * i);
      row.next = program::Output{net::PortNo{2}};
      program.table(program::TableId::kAdmit).push_back(row);
    }
    program.canonicalize();
    installed_.program = std::make_shared<const program::Program>(std::move(program));
    installed_.image = fabric::LinuxCompiler().compile(*installed_.program).value();
    ASSERT_TRUE(datapath_->install(installed_.image));
    audit_.emplace(loop_, *datapath_, *ports_);
  }

  fabric::FabricAudit audit() {
    std::optional<fabric::FabricAudit> found;
    audit_->start(installed_, [&](auto outcome) {
      EXPECT_TRUE(outcome) << outcome.error().message;
      found = outcome ? *outcome : fabric::FabricAudit{};
    });
    EXPECT_FALSE(found);  // the loop goes on
    EXPECT_TRUE(loop_.run_until([&] { return found.has_value(); }, kPatience));
    return found.value_or(fabric::FabricAudit{});
  }
  const io::BpfMap& map(const char* name) const { return datapath_->map(name); }
  std::uint32_t index_of(std::uint32_t port) const {
    return ports_->interface_of(net::PortNo{port}).value();
  }

  std::optional<io::NamespaceScope> scope_;
  std::unique_ptr<LinuxDatapath> datapath_;
  std::optional<LinuxPorts> ports_;
  LinuxInstalled installed_;
  std::optional<LinuxAudit> audit_;
};

TEST_F(LinuxAuditTest, SaysHowMuchIsRight) {
  const auto found = audit();
  EXPECT_TRUE(found.agrees());
  EXPECT_EQ(found.wanted, installed_.image.programs.size() + installed_.image.entry_count());
  EXPECT_EQ(found.right, found.wanted);
  EXPECT_EQ(found.rules, found.wanted);
}

TEST_F(LinuxAuditTest, PortsThatSomebodyElseChangedAreNamedAndMended) {
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  ASSERT_TRUE(drop_port_in(*datapath_, index_of(1)));
  ASSERT_TRUE(
      put_port_out(*datapath_, 2, {.interface = index_of(3), .flags = 0, .vlan = 0, .slot = 9}));
  ASSERT_TRUE(put_port_in(*datapath_, 777,
                          {.port = 5, .slot = 9, .punts_at = 0, .sample_rate = 0, .vlan = 0}));
  const auto found = audit();
  EXPECT_EQ(found.ports, 6U);  // each is there twice
  EXPECT_EQ(found.wrong(), 6U);
  const std::string name = "an entry for interface " + std::to_string(index_of(1));
  const auto missing = std::ranges::find(found.differences, name, &fabric::Difference::is);
  ASSERT_NE(missing, found.differences.end());
  EXPECT_EQ(missing->kind, fabric::Difference::Kind::kMissing);
  EXPECT_TRUE(audit().agrees());
  EXPECT_TRUE(ping(1, "10.9.0.2"));
}

TEST_F(LinuxAuditTest, APortThatIsNotTiedToItsInterfaceIsTiedAgain) {
  ASSERT_TRUE(ping(1, "10.9.0.2"));
  const auto link = io::FileDescriptor(dup(ports_->places().at(0).link));
  ASSERT_TRUE(io::detach(link));
  EXPECT_FALSE(ping_once(1, "10.9.0.2"));
  const auto found = audit();
  EXPECT_EQ(found.ports, 1U);
  EXPECT_NE(found.differences.at(0).is.find("port 1 was not tied to interface p1"),
            std::string::npos);
  EXPECT_TRUE(audit().agrees());
  EXPECT_TRUE(ping(1, "10.9.0.2"));
}

// All rows at once: mended in many turns, and only those.
TEST_F(LinuxAuditTest, RowsThatSomebodyElseRemovedAreAllPutBack) {
  const auto keys = map("narrow").keys().value();
  for (const auto& key : keys) ASSERT_TRUE(map("narrow").erase(key));
  const auto found = audit();
  EXPECT_EQ(found.missing, 50U);
  EXPECT_EQ(found.wrong(), 50U);
  ASSERT_EQ(found.differences.size(), fabric::kMaxDifferences);
  EXPECT_TRUE(found.differences[0].wanted);
  EXPECT_EQ(datapath_->installs(), 1U);
  EXPECT_TRUE(audit().agrees());
}

// What was installed meanwhile is what it is held against.
TEST_F(LinuxAuditTest, AnInstallMeanwhileIsNobodysChange) {
  std::optional<fabric::FabricAudit> found;
  audit_->start(installed_, [&](auto outcome) { found = outcome.value(); });
  installed_.program = std::make_shared<const program::Program>(wire(1, 3));
  installed_.image = fabric::LinuxCompiler().compile(*installed_.program).value();
  ASSERT_TRUE(datapath_->install(installed_.image));
  ASSERT_TRUE(datapath_->install(installed_.image));
  ASSERT_TRUE(loop_.run_until([&] { return found.has_value(); }, kPatience));
  EXPECT_TRUE(found->agrees());
}

TEST_F(LinuxAuditTest, OneAtATime) {
  std::optional<fabric::FabricAudit> found;
  audit_->start(installed_, [&](auto outcome) { found = outcome.value(); });
  bool refused = false;
  audit_->start(installed_, [&](const auto& outcome) { refused = !outcome; });
  EXPECT_TRUE(refused);
  ASSERT_TRUE(loop_.run_until([&] { return found.has_value(); }, kPatience));
}

TEST_F(LinuxAuditTest, MayEndUnderWay) {
  audit_->start(installed_, [](const auto&) { FAIL() << "it has ended"; });
  audit_.reset();
  loop_.post([this] { loop_.stop(); });
  loop_.run();
}

}  // namespace
}  // namespace fabrix::controller::tests
