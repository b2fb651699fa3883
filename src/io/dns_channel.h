// DnsChannel: c-ares in the event loop: whoever has its channel asks questions of the DNS through
// c-ares' functions, and is answered from the loop, without blocking.
//
// After each question, asked() has to be called. Bounded by the timeout and the tries of each
// question. To be destroyed, which ends all questions (ARES_EDESTRUCTION), not from an answer.
// Loop's thread only.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/event_loop.h"

struct ares_channeldata;

namespace fabrix::io {

struct DnsPatience {
  std::chrono::milliseconds timeout{2000};  // of each try
  int tries = 2;
};

class DnsChannel {
 public:
  // `servers` are those to ask: "192.0.2.53,[2001:db8::53]:5353"; empty: the system's. Fails if it
  // is no such list.
  static Result<std::unique_ptr<DnsChannel>> open(EventLoop& loop, const std::string& servers,
                                                  const DnsPatience& patience = {});
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;
  DnsChannel(DnsChannel&&) = delete;
  DnsChannel& operator=(DnsChannel&&) = delete;

  ares_channeldata* get() const;
  void asked();

 private:
  class Impl;
  explicit DnsChannel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::io
