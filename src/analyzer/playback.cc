#include "analyzer/playback.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "analyzer/json_fields.h"
#include "analyzer/route.h"
#include "base/number.h"

namespace fabrix::analyzer {
namespace {

// Before others have their turn of the loop.
constexpr std::size_t kAtOnce = 256;
constexpr double kSlowest = 0.001;

}  // namespace

Result<PlaybackSpeed> parse_playback_speed(const std::string& text) {
  if (text == "max") return PlaybackSpeed();
  const auto speed = parse_number<double>(text);
  if (speed && std::isfinite(*speed) && *speed >= kSlowest) return PlaybackSpeed(*speed);
  return fail(Error{fmt::format("'{}' is not a speed (0.001 .. , or max)", text)});
}

Playback::Playback(io::EventLoop& loop, Recording recording, Take take)
    : datagrams_(std::move(recording.datagrams)),
      take_(std::move(take)),
      timer_(loop, [this] { turn(); }) {
  std::ranges::stable_sort(datagrams_, {}, &RecordedDatagram::time);
  if (recording.speed) start(*recording.speed);
}

// What time it would be if datagrams took none.
telemetry::Time Playback::clock() const {
  if (datagrams_.empty()) return {};
  const telemetry::Time first = datagrams_.front().time;
  const telemetry::Time last = datagrams_.back().time;
  if (!started_) return first;
  if (!speed_ || is_over()) return last;
  const std::chrono::duration<double> gone = (io::EventLoop::now() - *started_) * *speed_;
  // As a number that fits, however long ago it began.
  if (gone >= last - first) return last;
  return first + std::chrono::duration_cast<telemetry::Time>(gone);
}

telemetry::Time Playback::now() const {
  const telemetry::Time time = clock();
  return is_over() ? time : std::min(time, datagrams_[next_].time);
}

void Playback::start(const PlaybackSpeed& speed) {
  speed_ = speed;
  started_ = io::EventLoop::now();
  timer_.start({});
}

void Playback::turn() {
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    if (is_over()) return;
    const RecordedDatagram& datagram = datagrams_[next_];
    if (datagram.time > clock()) break;
    take_(datagram);
    ++next_;
  }
  if (is_over()) return;
  const auto ahead = std::max(datagrams_[next_].time - clock(), telemetry::Time(0));
  const std::chrono::duration<double> pause = speed_ ? ahead / *speed_ : ahead * 0.0;
  // Rounded up, so that the datagram is due then.
  timer_.start(std::chrono::ceil<std::chrono::microseconds>(pause));
}

bool Playback::is_asked_for(const http::Request& request) {
  const auto& path = request.target.segments;
  return path.size() == 2 && path[0] == "replay" && path[1] == "json";
}

http::Response Playback::answer(const http::Request& request) {
  if (request.method == http::Method::kPut) return done_or_why(begin(request.body));
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return http::method_not_allowed("GET, HEAD, PUT");
  }
  boost::json::object told{{"state", !started_   ? "waiting"
                                     : is_over() ? "ended"
                                                 : "running"},
                           {"speed", speed_ ? number_json(*speed_) : boost::json::value("max")},
                           {"time", milliseconds(now())},
                           {"datagrams", next_},
                           {"of", datagrams_.size()}};
  if (!datagrams_.empty()) {
    told["begin"] = milliseconds(datagrams_.front().time);
    told["end"] = milliseconds(datagrams_.back().time);
  }
  return json_answer(told);
}

Result<void> Playback::begin(const std::string& body) {
  FABRIX_TRY(const auto object, parse_object(body));
  FABRIX_TRY(const auto state, text_in(object, "state"));
  if (state != "running") return fail(Error{"'state' is running"});
  if (started_) return fail(Error{"it has begun already"});
  PlaybackSpeed speed = speed_;
  if (const auto* const given = object.if_contains("speed")) {
    const bool is_text = given->is_string();
    FABRIX_TRY(speed, parse_playback_speed(is_text ? std::string(given->get_string())
                                                   : boost::json::serialize(*given)));
  }
  start(speed);
  return {};
}

}  // namespace fabrix::analyzer
