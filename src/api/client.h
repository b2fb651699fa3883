// ask(): one question to a running daemon over its local socket (api/protocol.h), blocking.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace fabrix::api {

inline constexpr std::chrono::seconds kAnswerTimeout{10};

enum class AskError : std::uint8_t {
  kUnreachable,  // nobody answers, or not in time, or not in this protocol
  kNotFound,     // the daemon's refusals: see protocol.h
  kBadRequest,
  kRefused,
};

struct AskFailure {
  AskError kind = AskError::kUnreachable;
  std::string message;
  boost::json::value diagnostics;  // of a refusal: an array, perhaps empty
};

// The answer's data. Waits `patience` for the connection and for the answer, each.
Result<boost::json::value, AskFailure> ask(const std::string& socket_path,
                                           const boost::json::object& request,
                                           std::chrono::milliseconds patience = kAnswerTimeout);

}  // namespace fabrix::api
