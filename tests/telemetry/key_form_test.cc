#include "telemetry/key_form.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/flow_meter.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

KeyForm form_of(std::string_view keys, const std::string& separator = ",") {
  return {parse_keys(keys).value(), separator};
}

// What is kept, and told.
std::pair<std::size_t, std::string> put(const KeyForm& form, Sampled& sampled) {
  std::string key = "before";
  if (!form.put(sampled.sample(), key)) return {0, "(none)"};
  return {key.size(), form.text_of(key)};
}

constexpr const char* kPacket = "tcp 192.0.2.1:1000 -> 198.51.100.2:80";

TEST(KeyForm, KeepsOctetsAndTellsText) {
  Sampled sampled(sflow::frame(kPacket));
  using Kept = std::pair<std::size_t, std::string>;
  EXPECT_EQ(put(form_of("ipsource,ipdestination"), sampled), Kept(8, "192.0.2.1,198.51.100.2"));
  EXPECT_EQ(put(form_of("macsource,tcpdestinationport,inputifindex,bytes", " | "), sampled),
            Kept(22, "020000000001 | 80 | 7 | 64"));
  EXPECT_EQ(put(form_of("ipsource,udpsourceport"), sampled).second, "(none)");
  EXPECT_EQ(put(form_of(""), sampled), Kept(0, ""));
}

// Of keys without a form, and where a text could be read in two ways.
TEST(KeyForm, KeepsTextsElse) {
  Sampled sampled(sflow::frame(kPacket));
  for (const auto& [keys, separator] : {std::pair("ipsource,stack", ","),
                                        {"ipsource,null:vlan:7", ","},
                                        {"ipprotocol,ipttl", ""},
                                        {"ipprotocol,ipttl", "1"},
                                        {"ipsource,ipprotocol", "."},
                                        {"ipsource,inputifindex", "_d_"}}) {
    const auto [size, text] = put(form_of(keys, separator), sampled);
    EXPECT_EQ(size, text.size()) << keys;
    EXPECT_NE(text, "(none)") << keys;
  }
  std::string many = "ipttl";
  for (int i = 0; i < 30; ++i) many += ",ipttl";
  const auto [size, text] = put(form_of(many), sampled);
  EXPECT_EQ(size, text.size());
}

TEST(KeyForm, FindsTheKeyOfAText) {
  const KeyForm form = form_of("ipsource,tcpsourceport,macsource");
  Sampled sampled(sflow::frame(kPacket));
  std::string key;
  ASSERT_TRUE(form.put(sampled.sample(), key));
  EXPECT_EQ(form.key_of("192.0.2.1,1000,020000000001"), key);
  for (const char* const other : {"", ",", ",,", "192.0.2.1", "192.0.2.1,1000", "192.0.2.1,1000,",
                                  "192.0.2.1,01000,020000000001", "192.0.2.1,1000,020000000001,",
                                  "192.0.2.1,1000,020000000001,1", " 192.0.2.1,1,020000000001"}) {
    EXPECT_EQ(form.key_of(other), "") << other;
  }
  EXPECT_EQ(form_of("stack").key_of("eth.ip"), "eth.ip");
}

TEST(KeyForm, OrdersAsTextsAreOrdered) {
  std::mt19937 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  for (const auto& [keys, separator] :
       {std::pair("ipsource,tcpsourceport,ipttl", ","), {"tcpsourceport,ipsource", "-/"}}) {
    const KeyForm form = form_of(keys, separator);
    std::vector<std::string> texts;
    std::vector<std::string> all;
    for (int i = 0; i < 300; ++i) {
      Sampled sampled(sflow::frame("tcp 10.1.1." + std::to_string(random() % 120) + ":" +
                                   std::to_string(random() % 120) + " -> 10.0.0.1:80"));
      ASSERT_TRUE(form.put(sampled.sample(), all.emplace_back()));
      texts.push_back(form.text_of(all.back()));
    }
    std::ranges::sort(texts);
    std::ranges::sort(all,
                      [&](const auto& left, const auto& right) { return form.less(left, right); });
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(form.text_of(all[i]), texts[i]);
  }
}

// What the agent has looked into itself is of the same flow as what it sends.
TEST(KeyForm, OfPacketsWithoutHeaderIsTheSame) {
  const KeyForm form = form_of("ipsource,ipdestination,ipprotocol,tcpdestinationport");
  Sampled whole(sflow::frame(kPacket));
  const auto four =
      record(3, {std::uint64_t{60}, std::uint64_t{6}, net::IpAddress::v4({192, 0, 2, 1}),
                 net::IpAddress::v4({198, 51, 100, 2}), std::uint64_t{1000}, std::uint64_t{80},
                 std::uint64_t{2}, std::uint64_t{0}});
  Sampled headerless({}, {{sflow::kSampledIpv4, four}});
  std::string key;
  std::string other;
  ASSERT_TRUE(form.put(whole.sample(), key));
  ASSERT_TRUE(form.put(headerless.sample(), other));
  EXPECT_EQ(key, other);
}

// The same flows in the same order as of a definition whose keys are functions, which are texts.
TEST(KeyForm, FlowsAreThoseOfTexts) {
  const auto meter = [](const char* keys) {
    return FlowMeter::create({.keys = keys, .value = "frames", .cache = {.capacity = 20}}).value();
  };
  FlowMeter octets = meter("ipsource,tcpsourceport");
  FlowMeter texts = meter("or:ipsource:ipsource,or:tcpsourceport:tcpsourceport");
  std::mt19937 random(20261124);  // NOLINT(cert-msc51-cpp): the same every time
  for (int i = 0; i < 500; ++i) {
    Sampled sampled(sflow::frame("tcp 10.1.1." + std::to_string(random() % 9) + ":" +
                                 std::to_string(random() % 12) + " -> 10.0.0.1:80"));
    Sample sample = sampled.sample();
    sample.source = {0, 1 + static_cast<std::uint32_t>(random() % 3)};
    octets.add(sample, {});
    texts.add(sample, {});
    if (i % 50 != 0) continue;
    for (const auto aggregation : {Aggregation::kSum, Aggregation::kMaximum}) {
      const auto flows = octets.active_flows(7, aggregation, {});
      const auto wanted = texts.active_flows(7, aggregation, {});
      ASSERT_EQ(flows.size(), wanted.size());
      for (std::size_t at = 0; at < flows.size(); ++at) {
        EXPECT_EQ(flows[at].key, wanted[at].key);
        EXPECT_EQ(flows[at].value, wanted[at].value);
        EXPECT_EQ(flows[at].error, wanted[at].error);
        EXPECT_EQ(octets.values_of(flows[at].key, {}), texts.values_of(flows[at].key, {}));
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::telemetry
