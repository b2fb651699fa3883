#include "rpki/slurm.h"

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

// RFC 8416 §3.5, its full example.
constexpr std::string_view kExample = R"({
  "slurmVersion": 1,
  "validationOutputFilters": {
    "prefixFilters": [
      { "prefix": "192.0.2.0/24", "comment": "All VRPs encompassed by prefix" },
      { "asn": 64496, "comment": "All VRPs matching ASN" },
      { "prefix": "198.51.100.0/24", "asn": 64497,
        "comment": "All VRPs encompassed by prefix, matching ASN" }
    ],
    "bgpsecFilters": [ { "asn": 64496, "comment": "All keys for ASN" } ]
  },
  "locallyAddedAssertions": {
    "prefixAssertions": [
      { "asn": 64496, "prefix": "198.51.100.0/24", "comment": "My other important route" },
      { "asn": 64496, "prefix": "2001:db8::/32", "maxPrefixLength": 48,
        "comment": "My other important de-aggregated routes" }
    ],
    "bgpsecAssertions": [ { "asn": 64496, "SKI": "MTIz", "routerPublicKey": "NDU2" } ]
  }
})";

std::string with(std::string_view filters, std::string_view assertions) {
  return R"({"slurmVersion":1,"validationOutputFilters":{"prefixFilters":)" + std::string(filters) +
         R"(,"bgpsecFilters":[]},"locallyAddedAssertions":{"prefixAssertions":)" +
         std::string(assertions) + R"(,"bgpsecAssertions":[]}})";
}

TEST(SlurmTest, Rfc8416_3_5_ReadsTheExample) {
  const auto slurm = parse_slurm(kExample);
  ASSERT_TRUE(slurm) << slurm.error().message;
  EXPECT_EQ(slurm->filters, (std::vector<PrefixFilter>{
                                {.prefix = prefix("192.0.2.0/24")},
                                {.asn = net::Asn{64496}},
                                {.prefix = prefix("198.51.100.0/24"), .asn = net::Asn{64497}}}));
  EXPECT_EQ(slurm->assertions,
            (std::vector{vrp("198.51.100.0/24", 64496), vrp("2001:db8::/32", 64496, 48)}));
}

TEST(SlurmTest, Rfc8416_3_3_1_FiltersMatchByPrefixAsOrBoth) {
  std::vector<Vrp> vrps{
      vrp("192.0.2.0/24", 1),          // the prefix
      vrp("192.0.2.128/25", 2),        // inside it
      vrp("192.0.0.0/16", 3, 24),      // around it: stays
      vrp("203.0.113.0/24", 64496),    // the AS
      vrp("198.51.100.128/25", 64497)  // both
      ,
      vrp("198.51.100.0/24", 64498),  // the prefix of both only: stays
      vrp("10.0.0.0/8", 64497),       // the AS of both only: stays
  };
  Slurm slurm = parse_slurm(kExample).value();
  slurm.assertions.clear();
  apply_slurm(slurm, vrps);
  EXPECT_EQ(vrps, (std::vector{vrp("192.0.0.0/16", 3, 24), vrp("198.51.100.0/24", 64498),
                               vrp("10.0.0.0/8", 64497)}));
}

TEST(SlurmTest, Rfc8416_3_4_AssertionsAreAddedAfterFiltering) {
  const Slurm slurm{.filters = {{.asn = net::Asn{1}}}, .assertions = {vrp("10.0.0.0/8", 1)}};
  std::vector<Vrp> vrps{vrp("11.0.0.0/8", 1)};
  apply_slurm(slurm, vrps);
  EXPECT_EQ(vrps, (std::vector{vrp("10.0.0.0/8", 1)}));
}

TEST(SlurmTest, AFileWithoutExceptionsChangesNothing) {
  const auto slurm = parse_slurm(with("[]", "[]"));
  ASSERT_TRUE(slurm) << slurm.error().message;
  EXPECT_TRUE(slurm->empty());
}

TEST(SlurmTest, Rfc8416_3_2_WhatDeviatesIsAnError) {
  const struct {
    std::string text;
    const char* message;
  } rows[] = {
      {"{}", "slurmVersion: not 1"},
      {R"({"slurmVersion":2})", "slurmVersion: not 1"},
      {R"({"slurmVersion":1})", "validationOutputFilters: missing"},
      {R"({"slurmVersion":1,"extra":0})", "extra: unknown member"},
      {R"({"slurmVersion":1,"validationOutputFilters":{"prefixFilters":[]}})",
       "bgpsecFilters: missing"},
      {R"({"slurmVersion":1,"validationOutputFilters":{"filters":[]}})",
       "validationOutputFilters: filters: unknown member"},
      {with(R"([{}])", "[]"), "prefixFilters[0]: neither prefix nor asn"},
      {with(R"([{"asn":1},{"asn":1,"maxLength":4}])", "[]"),
       "prefixFilters[1]: maxLength: unknown member"},
      {with(R"([{"asn":1,"comment":2}])", "[]"), "prefixFilters[0]: comment: not a string"},
      {with("[]", R"([{"asn":1}])"), "prefixAssertions[0]: prefix: missing"},
      {with("[]", R"([{"asn":1,"prefix":"10.0.0.0/8","maxPrefixLength":40}])"),
       "prefixAssertions[0]: maxPrefixLength: more than an address has bits"},
      {with("[]", "7"), "prefixAssertions: not an array"},
      {"[]", "not a JSON object"},
      {R"({"slurmVersion":"1"})", "slurmVersion: not a whole number"},
      {R"({"slurmVersion":1,"validationOutputFilters":[]})",
       "validationOutputFilters: not an object"},
      {with("7", "[]"), "prefixFilters: not an array"},
      {with("[7]", "[]"), "prefixFilters[0]: filter: not an object"},
      {with(R"([{"prefix":"10.0.0.1/8"}])", "[]"),
       "prefixFilters[0]: prefix: address has bits set after the prefix length"},
      {with(R"([{"asn":"x"}])", "[]"), "prefixFilters[0]: asn: not an AS number"},
      {with("[]", "[7]"), "prefixAssertions[0]: assertion: not an object"},
      {with("[]", R"([{"asn":1,"prefix":"10.0.0.0/8","maxLength":8}])"),
       "prefixAssertions[0]: maxLength: unknown member"},
      {with("[]", R"([{"asn":1,"prefix":"10.0.0.0/8","comment":2}])"),
       "prefixAssertions[0]: comment: not a string"},
  };
  for (const auto& [text, message] : rows) {
    const auto slurm = parse_slurm(text);
    ASSERT_FALSE(slurm) << text;
    EXPECT_EQ(slurm.error().message, message);
  }
}

TEST(SlurmTest, TheNumberOfExceptionsHasABound) {
  const auto filters = [](std::size_t count) {
    std::string list = R"([{"asn":1})";
    for (std::size_t i = 1; i < count; ++i) list += R"(,{"asn":1})";
    return parse_slurm(with(list + "]", "[]"));
  };
  const auto most = filters(kMaxSlurmFilters);
  ASSERT_TRUE(most) << most.error().message;
  EXPECT_EQ(most->filters.size(), kMaxSlurmFilters);
  const auto more = filters(kMaxSlurmFilters + 1);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().message, "prefixFilters: more than 100000");
}

TEST(SlurmTest, EitherKindOfExceptionIsOne) {
  EXPECT_TRUE(Slurm{}.empty());
  EXPECT_FALSE((Slurm{.filters = {{.asn = net::Asn{1}}}}).empty());
  EXPECT_FALSE((Slurm{.assertions = {vrp("10.0.0.0/8", 1)}}).empty());
}

}  // namespace
}  // namespace fabrix::rpki
