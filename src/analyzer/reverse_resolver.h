// ReverseResolver: asks the DNS for the names of addresses, many at a time, without blocking.
//
//   RFC 1035 §3.5 (in-addr.arpa), RFC 3596 §2.5 (ip6.arpa); by c-ares
//
// Only the DNS is asked: no file of hosts. Bounded: kMaxPending questions at a time, each ended
// after kTries tries of kTimeout. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/event_loop.h"
#include "net/ip_address.h"

namespace fabrix::analyzer {

class ReverseResolver {
 public:
  static constexpr std::size_t kMaxPending = 64;
  static constexpr std::chrono::milliseconds kTimeout{2000};
  static constexpr int kTries = 2;

  enum class Outcome : std::uint8_t {
    kName,
    kNone,    // the DNS says that there is none
    kFailed,  // it says nothing: no server, no answer, nonsense
  };
  // `name` is of kName. It must not destroy the resolver.
  using Answered =
      std::function<void(const net::IpAddress& address, Outcome outcome, const std::string& name)>;

  // `servers` are those to ask: "192.0.2.53,[2001:db8::53]:5353"; empty: the system's. Fails if it
  // is no such list.
  static Result<std::unique_ptr<ReverseResolver>> create(io::EventLoop& loop,
                                                         const std::string& servers,
                                                         Answered answered);
  ~ReverseResolver();
  ReverseResolver(const ReverseResolver&) = delete;
  ReverseResolver& operator=(const ReverseResolver&) = delete;
  ReverseResolver(ReverseResolver&&) = delete;
  ReverseResolver& operator=(ReverseResolver&&) = delete;

  bool has_room() const { return pending() < kMaxPending; }
  std::size_t pending() const;

  // Answered later, or at once if it fails at once. False, and nothing, without room.
  bool ask(const net::IpAddress& address);

 private:
  class Impl;
  explicit ReverseResolver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The name that has an address's name in the DNS: "1.2.0.192.in-addr.arpa".
std::string reverse_name(const net::IpAddress& address);

}  // namespace fabrix::analyzer
