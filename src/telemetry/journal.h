// Journal: the latest entries of a log, numbered from 0, in bounded memory: the oldest give way.
//
// T is a struct with a member `id`, which the journal sets. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace fabrix::telemetry {

template <typename T>
class Journal {
 public:
  // As sFlow-RT's events.max and flows.max.
  static constexpr std::size_t kCapacity = 1000;

  void add(T entry) {
    entry.id = next_id_++;
    if (entries_.size() == kCapacity) entries_.pop_front();
    entries_.push_back(std::move(entry));
  }

  // Those after the entry of that number (none: all that are here) that match, the newest first,
  // at most `count`.
  template <typename Match>
  std::vector<T> newest(std::optional<std::uint64_t> after, std::size_t count,
                        const Match& match) const {
    std::vector<T> found;
    for (auto at = entries_.rbegin(); at != entries_.rend() && found.size() < count; ++at) {
      if (after && at->id <= *after) break;
      if (match(*at)) found.push_back(*at);
    }
    return found;
  }

  // How many there have been, and so the number of the next.
  std::uint64_t total() const { return next_id_; }

 private:
  std::deque<T> entries_;
  std::uint64_t next_id_ = 0;
};

}  // namespace fabrix::telemetry
