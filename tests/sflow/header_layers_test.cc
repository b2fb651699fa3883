#include "sflow/header_layers.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"
#include "tests/sflow/frames.h"

namespace fabrix::sflow {
namespace {

HeaderLayers lazy_layers_of(Bytes frame) {
  return {static_cast<std::uint32_t>(HeaderProtocol::kEthernet), frame};
}

// All of them found, so that the frame may go.
HeaderLayers layers_of(Bytes frame) {
  const HeaderLayers layers = lazy_layers_of(frame);
  static_cast<void>(layers.layers());
  return layers;
}

std::string stack_of(const Octets& frame) {
  return layers_of(frame).stack();
}

TEST(HeaderLayers, NamesTheStackOfCommonPackets) {
  EXPECT_EQ(stack_of(frame("tcp 192.0.2.1:1 -> 192.0.2.2:80")), "eth.ip.tcp");
  EXPECT_EQ(stack_of(frame("udp [2001:db8::1]:1 -> [2001:db8::2]:9")), "eth.ip6.udp");
  EXPECT_EQ(stack_of(frame("icmp 192.0.2.1 -> 192.0.2.2")), "eth.ip.icmp");
  EXPECT_EQ(stack_of(frame("icmp6 2001:db8::1 -> 2001:db8::2")), "eth.ip6.icmp6");
  EXPECT_EQ(stack_of(frame("sctp 192.0.2.1:1 -> 192.0.2.2:2")), "eth.ip.sctp");
  EXPECT_EQ(stack_of(frame("ip 89 192.0.2.1 -> 192.0.2.2")), "eth.ip");
  EXPECT_EQ(stack_of(net::build_arp_request(net::MacAddress(), net::IpAddress::v4({192, 0, 2, 1}),
                                            net::IpAddress::v4({192, 0, 2, 2}))),
            "eth.arp");
  EXPECT_EQ(stack_of(ethernet(0x88cc) + octets({1, 2, 3})), "eth");
}

TEST(HeaderLayers, FindsWhatIsUnderVlanTagsAndSnap) {
  const Octets inside = ipv4(6, 20) + Octets(20);
  const auto stacked = ethernet(0x88a8) + octets({0x20, 7, 0x81, 0, 0, 9, 8, 0}) + inside;
  const auto layers = layers_of(stacked);
  EXPECT_EQ(layers.stack(), "eth.8021q.8021q.ip.tcp");
  EXPECT_EQ(layers.find(LayerKind::kEthernet)->detail, 0x0800);
  EXPECT_EQ(layers.find(LayerKind::kVlan, 1)->offset, 18);
  const auto snap = ethernet(48) + octets({0xaa, 0xaa, 3, 0, 0, 0, 8, 0}) + inside;
  EXPECT_EQ(stack_of(snap), "eth.ip.tcp");
  EXPECT_EQ(stack_of(ethernet(48) + octets({0x42, 0x42, 3, 0, 0, 0, 8, 0}) + inside), "eth");
}

// It goes no further than it is asked, and the order of questions does not matter.
TEST(HeaderLayers, FindsTheSameInAnyOrder) {
  const Octets packet = vxlan(5, frame("tcp [2001:db8::1]:1 -> [2001:db8::2]:80"));
  const auto whole = layers_of(packet);
  const auto expected = std::vector(whole.layers().begin(), whole.layers().end());
  ASSERT_EQ(expected.size(), 7U);
  for (std::size_t first = 0; first < expected.size(); ++first) {
    const auto layers = lazy_layers_of(packet);
    for (std::size_t n = 0; n < expected.size(); ++n) {
      const Layer& layer = expected[(first + n) % expected.size()];
      const unsigned nth = layer.kind == LayerKind::kEthernet && layer.offset > 0 ? 1 : 0;
      ASSERT_NE(layers.find(layer.kind, nth), nullptr);
      EXPECT_EQ(layers.find(layer.kind, nth)->offset, layer.offset);
    }
    EXPECT_EQ(layers.find(LayerKind::kIpv4, 1), nullptr);
    EXPECT_EQ(layers.stack(), whole.stack());
  }
}

TEST(HeaderLayers, KnowsTheFirstIpHeaderOfEitherFamily) {
  const Octets tunnel = vxlan(5, frame("tcp [2001:db8::1]:1 -> [2001:db8::2]:80"));
  for (const bool has_all : {false, true}) {
    const auto layers = has_all ? layers_of(tunnel) : lazy_layers_of(tunnel);
    ASSERT_NE(layers.first_ip(), nullptr);
    EXPECT_EQ(layers.first_ip()->kind, LayerKind::kIpv4);
    EXPECT_EQ(layers.first_ip()->offset, 14U);
  }
  const Octets six = frame("tcp [2001:db8::1]:1 -> [2001:db8::2]:80");
  EXPECT_EQ(lazy_layers_of(six).first_ip()->kind, LayerKind::kIpv6);
  EXPECT_EQ(lazy_layers_of(octets({1, 2, 3})).first_ip(), nullptr);
}

TEST(HeaderLayers, FindsWhatIsInTunnels) {
  const Octets inner = frame("tcp [2001:db8::1]:1 -> [2001:db8::2]:80");
  const auto layers = layers_of(vxlan(5, inner));
  EXPECT_EQ(layers.stack(), "eth.ip.udp.vxlan.eth.ip6.tcp");
  EXPECT_EQ(layers.find(LayerKind::kEthernet, 1)->offset, 50);

  const Octets gre = octets({0x20, 0, 0x65, 0x58, 0, 0, 7, 0}) + inner;  // NVGRE: a key
  EXPECT_EQ(stack_of(ethernet(0x0800) + ipv4(47, gre.size()) + gre), "eth.ip.gre.eth.ip6.tcp");
  const Octets plain = octets({0, 0, 0x08, 0}) + (ipv4(1, 8) + Octets(8));
  EXPECT_EQ(stack_of(ethernet(0x0800) + ipv4(47, plain.size()) + plain), "eth.ip.gre.ip.icmp");

  const Octets options = octets({2, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8}) + inner;
  const Octets geneve = udp(50000, 6081, options);
  EXPECT_EQ(stack_of(ethernet(0x0800) + ipv4(17, geneve.size()) + geneve),
            "eth.ip.udp.geneve.eth.ip6.tcp");

  const Octets nested = ipv6(6, 20) + Octets(20);
  EXPECT_EQ(stack_of(ethernet(0x0800) + ipv4(41, nested.size()) + nested), "eth.ip.ip6.tcp");
  const Octets four = ipv4(17, 8) + udp(1, 2, {});
  EXPECT_EQ(stack_of(ethernet(0x86dd) + ipv6(4, four.size()) + four), "eth.ip6.ip.udp");
}

TEST(HeaderLayers, FindsWhatIsUnderLabelsAndPppoe) {
  const Octets labels = octets({0, 1, 0, 64, 0, 2, 1, 64});
  EXPECT_EQ(stack_of(ethernet(0x8847) + labels + (ipv4(6, 20) + Octets(20))),
            "eth.mpls.mpls.ip.tcp");
  EXPECT_EQ(stack_of(ethernet(0x8847) + labels + octets({0, 0, 0, 0}) +
                     frame("udp 192.0.2.1:1 -> 192.0.2.2:2")),
            "eth.mpls.mpls.eth.ip.udp");
  EXPECT_EQ(stack_of(ethernet(0x8864) + octets({0x11, 0, 0, 1, 0, 30, 0, 0x21}) +
                     (ipv4(6, 20) + Octets(20))),
            "eth.pppoe.ip.tcp");
}

TEST(HeaderLayers, FindsDnsOverUdpAndTcp) {
  const Octets message(12);
  EXPECT_EQ(stack_of(frame("udp 192.0.2.1:5353 -> 192.0.2.2:53", message)), "eth.ip.udp.dns");
  EXPECT_EQ(stack_of(frame("udp 192.0.2.1:53 -> 192.0.2.2:5000", message)), "eth.ip.udp.dns");
  EXPECT_EQ(stack_of(frame("tcp 192.0.2.1:53 -> 192.0.2.2:5000", Octets(14))), "eth.ip.tcp.dns");
  EXPECT_EQ(stack_of(frame("tcp 192.0.2.1:53 -> 192.0.2.2:5000")), "eth.ip.tcp");
}

TEST(HeaderLayers, PassesIpv6ExtensionHeaders) {
  const Octets tcp(20);
  const Octets hop = octets({60, 0, 1, 4, 0, 0, 0, 0}) + octets({51, 0, 1, 4, 0, 0, 0, 0}) +
                     octets({44, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}) +
                     octets({6, 0, 0, 1, 0, 0, 0, 9}) + tcp;
  const auto layers = layers_of(ethernet(0x86dd) + ipv6(0, hop.size()) + hop);
  EXPECT_EQ(layers.stack(), "eth.ip6.tcp");
  EXPECT_EQ(layers.find(LayerKind::kIpv6)->detail, 6);
  EXPECT_NE(layers.find(LayerKind::kIpv6Fragment), nullptr);
  const Octets later = octets({6, 0, 0, 8, 0, 0, 0, 9}) + tcp;
  EXPECT_EQ(stack_of(ethernet(0x86dd) + ipv6(44, later.size()) + later), "eth.ip6");
  // RFC 8200 has no limit; we have.
  Octets chain;
  for (int i = 0; i < 9; ++i) chain = chain + octets({60, 0, 1, 4, 0, 0, 0, 0});
  EXPECT_EQ(stack_of(ethernet(0x86dd) + ipv6(60, chain.size()) + chain), "eth.ip6");
}

TEST(HeaderLayers, LaterFragmentsAndPaddingHaveNoTransport) {
  Octets later = frame("tcp 192.0.2.1:1 -> 192.0.2.2:80");
  later[14 + 7] = std::byte{1};
  EXPECT_EQ(stack_of(later), "eth.ip");
  EXPECT_EQ(stack_of(ethernet(0x0800) + ipv4(6, 0) + Octets(26)), "eth.ip");
}

TEST(HeaderLayers, BeginsWithWhatTheAgentSays) {
  const Octets packet = ipv4(6, 20) + Octets(20);
  EXPECT_EQ(HeaderLayers(11, packet).stack(), "ip.tcp");
  EXPECT_EQ(HeaderLayers(12, ipv6(17, 8) + udp(1, 2, {})).stack(), "ip6.udp");
  EXPECT_EQ(HeaderLayers(7, octets({0xff, 3, 0, 0x21}) + packet).stack(), "ip.tcp");
  EXPECT_EQ(HeaderLayers(13, octets({0, 2, 1, 64}) + packet).stack(), "mpls.ip.tcp");
  EXPECT_EQ(HeaderLayers(15, packet).stack(), "");
}

TEST(HeaderLayers, IsBounded) {
  Octets tags = ethernet(0x8100);
  for (int i = 0; i < 100; ++i) tags = tags + octets({0, 1, 0x81, 0});
  EXPECT_EQ(layers_of(tags).layers().size(), HeaderLayers::kMaxLayers);
  EXPECT_LE(layers_of(tags).header().size(), tags.size());
  Octets labels = ethernet(0x8847);
  for (int i = 0; i < 100; ++i) labels = labels + octets({0, 1, 0, 1});
  EXPECT_EQ(layers_of(labels).layers().size(), HeaderLayers::kMaxLayers);
  Octets nested = Octets(20);
  for (int i = 0; i < 40; ++i) nested = ipv4(4, nested.size()) + nested;
  EXPECT_EQ(HeaderLayers(11, nested).layers().size(), HeaderLayers::kMaxLayers);
}

struct Stacked {
  std::uint32_t protocol;
  Octets header;
  const char* stack;
};

// What is not whole, or of a version that nobody knows, is no layer, and nothing is looked for in
// it.
TEST(HeaderLayers, StopsAtWhatItCannotRead) {
  const Octets tcp = ipv4(6, 20) + Octets(20);
  const Octets inner = frame("tcp [2001:db8::1]:1 -> [2001:db8::2]:80");
  const auto in_ip = [](int protocol, const Octets& payload) {
    return ethernet(0x0800) + ipv4(protocol, payload.size()) + payload;
  };
  const std::vector<Stacked> cases{
      {1, ethernet(0x8100), "eth"},
      {1, ethernet(5) + octets({0xaa, 0xaa, 3}), "eth"},
      {1, ethernet(48) + octets({0xaa, 0xaa, 3, 0, 0, 1, 8, 0}) + tcp, "eth"},
      {1, ethernet(0x0806) + Octets(27), "eth"},
      {1, ethernet(0x8864) + Octets(5), "eth"},
      {1, in_ip(132, Octets(3)), "eth.ip"},
      {1, in_ip(1, Octets(1)), "eth.ip"},
      {1, ethernet(0x86dd) + ipv6(58, 1) + Octets(1), "eth.ip6"},
      {1, in_ip(6, octets({0, 53, 0, 1}) + Octets(15)), "eth.ip.tcp"},
      {1, in_ip(17, udp(1, 4789, Octets(7))), "eth.ip.udp"},
      {1, in_ip(17, udp(1, 4789, Octets(8) + inner)), "eth.ip.udp"},
      {1, in_ip(17, udp(1, 6081, Octets(7))), "eth.ip.udp"},
      {1, in_ip(17, udp(1, 6081, octets({0x40, 0, 0x65, 0x58, 0, 0, 0, 0}) + inner)), "eth.ip.udp"},
      {1, in_ip(17, udp(1, 6081, octets({1, 0, 0x65, 0x58, 0, 0, 0, 0}))), "eth.ip.udp.geneve"},
      {1, in_ip(47, Octets(3)), "eth.ip"},
      {1, in_ip(47, octets({0, 1, 8, 0}) + tcp), "eth.ip"},
      {1, in_ip(47, octets({0x20, 0, 8, 0})), "eth.ip.gre"},
      {7, octets({0}), ""},
      {7, octets({0xc0, 0x21}), ""},
      {13, octets({0, 2, 1}), ""},
      {13, octets({0, 2, 1, 64}), "mpls"},
      {13, octets({0, 2, 1, 64, 0x50}), "mpls"},
      {13, octets({0, 2, 1, 64, 0, 0, 0}), "mpls"}};
  for (const Stacked& each : cases) {
    EXPECT_EQ(HeaderLayers(each.protocol, each.header).stack(), each.stack) << &each - cases.data();
  }
}

TEST(HeaderLayers, KnowsOtherNumbersOfTheSameThings) {
  const Octets tcp = ipv4(6, 20) + Octets(20);
  const Octets six = ipv6(17, 8) + udp(1, 2, {});
  EXPECT_EQ(stack_of(ethernet(0x9100) + octets({0, 1, 8, 0}) + tcp), "eth.8021q.ip.tcp");
  EXPECT_EQ(stack_of(ethernet(0x8848) + octets({0, 1, 1, 64}) + tcp), "eth.mpls.ip.tcp");
  EXPECT_EQ(HeaderLayers(7, octets({0, 0x57}) + six).stack(), "ip6.udp");
  EXPECT_EQ(HeaderLayers(7, octets({2, 0x81, 0, 1, 1, 64}) + tcp).stack(), "mpls.ip.tcp");
  EXPECT_EQ(HeaderLayers(13, octets({0, 1, 1, 64}) + six).stack(), "mpls.ip6.udp");
  EXPECT_EQ(stack_of(frame("tcp 192.0.2.1:5000 -> 192.0.2.2:53", Octets(14))), "eth.ip.tcp.dns");
  const Octets tunnel = udp(1, 8472, octets({8, 0, 0, 0, 0, 0, 5, 0}) + ethernet(0x88cc));
  EXPECT_EQ(stack_of(ethernet(0x0800) + ipv4(17, tunnel.size()) + tunnel), "eth.ip.udp.vxlan.eth");
}

// An Ethernet header and so many tags, the last of which says the type.
Octets tagged(int tags, int type) {
  Octets result = ethernet(tags == 0 ? type : 0x8100);
  for (int left = tags - 1; left >= 0; --left) {
    const int next = left == 0 ? type : 0x8100;
    result = result + octets({0, 1, next >> 8, next & 0xff});
  }
  return result;
}

// Whatever comes last.
TEST(HeaderLayers, HasNoLayerBeyondTheLast) {
  constexpr int kLast = HeaderLayers::kMaxLayers;
  const Octets dns = frame("udp 192.0.2.1:1 -> 192.0.2.2:53", Octets(12));
  const Octets dns_tcp = frame("tcp 192.0.2.1:1 -> 192.0.2.2:53", Octets(14));
  const Octets extended = ipv6(60, 28) + octets({6, 0, 1, 4, 0, 0, 0, 0}) + Octets(20);
  const std::vector<Octets> frames{tagged(kLast - 3, 0x0800) + Bytes(dns).subspan(14),
                                   tagged(kLast - 3, 0x0800) + Bytes(dns_tcp).subspan(14),
                                   tagged(kLast - 2, 0x86dd) + extended};
  for (const Octets& each : frames) {
    const auto layers = layers_of(each);
    EXPECT_EQ(layers.layers().size(), HeaderLayers::kMaxLayers);
    EXPECT_NE(layers.layers().back().kind, LayerKind::kDns);
  }
}

// However little is there, every layer lies within it; and what is there does not depend on what
// would follow.
TEST(HeaderLayers, EveryTruncationHasABeginningOfTheStack) {
  const Octets whole = vxlan(5, frame("udp [2001:db8::1]:1 -> [2001:db8::2]:53", Octets(12)));
  const std::string stack = stack_of(whole);
  EXPECT_EQ(stack, "eth.ip.udp.vxlan.eth.ip6.udp.dns");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto layers = layers_of(Bytes(whole).first(size));
    EXPECT_TRUE(stack.starts_with(layers.stack())) << size;
    for (const Layer& layer : layers.layers()) EXPECT_LT(layer.offset, size);
  }
}

// net::parse_frame() is another program by other means.
TEST(HeaderLayers, AgreesWithTheFramesOfTheFabric) {
  std::mt19937 random(20261121);  // NOLINT(cert-msc51-cpp): the same every time
  const std::vector<std::string> packets{"tcp 192.0.2.1:1 -> 192.0.2.2:80",
                                         "udp [2001:db8::1]:1 -> [2001:db8::2]:9",
                                         "icmp 192.0.2.1 -> 192.0.2.2",
                                         "icmp6 2001:db8::1 -> 2001:db8::2",
                                         "sctp [2001:db8::1]:7 -> [2001:db8::2]:2",
                                         "udp 192.0.2.9:1000 -> 192.0.2.8:2000"};
  for (int round = 0; round < 3000; ++round) {
    Octets octets = frame(packets[random() % packets.size()]);
    // Noise past the addresses of Ethernet.
    for (auto n = random() % 3; n > 0; --n) {
      octets[12 + random() % (octets.size() - 12)] = static_cast<std::byte>(random() & 0xffU);
    }
    const auto parsed = net::parse_frame(octets).value();
    const auto layers = layers_of(octets);
    const Layer* const tcp = layers.find(LayerKind::kTcp);
    const Layer* const udp = layers.find(LayerKind::kUdp);
    const Layer* const ports = tcp != nullptr ? tcp : udp;
    if (ports == nullptr || layers.layers().size() > 3) continue;
    SCOPED_TRACE(round);
    const bool whole = tcp == nullptr || octets.size() >= ports->offset + std::size_t{20};
    if (whole && parsed.src_port != 0) {
      EXPECT_EQ(load_u16(layers.octets(*ports).data()), parsed.src_port);
    }
  }
}

TEST(HeaderLayers, ReadsThePublicCapture) {
  const auto bytes = capture("goflow2_flows");
  const auto flow = read_flow_sample(samples_of(bytes)[0]).value();
  const auto header = read_sampled_header(all(flow.records())[1].body).value();
  const HeaderLayers layers(header.protocol, header.header);
  EXPECT_EQ(layers.stack(), "eth.8021q.ip.tcp");
  EXPECT_EQ(load_u16(layers.octets(LayerKind::kVlan).data()), 30);
  EXPECT_EQ(load_u16(layers.octets(LayerKind::kTcp).data()), 443);
}

}  // namespace
}  // namespace fabrix::sflow
