// Client: questions to a running daemon over its local socket (api/protocol.h), blocking.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
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

enum class Continue : std::uint8_t { kYes, kNo };

// A connection on which one question is asked after the other.
class Connection {
 public:
  // Waits `patience` for the connection and for each answer.
  static Result<Connection, AskFailure> open(const std::string& socket_path,
                                             std::chrono::milliseconds patience = kAnswerTimeout);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // The answer's data.
  Result<boost::json::value, AskFailure> ask(const boost::json::object& request);

  // Asks for a paged list, page by page, as long as `take` wants more rows.
  using TakeRows = std::function<Continue(const boost::json::array&)>;
  Result<void, AskFailure> ask_pages(boost::json::object request, const TakeRows& take);

  // The lines that come unasked after a request for a stream: until `take` has enough of them, or
  // the connection ends, which is a failure. Waits for ever.
  using TakeLine = std::function<Continue(std::string_view)>;
  Result<void, AskFailure> stream(const TakeLine& take);

 private:
  class Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One question on a connection of its own.
Result<boost::json::value, AskFailure> ask(const std::string& socket_path,
                                           const boost::json::object& request,
                                           std::chrono::milliseconds patience = kAnswerTimeout);

}  // namespace fabrix::api
