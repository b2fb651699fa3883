// Connections of switches that speak OpenFlow and no more; with real ones, the lab `leaf-spine` and
// tests/fabric/network_traffic_test.cc.
#include "controller/openflow_network_server.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/connector.h"
#include "tests/io/world.h"
#include "tests/openflow/fake_switch.h"

namespace fabrix::controller {
namespace {

using openflow::tests::FakeSwitch;

// e1 with port 1, e2 with port 2, one link.
exchange::Topology two_switches() {
  exchange::Topology made;
  for (const std::uint32_t number : {1U, 2U}) {
    made.switches.push_back({.name = "e" + std::to_string(number),
                             .datapath_id = 0xe0 + number,
                             .role = exchange::SwitchRole::kEdge,
                             .ports = {{net::PortNo{number}, net::PortNo{1}}}});
  }
  made.links.push_back({exchange::LinkEnd{.at = 0, .port = net::PortNo{9}},
                        exchange::LinkEnd{.at = 1, .port = net::PortNo{9}}});
  return made;
}

// A switch at the other end of a connection.
class Peer {
 public:
  Peer(io::EventLoop& loop, const io::Endpoint& where, std::uint64_t datapath_id)
      : connector_(loop, where, {}, [this](Result<io::ByteStream> connected) {
          if (connected) begin(*std::move(connected));
        }) {
    switch_.datapath_id = datapath_id;
    for (const std::uint32_t number : {1U, 9U}) {
      openflow::PortDesc port;
      port.number = net::PortNo{number};
      switch_.ports.push_back(port);
    }
  }

  bool is_over() const { return over_; }
  void hang_up() { stream_.reset(); }

 private:
  void begin(io::ByteStream stream) {
    stream_ = std::move(stream);
    stream_->start({.on_data =
                        [this](std::span<const std::byte> bytes) {
                          switch_.feed(bytes);
                          answer();
                        },
                    .on_end = [this](const io::StreamEnd&) { over_ = true; },
                    .on_drained = {}});
    answer();
  }
  void answer() {
    const auto bytes = switch_.take_output();
    if (!bytes.empty()) std::ignore = stream_->write(bytes);
  }

  FakeSwitch switch_{openflow::Version::kOpenFlow14};
  std::optional<io::ByteStream> stream_;
  bool over_ = false;
  io::Connector connector_;
};

class OpenFlowNetworkServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    network_.on_notice = [this](Severity, const std::string& text) { notices_.push_back(text); };
    auto server = OpenFlowNetworkServer::start(loop_, network_, where_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }

  std::unique_ptr<Peer> connect(std::uint64_t datapath_id) {
    return std::make_unique<Peer>(loop_, where_, datapath_id);
  }
  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }

  std::vector<std::string> notices_;
  io::testing::TemporaryDirectory directory_;
  io::Endpoint where_ = io::UnixEndpoint{directory_ / "of.sock"};
  io::EventLoop loop_;
  fabric::OpenFlowNetwork network_{two_switches()};
  std::unique_ptr<OpenFlowNetworkServer> server_;
};

TEST_F(OpenFlowNetworkServerTest, EachConnectionIsGivenToTheSwitchThatItSaysItIs) {
  const auto second = connect(0xe2);
  ASSERT_TRUE(wait([&] { return network_.switches()[1].is_right; }));
  EXPECT_FALSE(network_.switches()[0].is_right);
  const auto first = connect(0xe1);
  EXPECT_TRUE(wait([&] { return network_.is_connected(); }));
}

TEST_F(OpenFlowNetworkServerTest, ASwitchThatIsNotConfiguredIsHungUpOn) {
  const auto first = connect(0xe1);
  const auto stranger = connect(0xbad);
  EXPECT_TRUE(wait([&] { return stranger->is_over() && network_.switches()[0].is_right; }));
  EXPECT_FALSE(first->is_over());
  EXPECT_EQ(std::ranges::count(
                notices_, "refused a switch that is not configured: datapath 0000000000000bad"),
            1);
}

TEST_F(OpenFlowNetworkServerTest, ASecondConnectionOfASwitchReplacesTheFirst) {
  const auto first = connect(0xe1);
  ASSERT_TRUE(wait([&] { return network_.switches()[0].is_right; }));
  const auto second = connect(0xe1);
  EXPECT_TRUE(wait([&] { return first->is_over() && network_.switches()[0].is_right; }));
  EXPECT_FALSE(second->is_over());
}

TEST_F(OpenFlowNetworkServerTest, ASwitchThatHangsUpIsGoneUntilItComesBack) {
  auto first = connect(0xe1);
  ASSERT_TRUE(wait([&] { return network_.switches()[0].is_right; }));
  first->hang_up();
  ASSERT_TRUE(wait([&] { return !network_.switches()[0].is_right; }));
  const auto again = connect(0xe1);
  EXPECT_TRUE(wait([&] { return network_.switches()[0].is_right; }));
}

TEST_F(OpenFlowNetworkServerTest, WithoutTheServerNoSwitchIsConnected) {
  const auto first = connect(0xe1);
  ASSERT_TRUE(wait([&] { return network_.switches()[0].is_right; }));
  server_.reset();
  EXPECT_FALSE(network_.switches()[0].is_right);
}

}  // namespace
}  // namespace fabrix::controller
