#include "http/client.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "http/short_end.h"
#include "io/byte_stream.h"
#include "io/secure_stream.h"

namespace fabrix::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;

std::string lower(beast::string_view text) {
  std::string result(text.data(), text.size());
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::string octets_of(const OutgoingRequest& request) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                 request.method, request.target, request.host);
  for (const Header& header : request.headers) {
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return text + "\r\n" + request.body;
}

IncomingResponse convert(Parser::value_type message) {
  IncomingResponse response;
  response.status = message.result_int();
  for (const auto& field : message) {
    response.headers.push_back(
        {lower(field.name_string()), std::string(field.value().data(), field.value().size())});
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace

class Client::Impl {
 public:
  Impl(io::EventLoop& loop, const OutgoingRequest& request, const ClientLimits& limits,
       OnDone on_done)
      : request_(octets_of(request)),
        tls_(request.tls),
        on_done_(std::move(on_done)),
        deadline_(loop, [this] { finish(fail(Error{"no answer in time"})); }),
        done_(loop,
              [this] {
                stream_.reset();
                std::exchange(on_done_, nullptr)(*std::exchange(result_, std::nullopt));
              }),
        dialer_(loop, request.server, limits.time,
                [this](Result<io::ByteStream> stream) { begin(std::move(stream)); }) {
    parser_.header_limit(limits.header_octets);
    parser_.body_limit(limits.body_octets);
    parser_.skip(request.method == "HEAD");
    deadline_.start(limits.time);
  }

 private:
  void begin(Result<io::ByteStream> stream) {
    if (!stream) return finish(fail(stream.error()));
    stream_.emplace(*std::move(stream),
                    io::SecureStream::Handlers{
                        .on_data = [this](std::span<const std::byte> octets) { take(octets); },
                        .on_end = [this](const io::StreamEnd& how) { end(how); }});
    if (tls_) {
      if (auto begun = stream_->start_tls(*tls_); !begun) return finish(fail(begun.error()));
    }
    if (!stream_->write(std::as_bytes(std::span(request_)))) {
      finish(fail(Error{"the request is too large"}));
    }
  }

  void take(std::span<const std::byte> octets) {
    if (result_) return;
    for (const std::byte octet : octets) input_.push_back(static_cast<char>(octet));
    while (!input_.empty() && !parser_.is_done()) {
      if (is_too_short(parser_, input_.size())) return;
      beast::error_code error;
      input_.erase(0, parser_.put(boost::asio::const_buffer(input_.data(), input_.size()), error));
      if (error == beast::http::error::need_more) return;
      if (error) return finish(fail(Error{"the answer: " + error.message()}));
    }
    if (parser_.is_done()) finish(convert(parser_.release()));
  }

  // An answer without a length ends with the connection.
  void end(const io::StreamEnd& how) {
    if (result_) return;
    if (tls_ && how.cause == io::StreamEndCause::kBroken) return finish(fail(Error{how.text}));
    beast::error_code error;
    if (parser_.got_some()) parser_.put_eof(error);
    if (error || !parser_.is_done()) return finish(fail(Error{"the answer ends too early"}));
    finish(convert(parser_.release()));
  }

  // Told from the loop, not from within a callback that is the connection's.
  void finish(Result<IncomingResponse> result) {
    if (result_ || !on_done_) return;
    result_ = std::move(result);
    deadline_.cancel();
    done_.start(std::chrono::milliseconds(0));
  }

  std::string request_;
  std::optional<io::TlsOptions> tls_;
  OnDone on_done_;
  Parser parser_;
  std::string input_;
  std::optional<Result<IncomingResponse>> result_;
  io::Timer deadline_;
  io::Timer done_;
  std::optional<io::SecureStream> stream_;
  io::Dialer dialer_;
};

Client::Client(io::EventLoop& loop, const OutgoingRequest& request, const ClientLimits& limits,
               OnDone on_done)
    : impl_(std::make_unique<Impl>(loop, request, limits, std::move(on_done))) {}
Client::~Client() = default;

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= 0x20 && octet != 0x7f;
  });
}

}  // namespace fabrix::http
