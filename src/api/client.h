// ask(): one question to a running daemon over its local socket (api/protocol.h), blocking.
#pragma once

#include <chrono>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace fabrix::api {

inline constexpr std::chrono::seconds kAnswerTimeout{10};

enum class AskError : std::uint8_t { kUnreachable, kRefused };

struct AskFailure {
  AskError kind = AskError::kUnreachable;
  std::string message;
  boost::json::value diagnostics;  // kRefused: an array, perhaps empty
};

// The answer's data.
Result<boost::json::value, AskFailure> ask(const std::string& socket_path,
                                           const boost::json::object& request);

}  // namespace fabrix::api
