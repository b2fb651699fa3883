// Birdwatcher: the HTTP API of alice-lg/birdwatcher, so that an Alice-LG as it is can show this
// exchange (source type `single_table`; what other clients of birdwatcher ask for is there too).
//
//   /version /status /protocols[/bgp|/short] /symbols[/tables|/protocols]
//   /routes/{protocol,filtered,export,noexport}/NAME   /routes/peer/ADDRESS /routes/prefix?prefix=
//   /routes/table/TABLE[/filtered|/peer/ADDRESS]       /routes/count/{protocol,primary,table}/NAME
//   /route/net/NET[/mask/LENGTH][/table/TABLE]         /routes/pipe/filtered[/count]
//
// NAME is Neighbor::name. Tables are master4, master6 and master (both, or the one family that the
// options restrict everything to). What Alice's parser wants of types is kept: AS numbers of a
// path, local_pref, med and the parts of extended communities are strings; counts and communities
// are numbers; times have no zone and are UTC, except ttl. `gateway` is the session's address, by
// which Alice matches filtered routes with received ones; the next hop is in `bgp`.
//
// Communities RS:1000:* to RS:1999:* that a member sent are not shown; why a route is as it is is:
//   RS:1101:N filtered   RS:1103:N not exported   RS:1000:N RPKI   (and `reason`, in words)
//
// In alice.conf: main_table = master4, servertime_short = servertime_ext = 2006-01-02 15:04:05, and
// [noexport_reasons] with RS:1103:N. An error is {"error":"..."}, which Alice shows.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "api/looking_glass.h"
#include "http/message.h"
#include "net/ip_address.h"

namespace fabrix::api {

struct BirdwatcherOptions {
  std::optional<net::Family> family;  // show this one only: Alice has a source for each
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

class Birdwatcher {
 public:
  // The looking glass outlives this and every response.
  explicit Birdwatcher(const LookingGlass& glass, BirdwatcherOptions options = {});

  // `path` is the request's below the mount point.
  http::Response answer(const http::Request& request, std::span<const std::string> path) const;

 private:
  const LookingGlass& glass_;
  BirdwatcherOptions options_;
};

}  // namespace fabrix::api
