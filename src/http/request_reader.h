// RequestReader: octets in, requests out (RFC 9112), without any socket.
//
// It is Boost.Beast's parser behind a wall (its headers are in the source only), plus the rules of
// RFC 9112 that Beast leaves to its user: one Host (§3.2), no message that two readers could
// frame differently (§6.1), methods and versions that we have. After a refusal the connection's
// framing is lost: answer it and close. A request holds at most the limits; what is kept of
// requests to come is the caller's to bound, by buffered(). Fuzzed; loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "http/message.h"

namespace fabrix::http {

struct RequestLimits {
  std::uint32_t header_octets = 16U << 10U;  // of the request line, and of the fields
  std::uint64_t body_octets = 1U << 20U;
};

// Whether the connection can be used again after the answer (RFC 9112 §9.3).
enum class Persistence : std::uint8_t { kClose, kKeep };

// How a body of unknown length may be sent: HTTP/1.0 knows no chunks.
enum class Framing : std::uint8_t { kUntilClose, kChunks };

struct ReadRequest {
  Request request;  // its peer is not set
  Persistence persistence = Persistence::kClose;
  Framing framing = Framing::kUntilClose;
};

struct Refusal {
  unsigned status = 400;
  std::string detail;
};

class RequestReader {
 public:
  enum class Step : std::uint8_t { kNeedMore, kRequest, kRefused };

  explicit RequestReader(const RequestLimits& limits = {});
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  RequestReader(RequestReader&&) = delete;
  RequestReader& operator=(RequestReader&&) = delete;

  void append(std::span<const std::byte> octets);

  // Goes on reading. After kRequest, take() must come before the next call; kRefused is for ever.
  Step next();
  ReadRequest take();
  const Refusal& refusal() const;

  // Whether part of a request has come.
  bool in_request() const;

  // Octets not yet looked at.
  std::size_t buffered() const;

  // Whether the client waits for "100 Continue" before it sends the body (RFC 9110 §10.1.1); tells
  // it once a request.
  bool take_expectation();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::http
