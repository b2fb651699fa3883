// Connection: one client of the server, from its first octet to its last.
//
// One request is served at a time; those behind it wait in a bounded buffer, and the client is not
// read from when that is full. Nothing that a client does holds up the loop or a place for long:
//
//   silent between requests        closed after `idle`
//   a request that does not end    408 and closed, `request` after its first octet
//   an answer that is not taken    closed after `stall` without progress, or `response` in all
//
// A turn of the loop serves a bounded number of requests and octets. The client may close its own
// direction and still gets its answers (as `nc` does). Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "http/body_source.h"
#include "http/message.h"
#include "http/request_reader.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"

namespace fabrix::http {

using Handler = std::function<Response(const Request&)>;

struct TimeLimits {
  std::chrono::milliseconds idle{75'000};
  std::chrono::milliseconds request{20'000};
  std::chrono::milliseconds stall{30'000};
  std::chrono::milliseconds response{900'000};
};

struct ConnectionOptions {
  RequestLimits requests;
  TimeLimits times;
};

class Connection {
 public:
  static constexpr std::size_t kMaxWaiting = std::size_t{64} << 10U;  // octets of requests to come
  static constexpr std::size_t kRequestsPerTurn = 16;
  static constexpr std::size_t kOctetsPerTurn = std::size_t{256} << 10U;

  struct Callbacks {
    Handler handle;
    std::function<void(unsigned status)> on_answer;  // when an answer begins
    std::function<void()>
        on_gone;  // once, perhaps within start(); it must not destroy this at once
  };

  // The callbacks' owner outlives this.
  Connection(io::EventLoop& loop, io::ByteStream stream, const ConnectionOptions& options,
             Callbacks callbacks);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  ~Connection() = default;

  void start();

  // Closes after what has been asked is answered; at once if nothing has.
  void finish();

 private:
  enum class State : std::uint8_t { kReading, kAnswering, kGone };

  void take(std::span<const std::byte> octets);
  void end(const io::StreamEnd& end);
  void go_on();
  void serve();
  void read_next();
  void expect_more();
  void answer(ReadRequest read);
  void wait_for(Response response, ReadRequest read);
  bool take_later();
  void begin_answer(Response response, const ReadRequest& read);
  void refuse(const Response& response);
  void pump();
  bool send_body();
  bool send_slice(std::string_view slice);
  void end_answer();
  void write(std::string_view text);
  void expire();
  void leave();

  io::ByteStream stream_;
  ConnectionOptions options_;
  Callbacks callbacks_;
  RequestReader reader_;
  io::Timer deadline_;
  io::Timer turn_;  // goes on in the next turn of the loop

  State state_ = State::kReading;
  bool is_receiving_ = false;  // part of a request has come, and the deadline is its
  bool is_paused_ = false;
  bool asks_no_more_ = false;  // the client has closed its direction, or we want no more

  // An answer that is not known yet, and what it is to.
  std::function<std::optional<Response>()> later_;
  ReadRequest asked_;

  // The answer under way.
  BodySource body_;
  std::chrono::milliseconds ask_again_{0};  // after an empty piece of it
  bool has_chunks_ = false;
  bool is_body_sent_ = false;
  Persistence persistence_ = Persistence::kClose;
  io::Clock::time_point answer_deadline_;
};

}  // namespace fabrix::http
