// ServiceThread: a service on a thread of its own, so that a flood of samples costs the exchange's
// control thread nothing.
//
// Its functions are called from the thread that made it. Datagrams are handed over by value, at
// most kMaxWaiting at a time; of more, the newest are dropped and counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "analyzer/service.h"
#include "base/result.h"
#include "io/event_loop.h"
#include "net/ip_address.h"

namespace fabrix::analyzer {

class ServiceThread {
 public:
  static constexpr std::size_t kMaxWaiting = 4096;

  // As Service::start().
  static Result<std::unique_ptr<ServiceThread>> start(const ServiceOptions& options);
  ~ServiceThread();
  ServiceThread(const ServiceThread&) = delete;
  ServiceThread& operator=(const ServiceThread&) = delete;
  ServiceThread(ServiceThread&&) = delete;
  ServiceThread& operator=(ServiceThread&&) = delete;

  // As Service::configure(); waits for it.
  Result<void> configure(const ServiceOptions& options);

  // Runs with the engine on its thread, after what was handed over before. How much waits there is
  // the caller's business.
  void post(std::function<void(telemetry::Engine&)> task);

  void receive(std::vector<std::byte> datagram, const net::IpAddress& from);

  // Where it listens: with the real ports, as of the last configuration.
  const std::optional<io::IpEndpoint>& sflow() const { return sflow_; }
  const io::Endpoint& rest() const { return rest_; }

  // Of receive().
  std::uint64_t dropped() const { return dropped_; }

 private:
  ServiceThread() = default;
  Result<void> on_thread(const ServiceOptions& options);

  io::EventLoop loop_;
  std::unique_ptr<Service> service_;  // the thread's
  std::optional<io::IpEndpoint> sflow_;
  io::Endpoint rest_;
  std::atomic<std::size_t> waiting_ = 0;
  std::uint64_t dropped_ = 0;
  std::thread thread_;
};

}  // namespace fabrix::analyzer
