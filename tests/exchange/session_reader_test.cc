#include "exchange/session_reader.h"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using std::chrono::seconds;

const std::string kAll =
    "session: {hold_time: 30, send_hold: 60, gtsm: true, role: true, strict_role: true, "
    "add_path: true, extended_next_hop: true, extended_messages: false, flowspec: true, "
    "graceful_restart: 240, long_lived: 86400, dial: active, md5_password: 'a b'}";

SessionPolicy all() {
  SessionPolicy policy;
  policy.hold_time = seconds(30);
  policy.send_hold = seconds(60);
  policy.gtsm = true;
  policy.strict_role = true;
  policy.add_path = true;
  policy.extended_next_hop = true;
  policy.extended_messages = false;
  policy.flowspec = true;
  policy.graceful_restart = seconds(240);
  policy.long_lived = seconds(86400);
  policy.dialling = Dialling::kActive;
  policy.md5_password = "a b";
  return policy;
}

TEST(SessionReaderTest, WithoutASectionTheHeadersDefaultsHold) {
  const Exchange exchange = loaded(with_policies("", ""));
  EXPECT_EQ(exchange.route_server.session, SessionPolicy{});
  for (const Participant& one : exchange.participants) EXPECT_EQ(one.session, SessionPolicy{});
}

TEST(SessionReaderTest, ReadsEveryKeyForAll) {
  const Exchange exchange = loaded(with_policies(kAll, ""));
  EXPECT_EQ(exchange.route_server.session, all());
  for (const Participant& one : exchange.participants) EXPECT_EQ(one.session, all());
}

TEST(SessionReaderTest, ReadsEveryKeyForOneParticipant) {
  const Exchange exchange = loaded(with_policies("", kAll));
  EXPECT_EQ(exchange.route_server.session, SessionPolicy{});
  EXPECT_EQ(exchange.find_participant("B")->session, SessionPolicy{});
  EXPECT_EQ(exchange.find_participant("C")->session, all());
}

TEST(SessionReaderTest, AParticipantOverridesSingleKeys) {
  const Exchange exchange =
      loaded(with_policies(kAll, "session: {hold_time: 9, send_hold: none, gtsm: false}"));
  SessionPolicy expected = all();
  expected.hold_time = seconds(9);
  expected.send_hold = std::nullopt;
  expected.gtsm = false;
  EXPECT_EQ(exchange.find_participant("C")->session, expected);
}

TEST(SessionReaderTest, AHoldTimeOfZeroOrAtLeastThreeIsAllowedByRfc4271_4_2) {
  EXPECT_EQ(complaints(with_policies("session: {hold_time: 0}", "")), "");
  EXPECT_EQ(complaints(with_policies("session: {hold_time: 3}", "")), "");
  EXPECT_EQ(complaints(with_policies("session: {hold_time: 2}", "")), "C0113");
  EXPECT_EQ(complaints(with_policies("session: {hold_time: 65536}", "")), "C0113");
}

TEST(SessionReaderTest, TimesFitTheFieldsOfRfc4724_3AndRfc9494_3) {
  EXPECT_EQ(complaints(with_policies("session: {graceful_restart: 4095}", "")), "");
  EXPECT_EQ(complaints(with_policies("session: {graceful_restart: 4096}", "")), "C0113");
  EXPECT_EQ(complaints(with_policies("session: {long_lived: 16777215}", "")), "");
  EXPECT_EQ(complaints(with_policies("session: {long_lived: 16777216}", "")), "C0113");
}

TEST(SessionReaderTest, ComplainsAboutSingleValues) {
  expect_complaints({
      {"port: 179}", "session: []}", "C0112", 8, 55},
      {"port: 179}", "session: {hold: 1}}", "C0110", 8, 56},
      {"port: 179}", "session: {gtsm: yes}}", "C0112", 8, 62},
      {"port: 179}", "session: {gtsm: \"true\"}}", "C0112", 8, 62},
      {"port: 179}", "session: {dial: acitve}}", "C0116", 8, 62},
      {"port: 179}", "session: {send_hold: never}}", "C0112", 8, 67},
      {"port: 179}", "session: {md5_password: ''}}", "C0112", 8, 70},
      {"asn: 100", "asn: 100\n    session: {role: 1}", "C0112", 12, 21},
  });
  EXPECT_EQ(complaints(with_policies("session: {md5_password: " + std::string(80, 'x') + "}", "")),
            "");
  EXPECT_EQ(complaints(with_policies("session: {md5_password: " + std::string(81, 'x') + "}", "")),
            "C0138");
}

TEST(SessionReaderTest, HintsAtTheNearestWord) {
  const std::string text = with_policies("session: {dial: acitve}", "");
  EXPECT_EQ(load(text, "x").error().front().help, "did you mean 'active'?");
}

TEST(SessionReaderTest, ComplainsAboutValuesThatContradictEachOther) {
  expect_complaints({
      {"port: 179}", "session: {hold_time: 90, send_hold: 90}}", "C0140", 8, 82},
      {"port: 179}", "session: {role: false, strict_role: true}}", "C0140", 8, 82},
      {"port: 179}", "session: {graceful_restart: 0, long_lived: 60}}", "C0140", 8, 89},
      {"port: 179}", "session: {md5_password: a, md5_password_file: b}}", "C0140", 8, 92},
  });
  const std::string text = with_policies("session: {send_hold: 100}", "session: {hold_time: 180}");
  EXPECT_EQ(complaints(text), "C0140") << "the defaults count";
}

TEST(SessionReaderTest, ReadsPasswordsFromFiles) {
  std::vector<std::string> asked;
  const auto secrets = [&](const std::string& file) -> Result<std::string> {
    asked.push_back(file);
    return file == "md5/C" ? "c's secret\n" : "everyone's\r\n";
  };
  const Exchange exchange = loaded(
      with_policies("session: {md5_password_file: md5/all}", "session: {md5_password_file: md5/C}"),
      secrets);
  EXPECT_EQ(exchange.find_participant("B")->session.md5_password, "everyone's");
  EXPECT_EQ(exchange.find_participant("C")->session.md5_password, "c's secret");
  EXPECT_EQ(asked, (std::vector<std::string>{"md5/all", "md5/C"}));
}

TEST(SessionReaderTest, AParticipantsPasswordReplacesThatOfAFile) {
  const auto secrets = [](const std::string&) -> Result<std::string> { return "everyone's"; };
  const Exchange exchange = loaded(
      with_policies("session: {md5_password_file: all}", "session: {md5_password: own}"), secrets);
  EXPECT_EQ(exchange.find_participant("C")->session.md5_password, "own");
}

TEST(SessionReaderTest, SaysWhyThereIsNoPassword) {
  const auto secrets = [](const std::string& file) -> Result<std::string> {
    if (file == "empty") return "\n";
    return fail(Error{file + ": No such file or directory"});
  };
  const std::string missing = with_policies("session: {md5_password_file: none}", "");
  const auto exchange = load(missing, "exchange.yaml", secrets);
  ASSERT_FALSE(exchange);
  EXPECT_EQ(exchange.error().front().code, "C0139");
  EXPECT_EQ(exchange.error().front().message, "no password: none: No such file or directory");
  EXPECT_EQ(complaints(with_policies("session: {md5_password_file: empty}", ""), secrets), "C0138");
}

TEST(SessionReaderTest, WithoutAReaderAPasswordInAFileIsOneThatNoPeerHas) {
  const Exchange exchange = loaded(with_policies("session: {md5_password_file: none}", ""));
  EXPECT_EQ(exchange.participants.front().session.md5_password, kUnreadSecret);
}

}  // namespace
}  // namespace fabrix::exchange
