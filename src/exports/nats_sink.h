// NatsSink: entries as JSON to NATS JetStream, a subject for each kind: fabrix.flows, fabrix.top,
// fabrix.metrics, fabrix.events.
//
// Every message of a batch is published at once, and the batch is taken when JetStream has
// acknowledged all of them. Each has an id (Nats-Msg-Id), so that one that is sent again is stored
// once, as long as the stream's duplicate window. If no stream takes a subject, one is made:
// FABRIX, of fabrix.>, in a file, of at most 1 GiB, the oldest leaving first. What is not
// acknowledged within kPatience is sent again on another connection. TLS begins after the server's
// first line, if the site or the server wants it.
//
// The protocol is ours and not libnats', which has threads and buffers of its own. Loop's thread
// only; never blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exports/nats_codec.h"
#include "exports/sink.h"
#include "io/dialer.h"
#include "io/secure_stream.h"

namespace fabrix::exports {

class NatsSink final : public Sink {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  NatsSink(io::EventLoop& loop, exchange::ExportSite site);

  std::string encode(const Entry& entry) const override;
  // It costs the server no more to have them one by one.
  std::chrono::milliseconds linger() const override { return std::chrono::milliseconds(50); }
  void send(std::span<const Item> batch, OnDone on_done) override;

 private:
  void dial();
  void begin(io::ByteStream stream);
  void hear(std::span<const std::byte> octets);
  void take(const NatsMessage& message);
  void greet(const NatsMessage& info);
  void publish();
  void take_reply(const NatsMessage& message);
  void take_acknowledgement(std::size_t index, const NatsMessage& message);
  void make_stream();
  void write(const std::string& text);
  void over(const std::string& why);
  void finish(const SinkResult& result);

  io::EventLoop& loop_;
  exchange::ExportSite site_;
  std::string inbox_;     // "_INBOX.x."
  std::string instance_;  // what ids begin with: others' are different
  io::Timer deadline_;
  std::unique_ptr<io::Dialer> dialer_;
  std::unique_ptr<io::SecureStream> stream_;
  NatsReader reader_;
  bool is_ready_ = false;  // the server has taken our CONNECT

  std::span<const Item> batch_;     // under way
  std::uint64_t attempt_ = 0;       // what replies to a batch begin with
  std::vector<bool> acknowledged_;  // of the batch
  std::size_t missing_ = 0;         // of them
  OnDone on_done_;                  // empty: nothing is under way
};

}  // namespace fabrix::exports
