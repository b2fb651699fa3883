// SequenceCount: what the numbers tell that an agent gives to what it sends: how many came, how
// many did not, came twice, or came after later ones.
//
// Numbers are 32 bits wide and wrap. What is missing counts as lost at once, and no longer when it
// comes after all. A number far behind the highest (kWindow) is no late one: its sender began
// again, and nothing was lost; restart() says the same when it is known by other means.
//
//   sFlow version 5 §5: sequence numbers of datagrams, and of the samples of each data source.
//
// A regular value. Pure.
#pragma once

#include <cstdint>

namespace fabrix::telemetry {

struct SequenceCount {
  std::uint64_t received = 0;  // all that came, the following two among them
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;

  SequenceCount& operator+=(const SequenceCount& other);
  friend bool operator==(const SequenceCount&, const SequenceCount&) = default;
};

class SequenceTracker {
 public:
  // Numbers so far behind the highest that are still known apart.
  static constexpr std::uint32_t kWindow = 64;

  enum class Arrival : std::uint8_t { kNext, kDuplicate, kLate, kRestart };

  Arrival add(std::uint32_t number);

  // The next number is as good as any.
  void restart() { begun_ = false; }

  const SequenceCount& count() const { return count_; }

 private:
  void begin(std::uint32_t number);
  void advance(std::uint32_t by);
  Arrival add_late(std::uint32_t behind);

  SequenceCount count_;
  std::uint64_t seen_ = 0;     // bit n: the highest less n came
  std::uint64_t missing_ = 0;  // bit n: it did not, and counts as lost
  std::uint32_t highest_ = 0;
  bool begun_ = false;
};

// Whether an agent that had been up for `before` milliseconds and now says `now` began again. A
// datagram that was overtaken is a little older; and the uptime wraps, after 49.7 days.
bool began_again(std::uint32_t before, std::uint32_t now);

}  // namespace fabrix::telemetry
