// RtrConnection: an rpki::RtrClient on TCP: dials one cache, and dials again for as long as it
// lives.
//
// RFC 8210 §6, §8: after an error the cache is left alone for its Retry Interval. After a mere loss
// it is tried again sooner: after `first_retry`, then twice as long each time, up to the Retry
// Interval, until data has come. Data of a lost cache stays the client's, and good, until it
// expires. RFC 8210 §9.3: TCP-MD5 by `connect.tcp`.
//
// Handlers are called from the loop; they may destroy the connection. Loop's thread only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "rpki/rpki_state.h"
#include "rpki/rtr_client.h"

namespace fabrix::controller {

struct RtrConnectionConfig {
  io::Endpoint cache;
  io::ConnectOptions connect;
  rpki::RtrClientConfig client;
  std::chrono::milliseconds first_retry{1000};
};

// None may be empty.
struct RtrHandlers {
  std::function<void(const rpki::VrpsCurrent&)> on_current;
  std::function<void(const std::string& reason)> on_dropped;
  std::function<void(rpki::CacheLink, const std::string& detail)> on_link;  // for people
};

class RtrConnection {
 public:
  RtrConnection(io::EventLoop& loop, RtrConnectionConfig config, RtrHandlers handlers);
  RtrConnection(const RtrConnection&) = delete;
  RtrConnection& operator=(const RtrConnection&) = delete;
  RtrConnection(RtrConnection&&) = delete;
  RtrConnection& operator=(RtrConnection&&) = delete;
  ~RtrConnection() = default;

  // Begins to dial. Once.
  void start() { dial(); }

  const rpki::RtrClient& client() const { return client_; }

 private:
  using Milliseconds = std::chrono::milliseconds;

  void dial();
  void opened(io::ByteStream stream);
  void handle(rpki::RtrOutput output);
  void handle(const rpki::RtrEvent& event);
  void dial_later(Milliseconds delay, const std::string& reason);
  void tick();
  void arm_timer();
  Milliseconds back_off();
  Milliseconds retry_interval() const;

  io::EventLoop& loop_;
  RtrConnectionConfig config_;
  RtrHandlers handlers_;
  rpki::RtrClient client_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  io::Timer timer_;
  std::optional<io::Clock::time_point> dial_at_;
  Milliseconds next_back_off_;
  // Expires with this object: tells handle() that a handler has destroyed it.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace fabrix::controller
