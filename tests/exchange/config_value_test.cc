#include "exchange/config_value.h"

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

YamlNode scalar(std::string_view text) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.scalar = text;
  return node;
}

// The code of the complaint about `text`, or "" if `read` takes it.
template <typename Read>
std::string complaint(Read read, std::string_view text) {
  YamlReader reader("x");
  const bool taken = read(reader, scalar(text)).has_value();
  const auto errors = reader.take_errors();
  EXPECT_EQ(errors.size(), taken ? 0U : 1U) << text;
  return errors.empty() ? "" : errors.front().code;
}

TEST(ConfigValueTest, Names) {
  for (const std::string_view good : {"A", "a-1_B", "abcdefghijklmnopqrstuvwxyzabcdef"}) {
    EXPECT_EQ(complaint(read_name, good), "") << good;
  }
  for (const std::string_view bad :
       {"1a", "_a", "a b", "a.b", "\xc3\xb6", "abcdefghijklmnopqrstuvwxyzabcdefg"}) {
    EXPECT_EQ(complaint(read_name, bad), "C0120") << bad;
  }
}

TEST(ConfigValueTest, AsNumbers) {
  for (const std::string_view good : {"1", "65534", "65536", "4294967294"}) {
    EXPECT_EQ(complaint(read_asn, good), "") << good;
  }
  for (const std::string_view bad : {"23456", "65535", "4294967295"}) {
    EXPECT_EQ(complaint(read_asn, bad), "C0122") << bad;
  }
  for (const std::string_view bad : {"0", "4294967296", "99999999999999999999999"}) {
    EXPECT_EQ(complaint(read_asn, bad), "C0113") << bad;
  }
  for (const std::string_view bad : {"-1", "+1", "1.10", "0x10", "AS1"}) {
    EXPECT_EQ(complaint(read_asn, bad), "C0112") << bad;
  }
}

TEST(ConfigValueTest, MacAddresses) {
  EXPECT_EQ(complaint(read_router_mac, "08:00:27:89:3b:9f"), "");
  EXPECT_EQ(complaint(read_router_mac, "08:00:27"), "C0114");
  for (const std::string_view bad : {"ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "00:00:00:00:00:00",
                                     "02:00:00:00:00:01", "c2:00:00:00:0f:fe"}) {
    EXPECT_EQ(complaint(read_router_mac, bad), "C0123") << bad;
  }
  EXPECT_EQ(complaint(read_route_server_mac, "c2:00:00:00:0f:fe"), "");
  EXPECT_EQ(complaint(read_route_server_mac, "08:00:27:89:3b:9f"), "");
  EXPECT_EQ(complaint(read_route_server_mac, "82:00:00:00:0f:fe"), "C0123");
}

TEST(ConfigValueTest, AddressesPrefixesAndPorts) {
  EXPECT_EQ(complaint(read_address, "192.0.2.1"), "");
  EXPECT_EQ(complaint(read_address, "192.0.2.0/24"), "C0114");
  EXPECT_EQ(complaint(read_prefix, "2001:db8::/32"), "");
  EXPECT_EQ(complaint(read_prefix, "192.0.2.1"), "C0114");
  EXPECT_EQ(complaint(read_port, "65279"), "");
  EXPECT_EQ(complaint(read_port, "65280"), "C0113");
  EXPECT_EQ(complaint(read_port, "0"), "C0113");
}

}  // namespace
}  // namespace fabrix::exchange
