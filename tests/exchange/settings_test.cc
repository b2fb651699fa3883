#include "exchange/settings.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

std::string value_of(const std::vector<Setting>& settings, std::string_view key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& one) { return one.key == key; });
  return found == settings.end() ? "?" : found->value;
}

// The settings as a section of exchange.yaml: "a.b 1", "a.c 2" -> "{a: {b: 1, c: 2}}".
std::string as_yaml(const std::vector<Setting>& settings) {
  std::string text = "{";
  std::vector<std::string> open;
  for (const Setting& one : settings) {
    const bool is_unset = one.value == "none" && one.key.find("max") == std::string::npos;
    const bool is_members = one.key == "irr.as_sets";  // not for all
    if (is_unset || is_members) continue;
    std::vector<std::string> path;
    std::string rest = one.key;
    for (std::size_t dot = 0; (dot = rest.find('.')) != std::string::npos;) {
      path.push_back(rest.substr(0, dot));
      rest = rest.substr(dot + 1);
    }
    std::size_t same = 0;
    while (same < std::min(open.size(), path.size()) && open[same] == path[same]) ++same;
    for (; open.size() > same; open.pop_back()) text += "}, ";
    for (; open.size() < path.size(); open.push_back(path[open.size()])) {
      text += path[open.size()] + ": {";
    }
    const bool is_plain = one.value.starts_with('[') && one.value.find('[', 1) == std::string::npos;
    const bool quoted = one.value.find(':') != std::string::npos && !is_plain;
    text += rest + ": " + (quoted ? "'" + one.value + "'" : one.value) + ", ";
  }
  for (; !open.empty(); open.pop_back()) text += "}";
  return text + "}";
}

TEST(SettingsTest, SayWhatTheConfigurationSays) {
  const Exchange exchange = loaded(
      with_policies("policy: ixp, session: {hold_time: 30, md5_password: secret}",
                    "import: {prefix_length: {ipv4: [9, 23]}, transit_free: [3356, 174], "
                    "next_hop: same-as, max_prefix: {ipv4: 1000, action: block}, rpki: mark}"));
  const Participant& c = *exchange.find_participant("C");
  const auto session = settings_of(c.session);
  EXPECT_EQ(value_of(session, "hold_time"), "30");
  EXPECT_EQ(value_of(session, "send_hold"), "none");
  EXPECT_EQ(value_of(session, "gtsm"), "false");
  EXPECT_EQ(value_of(session, "dial"), "passive");
  EXPECT_EQ(value_of(session, "md5_password"), "set");
  const auto import = settings_of(c.import);
  EXPECT_EQ(value_of(import, "prefix_length.ipv4"), "9..23");
  EXPECT_EQ(value_of(import, "transit_free"), "[174, 3356]");
  EXPECT_EQ(value_of(import, "next_hop"), "same-as");
  EXPECT_EQ(value_of(import, "max_prefix.ipv4"), "1000");
  EXPECT_EQ(value_of(import, "max_prefix.ipv6"), "none");
  EXPECT_EQ(value_of(import, "max_prefix.action"), "block");
  EXPECT_EQ(value_of(import, "rpki"), "mark");
  EXPECT_EQ(value_of(import, "aspa"), "off");
  EXPECT_EQ(value_of(import, "own_prefixes"), "[]");
}

TEST(SettingsTest, SayWhereTheRouteServersDataComesFrom) {
  const auto site =
      settings_of(loaded(with_policies("policy: strict, rpki: {caches: ['[::1]:323', 192.0.2.1]}, "
                                       "monitoring: {http: 127.0.0.1}",
                                       ""))
                      .route_server);
  EXPECT_EQ(value_of(site, "policy"), "strict");
  EXPECT_EQ(value_of(site, "rpki.caches"), "[[::1]:323, 192.0.2.1:323]");
  EXPECT_EQ(value_of(site, "monitoring.http"), "127.0.0.1:29184");
  EXPECT_EQ(value_of(site, "monitoring.mrt.directory"), "none");
  EXPECT_EQ(value_of(site, "flowspec.announce_to"), "nobody");
}

TEST(SettingsTest, NoKeyIsForgotten) {
  // What a preset differs in shows, and the settings written out again are the same policy.
  for (const auto which : {PolicyPreset::kMinimal, PolicyPreset::kIxp, PolicyPreset::kStrict}) {
    const ImportPolicy policy = preset(which);
    const Exchange again =
        loaded(with_policies("policy: minimal, import: " + as_yaml(settings_of(policy)), ""));
    EXPECT_EQ(again.route_server.import, policy) << as_yaml(settings_of(policy));
  }
  SessionPolicy policy;
  policy.hold_time = std::chrono::seconds(12);
  policy.gtsm = true;
  policy.extended_messages = false;
  policy.dialling = Dialling::kActive;
  const Exchange again = loaded(with_policies("session: " + as_yaml(settings_of(policy)), ""));
  EXPECT_EQ(again.route_server.session, policy);
}

}  // namespace
}  // namespace fabrix::exchange
