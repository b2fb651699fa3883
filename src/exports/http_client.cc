#include "exports/http_client.h"

#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "base/assert.h"
#include "io/byte_stream.h"
#include "io/connector.h"

namespace fabrix::exports {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;

std::string text_of(const HttpPost& post, const io::IpEndpoint& server) {
  std::string text = fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n",
                                 post.target, to_string(io::Endpoint(server)), post.body.size());
  for (const auto& [name, value] : post.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n" + post.body;
}

// RFC 4648 §4.
std::string base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::string_view group = text.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8U | (j < group.size() ? static_cast<std::uint8_t>(group[j]) : 0U);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      out += digit <= group.size() ? kDigits[bits >> (18 - 6 * digit) & 63U] : '=';
    }
  }
  return out;
}

}  // namespace

std::string basic_authorization(const std::string& user, const std::string& password) {
  return "Basic " + base64(user + ':' + password);
}

class HttpClient::Impl {
 public:
  Impl(io::EventLoop& loop, const io::IpEndpoint& server)
      : loop_(loop), server_(server), deadline_(loop, [this] { fail_with("it took too long"); }) {}

  void post(const HttpPost& request, OnAnswer on_answer) {
    FABRIX_ASSERT(!on_answer_);
    on_answer_ = std::move(on_answer);
    text_ = text_of(request, server_);
    deadline_.start(kPatience);
    is_kept_ = stream_.has_value();
    if (stream_) {
      say();
    } else {
      dial();
    }
  }

 private:
  void dial() {
    is_kept_ = false;
    stream_.reset();
    connector_.emplace(loop_, server_, io::ConnectOptions{},
                       [this](Result<io::ByteStream> connected) {
                         if (!connected) return fail_with(connected.error().message);
                         begin(*std::move(connected));
                       });
  }

  void begin(io::ByteStream stream) {
    stream_.emplace(std::move(stream));
    stream_->start({.on_data = [this](std::span<const std::byte> octets) { hear(octets); },
                    .on_end = [this](const io::StreamEnd& end) { end_of(end); },
                    .on_drained = {}});
    say();
  }

  void say() {
    parser_.emplace();
    parser_->eager(true);
    parser_->body_limit(kLongestAnswer);
    // That the connection is broken is told by on_end.
    const auto written = stream_->write(std::as_bytes(std::span(text_)));
    if (!written && written.error() == io::WriteError::kQueueFull) fail_with("it is too long");
  }

  void hear(std::span<const std::byte> octets) {
    // Nobody has asked.
    if (!on_answer_) return stream_.reset();
    for (const std::byte octet : octets) heard_.push_back(static_cast<char>(octet));
    beast::error_code error;
    while (!heard_.empty() && !parser_->is_done()) {
      const std::size_t used =
          parser_->put(boost::asio::const_buffer(heard_.data(), heard_.size()), error);
      heard_.erase(0, used);
      if (error == beast::http::error::need_more) break;
      if (error) return fail_with("no HTTP answer: " + error.message());
    }
    if (heard_.size() > kLongestAnswer) return fail_with("no HTTP answer: a line is too long");
    if (parser_->is_done()) answered();
  }

  void end_of(const io::StreamEnd& end) {
    if (!on_answer_) return stream_.reset();
    if (is_kept_ && !parser_->got_some()) return dial();
    beast::error_code error;
    if (parser_->got_some()) parser_->put_eof(error);
    if (parser_->is_done()) return answered();
    fail_with(end.text);
  }

  void answered() {
    HttpAnswer answer{.status = parser_->get().result_int(), .body = parser_->get().body()};
    if (!parser_->keep_alive()) stream_.reset();
    finish(std::move(answer));
  }

  void fail_with(const std::string& why) {
    stream_.reset();
    finish(fail(Error{why}));
  }

  void finish(Result<HttpAnswer> result) {
    deadline_.cancel();
    connector_.reset();
    heard_.clear();
    text_.clear();
    const OnAnswer tell = std::exchange(on_answer_, {});
    tell(std::move(result));
  }

  io::EventLoop& loop_;
  io::IpEndpoint server_;
  io::Timer deadline_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  bool is_kept_ = false;  // the stream was there before the request
  std::string text_;      // of the request
  std::optional<Parser> parser_;
  std::string heard_;
  OnAnswer on_answer_;  // empty: nothing is under way
};

HttpClient::HttpClient(io::EventLoop& loop, const io::IpEndpoint& server)
    : impl_(std::make_unique<Impl>(loop, server)) {}
HttpClient::~HttpClient() = default;

void HttpClient::post(const HttpPost& request, OnAnswer on_answer) {
  impl_->post(request, std::move(on_answer));
}

}  // namespace fabrix::exports
