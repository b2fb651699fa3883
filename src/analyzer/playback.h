// Playback: the datagrams of a recording, in place of those that come by UDP, on the recording's
// own clock: rates, events and records are those of the time when it was made, at any speed.
//
//   GET /replay/json   {"state": "waiting", "speed": 1, "begin": ms, "time": ms, "end": ms,
//                       "datagrams": 0, "of": 17}
//   PUT /replay/json   {"state": "running", "speed": 100}     once; a speed may be "max"
//
// The clock stands at the first datagram's time until it runs, and at the last one's when it has
// ended; it never passes a datagram that has not been taken. Datagrams are taken from the loop.
// Loop's thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "io/event_loop.h"
#include "net/ip_address.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

struct RecordedDatagram {
  telemetry::Time time{};
  net::IpAddress from = net::IpAddress::unspecified(net::Family::kIpv4);
  std::vector<std::byte> octets;
};

// How many times as fast as it was; none: without pauses.
using PlaybackSpeed = std::optional<double>;

// "100", "max". Not slower than a thousandth: a day's recording would not end.
Result<PlaybackSpeed> parse_playback_speed(const std::string& text);

struct Recording {
  std::vector<RecordedDatagram> datagrams;
  std::optional<PlaybackSpeed> speed{};  // none: it waits to be told
};

class Playback {
 public:
  using Take = std::function<void(const RecordedDatagram&)>;

  // `take` is called with each datagram in the order of their times, which now() is then.
  Playback(io::EventLoop& loop, Recording recording, Take take);

  telemetry::Time now() const;

  static bool is_asked_for(const http::Request& request);
  http::Response answer(const http::Request& request);

 private:
  bool is_over() const { return next_ == datagrams_.size(); }
  telemetry::Time clock() const;
  void start(const PlaybackSpeed& speed);
  Result<void> begin(const std::string& body);
  void turn();

  std::vector<RecordedDatagram> datagrams_;
  Take take_;
  std::size_t next_ = 0;  // to be taken
  std::optional<io::Clock::time_point> started_;
  PlaybackSpeed speed_ = 1;
  io::Timer timer_;
};

}  // namespace fabrix::analyzer
