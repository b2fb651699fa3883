// Answers that wait for something to happen: long polls, and streams of server-sent events (HTML
// Living Standard §9.2). The engine's time is the clock, so its ticks must go on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "analyzer/route.h"

namespace fabrix::analyzer {

// So often it is looked whether something has happened.
inline constexpr std::chrono::milliseconds kLookAgain{10};
// Longer than this no answer waits; the server cuts off what takes much longer.
inline constexpr std::chrono::seconds kLongestPoll{600};
// So often a stream says that it is alive.
inline constexpr std::chrono::seconds kHeartbeat{15};

// The JSON array that `look` returns as soon as it returns one; [] when the timeout is over.
http::Response long_poll(const Call& call, std::function<std::optional<std::string>()> look,
                         std::chrono::seconds timeout);

// What `look` returns, each time, as it is; it has the form of events.
http::Response event_stream(const Call& call, std::function<std::string()> look);

// The call's parameter `timeout`; none, or one that is no number, is 0.
std::chrono::seconds timeout_of(const Call& call);

// A number that a client has got to, such as an eventID; negative ones are before the first. One
// that there has not been yet is from before a restart.
std::optional<std::uint64_t> last_seen(const Call& call, std::string_view parameter,
                                       std::uint64_t total);

// A whole number, `otherwise` if there is none; at most `most`.
std::size_t count_of(const Call& call, std::string_view parameter, std::size_t otherwise,
                     std::size_t most);

}  // namespace fabrix::analyzer
