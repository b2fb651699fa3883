#include "openflow/error_text.h"

#include <array>
#include <span>
#include <string_view>

namespace fabrix::openflow {
namespace {

using Codes = std::span<const std::string_view>;

constexpr std::array<std::string_view, 2> kHelloFailed{"no common version", "permission denied"};

constexpr std::array<std::string_view, 14> kBadRequest{
    "version not supported",
    "type not supported",
    "multipart type not supported",
    "experimenter not supported",
    "experimenter type not supported",
    "permission denied",
    "wrong length",
    "buffer already used",
    "buffer unknown",
    "no such table",
    "controller is slave",
    "invalid port",
    "invalid packet",
    "too many multipart requests",
};

constexpr std::array<std::string_view, 16> kBadAction{
    "unknown type",
    "wrong length",
    "unknown experimenter",
    "unknown experimenter type",
    "invalid output port",
    "bad argument",
    "permission denied",
    "too many actions",
    "no such queue",
    "no such group",
    "not possible with this match",
    "order not supported",
    "tag not supported",
    "set-field type not supported",
    "set-field length",
    "set-field argument",
};

constexpr std::array<std::string_view, 9> kBadInstruction{
    "unknown type",
    "type not supported",
    "no such table",
    "metadata not supported",
    "metadata mask not supported",
    "unknown experimenter",
    "unknown experimenter type",
    "wrong length",
    "permission denied",
};

constexpr std::array<std::string_view, 12> kBadMatch{
    "type not supported",
    "wrong length",
    "tag not supported",
    "link mask not supported",
    "network mask not supported",
    "wildcards not supported",
    "unknown field",
    "bad value",
    "mask not supported",
    "prerequisite missing",
    "duplicate field",
    "permission denied",
};

constexpr std::array<std::string_view, 10> kFlowModFailed{
    "unspecified", "table full",  "no such table", "overlap",    "permission denied",
    "bad timeout", "bad command", "bad flags",     "table sync", "bad priority",
};

constexpr std::array<std::string_view, 15> kGroupModFailed{
    "group exists",        "invalid group",  "weight not supported",
    "out of groups",       "out of buckets", "chaining not supported",
    "watch not supported", "loop",           "unknown group",
    "chained group",       "bad type",       "bad command",
    "bad bucket",          "bad watch",      "permission denied",
};

constexpr std::array<std::string_view, 3> kRoleRequestFailed{
    "stale generation id",
    "role change not supported",
    "no such role",
};

constexpr std::array<std::string_view, 16> kBundleFailed{
    "unspecified",
    "permission denied",
    "no such bundle",
    "bundle exists",
    "bundle closed",
    "too many bundles",
    "bad control type",
    "bad flags",
    "wrong length",
    "inconsistent xid",
    "message not supported",
    "messages conflict",
    "too many messages",
    "a message failed",
    "timeout",
    "another bundle in progress",
};

struct ErrorType {
  std::string_view name;
  Codes codes;
};

constexpr std::array<ErrorType, 18> kTypes{{
    {"hello failed", kHelloFailed},
    {"bad request", kBadRequest},
    {"bad action", kBadAction},
    {"bad instruction", kBadInstruction},
    {"bad match", kBadMatch},
    {"flow mod failed", kFlowModFailed},
    {"group mod failed", kGroupModFailed},
    {"port mod failed", {}},
    {"table mod failed", {}},
    {"queue operation failed", {}},
    {"switch configuration failed", {}},
    {"role request failed", kRoleRequestFailed},
    {"meter mod failed", {}},
    {"table features failed", {}},
    {"bad property", {}},
    {"asynchronous configuration failed", {}},
    {"flow monitor failed", {}},
    {"bundle failed", kBundleFailed},
}};

}  // namespace

std::string describe(const ErrorMessage& error) {
  if (error.type >= kTypes.size()) {
    return "error type " + std::to_string(error.type) + " code " + std::to_string(error.code);
  }
  const ErrorType& type = kTypes[error.type];
  std::string text(type.name);
  text += ": ";
  text += error.code < type.codes.size() ? std::string(type.codes[error.code])
                                         : "code " + std::to_string(error.code);
  return text;
}

}  // namespace fabrix::openflow
