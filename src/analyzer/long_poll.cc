#include "analyzer/long_poll.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "io/event_loop.h"

namespace fabrix::analyzer {
namespace {

constexpr std::string_view kNothing = "[]";

std::optional<std::int64_t> whole_number(const Call& call, std::string_view parameter) {
  const auto text = call.parameter(parameter);
  return text ? parse_number<std::int64_t>(*text) : std::nullopt;
}

}  // namespace

http::Response long_poll(const Call& call, std::function<std::optional<std::string>()> look,
                         std::chrono::seconds timeout) {
  if (auto now = look()) return http::json_response(200, *std::move(now));
  if (timeout <= std::chrono::seconds(0)) return http::json_response(200, std::string(kNothing));
  const telemetry::Engine& engine = call.engine;
  // By the engine's clock, which a recording may let stand, and by the client's.
  const telemetry::Time deadline = engine.now() + timeout;
  const auto patience = io::EventLoop::now() + timeout;
  auto next = [&engine, deadline, patience, look = std::move(look),
               is_done = false]() mutable -> std::optional<std::string> {
    if (std::exchange(is_done, false)) return std::nullopt;
    auto found = look();
    const bool is_time = engine.now() >= deadline || io::EventLoop::now() >= patience;
    if (!found && !is_time) return std::string();
    is_done = true;
    return found ? std::move(found) : std::optional(std::string(kNothing));
  };
  http::Response response = http::streamed_response("application/json", std::move(next));
  response.ask_again = kLookAgain;
  return response;
}

http::Response event_stream(const Call& call, std::function<std::string()> look) {
  const telemetry::Engine& engine = call.engine;
  // The first line is sent at once, so that the client sees that it is connected.
  auto next = [&engine, look = std::move(look),
               told = engine.now() - kHeartbeat]() mutable -> std::optional<std::string> {
    std::string text = look();
    if (text.empty() && engine.now() - told < kHeartbeat) return text;
    told = engine.now();
    return text.empty() ? ": alive\n\n" : std::move(text);
  };
  http::Response response = http::streamed_response("text/event-stream", std::move(next));
  response.headers.push_back({"Cache-Control", "no-store"});
  response.ask_again = kLookAgain;
  return response;
}

std::chrono::seconds timeout_of(const Call& call) {
  const auto seconds = whole_number(call, "timeout").value_or(0);
  return std::clamp(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86400)),
                    std::chrono::seconds(0), kLongestPoll);
}

std::optional<std::uint64_t> last_seen(const Call& call, std::string_view parameter,
                                       std::uint64_t total) {
  const auto number = whole_number(call, parameter);
  if (!number || *number < 0) return std::nullopt;
  const auto seen = static_cast<std::uint64_t>(*number);
  return seen < total ? std::optional(seen) : std::nullopt;
}

std::size_t count_of(const Call& call, std::string_view parameter, std::size_t otherwise,
                     std::size_t most) {
  const auto number = whole_number(call, parameter);
  if (!number || *number < 0) return otherwise;
  return std::min(static_cast<std::size_t>(*number), most);
}

}  // namespace fabrix::analyzer
