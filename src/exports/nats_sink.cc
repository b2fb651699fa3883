#include "exports/nats_sink.h"

#include <algorithm>
#include <random>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "exports/entry_json.h"

namespace fabrix::exports {
namespace {

namespace json = boost::json;
using Kind = NatsMessage::Kind;

constexpr unsigned kNoResponders = 503;
constexpr std::string_view kStreamReply = "stream";

std::string random_name() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

// "FABRIX" of "fabrix", "A-B" of "a.b": a stream's name has no dots.
std::string stream_name(std::string name) {
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '.') c = '-';
  }
  return name;
}

std::string stream_definition(const std::string& prefix) {
  return json::serialize(json::object{{"name", stream_name(prefix)},
                                      {"subjects", {prefix + ".>"}},
                                      {"retention", "limits"},
                                      {"storage", "file"},
                                      {"discard", "old"},
                                      {"max_bytes", 1 << 30},
                                      {"max_msgs", -1},
                                      {"max_consumers", -1},
                                      {"max_age", 0},
                                      {"num_replicas", 1}});
}

// What is wrong, as JetStream says it; empty: nothing.
std::string complaint_in(const NatsMessage& message) {
  if (message.status == kNoResponders) return "nobody answers: is JetStream on?";
  json::error_code error;
  const json::value value = json::parse(message.text, error);
  if (error || !value.is_object()) return "no answer of JetStream's";
  const json::value* const wrong = value.get_object().if_contains("error");
  return wrong == nullptr ? std::string() : json::serialize(*wrong);
}

// Whether the server's INFO has this flag.
bool says(const NatsMessage& info, std::string_view flag) {
  json::error_code error;
  const json::value value = json::parse(info.text, error);
  const auto* const object = error ? nullptr : value.if_object();
  const auto* const said = object == nullptr ? nullptr : object->if_contains(flag);
  return said != nullptr && said->is_bool() && said->get_bool();
}

}  // namespace

NatsSink::NatsSink(io::EventLoop& loop, exchange::ExportSite site)
    : loop_(loop),
      site_(std::move(site)),
      inbox_(fmt::format("_INBOX.{}.", random_name())),
      instance_(random_name()),
      deadline_(loop, [this] { over("it took too long"); }) {}

std::string NatsSink::encode(const Entry& entry) const {
  std::string text = json_line(entry);
  text.pop_back();
  return text;
}

void NatsSink::send(std::span<const Item> batch, OnDone on_done) {
  batch_ = batch;
  on_done_ = std::move(on_done);
  ++attempt_;
  deadline_.start(kPatience);
  if (is_ready_) return publish();
  dial();
}

void NatsSink::dial() {
  dialer_ =
      std::make_unique<io::Dialer>(loop_, io::HostEndpoint{.host = site_.host, .port = site_.port},
                                   kPatience, [this](Result<io::ByteStream> connected) {
                                     if (!connected) return over(connected.error().message);
                                     begin(*std::move(connected));
                                   });
}

void NatsSink::begin(io::ByteStream stream) {
  reader_ = {};
  stream_ = std::make_unique<io::SecureStream>(
      std::move(stream), io::SecureStream::Handlers{
                             .on_data = [this](std::span<const std::byte> octets) { hear(octets); },
                             .on_end = [this](const io::StreamEnd& end) { over(end.text); }});
}

void NatsSink::hear(std::span<const std::byte> octets) {
  reader_.append(octets);
  while (stream_) {
    const auto message = reader_.next();
    if (!message) return over(message.error().message);
    if (!*message) return;
    take(**message);
  }
}

void NatsSink::take(const NatsMessage& message) {
  switch (message.kind) {
    case Kind::kInfo:
      // The server says it again when its cluster changes.
      if (is_ready_) return;
      return greet(message);
    case Kind::kPong:
      if (!std::exchange(is_ready_, true) && on_done_) publish();
      return;
    case Kind::kPing:
      return write("PONG\r\n");
    case Kind::kError:
      return over(message.text);
    case Kind::kMessage:
      return take_reply(message);
    case Kind::kOk:
      return;
  }
}

void NatsSink::greet(const NatsMessage& info) {
  const bool is_wanted = site_.transport == exchange::Transport::kTls;
  const bool is_required = says(info, "tls_required");
  if (is_wanted && !is_required && !says(info, "tls_available")) {
    return over("the server has no TLS");
  }
  if (is_wanted || is_required) {
    const auto begun = stream_->start_tls({.host = site_.host, .ca_file = site_.ca});
    if (!begun) return over(begun.error().message);
  }
  // At once: the server says what is wrong with the first, and closes.
  write(nats_connect({.user = site_.user, .password = site_.password, .token = site_.token}) +
        nats_subscribe(inbox_ + "*") + "PING\r\n");
}

void NatsSink::publish() {
  acknowledged_.assign(batch_.size(), false);
  missing_ = batch_.size();
  std::string text;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    text += nats_publish(fmt::format("{}.{}", site_.path, name_of(batch_[i].kind)),
                         fmt::format("{}{}-{}", inbox_, attempt_, i),
                         fmt::format("{}-{}", instance_, batch_[i].id), batch_[i].octets);
  }
  write(text);
}

// To "_INBOX.x.3-17": of the third batch the message 17.
void NatsSink::take_reply(const NatsMessage& message) {
  if (!on_done_ || !message.subject.starts_with(inbox_)) return;
  const std::string_view reply = std::string_view(message.subject).substr(inbox_.size());
  if (reply == kStreamReply) {
    const std::string complaint = complaint_in(message);
    return finish({.delivery = Delivery::kLater,
                   .why = complaint.empty() ? "there was no stream" : "no stream: " + complaint});
  }
  const std::size_t dash = std::min(reply.find('-'), reply.size());
  const auto attempt = parse_number<std::uint64_t>(reply.substr(0, dash));
  const auto index = parse_number<std::uint64_t>(reply.substr(std::min(dash + 1, reply.size())));
  if (attempt != attempt_ || !index || *index >= acknowledged_.size()) return;
  take_acknowledgement(static_cast<std::size_t>(*index), message);
}

void NatsSink::take_acknowledgement(std::size_t index, const NatsMessage& message) {
  if (message.status == kNoResponders) {
    acknowledged_.clear();
    return make_stream();
  }
  const std::string complaint = complaint_in(message);
  if (!complaint.empty()) return finish({.delivery = Delivery::kLater, .why = complaint});
  if (acknowledged_[index]) return;
  acknowledged_[index] = true;
  if (--missing_ == 0) finish({});
}

void NatsSink::make_stream() {
  write(nats_publish("$JS.API.STREAM.CREATE." + stream_name(site_.path),
                     inbox_ + std::string(kStreamReply), "", stream_definition(site_.path)));
}

void NatsSink::write(const std::string& text) {
  if (!stream_) return;
  // That the connection is broken is told by on_end; what the queue has no room for, by silence.
  stream_->write(std::as_bytes(std::span(text)));
}

void NatsSink::over(const std::string& why) {
  dialer_.reset();
  stream_.reset();
  is_ready_ = false;
  if (on_done_) finish({.delivery = Delivery::kLater, .why = why});
}

void NatsSink::finish(const SinkResult& result) {
  deadline_.cancel();
  acknowledged_.clear();
  const OnDone tell = std::exchange(on_done_, {});
  tell(result);
}

}  // namespace fabrix::exports
