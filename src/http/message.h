// Request and Response: what a client asks and what a handler answers (RFC 9110). Values.
//
// A response has its body whole, or as pieces that are asked for one at a time, whenever the client
// has taken most of those before: so a table of any size costs the memory of a piece.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/target.h"
#include "io/endpoint.h"

namespace fabrix::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

std::string_view to_string(Method method);

struct Header {
  std::string name;  // of a request: in lower case
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};

struct Request {
  Method method = Method::kGet;
  Target target;
  std::vector<Header> headers;  // in the order given; names may repeat
  std::string body;
  io::Endpoint peer;

  // The first of that (lower case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

// The next piece of a body; none at its end. An empty one means "ask again later": in the next turn
// of the loop, or as the response says. Called from the loop, never again after its end or once the
// client is gone.
using NextPiece = std::function<std::optional<std::string>()>;

struct Response {
  unsigned status = 200;
  std::vector<Header> headers;  // without those that frame the body: they are the server's
  std::variant<std::string, NextPiece> body;
  std::chrono::milliseconds ask_again{0};  // after an empty piece
  // If it is there, the response is another one, which is not known yet: this is asked for it, as a
  // body is for its next piece, until it says it.
  std::function<std::optional<Response>()> later = nullptr;
};

// The reason phrase of RFC 9110 §15, such as "Not Found"; "Status" for one we do not use.
std::string_view reason_phrase(unsigned status);

Response text_response(unsigned status, std::string body);
Response json_response(unsigned status, std::string body);
Response streamed_response(std::string content_type, NextPiece next_piece);

// One that is not known yet: `look` is called every so often.
Response later_response(std::function<std::optional<Response>()> look,
                        std::chrono::milliseconds every);

// A problem document (RFC 9457): what is wrong, for people and programs.
Response problem(unsigned status, std::string_view detail);

// The answer to a method that the resource does not have; `allowed` as in "GET, HEAD".
Response method_not_allowed(std::string allowed);

// `text` as a JSON string, with its quotes. Octets that are not UTF-8 are passed through.
std::string json_string(std::string_view text);

}  // namespace fabrix::http
