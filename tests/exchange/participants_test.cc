#include "exchange/participants.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/exchange/mistakes.h"

namespace fabrix::exchange {
namespace {

TEST(ParticipantsTest, ComplainsAboutWhatIsWrong) {
  expect_complaints({
      {"name: A", "name: 1A", "C0120", 10, 11},
      {"    asn: 100\n", "", "C0111", 10, 5},
      {"asn: 100", "asn: 0", "C0113", 11, 10},
      {"asn: 100", "asn: 4294967295", "C0122", 11, 10},
      {"asn: 100", "asn: \"100\"", "C0112", 11, 10},
      {"asn: 100", "asn: 0100", "C0112", 11, 10},
      {"policy: policies/A.policy", "policy: [a, b]", "C0112", 12, 13},
      {"policy: policies/A.policy", "policy:", "C0112", 12, 5},
      {"policy:", "polcy:", "C0110", 12, 5},
      {"[B, C]", "[B, D]", "C0129", 13, 16},
      {"[B, C]", "[B, A]", "C0130", 13, 16},
      {"[B, C]", "[B, C, B]", "C0130", 13, 19},
      {"[B, C]", "{B: C}", "C0112", 13, 12},
      {"name: a1, ", "", "C0111", 15, 9},
      {"name: a1", "name: A", "C0121", 15, 16},
      {"name: b1", "name: a1", "C0121", 19, 16},
      {"- name: C\n    asn: 200\n", "- name: C\n    asn: 200\n  - name: B\n    asn: 200\n", "C0121",
       22, 11},
      {"\"08:00:27:89:3b:9f\"", "08:00:27:89:3b", "C0114", 15, 25},
      {"[172.0.0.1, \"2001:db8::1\"]", "[]", "C0137", 15, 57},
      {"port: 1}", "port: 65280}", "C0113", 15, 91},
      {"port: 1}", "port: 1, speed: 3}", "C0110", 15, 94},
  });
}

TEST(ParticipantsTest, AMiddleboxPortHasNoAddresses) {
  constexpr std::string_view kAddresses =
      "mac: \"08:00:27:89:3b:9f\", addresses: [172.0.0.1, "
      "\"2001:db8::1\"], port: 1}";
  const auto loaded =
      load(with({kAddresses, "port: 1, middlebox: true}", "", 0, 0}), "exchange.yaml");
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  const Router& box = loaded->routers.front();
  EXPECT_TRUE(box.middlebox);
  EXPECT_FALSE(box.is_reachable());
  EXPECT_EQ(loaded->middleboxes_of(box.participant), std::vector{box.id});
  EXPECT_TRUE(loaded->routers_of(box.participant).empty());
  EXPECT_FALSE(load(with({"port: 1}", "port: 1, middlebox: maybe}", "", 0, 0}), "exchange.yaml"));
  const auto both =
      load(with({"port: 1}", "port: 1, middlebox: true}", "", 0, 0}), "exchange.yaml");
  ASSERT_FALSE(both);
  ASSERT_EQ(both.error().size(), 2U);
  EXPECT_EQ(both.error().front().code, "C0141");
}

TEST(ParticipantsTest, HintsAtTheNearestParticipant) {
  std::string text = with({"name: B\n", "name: Bravo\n", "", 0, 0});
  text.replace(text.find("[B, C]"), 6, "[Brvao]");
  const auto loaded = load(text, "exchange.yaml");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().help, "did you mean 'Bravo'?");
}

TEST(ParticipantsTest, ThereIsRoomFor4094) {
  std::string text(kGood.substr(0, kGood.find("participants:")));
  text += "participants:\n";
  for (std::size_t i = 0; i < kMaxParticipants; ++i) {
    text += fmt::format("- {{name: P{}, asn: 1}}\n", i);
  }
  const auto full = load(text, "exchange.yaml");
  ASSERT_TRUE(full) << full.error().front().message;
  EXPECT_EQ(full->participants.size(), kMaxParticipants);
  text += "- {name: Q, asn: 1}\n- {name: R, asn: 1}\n";
  const auto more = load(text, "exchange.yaml");
  ASSERT_FALSE(more);
  ASSERT_EQ(more.error().size(), 1U);
  EXPECT_EQ(more.error().front().code, "C0136");
}

}  // namespace
}  // namespace fabrix::exchange
