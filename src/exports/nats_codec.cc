#include "exports/nats_codec.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::exports {
namespace {

using Kind = NatsMessage::Kind;

constexpr std::string_view kEnd = "\r\n";
constexpr std::string_view kHeaderVersion = "NATS/1.0";

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// "NATS/1.0 503 No Responders" as 503; 0 without one.
unsigned status_of(std::string_view headers) {
  const auto words = words_of(headers.substr(0, headers.find(kEnd)));
  if (words.size() < 2 || words[0] != kHeaderVersion) return 0;
  const auto status = parse_number<std::size_t>(words[1]);
  return status && *status < 1000 ? static_cast<unsigned>(*status) : 0;
}

Error malformed(std::string_view line) {
  constexpr std::size_t kShown = 40;
  return {fmt::format("no NATS: '{}'", line.substr(0, kShown))};
}

}  // namespace

void NatsReader::append(std::span<const std::byte> octets) {
  input_.erase(0, std::exchange(used_, 0));
  for (const std::byte octet : octets) input_.push_back(static_cast<char>(octet));
}

Result<std::optional<NatsMessage>> NatsReader::next() {
  if (pending_) return take_payload();
  const std::string_view rest = std::string_view(input_).substr(used_);
  const std::size_t end = rest.find(kEnd);
  if (std::min(end, rest.size()) > kLongestLine) return fail(Error{"no NATS: a line is too long"});
  if (end == std::string_view::npos) return std::optional<NatsMessage>();
  used_ += end + kEnd.size();
  return read_line(rest.substr(0, end));
}

Result<std::optional<NatsMessage>> NatsReader::read_line(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  const std::string_view rest = line.substr(std::min(word.size() + 1, line.size()));
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> kLines{{{"INFO", Kind::kInfo},
                                                                            {"+OK", Kind::kOk},
                                                                            {"-ERR", Kind::kError},
                                                                            {"PING", Kind::kPing},
                                                                            {"PONG", Kind::kPong}}};
  for (const auto& [name, kind] : kLines) {
    if (word != name) continue;
    NatsMessage message;
    message.kind = kind;
    message.text = rest;
    return std::optional(std::move(message));
  }
  if (word != "MSG" && word != "HMSG") return fail(malformed(line));
  pending_ = Pending{};
  pending_->has_headers = word == "HMSG";
  if (auto done = read_sizes(rest); !done) return fail(malformed(line));
  return take_payload();
}

// subject sid [reply] [headers] total
Result<void> NatsReader::read_sizes(std::string_view arguments) {
  const auto words = words_of(arguments);
  const std::size_t sizes = pending_->has_headers ? 2 : 1;
  if (words.size() < 2 + sizes || words.size() > 3 + sizes) return fail(Error{"wrong count"});
  const auto total = parse_number<std::size_t>(words.back());
  const auto headers =
      pending_->has_headers ? parse_number<std::size_t>(words[words.size() - 2]) : std::size_t{0};
  if (!total || !headers || *headers > *total || *total > kLongestPayload) {
    return fail(Error{"wrong size"});
  }
  pending_->message.kind = Kind::kMessage;
  pending_->message.subject = words[0];
  pending_->headers = *headers;
  pending_->total = *total;
  return {};
}

std::optional<NatsMessage> NatsReader::take_payload() {
  const std::string_view rest = std::string_view(input_).substr(used_);
  if (rest.size() < pending_->total + kEnd.size()) return std::nullopt;
  NatsMessage message = std::move(pending_->message);
  message.status = status_of(rest.substr(0, pending_->headers));
  message.text = rest.substr(pending_->headers, pending_->total - pending_->headers);
  used_ += pending_->total + kEnd.size();
  pending_.reset();
  return message;
}

std::string nats_connect(const NatsLogin& login) {
  boost::json::object options{{"verbose", false}, {"pedantic", false},     {"headers", true},
                              {"lang", "c++"},    {"no_responders", true}, {"name", "fabrix"},
                              {"protocol", 1},    {"version", "1"}};
  if (!login.user.empty()) options["user"] = login.user;
  if (!login.user.empty()) options["pass"] = login.password;
  if (!login.token.empty()) options["auth_token"] = login.token;
  return fmt::format("CONNECT {}\r\n", boost::json::serialize(options));
}

std::string nats_subscribe(std::string_view subject) {
  return fmt::format("SUB {} 1\r\n", subject);
}

std::string nats_publish(std::string_view subject, std::string_view reply, std::string_view id,
                         std::string_view payload) {
  if (id.empty())
    return fmt::format("PUB {} {} {}\r\n{}\r\n", subject, reply, payload.size(), payload);
  const std::string headers = fmt::format("{}\r\nNats-Msg-Id: {}\r\n\r\n", kHeaderVersion, id);
  return fmt::format("HPUB {} {} {} {}\r\n{}{}\r\n", subject, reply, headers.size(),
                     headers.size() + payload.size(), headers, payload);
}

}  // namespace fabrix::exports
