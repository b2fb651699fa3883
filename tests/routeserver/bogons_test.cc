#include "routeserver/bogons.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

bool is_bogon_prefix(std::string_view text) {
  return is_bogon(PrefixBits(prefix(text)));
}

// IANA IPv4 Special-Purpose Address Registry, as far as not globally reachable, and multicast.
TEST(BogonsTest, Rfc6890_SpecialIpv4BlocksAreBogonsWithWhatIsInside) {
  for (const char* text :
       {"0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",   "127.0.0.0/8",    "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",    "192.168.0.0/16", "198.18.0.0/15",
        "224.0.0.0/4",   "198.51.100.0/24", "203.0.113.0/24",  "192.88.99.0/24", "240.0.0.0/4",
        "0.1.0.0/16",    "10.20.30.0/24",   "100.127.0.0/16",  "127.0.0.1/32",   "169.254.1.0/24",
        "172.31.0.0/16", "192.0.2.128/25",  "198.19.255.0/24", "239.255.0.0/16", "255.0.0.0/8"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_bogon_prefix(text));
  }
}

TEST(BogonsTest, TheirNeighboursAreNot) {
  for (const char* text :
       {"1.0.0.0/8", "9.0.0.0/8", "11.0.0.0/8", "100.0.0.0/10", "100.128.0.0/9", "126.0.0.0/8",
        "128.0.0.0/8", "169.253.0.0/16", "172.0.0.0/12", "172.32.0.0/11", "192.0.1.0/24",
        "192.0.3.0/24", "192.167.0.0/16", "192.169.0.0/16", "198.17.0.0/16", "198.20.0.0/14",
        "203.0.112.0/24", "223.0.0.0/8",
        // Around a bogon there may be good addresses.
        "192.0.0.0/16", "172.0.0.0/8", "0.0.0.0/1",
        // Globally reachable by the registry: AS 112, AMT.
        "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(is_bogon_prefix(text));
  }
}

TEST(BogonsTest, Rfc4291_OnlyGlobalUnicastIsGoodIpv6) {
  for (const char* text :
       {"::/8", "::1/128", "64:ff9b::/96", "100::/64", "200::/7", "1000::/4", "4000::/3",
        "5f00::/16", "8000::/1", "fc00::/7", "fd00::/8", "fe80::/10", "ff00::/8", "::/1", "::/2"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_bogon_prefix(text));
  }
  for (const char* text : {"2000::/3", "2400::/12", "2a00::/12", "2c0f:ffff::/32", "2620::/23"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(is_bogon_prefix(text));
  }
}

TEST(BogonsTest, Rfc6890_SpecialBlocksOfGlobalUnicastAreBogons) {
  for (const char* text :
       {"2001:db8::/32", "2001:db8:1::/48", "2002::/16", "2002:c000:201::/48", "3fff::/20",
        "3fff:fff::/32", "3ffe::/16", "2001:10::/28", "2001:20::/28", "2001:2f::/32", "2001:2::/48",
        "2001::/33", "2001:0:8000::/33", "2001:0:5::/48"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_bogon_prefix(text));
  }
  for (const char* text : {"2001:db7::/32", "2001:db9::/32", "2003::/19", "3fff:1000::/20",
                           "3ffd::/16", "2001:30::/28", "2001:2:1::/48", "2001:3::/32",
                           // The whole of Teredo is what its relays announce (RFC 4380 §5.4).
                           "2001::/32"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(is_bogon_prefix(text));
  }
}

TEST(BogonsTest, TheDefaultRouteIsAMatterOfItsOwn) {
  EXPECT_FALSE(is_bogon_prefix("0.0.0.0/0"));
  EXPECT_FALSE(is_bogon_prefix("::/0"));
}

// RFC 7607, 6793, 5398, 6996, 7300, and what IANA reserves.
TEST(BogonsTest, ReservedAndPrivateAsNumbersAreBogonsToTheLast) {
  const struct {
    std::uint32_t first;
    std::uint32_t last;
  } reserved[] = {
      {23'456, 23'456}, {64'496, 64'511},  {64'512, 65'534},
      {65'535, 65'551}, {65'552, 131'071}, {4'200'000'000, 4'294'967'295},
  };
  EXPECT_TRUE(is_bogon(net::Asn{0}));
  for (const auto& [first, last] : reserved) {
    SCOPED_TRACE(first);
    EXPECT_TRUE(is_bogon(net::Asn{first}));
    EXPECT_TRUE(is_bogon(net::Asn{last}));
  }
  for (const std::uint32_t number :
       {1U, 23'455U, 23'457U, 64'495U, 131'072U, 399'999U, 4'199'999'999U}) {
    SCOPED_TRACE(number);
    EXPECT_FALSE(is_bogon(net::Asn{number}));
  }
}

}  // namespace
}  // namespace fabrix::routeserver
