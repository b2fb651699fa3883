#include "telemetry/exchange_traffic.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

// Rows of a view as "A B" and their frames.
using Rows = std::map<std::string, std::uint64_t>;

class ExchangeTrafficTest : public ::testing::Test {
 protected:
  ExchangeTrafficTest() {
    // A announces 10.0.0.0/8 and B 20.0.0.0/8, C nothing.
    table_.insert(prefix_of("10.0.0.0/8"), set_of({{65001, {kB}}}, {kA}));
    table_.insert(prefix_of("20.0.0.0/8"), set_of({{65002, {kA}}}, {kB}));
    table_.insert(prefix_of("2001:db8::/32"), set_of({{65001, {kB}}}, {kA}));
  }

  void add(const net::MacAddress& from, const net::MacAddress& to, const std::string& packet,
           const sflow::Interface& output = {0, 9}) {
    Sampled sampled(frame_between(from, to, packet));
    sampled.sample().output = output;
    traffic_.add(members_, &table_, sampled.sample(), seconds(1));
  }

  Rows rows(TrafficView view) const {
    Rows all;
    for (const auto& [key, traffic] : traffic_.table(view).rows()) {
      std::string text;
      for (std::size_t i = 0; i < key.size(); ++i) {
        const auto field = info_of(view).columns[i].field;
        if (field == TrafficField::kNone) continue;
        text += (text.empty() ? "" : " ") + ExchangeTraffic::text_of(members_, field, key[i]);
      }
      all[text] += traffic.frames();
    }
    return all;
  }

  static constexpr std::uint64_t kN = 1000;  // frames of a sample
  Members members_{three_members()};
  RouteTable table_;
  ExchangeTraffic traffic_;
};

// What was sent is known: each view adds up to it.
TEST_F(ExchangeTrafficTest, TheMatrixIsWhatWasSent) {
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same every time
  const std::vector<std::pair<std::string, net::MacAddress>> ends{
      {"A", mac_of(kA)},
      {"B", mac_of(kB)},
      {"C", mac_of(kC)},
      {"route server", kRouteServerMac},
      {"080000000099", kStrangerMac},
      {"broadcast", net::MacAddress::broadcast()},
      {"multicast", net::MacAddress({0x33, 0x33, 0, 0, 0, 1})}};
  Rows frames;
  std::map<std::string, std::uint64_t> octets;
  std::map<std::string, std::uint64_t> sizes;
  for (int step = 0; step < 3000; ++step) {
    const auto& [from, source] = ends[random() % 5];
    const auto& [to, destination] = ends[random() % ends.size()];
    net::Packet packet = net::parse_packet("udp 10.0.0.1:1 -> 20.0.0.1:2").value();
    packet.src_mac = source;
    packet.dst_mac = destination;
    Sampled sampled(net::build_frame(packet, Octets(random() % 1480)));
    sampled.sample().sampling_rate = static_cast<std::uint32_t>(1 + random() % 5000);
    const std::uint64_t times = sampled.sample().sampling_rate;
    const std::uint64_t length = sampled.sample().packet->frame_length();
    traffic_.add(members_, &table_, sampled.sample(), seconds(1));
    frames[from + " " + to] += times;
    octets[from + " " + to] += times * length;
    const std::string size = length < 65     ? "0-64"
                             : length < 128  ? "65-127"
                             : length < 256  ? "128-255"
                             : length < 512  ? "256-511"
                             : length < 1024 ? "512-1023"
                             : length < 1519 ? "1024-1518"
                                             : "1519-";
    sizes[size] += times;
  }
  EXPECT_EQ(rows(TrafficView::kMatrix), frames);
  EXPECT_EQ(rows(TrafficView::kSizes), sizes);
  for (const auto& [key, traffic] : traffic_.table(TrafficView::kMatrix).rows()) {
    const std::string row = ExchangeTraffic::text_of(members_, TrafficField::kEnd, key[0]) + " " +
                            ExchangeTraffic::text_of(members_, TrafficField::kEnd, key[1]);
    EXPECT_EQ(traffic.octets(), octets[row]);
    EXPECT_NEAR(traffic.octet_rate(seconds(1)), static_cast<double>(octets[row]) / 10, 1);
  }
}

TEST_F(ExchangeTrafficTest, WhoDoesNotAnnounceAnAddressSpoofsIt) {
  add(mac_of(kA), mac_of(kB), "udp 10.1.2.3:1 -> 20.0.0.1:2");
  add(mac_of(kA), mac_of(kB), "udp 20.1.2.3:1 -> 20.0.0.1:2");  // B's
  add(mac_of(kA), mac_of(kB), "udp 30.1.2.3:1 -> 20.0.0.1:2");
  add(mac_of(kA), mac_of(kB), "udp 30.1.2.4:1 -> 20.0.0.1:2");
  add(mac_of(kA), mac_of(kB), "udp [2001:db8::1]:1 -> [2001:db9::1]:2");
  add(mac_of(kA), mac_of(kB), "udp [2001:db9::1]:1 -> [2001:db9::2]:2");
  add(mac_of(kA), mac_of(kB), "udp [fe80::1]:1 -> [2001:db9::2]:2");
  // On the peering LAN, a member has its own address.
  add(mac_of(kA), mac_of(kB), "udp 192.0.2.1:1 -> 192.0.2.2:2");
  add(mac_of(kA), mac_of(kB), "udp 192.0.2.2:1 -> 192.0.2.3:2");
  // Of who announces nothing, nothing is said; nor of strangers and the route server.
  add(mac_of(kC), mac_of(kB), "udp 30.1.2.3:1 -> 20.0.0.1:2");
  add(kStrangerMac, mac_of(kB), "udp 30.1.2.3:1 -> 20.0.0.1:2");
  add(kRouteServerMac, mac_of(kB), "udp 192.0.2.254:1 -> 192.0.2.2:2");
  EXPECT_EQ(rows(TrafficView::kSpoofed), (Rows{{"A 20.1.2.0/24", kN},
                                               {"A 30.1.2.0/24", 2 * kN},
                                               {"A 2001:db9::/48", kN},
                                               {"A 192.0.2.0/24", kN}}));
  EXPECT_TRUE(rows(TrafficView::kBogons).empty());
  EXPECT_EQ(rows(TrafficView::kUnknown), (Rows{{"080000000099 7", kN}}));
}

TEST_F(ExchangeTrafficTest, BogonsAreWhatIsSaidToBe) {
  Exchange exchange = three_members();
  exchange.is_bogon = [](const net::IpAddress& address) {
    return net::Prefix::parse("192.0.0.0/16")->contains(address);
  };
  members_ = Members(std::move(exchange));
  add(mac_of(kC), mac_of(kB), "udp 192.0.3.1:1 -> 20.0.0.1:2");
  add(mac_of(kC), mac_of(kB), "udp 192.0.2.3:1 -> 20.0.0.1:2");  // of the LAN
  add(mac_of(kC), mac_of(kB), "udp 10.0.2.3:1 -> 20.0.0.1:2");
  EXPECT_EQ(rows(TrafficView::kBogons), (Rows{{"C 192.0.3.0/24", kN}}));
}

TEST_F(ExchangeTrafficTest, SessionsThatAreNotTheRouteServersShow) {
  add(mac_of(kA), mac_of(kB), "tcp 192.0.2.1:40000 -> 192.0.2.2:179");
  add(mac_of(kB), mac_of(kA), "tcp 192.0.2.2:179 -> 192.0.2.1:40000");
  add(mac_of(kC), kStrangerMac, "tcp 192.0.2.3:179 -> 192.0.2.9:40000");
  add(mac_of(kA), kRouteServerMac, "tcp 192.0.2.1:40000 -> 192.0.2.254:179");
  add(kRouteServerMac, mac_of(kA), "tcp 192.0.2.254:179 -> 192.0.2.1:40000");
  add(mac_of(kA), mac_of(kB), "udp 192.0.2.1:179 -> 192.0.2.2:179");
  add(mac_of(kA), mac_of(kB), "tcp 192.0.2.1:40000 -> 192.0.2.2:80");
  EXPECT_EQ(rows(TrafficView::kBgp), (Rows{{"A B", 2 * kN}, {"080000000099 C", kN}}));
}

TEST_F(ExchangeTrafficTest, FloodingIsUnicastThatGoesToMany) {
  constexpr const char* kPacket = "udp 10.0.0.1:1 -> 20.0.0.1:2";
  const sflow::Interface several{2, 5};
  add(mac_of(kA), mac_of(kB), kPacket);
  add(mac_of(kA), mac_of(kB), kPacket, several);
  add(mac_of(kA), kStrangerMac, kPacket, several);
  add(mac_of(kA), kStrangerMac, kPacket);
  add(mac_of(kA), kStrangerMac, kPacket, {1, 256});                          // discarded
  add(mac_of(kA), kStrangerMac, kPacket, {0, sflow::Interface::kInternal});  // for the controller
  add(mac_of(kA), net::MacAddress::broadcast(), kPacket, several);
  EXPECT_EQ(
      rows(TrafficView::kFlooding),
      (Rows{{"A B copied", kN}, {"A 080000000099 copied", kN}, {"A 080000000099 unknown", kN}}));
  EXPECT_EQ(
      rows(TrafficView::kMatrix),
      (Rows{
          {"A B", 2 * kN}, {"A 080000000099", 3 * kN}, {"A discarded", kN}, {"A broadcast", kN}}));
}

// What one of several switches says of a frame that another one may have next.
TEST_F(ExchangeTrafficTest, AFrameThatGoesOnIsNeitherDiscardedNorFlooded) {
  for (const sflow::Interface& output : {sflow::Interface{1, 256}, sflow::Interface{0, 49}}) {
    for (const auto& to : {mac_of(kB), kStrangerMac}) {
      Sampled sampled(frame_between(mac_of(kA), to, "udp 10.0.0.1:1 -> 20.0.0.1:2"));
      sampled.sample().output = output;
      traffic_.add(members_, &table_, sampled.sample(), seconds(1), {.is_unknown = true});
    }
  }
  EXPECT_EQ(rows(TrafficView::kMatrix), (Rows{{"A B", 2 * kN}, {"A 080000000099", 2 * kN}}));
  EXPECT_TRUE(rows(TrafficView::kFlooding).empty());
}

TEST_F(ExchangeTrafficTest, LinkProbesAreNobodysTraffic) {
  Exchange exchange = three_members();
  exchange.prober = kStrangerMac;
  members_ = Members(std::move(exchange));
  add(kStrangerMac, mac_of(kB), "udp 10.0.0.1:1 -> 20.0.0.1:2");
  for (const auto view : {TrafficView::kMatrix, TrafficView::kSizes, TrafficView::kUnknown}) {
    EXPECT_TRUE(rows(view).empty());
  }
}

TEST_F(ExchangeTrafficTest, FramesThatArePolicysAreWhoseTheirPortIs) {
  Sampled sampled(frame_between(mac_of(kA), kStrangerMac, "udp 10.0.0.1:1 -> 20.0.0.1:2"));
  sampled.sample().agent = *members_.exchange().agent;
  sampled.sample().output = {0, 3};
  traffic_.add(members_, &table_, sampled.sample(), seconds(1));
  EXPECT_EQ(rows(TrafficView::kMatrix), (Rows{{"A C", kN}}));
  EXPECT_TRUE(rows(TrafficView::kFlooding).empty());
}

TEST_F(ExchangeTrafficTest, AFrameCountsOnceAsItComesIn) {
  Sampled sampled(frame_between(mac_of(kA), mac_of(kB), "udp 10.0.0.1:1 -> 20.0.0.1:2"));
  sampled.sample().source = {0, 9};
  sampled.sample().output = {0, 9};
  traffic_.add(members_, &table_, sampled.sample(), seconds(1));
  sampled.sample().source = {0, 7};
  sampled.sample().drop_reason = 1;
  traffic_.add(members_, &table_, sampled.sample(), seconds(1));
  EXPECT_TRUE(rows(TrafficView::kMatrix).empty());
}

TEST_F(ExchangeTrafficTest, KindsOfFramesShowAlsoBehindTags) {
  add(mac_of(kA), mac_of(kB), "udp [2001:db8::1]:1 -> [2001:db8::2]:2");
  const Octets tagged =
      sflow::octets({8, 0, 0, 0, 0, 2, 8, 0, 0, 0, 0, 1, 0x81, 0, 0, 5, 0x88, 0xcc, 1, 2, 3, 4});
  Sampled sampled(tagged);
  traffic_.add(members_, nullptr, sampled.sample(), seconds(1));
  Sampled headless(Octets{});
  traffic_.add(members_, nullptr, headless.sample(), seconds(1));
  EXPECT_EQ(rows(TrafficView::kEthertypes), (Rows{{"0x86dd A", kN}, {"0x88cc A", kN}}));
  EXPECT_EQ(rows(TrafficView::kMatrix), (Rows{{"A B", 2 * kN}, {"unknown unknown", kN}}));
}

}  // namespace
}  // namespace fabrix::telemetry
