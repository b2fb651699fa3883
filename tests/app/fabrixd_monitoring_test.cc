// What a real fabrixd shows to those who look at it: real sessions of two members, and at the other
// end curl, promtool, bgpdump and a BMP station with the strict decoder. On a LAN of its own.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/command.h"
#include "io/links.h"
#include "io/listener.h"
#include "io/namespace.h"
#include "monitoring/bmp_decoder.h"
#include "tests/app/member.h"
#include "tests/app/running_daemon.h"
#include "tests/io/world.h"
#include "tests/monitoring/bgpdump.h"

namespace fabrix::app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;
using ::testing::SizeIs;

// In namespaces of the test, so nobody else has these ports.
constexpr std::uint16_t kBmpPort = 11019;
constexpr const char* kUrl = "http://10.0.0.2:29184";

constexpr const char* kMonitoring = R"(
    monitoring:
      http: "10.0.0.2:29184"
      bmp: ["10.0.0.13:11019"]
      mrt: {directory: mrt, table_interval: 10, updates_interval: 86400})";

std::string monitored_exchange() {
  std::string text = testing::loopback_exchange();
  for (std::size_t at = 0; (at = text.find("127.", at)) != std::string::npos;) {
    text.replace(at, 4, "10.");
  }
  const std::string flat = "route_server: {addresses: [10.0.0.2], policy: minimal, port: 179}";
  text.replace(
      text.find(flat), flat.size(),
      std::string("route_server:\n    addresses: [10.0.0.2]\n    policy: minimal\n    port: 179") +
          kMonitoring);
  return text;
}

// A station: takes one connection and keeps all that comes.
class Station {
 public:
  explicit Station(io::EventLoop& loop) {
    auto listener = io::Listener::listen(
        loop, io::IpEndpoint{.address = *net::IpAddress::parse("10.0.0.13"), .port = kBmpPort}, {},
        [this](io::ByteStream stream) {
          stream_.emplace(std::move(stream));
          stream_->start({.on_data =
                              [this](std::span<const std::byte> data) {
                                octets_.insert(octets_.end(), data.begin(), data.end());
                              },
                          .on_end = {},
                          .on_drained = {}});
        });
    EXPECT_TRUE(listener) << listener.error().message;
    if (listener) listener_.emplace(*std::move(listener));
  }

  // What has come so far; an incomplete message at the end is left for later.
  std::vector<monitoring::BmpMessage> messages() const {
    std::vector<monitoring::BmpMessage> all;
    std::span<const std::byte> rest(octets_);
    while (true) {
      const auto size = monitoring::bmp_message_size(rest);
      EXPECT_TRUE(size);
      if (!size || !*size || **size > rest.size()) return all;
      const auto message = monitoring::decode_bmp(rest.first(**size));
      EXPECT_TRUE(message) << describe(message.error());
      if (message) all.push_back(*message);
      rest = rest.subspan(**size);
    }
  }

  template <typename Message>
  std::size_t count() const {
    const auto all = messages();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [](const auto& one) { return std::holds_alternative<Message>(one); }));
  }

 private:
  std::optional<io::Listener> listener_;
  std::optional<io::ByteStream> stream_;
  std::vector<std::byte> octets_;
};

class MonitoringTest : public io::testing::NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    lan_.emplace();
    auto netlink = lan_->netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    for (const std::string address : {"10.0.0.2", "10.0.0.12", "10.0.0.13"}) {
      ASSERT_TRUE(io::add_address(
          netlink, {.link = "lo", .address = *net::IpAddress::parse(address), .length = 8}));
    }
    auto inside = io::NamespaceScope::enter(lan_->name());
    ASSERT_TRUE(inside);
    inside_.emplace(*std::move(inside));
    station_.emplace(loop_);
    daemon_.emplace(loop_, scratch_, scratch_.write("exchange.yaml", monitored_exchange()),
                    lan_->name());
    const io::IpEndpoint route_server{.address = *net::IpAddress::parse("10.0.0.2"),
                                      .port = daemon_->bgp_port()};
    b_.emplace(loop_, "10.0.0.12", 200, route_server);
    c_.emplace(loop_, "10.0.0.13", 300, route_server);
    ASSERT_TRUE(b_->established());
    ASSERT_TRUE(c_->established());
    b_->announce("140.0.0.0/24");
    c_->announce("140.0.0.0/24");
    c_->announce("150.0.0.0/24");
    c_->announce("10.1.0.0/16");  // A bogon: filtered.
    ASSERT_TRUE(eventually([&] { return routes("protocol/c1").size() == 2; }));
  }

  // Asks again and again until the answer is as wanted: BGP takes its time.
  bool eventually(const std::function<bool()>& done) {
    return loop_.run_until(
        [&] {
          loop_.post([] {});
          return done();
        },
        testing::kPatience);
  }

  static std::string get(const std::string& path) {
    const auto output = testing::run({"curl", "-sS", "-m", "10", kUrl + path});
    EXPECT_EQ(output.status.code, 0) << path << ": " << output.err;
    return output.out;
  }

  static boost::json::value get_json(const std::string& path) {
    return testing::parse_json(get(path));
  }

  // "140.0.0.0/24 10.0.0.12 200"
  static std::vector<std::string> routes(const std::string& which) {
    std::vector<std::string> all;
    const auto answer = get_json("/birdwatcher/routes/" + which);
    for (const auto& route : answer.at("routes").as_array()) {
      all.push_back(std::string(route.at("network").as_string()) + " " +
                    std::string(route.at("gateway").as_string()) + " " +
                    std::string(route.at("bgp").at("as_path").at(0).as_string()));
    }
    std::ranges::sort(all);
    return all;
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  std::optional<io::testing::TestNamespace> lan_;
  std::optional<io::NamespaceScope> inside_;
  std::optional<Station> station_;
  std::optional<RunningDaemon> daemon_;
  std::optional<Member> b_;
  std::optional<Member> c_;
};

TEST_F(MonitoringTest, ALookingGlassReadsSessionsAndRoutes) {
  const auto protocols = get_json("/birdwatcher/protocols/bgp").at("protocols").as_object();
  ASSERT_THAT(protocols, SizeIs(3));
  EXPECT_EQ(protocols.at("a1").at("state").as_string(), "down");
  EXPECT_EQ(protocols.at("c1").at("state").as_string(), "up");
  EXPECT_EQ(protocols.at("c1").at("neighbor_as").as_int64(), 300);
  EXPECT_EQ(protocols.at("c1").at("routes").at("accepted").as_int64(), 2);
  EXPECT_EQ(protocols.at("c1").at("routes").at("filtered").as_int64(), 1);
  EXPECT_THAT(routes("protocol/b1"), ::testing::ElementsAre("140.0.0.0/24 10.0.0.12 200"));
  EXPECT_THAT(routes("filtered/c1"), ::testing::ElementsAre("10.1.0.0/16 10.0.0.13 300"));
  EXPECT_THAT(routes("table/master4"), SizeIs(3));
  EXPECT_THAT(routes("table/master4/filtered"), SizeIs(1));
  ASSERT_TRUE(eventually([] { return routes("export/b1").size() == 2; }));
  EXPECT_THAT(routes("export/b1"),
              ::testing::ElementsAre("140.0.0.0/24 10.0.0.13 300", "150.0.0.0/24 10.0.0.13 300"));
  EXPECT_THAT(routes("noexport/b1"), SizeIs(0));
  EXPECT_THAT(get_json("/route/net/140.0.0.9").at("routes").as_array(), SizeIs(2));
  const auto status = get_json("/status").at("status");
  EXPECT_EQ(status.at("router_id").as_string(), "10.0.0.2");
  // The preferred ones come from a census, which the first question began.
  ASSERT_TRUE(eventually([] {
    return get_json("/protocols").at("protocols").at("b1").at("routes").at("preferred") == 1;
  }));
}

TEST_F(MonitoringTest, TheRootAndAFamilyAreServedToo) {
  EXPECT_THAT(get_json("/protocols/bgp").at("protocols").as_object(), SizeIs(3));
  EXPECT_THAT(get_json("/ipv4/protocols/bgp").at("protocols").as_object(), SizeIs(3));
  EXPECT_THAT(get_json("/ipv6/protocols/bgp").at("protocols").as_object(), SizeIs(0));
  EXPECT_EQ(get("/livez"), "ok\n");
  EXPECT_THAT(get("/readyz"), HasSubstr("[-]fabric failed: openflow: no switch connected"));
  EXPECT_THAT(get("/nothing/here"), HasSubstr("\"error\""));
}

TEST_F(MonitoringTest, PrometheusTakesTheMetrics) {
  // First tables wait a moment before anybody is told of them.
  ASSERT_TRUE(eventually([] {
    return get("/metrics").find("fabrix_bgp_propagation_seconds_count 0\n") == std::string::npos;
  }));
  const std::string text = get("/metrics");
  EXPECT_THAT(text,
              HasSubstr(R"(fabrix_bgp_peer_up{participant="C",peer="c1",asn="300",afi="ipv4"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(,peer="c1",asn="300",afi="ipv4",state="filtered"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(fabrix_bgp_peer_state_changes_total{participant="C",peer="c1",asn="300",afi="ipv4"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(fabrix_http_clients{listener="monitoring"} 1)"));
  // Each of the three is told of two routes, in one UPDATE or two.
  EXPECT_THAT(
      text,
      ::testing::ContainsRegex(
          R"(fabrix_bgp_updates_sent_total\{participant="C",peer="c1",asn="300",afi="ipv4"\} [1-9])"));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_update_processing_seconds_count "));
  EXPECT_THAT(text, HasSubstr("fabrix_bgp_propagation_seconds_count "));
  EXPECT_THAT(text, HasSubstr(R"(fabrix_bmp_connected{station="10.0.0.13:11019"} 1)"));
  const std::string url = kUrl;
  const auto checked =
      testing::run({"sh", "-c", "curl -sS " + url + "/metrics | promtool check metrics"});
  EXPECT_EQ(checked.status.code, 0) << checked.out << checked.err;
}

TEST_F(MonitoringTest, AStationIsToldOfSessionsAndRoutes) {
  using monitoring::PeerUp;
  using monitoring::RouteMonitoring;
  ASSERT_TRUE(eventually([&] { return station_->count<PeerUp>() == 2; }));
  // Four routes before policy and three after, of the table or as they came.
  ASSERT_TRUE(eventually([&] { return station_->count<RouteMonitoring>() >= 7; }));
  const auto all = station_->messages();
  ASSERT_TRUE(std::holds_alternative<monitoring::Initiation>(all.front()));
  const auto up = std::ranges::find_if(
      all, [](const auto& one) { return std::holds_alternative<PeerUp>(one); });
  const auto& first = std::get<PeerUp>(*up);
  EXPECT_EQ(first.local_address.to_string(), "10.0.0.2");
  EXPECT_EQ(first.local_port, daemon_->bgp_port());
  EXPECT_EQ(first.sent.my_as, net::Asn{65000});
  c_.reset();
  ASSERT_TRUE(eventually([&] { return station_->count<monitoring::PeerDown>() == 1; }));
  EXPECT_EQ(daemon_->stop(), io::ExitStatus{});
  ASSERT_TRUE(eventually([&] { return station_->count<monitoring::Termination>() == 1; }));
}

TEST_F(MonitoringTest, TheArchiveHasTheTableAndWhatHappened) {
  const std::filesystem::path directory(scratch_ / "mrt");
  const auto file = [&](const std::string& kind) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(kind) && name.ends_with(".mrt")) return entry.path().string();
    }
    return std::string();
  };
  if (!monitoring::testing::has_bgpdump()) GTEST_SKIP() << "needs bgpdump";
  ASSERT_TRUE(daemon_->says("table dumped file="));
  const auto table = monitoring::testing::bgpdump_file(file("rib."));
  EXPECT_THAT(table, SizeIs(4));
  EXPECT_THAT(table, Contains(HasSubstr("|B|10.0.0.12|200|140.0.0.0/24|200|IGP|10.0.0.12|")));
  EXPECT_THAT(table, Contains(HasSubstr("|B|10.0.0.13|300|150.0.0.0/24|300|IGP|10.0.0.13|")));
  EXPECT_EQ(daemon_->stop(), io::ExitStatus{});
  const auto updates = monitoring::testing::bgpdump_file(file("updates."));
  EXPECT_THAT(updates, Contains(HasSubstr("|STATE|10.0.0.12|200|")));
  EXPECT_THAT(updates, Contains(HasSubstr("|A|10.0.0.12|200|140.0.0.0/24|200|")));
  EXPECT_THAT(updates, Contains(HasSubstr("|A|10.0.0.13|300|10.1.0.0/16|300|")));
}

}  // namespace
}  // namespace fabrix::app
