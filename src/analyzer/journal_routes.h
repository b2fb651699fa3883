// The ways to read a journal (telemetry/journal.h): what there is, what comes within a timeout, and
// a stream of what comes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "analyzer/long_poll.h"
#include "analyzer/route.h"
#include "base/number.h"
#include "telemetry/journal.h"

namespace fabrix::analyzer {

// How entries of T are chosen, and told.
template <typename T>
struct JournalView {
  const telemetry::Journal<T>& journal;  // outlives the answer
  std::function<bool(const T&)> matches;
  boost::json::object (*to_json)(const T& entry);
};

// The newest first, from `parameter`, the number that the client has seen, at most `count`. Waits
// for one until the call's timeout.
template <typename T>
http::Response newest(const Call& call, JournalView<T> view, std::string_view parameter,
                      std::size_t count) {
  const auto after = last_seen(call, parameter, view.journal.total());
  auto look = [view = std::move(view), after, count]() -> std::optional<std::string> {
    const auto found = view.journal.newest(after, count, view.matches);
    if (found.empty()) return std::nullopt;
    boost::json::array array;
    for (const T& entry : found) array.push_back(view.to_json(entry));
    return boost::json::serialize(array);
  };
  return long_poll(call, std::move(look), timeout_of(call));
}

// What comes from now on; after the Last-Event-ID, if the client says one.
template <typename T>
http::Response stream(const Call& call, JournalView<T> view) {
  std::uint64_t next = view.journal.total();
  if (const auto last = call.request.header("last-event-id")) {
    const auto seen = parse_number<std::uint64_t>(*last);
    // Of one from before a restart there is nothing to go on from.
    if (seen && *seen < next) next = *seen + 1;
  }
  auto look = [view = std::move(view), next]() mutable {
    std::string text;
    std::optional<std::uint64_t> after;
    if (next != 0) after = next - 1;
    auto found = view.journal.newest(after, telemetry::Journal<T>::kCapacity, view.matches);
    std::ranges::reverse(found);
    for (const T& entry : found) {
      text += fmt::format("id: {}\ndata: {}\n\n", entry.id,
                          boost::json::serialize(view.to_json(entry)));
    }
    next = view.journal.total();
    return text;
  };
  return event_stream(call, std::move(look));
}

}  // namespace fabrix::analyzer
