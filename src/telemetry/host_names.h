// HostNames: the names of addresses by the DNS, as far as they are known: a cache that says what is
// to be asked, and is told what came of it.
//
// An address whose name is not known has none, and is put among those that are wanted; the samples
// that come once the name is there have it. A name is good for kGood, that there is none for
// kGoodNone; then it is wanted again, and told until there is another. Who asks the DNS takes what
// is wanted, at its own speed.
//
// Bounded: kMaxNames, of which the one that is asked for least lately gives way, and kMaxWanted:
// what is beyond is wanted again with the next sample. Time is an input. Pure; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/ip_address.h"
#include "telemetry/flow_cache.h"

namespace fabrix::telemetry {

class HostNames {
 public:
  static constexpr std::size_t kMaxNames = 65'536;
  static constexpr std::size_t kMaxWanted = 1024;
  static constexpr std::size_t kLongestName = 255;
  static constexpr Time kGood = std::chrono::hours(1);
  static constexpr Time kGoodNone = std::chrono::minutes(5);
  // Who asks gets no answer, or loses the question: so long until it is wanted again.
  static constexpr Time kAskAgain = std::chrono::minutes(1);

  // It is this time now.
  void advance(Time now) { now_ = now; }

  // With a dot at the end: "xenvm11.sf.inmon.com.". None: it has none, or it is not known yet. Good
  // until the next call.
  std::optional<std::string_view> name_of(const net::IpAddress& address);

  // The next address whose name is wanted, once.
  std::optional<net::IpAddress> take_wanted();

  // What the DNS says: the name, with or without the dot; none: there is none. What is not
  // printable ASCII in it is '?'. Of an address that nobody asks for any more, nothing.
  void learn(const net::IpAddress& address, std::optional<std::string> name);

  std::size_t size() const { return entries_.size(); }
  std::size_t wanted() const { return wanted_.size(); }

 private:
  using Order = std::list<net::IpAddress>;
  struct Entry {
    std::optional<std::string> name;
    Time ask_at{};  // from then on it is wanted
    Order::iterator place;
  };

  Entry& entry_of(const net::IpAddress& address);

  Time now_{};
  std::unordered_map<net::IpAddress, Entry> entries_;
  Order order_;  // the one asked for least lately first
  std::deque<net::IpAddress> wanted_;
};

}  // namespace fabrix::telemetry
