// A client that says what it is told to and keeps what it hears, and how to take apart what a
// server says: what the tests of http share.
#pragma once

#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "io/connector.h"
#include "io/event_loop.h"

namespace fabrix::http::testing {

// Generous: it bounds a failing test, not a passing one.
inline constexpr std::chrono::seconds kPatience{30};

inline std::span<const std::byte> octets_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

class Client {
 public:
  Client(io::EventLoop& loop, const io::Endpoint& server) : loop_(loop) {
    connector_.emplace(loop, server, io::ConnectOptions{},
                       [this](Result<io::ByteStream> stream) { begin(std::move(stream)); });
    EXPECT_TRUE(loop.run_until([this] { return stream_.has_value(); }, kPatience));
  }

  void say(const std::string& text) { EXPECT_TRUE(stream_->write(octets_of(text))); }
  bool hears(std::string_view what) {
    return loop_.run_until([&] { return heard_.find(what) != std::string::npos || ended_; },
                           kPatience) &&
           heard_.find(what) != std::string::npos;
  }
  bool hears_octets(std::size_t count) {
    return loop_.run_until([&] { return heard_.size() >= count || ended_; }, kPatience) &&
           heard_.size() >= count;
  }
  bool is_left() {
    return loop_.run_until([this] { return ended_; }, kPatience);
  }
  bool ended() const { return ended_; }
  const std::string& heard() const { return heard_; }
  io::ByteStream& stream() { return *stream_; }

 private:
  void begin(Result<io::ByteStream> stream) {
    ASSERT_TRUE(stream) << stream.error().message;
    stream_.emplace(*std::move(stream));
    stream_->start({.on_data =
                        [this](std::span<const std::byte> data) {
                          for (const std::byte octet : data) {
                            heard_.push_back(static_cast<char>(octet));
                          }
                        },
                    .on_end = [this](const io::StreamEnd&) { ended_ = true; },
                    .on_drained = {}});
  }

  io::EventLoop& loop_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  std::string heard_;
  bool ended_ = false;
};

struct Reply {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names as sent
  std::string body;
};

inline std::string unchunk(std::string_view text, std::size_t& used) {
  std::string body;
  for (;;) {
    const std::size_t line = text.find("\r\n", used);
    std::size_t size = 0;
    const auto* const begin = text.data() + used;
    const auto parsed = std::from_chars(begin, text.data() + line, size, 16);
    EXPECT_TRUE(parsed.ec == std::errc() && parsed.ptr == text.data() + line);
    used = line + 2;
    body += text.substr(used, size);
    EXPECT_EQ(text.substr(used + size, 2), "\r\n");
    used += size + 2;
    if (size == 0) return body;
  }
}

// Takes the first whole reply off `text`; `has_body` is false for replies to HEAD.
inline Reply take_reply(std::string& text, bool has_body = true) {
  Reply reply;
  const std::size_t end = text.find("\r\n\r\n");
  EXPECT_NE(end, std::string::npos) << text;
  if (end == std::string::npos) return reply;
  EXPECT_TRUE(text.starts_with("HTTP/1.1 "));
  reply.status = static_cast<unsigned>(std::stoul(text.substr(9, 3)));
  std::size_t at = text.find("\r\n") + 2;
  while (at < end + 2) {
    const std::size_t line_end = text.find("\r\n", at);
    const std::size_t colon = text.find(": ", at);
    reply.headers[text.substr(at, colon - at)] = text.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  std::size_t used = end + 4;
  if (has_body && reply.headers.contains("Transfer-Encoding")) {
    reply.body = unchunk(text, used);
  } else if (has_body && reply.headers.contains("Content-Length")) {
    reply.body = text.substr(used, std::stoul(reply.headers["Content-Length"]));
    used += reply.body.size();
  }
  text.erase(0, used);
  return reply;
}

}  // namespace fabrix::http::testing
