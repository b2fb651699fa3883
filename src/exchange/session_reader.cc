#include "exchange/session_reader.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/policy_words.h"

namespace fabrix::exchange {
namespace {

using std::chrono::seconds;

constexpr std::size_t kLongestPassword = 80;    // what kernels accept for TCP MD5
constexpr std::uint64_t kMaxHold = 65535;       // RFC 4271 §4.2
constexpr std::uint64_t kMaxRestart = 4095;     // RFC 4724 §3: 12 bits
constexpr std::uint64_t kMaxStale = 0xffffff;   // RFC 9494 §3: 24 bits
constexpr std::uint64_t kMaxSendHold = 86'400;  // longer is the same as never

const std::vector<std::string>& session_keys() {
  static const std::vector<std::string> keys{"hold_time",
                                             "send_hold",
                                             "gtsm",
                                             "role",
                                             "strict_role",
                                             "add_path",
                                             "extended_next_hop",
                                             "extended_messages",
                                             "flowspec",
                                             "graceful_restart",
                                             "long_lived",
                                             "dial",
                                             "md5_password",
                                             "md5_password_file"};
  return keys;
}

void check_password(YamlReader& reader, const YamlNode& node, std::string_view password) {
  if (!password.empty() && password.size() <= kLongestPassword) return;
  reader.error(
      node.at, "C0138",
      fmt::format("a password has 1 to {} octets, not {}", kLongestPassword, password.size()));
}

std::optional<std::string> read_secret(YamlReader& reader, const YamlNode& node,
                                       const SecretReader& secrets) {
  const auto file = read_path(reader, node);
  if (!file) return std::nullopt;
  if (!secrets) return kUnreadSecret;
  auto secret = secrets(*file);
  if (!secret) {
    reader.error(node.at, "C0139", fmt::format("no password: {}", secret.error().message),
                 "file names are relative to the configuration file");
    return std::nullopt;
  }
  if (secret->ends_with('\n')) secret->pop_back();
  if (secret->ends_with('\r')) secret->pop_back();
  return *std::move(secret);
}

void read_password(YamlReader& reader, const YamlNode& session, const SecretReader& secrets,
                   std::optional<std::string>& password) {
  const YamlNode* const written = session.find("md5_password");
  const YamlNode* const file = session.find("md5_password_file");
  if (written != nullptr && file != nullptr) {
    reader.error(file->at, "C0140", "there are a password and a file with a password");
    return;
  }
  const YamlNode* const node = written != nullptr ? written : file;
  if (node == nullptr) return;
  auto text =
      node == written ? reader.text(*node, "a password") : read_secret(reader, *node, secrets);
  if (!text) return;
  check_password(reader, *node, *text);
  password = std::move(text);
}

std::optional<seconds> read_hold_time(YamlReader& reader, const YamlNode& node) {
  const auto value = reader.number(node, {.least = 0, .most = kMaxHold});
  if (!value) return std::nullopt;
  if (*value == 0 || *value >= 3) return seconds(*value);
  reader.error(node.at, "C0113", "a hold time is 0 or at least 3 seconds (RFC 4271 §4.2)");
  return std::nullopt;
}

// What single values cannot tell.
void check_together(YamlReader& reader, const YamlNode& node, const SessionPolicy& session) {
  const auto at = [&](std::string_view key) {
    const YamlNode* const value = node.find(key);
    return value == nullptr ? node.at : value->at;
  };
  if (session.send_hold && *session.send_hold <= session.hold_time) {
    reader.error(at("send_hold"), "C0140",
                 fmt::format("the send hold time is not longer than the hold time of {} s",
                             session.hold_time.count()));
  }
  if (session.strict_role && !session.role) {
    reader.error(at("strict_role"), "C0140", "strict_role needs role (RFC 9234 §4.2)");
  }
  if (session.long_lived > seconds(0) && session.graceful_restart == seconds(0)) {
    reader.error(at("long_lived"), "C0140", "long_lived needs graceful_restart (RFC 9494 §4.1)");
  }
}

}  // namespace

void read_session(YamlReader& reader, const YamlNode& node, const SecretReader& secrets,
                  SessionPolicy& session) {
  if (!reader.expect_map(node, session_keys())) return;
  const auto set = [&](std::string_view key, auto read, auto& to) {
    read_into(reader, node.find(key), read, to);
  };
  set("hold_time", read_hold_time, session.hold_time);
  set("send_hold", limit<seconds>({.least = 1, .most = kMaxSendHold}), session.send_hold);
  set("gtsm", read_flag, session.gtsm);
  set("role", read_flag, session.role);
  set("strict_role", read_flag, session.strict_role);
  set("add_path", read_flag, session.add_path);
  set("extended_next_hop", read_flag, session.extended_next_hop);
  set("extended_messages", read_flag, session.extended_messages);
  set("flowspec", read_flag, session.flowspec);
  set("graceful_restart", whole_number<seconds>({.least = 0, .most = kMaxRestart}),
      session.graceful_restart);
  set("long_lived", whole_number<seconds>({.least = 0, .most = kMaxStale}), session.long_lived);
  set("dial", choice({Dialling::kPassive, Dialling::kActive}), session.dialling);
  read_password(reader, node, secrets, session.md5_password);
  check_together(reader, node, session);
}

}  // namespace fabrix::exchange
