#include "http/request_reader.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/assert.h"
#include "http/short_end.h"

namespace fabrix::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::request_parser<beast::http::string_body>;
using Message = Parser::value_type;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

std::optional<Method> method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::kGet;
    case beast::http::verb::head:
      return Method::kHead;
    case beast::http::verb::post:
      return Method::kPost;
    case beast::http::verb::put:
      return Method::kPut;
    case beast::http::verb::patch:
      return Method::kPatch;
    case beast::http::verb::delete_:
      return Method::kDelete;
    case beast::http::verb::options:
      return Method::kOptions;
    default:
      return std::nullopt;
  }
}

Refusal refusal_of(const beast::error_code& error) {
  using Code = beast::http::error;
  unsigned status = 400;
  if (error == Code::header_limit) status = 431;
  if (error == Code::body_limit || error == Code::buffer_overflow) status = 413;
  if (error == Code::bad_version) status = 505;
  return {status, error.message()};
}

std::optional<Refusal> check_framing(const Message& message) {
  const auto encodings = message.equal_range(beast::http::field::transfer_encoding);
  if (encodings.first == encodings.second) return std::nullopt;
  if (message.version() < 11) return Refusal{400, "HTTP/1.0 has no transfer encodings"};
  const bool is_one = std::next(encodings.first) == encodings.second;
  if (!is_one || !beast::iequals(encodings.first->value(), "chunked")) {
    return Refusal{501, "the only transfer encoding here is chunked"};
  }
  return std::nullopt;  // And not with a Content-Length: Beast has refused that.
}

// What is wrong with a header that Beast is content with: it is of HTTP/1.0 or 1.1.
std::optional<Refusal> check_header(const Message& message) {
  if (!method_of(message.method())) return Refusal{501, "this server does not have that method"};
  const std::size_t hosts = message.count(beast::http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) {
    return Refusal{400, "a request must have one Host field"};
  }
  if (auto refusal = check_framing(message)) return refusal;
  const auto target = parse_target(view(message.target()));
  if (!target) return Refusal{400, std::string(describe(target.error()))};
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

// All but the body. Precondition: check_header() is content.
ReadRequest convert(const Message& message) {
  ReadRequest read;
  read.request.method = *method_of(message.method());
  read.request.target = *parse_target(view(message.target()));
  for (const auto& field : message) {
    read.request.headers.push_back(
        {lower(view(field.name_string())), std::string(view(field.value()))});
  }
  read.persistence = message.keep_alive() ? Persistence::kKeep : Persistence::kClose;
  read.framing = message.version() == 11 ? Framing::kChunks : Framing::kUntilClose;
  return read;
}

}  // namespace

class RequestReader::Impl {
 public:
  explicit Impl(const RequestLimits& limits) : limits_(limits) { begin(); }

  void append(std::span<const std::byte> octets) {
    input_.erase(0, std::exchange(used_, 0));
    for (const std::byte octet : octets) input_.push_back(static_cast<char>(octet));
  }

  Step next() {
    if (refusal_) return Step::kRefused;
    if (!skip_empty_lines()) return Step::kNeedMore;
    while (buffered() > 0 && !parser_->is_done()) {
      if (is_too_short(*parser_, buffered())) return Step::kNeedMore;
      beast::error_code error;
      used_ += parser_->put(boost::asio::const_buffer(input_.data() + used_, buffered()), error);
      if (parser_->is_header_done() && !std::exchange(is_header_checked_, true)) {
        refusal_ = check_header(parser_->get());
        if (refusal_) return Step::kRefused;
        // Fields behind the body are none of the header's (RFC 9110 §6.5.1).
        read_ = convert(parser_->get());
        parser_->eager(true);
      }
      if (error == beast::http::error::need_more) return check_waiting();
      if (error) {
        refusal_ = refusal_of(error);
        return Step::kRefused;
      }
    }
    return parser_->is_done() ? Step::kRequest : Step::kNeedMore;
  }

  ReadRequest take() {
    FABRIX_ASSERT(parser_->is_done());
    ReadRequest read = std::move(read_);
    read.request.body = std::move(parser_->get().body());
    begin();
    return read;
  }

  bool take_expectation() {
    if (!parser_->is_header_done() || parser_->is_done()) return false;
    if (std::exchange(is_expectation_taken_, true)) return false;
    const Message& message = parser_->get();
    return message.version() == 11 &&
           beast::iequals(message[beast::http::field::expect], "100-continue");
  }

  const Refusal& refusal() const { return *refusal_; }
  bool in_request() const { return parser_->got_some() || buffered() > 0; }
  std::size_t buffered() const { return input_.size() - used_; }

 private:
  void begin() {
    parser_.emplace();
    parser_->eager(false);
    parser_->header_limit(limits_.header_octets);
    parser_->body_limit(limits_.body_octets);
    is_header_checked_ = false;
    is_expectation_taken_ = false;
  }

  // What stays unread is part of a line: of the header, of a chunk's extensions, of a trailer.
  Step check_waiting() {
    if (buffered() <= limits_.header_octets) return Step::kNeedMore;
    refusal_ = {431, "a line is too long"};
    return Step::kRefused;
  }

  // RFC 9112 §2.2: a robust server ignores empty lines before a request. False while it cannot
  // tell.
  bool skip_empty_lines() {
    if (parser_->got_some()) return true;
    while (buffered() >= 2 && input_.compare(used_, 2, "\r\n") == 0) used_ += 2;
    return buffered() != 1 || input_[used_] != '\r';
  }

  RequestLimits limits_;
  std::optional<Parser> parser_;
  ReadRequest read_;  // of the header
  std::string input_;
  std::size_t used_ = 0;
  std::optional<Refusal> refusal_;
  bool is_header_checked_ = false;
  bool is_expectation_taken_ = false;
};

RequestReader::RequestReader(const RequestLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

void RequestReader::append(std::span<const std::byte> octets) {
  impl_->append(octets);
}

RequestReader::Step RequestReader::next() {
  return impl_->next();
}

ReadRequest RequestReader::take() {
  return impl_->take();
}

const Refusal& RequestReader::refusal() const {
  return impl_->refusal();
}

bool RequestReader::in_request() const {
  return impl_->in_request();
}

std::size_t RequestReader::buffered() const {
  return impl_->buffered();
}

bool RequestReader::take_expectation() {
  return impl_->take_expectation();
}

}  // namespace fabrix::http
