// Service: the engine in the world: datagrams come in by UDP, questions by HTTP, and what is to be
// forwarded goes out; routers tell their tables by BGP; and scripts are told what happens
// (docs/scripts.md).
//
//   recvmmsg(2), with a socket buffer of 8 MiB (io/datagram_socket.h)
//   HTTP/1.1 (http/server.h), routes of all_routes()
//   threads beside the loop's that count flows of many samples (crew.h)
//   DNS, of what flows want to know (name_asker.h); files that name addresses (world_names.h)
//
// Or else the datagrams are those of a recording, on its clock (playback.h).
//
// Whatever comes over HTTP may change definitions and have datagrams sent on: where it listens is
// the access control. Time is the system's clock, or the recording's. Loop's thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analyzer/bgp_options.h"
#include "analyzer/playback.h"
#include "analyzer/script_options.h"
#include "analyzer/world_names.h"
#include "base/result.h"
#include "exchange/active_route_reader.h"
#include "exchange/export_site.h"
#include "exports/exports.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "net/ip_address.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

inline constexpr std::uint16_t kDefaultRestPort = 8008;  // sFlow-RT's

inline constexpr std::size_t kMaxThreads = 16;

class RouterSessions;

struct ServiceOptions {
  std::optional<io::IpEndpoint> sflow;  // none: datagrams come by receive() only
  io::IpEndpoint rest = {net::IpAddress::v4({127, 0, 0, 1}), kDefaultRestPort};
  ScriptOptions scripts = {};
  NameOptions names = {};  // what the world says of addresses

  std::vector<exchange::ExportSite> exports{};  // where what it knows is sent on to
  std::vector<exchange::ActiveRouteSite> active_routes{};
  BgpOptions bgp = {};  // routers whose tables it hears

  // That count flows: it stays what it was at the start. 1: the loop's alone.
  std::size_t threads = 1;

  friend bool operator==(const ServiceOptions&, const ServiceOptions&) = default;
};

class Service {
 public:
  // Port 0 picks a free one. Fails if an endpoint, a file, or a network namespace,
  // cannot be had.
  static Result<std::unique_ptr<Service>> start(io::EventLoop& loop, const ServiceOptions& options,
                                                std::optional<Recording> recording = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  Service(Service&&) = delete;
  Service& operator=(Service&&) = delete;

  // Other endpoints and names, the same engine. What cannot be had stays where it is.
  Result<void> configure(const ServiceOptions& options);

  // A datagram that did not come by UDP.
  void receive(std::span<const std::byte> datagram, const net::IpAddress& from);

  // With the real ports.
  std::optional<io::IpEndpoint> sflow() const;
  io::Endpoint rest() const;

  telemetry::Engine& engine();
  const exports::Exports& exports() const;
  RouterSessions& sessions();

 private:
  class Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::analyzer
