#include "telemetry/octet_form.h"

#include <array>
#include <cstring>
#include <utility>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using enum OctetForm;

// As it is told; "(none)" if that is another text.
std::string there_and_back(OctetForm form, std::string_view text) {
  std::array<char, kMostOctets> octets{};
  if (!put_octets(form, text, octets.data())) return "(none)";
  std::string out = "<";
  append_octets(form, octets.data(), out);
  return out.substr(1);
}

TEST(OctetForm, TellsWhatItWasTold) {
  for (const auto& [form, text] : {std::pair(kNumber, "0"),
                                   {kNumber, "4294967295"},
                                   {kInterface, "7"},
                                   {kInterface, "4294967295"},
                                   {kInterface, "discard"},
                                   {kInterface, "multiple"},
                                   {kInterface, "internal"},
                                   {kInterface, "0"},
                                   {kMac, "0200000000AB"},
                                   {kMac, "FFFFFFFFFFFF"},
                                   {kIpv4, "0.0.0.0"},
                                   {kIpv4, "192.0.2.255"},
                                   {kIpv6, "::"},
                                   {kIpv6, "2001:db8::1"},
                                   {kIpv6, "::ffff:192.0.2.1"}}) {
    EXPECT_EQ(there_and_back(form, text), text);
  }
}

TEST(OctetForm, IsOfOneTextAlone) {
  for (const auto& [form, text] : {std::pair(kNone, "1"),
                                   {kNumber, ""},
                                   {kNumber, "01"},
                                   {kNumber, "-1"},
                                   {kNumber, "4294967296"},
                                   {kInterface, "unknown"},
                                   {kInterface, "1073741823"},
                                   {kInterface, "discarded"},
                                   {kMac, "0200000000ab"},
                                   {kMac, "0200000000A"},
                                   {kMac, "02000000000AB"},
                                   {kIpv4, "192.0.2"},
                                   {kIpv4, "::1"},
                                   {kIpv6, "2001:DB8::1"},
                                   {kIpv6, "2001:db8:0::1"},
                                   {kIpv6, "192.0.2.1"}}) {
    EXPECT_EQ(there_and_back(form, text), "(none)") << text;
  }
}

TEST(OctetForm, OfAddressesIsThatOfPackets) {
  std::array<char, kMostOctets> octets{};
  ASSERT_TRUE(put_octets(kIpv4, "192.0.2.1", octets.data()));
  EXPECT_EQ(std::memcmp(octets.data(), "\xc0\x00\x02\x01", 4), 0);
  ASSERT_TRUE(put_octets(kMac, "0200000000AB", octets.data()));
  EXPECT_EQ(std::memcmp(octets.data(), "\x02\x00\x00\x00\x00\xab", 6), 0);
  EXPECT_EQ(width_of(kNone), 0U);
  EXPECT_EQ(width_of(kIpv6), kMostOctets);
}

}  // namespace
}  // namespace fabrix::telemetry
