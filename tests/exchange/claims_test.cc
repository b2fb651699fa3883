#include "exchange/claims.h"

#include <gtest/gtest.h>

#include "tests/exchange/mistakes.h"

namespace fabrix::exchange {
namespace {

TEST(ClaimsTest, NobodyMayHaveWhatAnotherHas) {
  expect_complaints({
      {"08:00:27:92:18:1f", "08-00-27-89-3B-9F", "C0124", 19, 25},
      {"port: 2}", "port: 1}", "C0125", 19, 77},
      {"port: 2}", "port: 4094}", "C0125", 19, 77},
      {"[172.0.0.11]", "[172.0.0.1]", "C0126", 19, 58},
      {"[172.0.0.11]", "[172.0.255.254]", "C0126", 19, 58},
      {"\"2001:db8::1\"", "172.0.0.1", "C0126", 15, 69},
  });
}

TEST(ClaimsTest, AddressesMustFitTheLan) {
  expect_complaints({
      {"[172.0.0.11]", "[172.1.0.11]", "C0127", 19, 58},
      {"[172.0.0.11]", "[\"2001:db9::1\"]", "C0127", 19, 58},
      {"[172.0.0.11]", "[172.0.0.0]", "C0128", 19, 58},
      {"[172.0.0.11]", "[172.0.255.255]", "C0128", 19, 58},
      {"[172.0.0.11]", "[172.0.1.11]", "C0135", 19, 58},
      {"[172.0.1.0/24]", "[172.0.255.0/24]", "C0135", 8, 30},
      {"\"2001:db8::/64\"", "\"2001:db8::/64\", 172.0.8.0/24", "C0131", 6, 48},
  });
}

TEST(ClaimsTest, VirtualNextHopsMustFitTheLan) {
  expect_complaints({
      {"[172.0.1.0/24]", "[172.1.1.0/24]", "C0132", 7, 23},
      {"[172.0.1.0/24]", "[172.0.1.0/31]", "C0133", 7, 23},
      {"[172.0.1.0/24]", "[\"2001:db8::ff:0/127\"]", "C0133", 7, 23},
      {"[172.0.1.0/24]", "[172.0.1.0/24, 172.0.1.128/25]", "C0134", 7, 37},
      {"[172.0.1.0/24]", "[172.0.1.0/24, 172.0.1.0/24]", "C0134", 7, 37},
  });
}

TEST(ClaimsTest, TheSecondIsToldWhoWasFirst) {
  YamlReader reader("x");
  Claims claims(reader);
  claims.port(net::PortNo{1}, {.line = 3, .column = 4, .length = 1}, "router a");
  claims.port(net::PortNo{1}, {.line = 5, .column = 6, .length = 1}, "router b");
  const auto errors = reader.take_errors();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].message, "port 1 is already that of router a (line 3)");
  EXPECT_EQ(errors[0].at.line, 5U);
}

}  // namespace
}  // namespace fabrix::exchange
