// HostLookup: the addresses of one host, by its name: of the system's hosts file and the DNS
// (RFC 1035, RFC 3596), without blocking; the best first (RFC 6724). An address is its own.
//
// The callback comes once, from the loop, unless this is destroyed before, which gives the question
// up. Bounded: kMaxAddresses, and a few seconds. Loop's thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/event_loop.h"
#include "net/ip_address.h"

namespace fabrix::io {

class HostLookup {
 public:
  static constexpr std::size_t kMaxAddresses = 16;

  // At least one address, or why there is none.
  using OnDone = std::function<void(Result<std::vector<net::IpAddress>>)>;

  // `servers` as DnsChannel::open() has them.
  HostLookup(EventLoop& loop, const std::string& host, OnDone on_done,
             const std::string& servers = {});
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;
  HostLookup(HostLookup&&) = delete;
  HostLookup& operator=(HostLookup&&) = delete;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::io
