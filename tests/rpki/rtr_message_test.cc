#include "rpki/rtr_message.h"

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

constexpr auto kV0 = RtrVersion::kRfc6810;
constexpr auto kV1 = RtrVersion::kRfc8210;
constexpr auto kV2 = RtrVersion::kDraft8210bis;

RouterKey router_key() {
  RouterKey key{.asn = net::Asn{64500}, .subject_public_key = bytes({7, 8, 9})};
  key.subject_key_identifier.fill(std::byte{0x5a});
  return key;
}

struct Golden {
  const char* what;
  RtrPdu pdu;
  Bytes octets;
};

// Drawn by hand from the figures of RFC 8210 §5 and RFC 6810 §5.
std::vector<Golden> golden() {
  Bytes key = bytes({1, 9, 1, 0, 0, 0, 0, 35});
  key.insert(key.end(), 20, std::byte{0x5a});
  key = join({key, bytes({0, 0, 0xfb, 0xf4, 7, 8, 9})});
  return {
      {"5.2 Serial Notify",
       {kV1, SerialNotify{0x1234, 0x01020304}},
       bytes({1, 0, 0x12, 0x34, 0, 0, 0, 12, 1, 2, 3, 4})},
      {"5.3 Serial Query",
       {kV1, SerialQuery{0x1234, 0x01020304}},
       bytes({1, 1, 0x12, 0x34, 0, 0, 0, 12, 1, 2, 3, 4})},
      {"5.4 Reset Query", {kV1, ResetQuery{}}, bytes({1, 2, 0, 0, 0, 0, 0, 8})},
      {"5.4 Reset Query, version 0", {kV0, ResetQuery{}}, bytes({0, 2, 0, 0, 0, 0, 0, 8})},
      {"5.5 Cache Response", {kV1, CacheResponse{0x1234}}, bytes({1, 3, 0x12, 0x34, 0, 0, 0, 8})},
      {"5.6 IPv4 Prefix",
       {kV1, announce(vrp("192.0.2.0/24", 64500, 26))},
       bytes({1, 4, 0, 0, 0, 0, 0, 20, 1, 24, 26, 0, 192, 0, 2, 0, 0, 0, 0xfb, 0xf4})},
      {"5.6 IPv4 Prefix, withdrawn",
       {kV0, withdraw(vrp("0.0.0.0/0", 0))},
       bytes({0, 4, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})},
      {"5.7 IPv6 Prefix",
       {kV1, announce(vrp("2001:db8::/32", 64500, 48))},
       bytes({1, 6, 0, 0, 0, 0, 0, 32, 1, 32, 48, 0, 0x20, 1, 0x0d, 0xb8,
              0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  0,  0, 0,    0, 0xfb, 0xf4})},
      {"5.8 End of Data",
       {kV1, EndOfData{0x1234, 5, RtrIntervals{3600, 600, 7200}}},
       bytes({1, 7, 0x12, 0x34, 0, 0, 0, 24,   0, 0, 0,    5,
              0, 0, 0x0e, 0x10, 0, 0, 2, 0x58, 0, 0, 0x1c, 0x20})},
      {"RFC 6810 5.7 End of Data",
       {kV0, EndOfData{0x1234, 5}},
       bytes({0, 7, 0x12, 0x34, 0, 0, 0, 12, 0, 0, 0, 5})},
      {"5.9 Cache Reset", {kV1, CacheReset{}}, bytes({1, 8, 0, 0, 0, 0, 0, 8})},
      {"5.10 Router Key", {kV1, router_key()}, key},
      {"5.11 Error Report",
       {kV1, ErrorReport{RtrErrorCode::kUnknownWithdrawal, bytes({1, 8, 0, 0, 0, 0, 0, 8}), "no"}},
       bytes({1, 10, 0, 6, 0, 0, 0, 26, 0, 0, 0, 8, 1, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2, 'n', 'o'})},
      {"5.11 Error Report of nothing",
       {kV1, ErrorReport{RtrErrorCode::kNoDataAvailable, {}, ""}},
       bytes({1, 10, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0})},
      {"8210bis 5.8 End of Data",
       {kV2, EndOfData{0x1234, 5, RtrIntervals{3600, 600, 7200}}},
       bytes({2, 7, 0x12, 0x34, 0, 0, 0, 24,   0, 0, 0,    5,
              0, 0, 0x0e, 0x10, 0, 0, 2, 0x58, 0, 0, 0x1c, 0x20})},
      {"8210bis 5.12 ASPA",
       {kV2, announce(aspa(64500, {1, 64501}))},
       bytes({2, 11, 1, 0, 0, 0, 0, 20, 0, 0, 0xfb, 0xf4, 0, 0, 0, 1, 0, 0, 0xfb, 0xf5})},
      {"8210bis 5.12 ASPA without providers",
       {kV2, announce(aspa(64500, {0}))},
       bytes({2, 11, 1, 0, 0, 0, 0, 16, 0, 0, 0xfb, 0xf4, 0, 0, 0, 0})},
      {"8210bis 5.12 ASPA withdrawn",
       {kV2, withdraw_aspa(64500)},
       bytes({2, 11, 0, 0, 0, 0, 0, 12, 0, 0, 0xfb, 0xf4})},
  };
}

TEST(RtrMessageTest, Rfc8210_5_EncodesAndDecodesAsDrawn) {
  for (const auto& [what, pdu, octets] : golden()) {
    SCOPED_TRACE(what);
    EXPECT_EQ(encode(pdu.message, pdu.version), octets);
    const auto decoded = decode_pdu(octets);
    ASSERT_TRUE(decoded) << decoded.error().text;
    EXPECT_EQ(*decoded, pdu);
  }
}

TEST(RtrMessageTest, RejectsEveryTruncationAndEveryExcess) {
  for (const auto& [what, pdu, octets] : golden()) {
    SCOPED_TRACE(what);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      Bytes part(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(decode_pdu(part));
      // With a length to match: the body's own fields must notice.
      if (size < kPduHeaderSize) continue;
      part[7] = static_cast<std::byte>(size);
      // Keys may have any length, ASPAs any number of providers.
      const bool is_key = std::holds_alternative<RouterKey>(pdu.message) && size >= 32;
      const bool is_aspa =
          std::holds_alternative<AspaChange>(pdu.message) && size >= 16 && size % 4 == 0;
      EXPECT_EQ(decode_pdu(part).has_value(), is_key || is_aspa) << size;
    }
    Bytes longer = join({octets, bytes({0})});
    EXPECT_FALSE(decode_pdu(longer));
    longer[7] = static_cast<std::byte>(longer.size());
    EXPECT_EQ(decode_pdu(longer).has_value(), std::holds_alternative<RouterKey>(pdu.message));
  }
}

TEST(RtrMessageTest, EveryValueOfEveryOctetDecodesToItselfOrNotAtAll) {
  for (const auto& [what, pdu, octets] : golden()) {
    for (std::size_t at = 0; at < octets.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        Bytes changed = octets;
        changed[at] = static_cast<std::byte>(value);
        const auto decoded = decode_pdu(changed);
        if (!decoded) continue;
        const Bytes again = encode(decoded->message, decoded->version);
        EXPECT_EQ(decode_pdu(again).value(), *decoded) << what << " octet " << at << '=' << value;
      }
    }
  }
}

TEST(RtrMessageTest, Rfc8210_12_FaultsHaveTheirErrorCodes) {
  const Bytes v4 = encode(announce(vrp("192.0.2.0/24", 1, 26)));
  const Bytes v6 = encode(announce(vrp("2001:db8::/32", 1, 48)));
  const Bytes aspas = encode(announce(aspa(1, {2, 8})));
  const auto with = [](Bytes octets, std::size_t at, int value) {
    octets[at] = static_cast<std::byte>(value);
    return octets;
  };
  const struct {
    const char* what;
    Bytes octets;
    RtrErrorCode code;
  } rows[] = {
      {"5.1 maximum length below the prefix's", with(v4, 10, 23), RtrErrorCode::kCorruptData},
      {"maximum length above 32", with(v4, 10, 33), RtrErrorCode::kCorruptData},
      {"prefix length above 32", with(with(v4, 9, 33), 10, 33), RtrErrorCode::kCorruptData},
      {"maximum length above 128", with(v6, 10, 129), RtrErrorCode::kCorruptData},
      {"prefix length above 128", with(with(v6, 9, 129), 10, 129), RtrErrorCode::kCorruptData},
      {"version 3", with(v4, 0, 3), RtrErrorCode::kUnsupportedVersion},
      {"version 255", with(v4, 0, 255), RtrErrorCode::kUnsupportedVersion},
      {"type 5", with(v4, 1, 5), RtrErrorCode::kUnsupportedPduType},
      {"ASPA in version 1", with(aspas, 0, 1), RtrErrorCode::kUnsupportedPduType},
      {"8210bis 5.12 a withdrawal with providers", with(aspas, 2, 0),
       RtrErrorCode::kAspaProviderList},
      {"8210bis 5.12 an announcement without providers", with(encode(withdraw_aspa(1)), 2, 1),
       RtrErrorCode::kAspaProviderList},
      {"8210bis 5.12 AS 0 among others", with(aspas, 15, 0), RtrErrorCode::kAspaProviderList},
      {"8210bis 5.12 out of order", with(aspas, 15, 9), RtrErrorCode::kAspaProviderList},
      {"8210bis 5.12 one twice", with(aspas, 15, 8), RtrErrorCode::kAspaProviderList},
      {"ASPA with half a number", with(join({aspas, bytes({1, 2})}), 7, 22),
       RtrErrorCode::kCorruptData},
      {"8210bis 5.9 bits after the prefix", with(v4, 15, 1), RtrErrorCode::kCorruptData},
      {"8210bis 5.10 bits after the prefix", with(v6, 27, 1), RtrErrorCode::kCorruptData},
      {"Router Key in version 0", with(encode(router_key()), 0, 0),
       RtrErrorCode::kUnsupportedPduType},
      {"length too small", with(v4, 7, 19), RtrErrorCode::kCorruptData},
  };
  for (const auto& [what, octets, code] : rows) {
    SCOPED_TRACE(what);
    const auto decoded = decode_pdu(octets);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, code) << decoded.error().text;
  }
}

TEST(RtrMessageTest, Rfc8210_5_1_ReservedFieldsAndFlagsAreIgnored) {
  Bytes octets = encode(withdraw(vrp("192.0.2.0/24", 1)));
  octets[2] = octets[3] = octets[11] = std::byte{0xff};
  octets[8] = std::byte{0xfe};
  EXPECT_EQ(decode_pdu(octets)->message, RtrMessage(withdraw(vrp("192.0.2.0/24", 1))));
}

TEST(RtrMessageTest, BitsAfterThePrefixLengthAreIgnoredBeforeVersion2) {
  Bytes octets = encode(announce(vrp("192.0.2.0/24", 1)), kV1);
  octets[15] = std::byte{0x01};
  EXPECT_EQ(decode_pdu(octets)->message, RtrMessage(announce(vrp("192.0.2.0/24", 1))));
}

TEST(RtrMessageTest, AnAspaHasRoomForMoreProvidersThanOtherPdusHaveOctets) {
  Aspa most{.customer = net::Asn{1}, .providers = {}};
  while (most.providers.size() < kMaxProvidersOfOne) {
    most.providers.push_back(net::Asn{static_cast<std::uint32_t>(most.providers.size() + 1)});
  }
  const Bytes octets = encode(announce(most));
  EXPECT_EQ(octets.size(), kMaxAspaPduSize);
  EXPECT_EQ(decode_pdu(octets)->message, RtrMessage(announce(most)));
  Bytes longer = join({octets, bytes({0, 1, 0, 0})});
  longer[6] = static_cast<std::byte>(longer.size() >> 8U);
  longer[7] = static_cast<std::byte>(longer.size() & 0xffU);
  EXPECT_EQ(decode_pdu(longer).error().code, RtrErrorCode::kCorruptData);
}

TEST(RtrMessageTest, LengthsInsideAnErrorReportStayInside) {
  Bytes octets = encode(ErrorReport{RtrErrorCode::kCorruptData, bytes({1, 2}), "x"});
  for (const std::size_t at : {8U, 14U}) {
    Bytes huge = octets;
    huge[at] = std::byte{0xff};
    EXPECT_FALSE(decode_pdu(huge)) << at;
  }
}

TEST(RtrMessageTest, AnErrorReportsTextIsPrintableAndItsSizeBounded) {
  const auto report =
      decode_pdu(encode(ErrorReport{RtrErrorCode::kCorruptData, {}, "a\x1b[2J\n\xff"}));
  EXPECT_EQ(std::get<ErrorReport>(report->message).text, "a?[2J??");
  const Bytes large =
      encode(ErrorReport{RtrErrorCode::kCorruptData, Bytes(4000), std::string(4000, 'x')});
  EXPECT_EQ(large.size(), kMaxPduSize);
  const auto cut = decode_pdu(large);
  ASSERT_TRUE(cut);
  EXPECT_EQ(std::get<ErrorReport>(cut->message).text, std::string(80, 'x'));
}

TEST(RtrMessageTest, Rfc8210_6_IntervalsAreClampedToTheirRanges) {
  EXPECT_EQ(clamped({3600, 600, 7200}), (RtrIntervals{3600, 600, 7200}));
  EXPECT_EQ(clamped({0, 0, 0}), (RtrIntervals{1, 1, 600}));
  EXPECT_EQ(clamped({~0U, ~0U, ~0U}), (RtrIntervals{86'400, 7'200, 172'800}));
  // Expire is to be larger than both.
  EXPECT_EQ(clamped({86'400, 7'200, 600}), (RtrIntervals{300, 300, 600}));
}

TEST(RtrMessageTest, NamesErrors) {
  EXPECT_EQ(describe(RtrErrorCode::kUnknownWithdrawal), "6 (withdrawal of unknown record)");
  EXPECT_EQ(describe(RtrErrorCode::kOrdering), "11 (ordering)");
  EXPECT_EQ(describe(RtrErrorCode{77}), "77");
}

}  // namespace
}  // namespace fabrix::rpki
