#include "http/message.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace fabrix::http {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      break;
  }
  return "OPTIONS";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Header::name);
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

std::string_view reason_phrase(unsigned status) {
  constexpr auto kPhrases = std::to_array<std::pair<unsigned, std::string_view>>({
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  });
  const auto* const found =
      std::ranges::find(kPhrases, status, &std::pair<unsigned, std::string_view>::first);
  return found == kPhrases.end() ? "Status" : found->second;
}

Response text_response(unsigned status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::move(body)};
}

Response later_response(std::function<std::optional<Response>()> look,
                        std::chrono::milliseconds every) {
  Response response;
  response.later = std::move(look);
  response.ask_again = every;
  return response;
}

Response json_response(unsigned status, std::string body) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Response streamed_response(std::string content_type, NextPiece next_piece) {
  return {.status = 200,
          .headers = {{"Content-Type", std::move(content_type)}},
          .body = std::move(next_piece)};
}

Response problem(unsigned status, std::string_view detail) {
  return {.status = status,
          .headers = {{"Content-Type", "application/problem+json"}},
          .body = fmt::format(R"({{"type":"about:blank","title":{},"status":{},"detail":{}}})"
                              "\n",
                              json_string(reason_phrase(status)), status, json_string(detail))};
}

Response method_not_allowed(std::string allowed) {
  Response response = problem(405, "this resource has the methods " + allowed);
  response.headers.push_back({"Allow", std::move(allowed)});
  return response;
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (octet < 0x20 || octet == 0x7f) {
      quoted += fmt::format("\\u{:04x}", octet);
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + '"';
}

}  // namespace fabrix::http
