// Attribute blocks that are kept, path identifiers, large messages and IPv6 next hops of IPv4
// routes: what update_encoder.h does beyond RFC 4271 and RFC 4760.
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "bgp/message_splitter.h"
#include "bgp/nlri.h"
#include "bgp/update_check.h"
#include "bgp/update_encoder.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

using Prefixes = std::vector<net::Prefix>;

constexpr EncodeOptions kAddPath{.add_path = true};
constexpr EncodeOptions kLarge{.max_message = kMaxExtendedMessageSize};
constexpr EncodeOptions kIpv6NextHops{.ipv4_over_ipv6_next_hop = true};

PathAttributes simple_attributes() {
  PathAttributes attributes;
  attributes.as_path.prepend(net::Asn{64500}, 1);
  return attributes;
}

Bytes block_of(const PathAttributes& attributes, AsnWidth width = AsnWidth::kFourOctets) {
  ByteWriter out;
  encode_attributes(attributes, {.asn_width = width}, out);
  return out.take();
}

Result<Bytes, EncodeError> packed(std::string_view next_hop_text, const NlriList& routes,
                                  const EncodeOptions& options,
                                  const PathAttributes& attributes = simple_attributes()) {
  ByteWriter out;
  const auto done =
      pack_announcement(block_of(attributes), address(next_hop_text), routes, options, out);
  if (!done) {
    EXPECT_EQ(out.size(), 0U);
    return fail(done.error());
  }
  return out.take();
}

Bytes update(const Bytes& body) {
  return encode_message(MessageType::kUpdate, body);
}

std::vector<Message> split(std::span<const std::byte> messages, std::size_t max_size) {
  std::vector<Message> result;
  MessageSplitter splitter;
  splitter.set_max_size(max_size);
  while (!messages.empty()) {
    const auto next = splitter.next(messages);
    if (!next || !*next) return {};
    result.push_back(**next);
  }
  return result;
}

Prefixes many(net::Family family, std::size_t count) {
  Prefixes result;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::array<std::uint8_t, 3> octets{static_cast<std::uint8_t>(i >> 16U),
                                             static_cast<std::uint8_t>(i >> 8U),
                                             static_cast<std::uint8_t>(i)};
    const auto where = family == net::Family::kIpv4
                           ? net::IpAddress::v4({10, octets[0], octets[1], octets[2]})
                           : net::IpAddress::v6({0x20, 1, octets[0], octets[1], octets[2]});
    result.push_back(*net::Prefix::containing(where, family == net::Family::kIpv4 ? 32 : 40));
  }
  return result;
}

TEST(UpdatePackTest, KeptBlocksGiveTheSameMessages) {
  PathAttributes attributes = simple_attributes();
  attributes.as_path.prepend(net::Asn{64501}, 100);  // AS_PATH with an extended length
  attributes.med = 5;
  attributes.communities = {community(64500, 1)};
  for (const auto family : {net::Family::kIpv4, net::Family::kIpv6}) {
    const auto hop = address(family == net::Family::kIpv4 ? "192.0.2.1" : "2001:db8::1");
    const Prefixes routes = many(family, 2000);
    ByteWriter at_once;
    ASSERT_TRUE(encode_announcement(attributes, hop, routes, AsnWidth::kFourOctets, at_once));
    ByteWriter from_block;
    ASSERT_TRUE(pack_announcement(block_of(attributes), hop, {.prefixes = routes}, {}, from_block));
    EXPECT_EQ(from_block.take(), at_once.take());
  }
}

TEST(UpdatePackTest, ACopyWithAnotherNextHopIsWhatPackingWouldGive) {
  PathAttributes extended = simple_attributes();
  extended.as_path.prepend(net::Asn{64501}, 100);  // AS_PATH with an extended length
  struct Case {
    net::Family family;
    std::string_view written;
    std::string_view wanted;
  };
  const std::array cases{Case{net::Family::kIpv4, "192.0.2.1", "198.51.100.77"},
                         Case{net::Family::kIpv4, "2001:db8::1", "2001:db8:7::5"},
                         Case{net::Family::kIpv6, "2001:db8::1", "2001:db8:7::5"}};
  for (const auto& [family, written, wanted] : cases) {
    for (const PathAttributes& attributes : {simple_attributes(), extended}) {
      for (const std::size_t count : {1U, 60U, 3000U}) {  // short and extended lengths, messages
        const Prefixes routes = many(family, count);
        const auto one = packed(written, {.prefixes = routes}, kIpv6NextHops, attributes).value();
        ByteWriter copy;
        copy_announcement(one, block_of(attributes), address(wanted), copy);
        EXPECT_EQ(copy.take(),
                  packed(wanted, {.prefixes = routes}, kIpv6NextHops, attributes).value());
      }
    }
  }
}

TEST(UpdatePackTest, Rfc7911_3_APathIdentifierStandsInFrontOfEachPrefix) {
  const Prefixes ipv4{prefix("198.51.100.0/24"), prefix("0.0.0.0/0")};
  const std::vector<std::uint32_t> ids{1, 0xfeedf00d};
  EXPECT_EQ(packed("192.0.2.1", {.prefixes = ipv4, .path_ids = ids}, kAddPath).value(),
            update(update_body({}, mandatory(),
                               bytes({0, 0, 0, 1, 24, 198, 51, 100, 0xfe, 0xed, 0xf0, 0x0d, 0}))));

  const Prefixes ipv6{prefix("2001:db8:1::/48")};
  const Bytes reach = attribute(
      0x80, 14,
      join({bytes({0, 2, 1, 16, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}),
            bytes({0, 0, 0, 9, 48, 0x20, 1, 0x0d, 0xb8, 0, 1})}));
  EXPECT_EQ(packed("2001:db8::1", {.prefixes = ipv6, .path_ids = std::array<std::uint32_t, 1>{9}},
                   kAddPath)
                .value(),
            update(update_body({}, join({reach, origin(), as_path()}), {})));
}

TEST(UpdatePackTest, Rfc7911_5_WithdrawalsNameThePath) {
  ByteWriter out;
  const Prefixes ipv4{prefix("198.51.100.0/24")};
  const std::array<std::uint32_t, 1> ids{7};
  encode_withdrawal(net::Family::kIpv4, {.prefixes = ipv4, .path_ids = ids}, kAddPath, out);
  EXPECT_EQ(out.take(), update(update_body(bytes({0, 0, 0, 7, 24, 198, 51, 100}), {}, {})));

  const Prefixes ipv6{prefix("2001:db8::/32")};
  encode_withdrawal(net::Family::kIpv6, {.prefixes = ipv6, .path_ids = ids}, kAddPath, out);
  const Bytes unreach = attribute(0x80, 15, bytes({0, 2, 1, 0, 0, 0, 7, 32, 0x20, 1, 0x0d, 0xb8}));
  EXPECT_EQ(out.take(), update(update_body({}, unreach, {})));
}

TEST(UpdatePackTest, Rfc7911_3_WithoutIdentifiersTheyAreZeroAndUnaskedForTheyAreAbsent) {
  const Prefixes routes{prefix("198.51.100.0/24")};
  const std::array<std::uint32_t, 1> ids{7};
  EXPECT_EQ(packed("192.0.2.1", {.prefixes = routes}, kAddPath).value(),
            update(update_body({}, mandatory(), bytes({0, 0, 0, 0, 24, 198, 51, 100}))));
  EXPECT_EQ(packed("192.0.2.1", {.prefixes = routes, .path_ids = ids}, {}).value(),
            update(update_body({}, mandatory(), nlri())));
}

TEST(UpdatePackTest, Rfc8950_3_Ipv4RoutesMayHaveAnIpv6NextHop) {
  const Prefixes routes{prefix("198.51.100.0/24")};
  const Bytes reach =
      attribute(0x80, 14, bytes({0, 1, 1, 16, 0x20, 1, 0x0d, 0xb8, 0,  0,   0,  0,  0,
                                 0, 0, 0, 0,  0,    0, 1,    0,    24, 198, 51, 100}));
  const auto messages = packed("2001:db8::1", {.prefixes = routes}, kIpv6NextHops);
  ASSERT_TRUE(messages);
  EXPECT_EQ(*messages, update(update_body({}, join({reach, origin(), as_path()}), {})));

  const auto read =
      decode_update(std::span(*messages).subspan(kHeaderSize), {.ipv4_over_ipv6_next_hop = true});
  ASSERT_TRUE(read);
  ASSERT_EQ(read->announced.size(), 1U);
  EXPECT_EQ(read->announced[0], (Announcement{net::Family::kIpv4, address("2001:db8::1"), routes}));
}

TEST(UpdatePackTest, Rfc8950_4_NotToAPeerThatDoesNotKnowIt) {
  const Prefixes routes{prefix("198.51.100.0/24")};
  EXPECT_EQ(packed("2001:db8::1", {.prefixes = routes}, {}).error(),
            EncodeError::kNextHopNotSayable);
}

TEST(UpdatePackTest, Rfc8654_4_LargeMessagesAreFilled) {
  for (const auto family : {net::Family::kIpv4, net::Family::kIpv6}) {
    const Prefixes routes = many(family, 40000);
    const auto messages = packed(family == net::Family::kIpv4 ? "192.0.2.1" : "2001:db8::1",
                                 {.prefixes = routes}, kLarge);
    ASSERT_TRUE(messages);
    const std::vector<Message> parts = split(*messages, kMaxExtendedMessageSize);
    ASSERT_EQ(parts.size(), 4U);  // 5 and 6 octets each
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      EXPECT_GT(parts[i].body.size() + kHeaderSize, kMaxExtendedMessageSize - 6);
    }
    UpdateMessage wanted;
    wanted.attributes = std::make_shared<const PathAttributes>(simple_attributes());
    wanted.announced = {{family, decode_update(parts[0].body, {})->announced[0].next_hop, routes}};
    EXPECT_TRUE(says_exactly(*messages, wanted, kLarge));
  }
}

TEST(UpdatePackTest, Rfc8654_4_AttributesThatFitOnlyALargeMessageAreReported) {
  PathAttributes attributes = simple_attributes();
  for (std::uint16_t i = 0; i < 1100; ++i) attributes.communities.push_back(community(1, i));
  const Prefixes routes{prefix("198.51.100.0/24")};
  EXPECT_EQ(packed("192.0.2.1", {.prefixes = routes}, {}, attributes).error(),
            EncodeError::kAttributesTooLarge);
  EXPECT_TRUE(packed("192.0.2.1", {.prefixes = routes}, kLarge, attributes));
}

TEST(UpdatePackTest, PathIdentifiersCountForTheSize) {
  const Prefixes routes = many(net::Family::kIpv4, 1500);
  const std::vector<std::uint32_t> ids(routes.size(), 5);
  const auto messages = packed("192.0.2.1", {.prefixes = routes, .path_ids = ids}, kAddPath);
  ASSERT_TRUE(messages);
  const std::vector<Message> parts = split(*messages, kMaxMessageSize);
  ASSERT_EQ(parts.size(), 4U);  // 9 octets each
  EXPECT_GT(parts[0].body.size() + kHeaderSize, kMaxMessageSize - 9);
}

// The prefixes of a message with path identifiers, which Fabrix itself does not read.
Prefixes without_ids(std::span<const std::byte> nlri_octets, net::Family family,
                     std::vector<std::uint32_t>& ids) {
  Prefixes result;
  while (nlri_octets.size() >= 5) {
    std::uint32_t id = 0;
    for (const std::byte octet : nlri_octets.first(4)) {
      id = id << 8U | std::to_integer<std::uint32_t>(octet);
    }
    ids.push_back(id);
    const std::size_t size = 1 + (std::to_integer<std::size_t>(nlri_octets[4]) + 7) / 8;
    const auto one = decode_nlri(nlri_octets.subspan(4, size), family);
    if (!one || one->size() != 1) return {};
    result.push_back(one->front());
    nlri_octets = nlri_octets.subspan(4 + size);
  }
  return result;
}

TEST(UpdatePackTest, RandomPathsArriveInOrder) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 50; ++round) {
    Prefixes routes = many(net::Family::kIpv4, random() % 3000 + 1);
    std::vector<std::uint32_t> ids(routes.size());
    for (std::size_t i = 0; i < routes.size(); ++i) {
      ids[i] = static_cast<std::uint32_t>(random());
      const auto length = static_cast<unsigned>(random() % 33);
      routes[i] = *net::Prefix::containing(routes[i].address(), length);
    }
    const EncodeOptions options{.max_message = 4096 + random() % 61440, .add_path = true};
    const auto messages = packed("192.0.2.1", {.prefixes = routes, .path_ids = ids}, options);
    ASSERT_TRUE(messages);
    Prefixes read;
    std::vector<std::uint32_t> read_ids;
    for (const Message& part : split(*messages, options.max_message)) {
      const Prefixes more =
          without_ids(part.body.subspan(4 + mandatory().size()), net::Family::kIpv4, read_ids);
      read.insert(read.end(), more.begin(), more.end());
    }
    EXPECT_EQ(read, routes);
    EXPECT_EQ(read_ids, ids);
  }
}

}  // namespace
}  // namespace fabrix::bgp
