// What a real fabrixd knows of routing when it measures: members announce over BGP, samples of
// frames between them come by UDP, and flow keys and top prefixes are asked for over HTTP.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/datagram_socket.h"
#include "io/links.h"
#include "io/namespace.h"
#include "net/frame.h"
#include "sflow/datagram_writer.h"
#include "tests/app/ask_http.h"
#include "tests/app/member.h"
#include "tests/app/running_daemon.h"
#include "tests/io/world.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using testing::ask_http;
using ::testing::ContainsRegex;
using testing::fabrix;
using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;
using ::testing::StartsWith;

constexpr const char* kA = "08:00:27:00:00:01";
constexpr const char* kB = "08:00:27:00:00:02";
constexpr const char* kC = "08:00:27:00:00:03";

// In a namespace of the test, so nobody else has these ports.
constexpr const char* kRest = "10.0.0.2:8008";

std::string joined_exchange() {
  std::string text = testing::loopback_exchange();
  for (std::size_t at = 0; (at = text.find("127.", at)) != std::string::npos;) {
    text.replace(at, 4, "10.");
  }
  return text.insert(text.find("  asn: 65000\n"),
                     "  telemetry: {sflow: 10.0.0.2, rest: 10.0.0.2, "
                     "agents: [{agent: 192.0.2.9, router: c1}]}\n");
}

std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

class FabrixdJoinTest : public io::testing::NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    lan_.emplace();
    auto netlink = lan_->netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    for (const std::string address : {"10.0.0.2", "10.0.0.11", "10.0.0.12", "10.0.0.13"}) {
      ASSERT_TRUE(io::add_address(
          netlink, {.link = "lo", .address = *net::IpAddress::parse(address), .length = 8}));
    }
    auto inside = io::NamespaceScope::enter(lan_->name());
    ASSERT_TRUE(inside);
    inside_.emplace(*std::move(inside));
    daemon_.emplace(loop_, scratch_, scratch_.write("exchange.yaml", joined_exchange()),
                    lan_->name());
    const io::IpEndpoint server{net::IpAddress::v4({10, 0, 0, 2}), daemon_->bgp_port()};
    a_.emplace(loop_, "10.0.0.11", 100, server);
    b_.emplace(loop_, "10.0.0.12", 200, server);
    c_.emplace(loop_, "10.0.0.13", 300, server);
    ASSERT_TRUE(a_->established() && b_->established() && c_->established());
    socket_.emplace(*io::DatagramSocket::open(net::Family::kIpv4));
  }

  // A sample of a frame, of a switch's or of a member's agent.
  void sample(const std::string& from, const std::string& to, const std::string& packet,
              const std::string& agent = "192.0.2.1") {
    net::Packet parsed = net::parse_packet(packet).value();
    parsed.src_mac = net::MacAddress::parse(from).value();
    parsed.dst_mac = net::MacAddress::parse(to).value();
    const auto frame = net::build_frame(parsed, {});
    sflow::DatagramWriter out(
        {.agent = net::IpAddress::parse(agent).value(), .sequence = ++sequence_});
    out.begin({.sequence = sequence_,
               .source = {0, 7},
               .sampling_rate = 1000,
               .input = {0, 7},
               .output = {0, 8}},
              sflow::SampleForm::kCompact);
    out.record(
        sflow::SampledHeader{.protocol = 1, .frame_length = 1000, .stripped = 4, .header = frame});
    EXPECT_TRUE(
        socket_->send({.address = net::IpAddress::v4({10, 0, 0, 2}), .port = 6343}, out.take()));
  }

  // Sends the same until what is asked for is as wanted.
  static bool await(const std::function<void()>& send, const std::function<bool()>& is_so) {
    const auto deadline = io::EventLoop::now() + testing::kPatience;
    while (io::EventLoop::now() < deadline) {
      send();
      if (is_so()) return true;
    }
    return false;
  }
  bool has_flow(const std::string& name, const std::string& key) {
    const auto flows =
        json::parse(ask_http(loop_, kRest, "GET /activeflows/ALL/" + name + "/json"));
    return std::ranges::any_of(
        flows.as_array(), [&](const json::value& flow) { return text_of(flow.at("key")) == key; });
  }
  void define(const std::string& name, const std::string& keys) {
    EXPECT_EQ(ask_http(loop_, kRest, "PUT /flow/" + name + "/json",
                       R"({"keys":")" + keys + R"(","value":"bytes","n":20})"),
              "");
  }
  json::object top(const std::string& router) {
    return json::parse(ask_http(loop_, kRest, "GET /bgp/topprefixes/" + router + "/json"))
        .as_object();
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  std::optional<io::testing::TestNamespace> lan_;
  std::optional<io::NamespaceScope> inside_;
  std::optional<RunningDaemon> daemon_;
  std::optional<Member> a_;
  std::optional<Member> b_;
  std::optional<Member> c_;
  std::optional<io::DatagramSocket> socket_;
  std::uint32_t sequence_ = 0;
};

TEST_F(FabrixdJoinTest, JoinsSamplesWithWhatMembersAreTold) {
  a_->announce("150.0.0.0/16");
  b_->announce("140.0.0.0/16", {.communities = {bgp::community(200, 7), bgp::community(200, 8)}},
               {1103});
  c_->announce("140.0.0.0/16", {}, {1103, 1136});
  b_->announce("140.0.64.0/18");

  // A hears of B's route, C too, and B of C's.
  define("path",
         "map:macsource:members,bgpdestinationas,bgpdestinationaspath,bgpnexthop,"
         "mask:ipdestination,null:bgpcommunities,bgpdestinationpeeras,bgpsourceas,bgpas");
  EXPECT_TRUE(await([&] { sample(kA, kB, "udp 150.0.0.1:1 -> 140.0.0.1:2"); },
                    [&] {
                      return has_flow("path",
                                      "A,1103,200-1103,10.0.0.12,140.0.0.0/16,200:7-200:8,200,100,"
                                      "65000");
                    }));
  define("short", "map:macsource:members,bgpdestinationaspath,mask:ipdestination");
  EXPECT_TRUE(await([&] { sample(kB, kC, "udp 150.0.0.1:1 -> 140.0.65.1:2"); },
                    [&] { return has_flow("short", "B,300-1103-1136,140.0.0.0/16"); }));
  EXPECT_TRUE(await([&] { sample(kA, kB, "udp 150.0.0.1:1 -> 140.0.65.1:2"); },
                    [&] { return has_flow("short", "A,200,140.0.64.0/18"); }));

  // The longest prefixes that were used; of C's own agent by C's view.
  const auto has_top = [&](const std::string& router, const std::string& prefix,
                           const std::string& path) {
    const json::object answer = top(router);
    return std::ranges::any_of(answer.at("topPrefixes").as_array(), [&](const json::value& each) {
      return text_of(each.at("prefix")) == prefix && text_of(each.at("aspath")) == path;
    });
  };
  EXPECT_TRUE(has_top("10.0.0.2", "140.0.64.0/18", "200"));
  EXPECT_TRUE(has_top("10.0.0.2", "140.0.0.0/16", "200-1103"));
  EXPECT_EQ(top("10.0.0.2").at("nPrefixes"), 3);
  EXPECT_EQ(top("10.0.0.13").at("nPrefixes"), 3);
  EXPECT_EQ(top("10.0.0.13").at("as"), 300);
  EXPECT_TRUE(top("10.0.0.11").empty());
  EXPECT_TRUE(await([&] { sample(kA, kB, "udp 1.0.0.1:1 -> 150.0.5.1:2", "192.0.2.9"); },
                    [&] { return has_top("10.0.0.13", "150.0.0.0/16", "100"); }));

  EXPECT_THAT(fabrix({"traffic", "--rest", kRest}).out,
              AllOf(StartsWith("source  destination"), ContainsRegex("A +B +[0-9.]+ [kM]")));
  EXPECT_THAT(fabrix({"traffic", "ethertypes", "--rows", "1", "--json", "--rest", kRest}).out,
              HasSubstr(R"("ethertype":"0x0800","source":"A")"));

  // What is withdrawn is gone; what was behind it is told.
  b_->withdraw("140.0.0.0/16");
  b_->withdraw("140.0.64.0/18");
  EXPECT_TRUE(await([&] { sample(kA, kC, "udp 150.0.0.1:1 -> 140.0.65.1:2"); },
                    [&] { return has_flow("short", "A,300-1103-1136,140.0.0.0/16"); }));
  EXPECT_EQ(top("10.0.0.2").at("nPrefixes"), 2);
  c_->withdraw("140.0.0.0/16");
  define("null", "map:macsource:members,null:bgpdestinationaspath");
  EXPECT_TRUE(await([&] { sample(kA, kC, "udp 150.0.0.1:1 -> 140.0.65.1:2"); },
                    [&] { return has_flow("null", "A,null"); }));
  EXPECT_EQ(daemon_->stop().code, 0);
}

}  // namespace
}  // namespace fabrix::app
