#include "interchange/policy_page.h"

#include <gtest/gtest.h>

#include "tests/interchange/imports.h"

namespace fabrix::interchange {
namespace {

exchange::Exchange exchange_with(const std::string& server, const std::string& member = "",
                                 const std::string& asn = "64500") {
  return loaded("version: 1\nexchange:\n  name: EXIX\n  asn: " + asn +
                "\n  router_id: 192.0.2.250\n  peering_lan: 192.0.2.0/24\n"
                "  route_server: {addresses: 192.0.2.250" +
                (server.empty() ? "" : ", " + server) + "}\nparticipants:\n  - {name: A, asn: 1" +
                (member.empty() ? "" : ", " + member) + "}\n");
}

std::string page_of(const exchange::Exchange& exchange) {
  return to_markdown(policy_page(exchange));
}

bool has(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

TEST(PolicyPageTest, HasEverySection) {
  const std::string page = page_of(exchange_with("policy: strict"));
  for (const std::string_view heading :
       {"# EXIX: route server policy", "## The route server", "## Sessions", "## Filters",
        "## Limits", "## RPKI", "## Blackholing", "## Communities",
        "## Members with filters of their own"}) {
    EXPECT_TRUE(has(page, heading)) << heading;
  }
}

TEST(PolicyPageTest, FiltersHaveTheirValuesInTheOrderInWhichTheyAsk) {
  const std::string page = page_of(exchange_with("policy: strict"));
  std::size_t last = 0;
  for (const std::string_view row :
       {"| a prefix that is too long | accepted: IPv4 /8 to /24, IPv6 /12 to /48 | 1 |",
        "| a bogon |", "| a prefix in the peering LAN | 192.0.2.0/24 |  |",
        "| a next hop that is not the member's | an address of the announcing router | 8 |",
        "| a path that does not begin with the member's AS |  | 7 |",
        "| an AS path that is too long | more than 64 | 5 |", "| a transit-free network",
        "| a route with too many communities | more than 100 | 15 |",
        "| an origin that is RPKI invalid | RFC 6811 | 13 |"}) {
    const std::size_t at = page.find(row);
    ASSERT_NE(at, std::string::npos) << row << "\n" << page;
    EXPECT_GT(at, last);
    last = at;
  }
  EXPECT_FALSE(has(page_of(exchange_with("")), "a bogon |")) << "what is off is not there";
}

TEST(PolicyPageTest, CommunitiesAreThoseOfThisExchange) {
  const std::string page = page_of(exchange_with(""));
  EXPECT_TRUE(has(page, "| do not announce to PEER | 64500:0:PEER | 0:PEER |"));
  EXPECT_TRUE(has(page, "| prepend 2 times to everyone | 64500:102:0 | 65502:64500 |"));
  const std::string wide = page_of(exchange_with("", "", "4200000000"));
  EXPECT_TRUE(has(wide, "| do not announce to anyone | 4200000000:0:0 |  |"))
      << "a standard community has no room for it (RFC 1997)";
}

TEST(PolicyPageTest, SaysWhatIsDifferentForAMemberButNoSecrets) {
  const std::string page = page_of(exchange_with(
      "session: {md5_password: hidden}",
      "session: {md5_password: topsecret}, import: {max_prefix: {ipv4: 7}, irr: {as_sets: AS-A, "
      "prefixes_file: private.json}}"));
  EXPECT_TRUE(has(page, "| A | 1 | max\\_prefix.ipv4 | 7 |"));
  EXPECT_TRUE(has(page, "| A | 1 | irr.as\\_sets | \\[AS-A\\] |"));
  for (const std::string_view secret : {"hidden", "topsecret", "private.json", "password"}) {
    EXPECT_FALSE(has(page, secret)) << secret;
  }
}

TEST(PolicyPageTest, RpkiAndBlackholing) {
  const std::string page = page_of(exchange_with(
      "rpki: {caches: [192.0.2.1, 192.0.2.2]}, import: {rpki: mark, blackhole: {accept: true, "
      "next_hop_ipv4: 192.0.2.66}}"));
  EXPECT_TRUE(has(page, "| Origin validation | shown in the looking glass |"));
  EXPECT_TRUE(has(page, "| Caches | 2 |"));
  EXPECT_TRUE(has(page, "| Lengths | /25 to /32 | /65 to /128 |"));
  EXPECT_TRUE(has(page, "| Next hop | 192.0.2.66 | unchanged |"));
  EXPECT_TRUE(has(page_of(exchange_with("")), "are as any other"));
}

}  // namespace
}  // namespace fabrix::interchange
