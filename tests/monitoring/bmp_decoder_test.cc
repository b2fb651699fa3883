#include "monitoring/bmp_decoder.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::session;

// One of every kind.
std::vector<BmpMessage> samples() {
  const BmpPeer peer = bmp_peer(session(1));
  BmpPeer out = bmp_peer(session(1, net::Family::kIpv6));
  out.view = RibView::kAdjRibOutPostPolicy;
  out.width = bgp::AsnWidth::kTwoOctets;
  const auto cease = bgp::cease(bgp::Cease::kAdministrativeShutdown, "bye");
  const Bytes update = bgp::encode_message(bgp::MessageType::kUpdate, bytes({0, 0, 0, 0}));
  PeerUp up = peer_up_message(session(2, net::Family::kIpv6));
  up.text = {"a", ""};
  StatisticsReport report{.peer = peer, .statistics = {}};
  for (std::uint16_t type = 0; type <= 17; ++type) {
    report.statistics.push_back({.type = static_cast<StatisticType>(type), .value = type});
  }
  return {Initiation{.description = "Fabrix", .name = "rs1", .text = {"x"}},
          Termination{.reason = TerminationReason::kPermanentlyClosed, .text = {"y"}},
          RouteMonitoring{.peer = peer, .update = update},
          RouteMonitoring{.peer = out, .update = update},
          report,
          PeerDown{.peer = peer, .reason = LocalNotification{cease}},
          PeerDown{.peer = peer, .reason = LocalEvent{9}},
          PeerDown{.peer = out, .reason = RemoteNotification{cease}},
          PeerDown{.peer = peer, .reason = RemoteClosed{}},
          PeerDown{.peer = peer, .reason = PeerDeconfigured{}},
          up,
          peer_up_message(session(1))};
}

Bytes encoded(const BmpMessage& message) {
  ByteWriter out;
  encode_bmp(message, out);
  return out.take();
}

Bytes message(int type, const Bytes& body) {
  return join({bytes({3, 0, 0, 0, static_cast<int>(6 + body.size()), type}), body});
}

TEST(BmpDecoder, ReadsWhatTheEncoderWrote) {
  Bytes stream;
  for (const BmpMessage& sample : samples()) stream = join({stream, encoded(sample)});
  const auto read = decode_bmp_stream(stream);
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(*read, samples());
}

TEST(BmpDecoder, SaysWhatIsWrong) {
  const Bytes down = encoded(PeerDown{.peer = bmp_peer(session(1)), .reason = RemoteClosed{}});
  const auto with = [&down](std::size_t at, int value) {
    Bytes result = down;
    result.at(at) = static_cast<std::byte>(value);
    return result;
  };
  const std::pair<Bytes, BmpError> cases[] = {
      {with(0, 2), BmpError::kBadVersion},
      {with(4, 5), BmpError::kBadLength},
      {with(1, 1), BmpError::kBadLength},
      {with(5, 6), BmpError::kUnknownType},
      {with(6, 1), BmpError::kBadPeerHeader},      // RD instance peer
      {with(7, 0x08), BmpError::kBadPeerHeader},   // reserved
      {with(15, 1), BmpError::kBadPeerHeader},     // distinguisher
      {with(16, 1), BmpError::kBadPeerHeader},     // padding of an IPv4 address
      {with(44, 0xff), BmpError::kBadPeerHeader},  // microseconds
      {with(48, 6), BmpError::kBadReason},
      {message(4, bytes({0, 1, 0, 0})), BmpError::kMissingTlv},
      {message(4, bytes({0, 1, 0, 9})), BmpError::kBadLength},
      {message(4, bytes({0, 3, 0, 0})), BmpError::kUnknownType},
      {message(5, {}), BmpError::kMissingTlv},
      {message(5, bytes({0, 1, 0, 2, 0, 5})), BmpError::kBadReason},
      {message(5, bytes({0, 1, 0, 1, 0})), BmpError::kBadReason},
      {message(5, bytes({0, 1, 0, 3, 0, 1, 0})), BmpError::kBadReason},
      {message(5, bytes({0, 1, 0, 2, 0, 1, 0, 1, 0, 2, 0, 1})), BmpError::kBadReason},
      {message(5, bytes({0, 2, 0, 0})), BmpError::kUnknownType}};
  for (const auto& [octets, error] : cases) {
    const auto read = decode_bmp(octets);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), error) << describe(read.error());
  }
}

TEST(BmpDecoder, AStreamEndsWithItsFirstBadMessage) {
  const Bytes good = encoded(samples().front());
  EXPECT_EQ(decode_bmp_stream(join({good, bytes({2, 0, 0, 0, 6, 4})})).error(),
            BmpError::kBadVersion);
  EXPECT_EQ(decode_bmp_stream(join({good, bytes({3, 0, 0})})).error(), BmpError::kBadLength);
  EXPECT_EQ(decode_bmp_stream(join({good, bytes({3, 0, 0, 0, 7, 4})})).error(),
            BmpError::kBadLength);
  EXPECT_EQ(decode_bmp_stream(join({good, message(9, {})})).error(), BmpError::kUnknownType);
  EXPECT_EQ(decode_bmp_stream({}).value().size(), 0U);
}

TEST(BmpDecoder, EveryErrorHasATextOfItsOwn) {
  std::set<std::string_view> texts;
  for (int error = 0; error <= static_cast<int>(BmpError::kMissingTlv); ++error) {
    texts.insert(describe(static_cast<BmpError>(error)));
  }
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(BmpError::kMissingTlv) + 1);
}

TEST(BmpDecoder, WantsTheBgpMessageThatBelongsThere) {
  const RouteMonitoring keepalive{.peer = bmp_peer(session(1)),
                                  .update = bgp::encode_message(bgp::MessageType::kKeepalive, {})};
  EXPECT_EQ(decode_bmp(encoded(keepalive)).error(), BmpError::kBadBgpMessage);
  RouteMonitoring longer{
      .peer = bmp_peer(session(1)),
      .update = bgp::encode_message(bgp::MessageType::kUpdate, bytes({0, 0, 0, 0}))};
  longer.update.push_back({});
  EXPECT_EQ(decode_bmp(encoded(longer)).error(), BmpError::kBadLength);
}

TEST(BmpDecoder, KnowsTheSizeOfAMessageFromItsHeader) {
  const Bytes octets = encoded(samples().front());
  EXPECT_EQ(bmp_message_size(std::span(octets).first(5)), std::nullopt);
  EXPECT_EQ(bmp_message_size(std::span(octets).first(6)), octets.size());
}

TEST(BmpDecoder, RejectsEveryTruncation) {
  for (const BmpMessage& sample : samples()) {
    const Bytes octets = encoded(sample);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      EXPECT_FALSE(decode_bmp(std::span(octets).first(size)));
      if (size < kBmpHeaderSize) continue;
      // The same, with a header that agrees.
      Bytes shorter(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
      shorter[3] = static_cast<std::byte>(size >> 8U);
      shorter[4] = static_cast<std::byte>(size & 0xffU);
      const auto read = decode_bmp(shorter);
      if (!read) continue;
      EXPECT_EQ(encoded(*read), shorter) << "optional TLVs may be missing";
    }
  }
}

TEST(BmpDecoder, SurvivesEveryValueOfEveryOctet) {
  for (const BmpMessage& sample : samples()) {
    Bytes octets = encoded(sample);
    for (std::byte& octet : octets) {
      const std::byte original = octet;
      for (int value = 0; value < 256; ++value) {
        octet = static_cast<std::byte>(value);
        std::ignore = decode_bmp(octets);
      }
      octet = original;
    }
  }
}

}  // namespace
}  // namespace fabrix::monitoring
