// The octets before, between and after a response's body (RFC 9112 §4, §7.1).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/request_reader.h"

namespace fabrix::http {

struct Delivery {
  Persistence persistence = Persistence::kClose;
  std::optional<std::size_t> length;   // of the body; none if it is not known yet
  Framing framing = Framing::kChunks;  // when the length is not known
  std::chrono::sys_seconds date;       // RFC 9110 §6.6.1
};

// Status line and fields, with the empty line. A control character in a field becomes a space, so
// that no field can begin another one.
std::string response_head(const Response& response, const Delivery& delivery);

// Whether such a response has no body whatever the handler says (RFC 9110 §15.3.5, §15.4.5).
bool is_bodiless(unsigned status);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::chrono::sys_seconds time);

// The line before a chunk of that size, which is not 0; after it comes kChunkEnd.
std::string chunk_begin(std::size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace fabrix::http
