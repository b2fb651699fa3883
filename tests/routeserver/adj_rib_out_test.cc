#include "routeserver/adj_rib_out.h"

#include <map>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

const SessionInfo kSession{.bgp_identifier = 1,
                           .families = {.ipv4 = true, .ipv6 = true},
                           .asn_width = bgp::AsnWidth::kFourOctets};

bool hold_nothing(const net::Prefix&) {
  return false;
}

// The UPDATEs in a byte string.
std::vector<bgp::UpdateMessage> decode(std::span<const std::byte> bytes) {
  std::vector<bgp::UpdateMessage> updates;
  while (!bytes.empty()) {
    const auto header = bgp::decode_header(bytes.first<bgp::kHeaderSize>());
    EXPECT_TRUE(header);
    const auto body = bytes.subspan(bgp::kHeaderSize, header->body_size);
    updates.push_back(bgp::decode_update(body, {}).value());
    bytes = bytes.subspan(bgp::kHeaderSize + header->body_size);
  }
  return updates;
}

// What a client holds after hearing updates.
class Client {
 public:
  void hear(std::span<const std::byte> bytes) {
    for (const auto& update : decode(bytes)) {
      ++messages;
      for (const auto& gone : update.withdrawn) routes.erase(gone);
      for (const auto& announced : update.announced) {
        for (const auto& one : announced.prefixes) {
          routes.insert_or_assign(one, std::pair(announced.next_hop, *update.attributes));
        }
      }
      markers += update.end_of_rib.size();
    }
  }
  std::map<net::Prefix, std::pair<net::IpAddress, bgp::PathAttributes>> routes;
  std::size_t messages = 0;
  std::size_t markers = 0;
};

Advertisement advertisement(std::uint32_t med, std::string_view next_hop) {
  return {.attributes = std::make_shared<const bgp::PathAttributes>(
              bgp::PathAttributes{.as_path = path({100}), .med = med}),
          .next_hop = address(next_hop)};
}

TEST(AdjRibOutTest, TellsOnlyDifferencesAndPacksWhatSharesAttributes) {
  AdjRibOut out;
  Client client;
  const auto shared = advertisement(1, "172.0.0.1");
  std::vector<net::Prefix> prefixes;
  prefixes.reserve(200);
  for (int i = 0; i < 200; ++i) prefixes.push_back(prefix("10.0." + std::to_string(i) + ".0/24"));
  out.mark(prefixes);
  const auto wanted = [&](const net::Prefix&) { return std::optional(shared); };
  client.hear(out.pull(kSession, wanted, hold_nothing));
  EXPECT_EQ(client.routes.size(), 200U);
  EXPECT_EQ(client.messages, 1U);
  out.mark(prefixes);
  EXPECT_TRUE(out.pull(kSession, wanted, hold_nothing).empty());
  EXPECT_FALSE(out.has_work());
}

TEST(AdjRibOutTest, ManyUnchangedPrefixesDoNotHideAChangedOne) {
  std::vector<net::Prefix> all;
  for (std::uint32_t i = 0; i < 3 * AdjRibOut::kPullPrefixes; ++i) {
    const auto octet = [i](unsigned shift) { return static_cast<std::uint8_t>(i >> shift); };
    all.push_back(
        net::Prefix::containing(net::IpAddress::v4({150, octet(8), octet(0), 0}), 24).value());
  }
  const Advertisement same = advertisement(1, "172.0.0.11");
  AdjRibOut out;
  out.mark(all);
  while (out.has_work()) {
    out.pull(
        kSession, [&](const net::Prefix&) { return std::optional(same); }, hold_nothing);
  }
  const Advertisement other = advertisement(2, "172.0.0.11");
  Client client;
  out.mark(all);
  for (;;) {
    const auto updates = out.pull(
        kSession, [&](const net::Prefix& one) { return one == all[77] ? other : same; },
        hold_nothing);
    if (updates.empty()) break;
    client.hear(updates);
  }
  EXPECT_EQ(client.routes.size(), 1U);
  EXPECT_FALSE(out.has_work());
}

TEST(AdjRibOutTest, AHeldPrefixStaysDirty) {
  AdjRibOut out;
  const std::vector prefixes{prefix("10.0.0.0/24"), prefix("10.0.1.0/24")};
  out.mark(prefixes);
  Client client;
  const auto wanted = [](const net::Prefix&) {
    return std::optional(advertisement(1, "172.0.0.1"));
  };
  client.hear(
      out.pull(kSession, wanted, [&](const net::Prefix& one) { return one == prefixes[0]; }));
  EXPECT_EQ(client.routes.size(), 1U);
  EXPECT_TRUE(out.has_work());
  client.hear(out.pull(kSession, wanted, hold_nothing));
  EXPECT_EQ(client.routes.size(), 2U);
}

TEST(AdjRibOutTest, ARouteTooLargeForAMessageIsWithdrawn) {
  AdjRibOut out;
  Client client;
  const std::vector prefixes{prefix("10.0.0.0/24")};
  out.mark(prefixes);
  client.hear(out.pull(
      kSession, [](const net::Prefix&) { return std::optional(advertisement(1, "172.0.0.1")); },
      hold_nothing));
  EXPECT_EQ(client.routes.size(), 1U);
  // RELIABILITY 2.1, last row: never truncate, never leave the old path.
  bgp::PathAttributes huge{.as_path = path({100})};
  for (std::uint32_t i = 0; i < 2000; ++i) huge.communities.push_back({i});
  const Advertisement too_large{.attributes = std::make_shared<const bgp::PathAttributes>(huge),
                                .next_hop = address("172.0.0.1")};
  out.mark(prefixes);
  client.hear(out.pull(
      kSession, [&](const net::Prefix&) { return std::optional(too_large); }, hold_nothing));
  EXPECT_TRUE(client.routes.empty());
}

TEST(AdjRibOutTest, ARefreshRepeatsOneFamilyAndNothingIsLost) {
  AdjRibOut out;
  Client client;
  const std::vector prefixes{prefix("10.0.0.0/24"), prefix("2001:db8::/32")};
  const auto wanted = [](const net::Prefix& one) {
    return std::optional(
        advertisement(1, one.family() == net::Family::kIpv4 ? "172.0.0.1" : "2001:db8:ff::1"));
  };
  out.mark(prefixes);
  client.hear(out.pull(kSession, wanted, hold_nothing));
  const std::size_t before = client.messages;
  out.repeat(net::Family::kIpv6, prefixes);
  client.hear(out.pull(kSession, wanted, hold_nothing));
  EXPECT_EQ(client.messages, before + 1);
  // A route that is gone by then is withdrawn, not forgotten.
  out.repeat(net::Family::kIpv4, prefixes);
  client.hear(out.pull(
      kSession, [](const net::Prefix&) { return std::optional<Advertisement>(); }, hold_nothing));
  EXPECT_FALSE(client.routes.contains(prefixes[0]));
}

TEST(AdjRibOutTest, TheMarkerFollowsTheInitialRoutes) {
  AdjRibOut out;
  Client client;
  out.end_with_marker();
  client.hear(out.pull(
      kSession, [](const net::Prefix&) { return std::optional<Advertisement>(); }, hold_nothing));
  EXPECT_EQ(client.markers, 2U);
  EXPECT_FALSE(out.has_work());
}

}  // namespace
}  // namespace fabrix::routeserver
