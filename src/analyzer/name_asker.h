// NameAsker: has the DNS asked for the names that an engine wants, so that it never waits for them.
//
// As many at a time as the resolver takes; the engine keeps the rest for the next turn. Loop's
// thread only.
#pragma once

#include <memory>
#include <string>

#include "analyzer/reverse_resolver.h"
#include "base/result.h"
#include "io/event_loop.h"
#include "telemetry/host_names.h"

namespace fabrix::analyzer {

class NameAsker {
 public:
  // `names` outlives it. Fails as ReverseResolver::create().
  static Result<std::unique_ptr<NameAsker>> create(io::EventLoop& loop, const std::string& servers,
                                                   telemetry::HostNames& names);

  // Asks what is wanted now; to be called often.
  void turn();

 private:
  explicit NameAsker(telemetry::HostNames& names) : names_(&names) {}
  void answered(const net::IpAddress& address, ReverseResolver::Outcome outcome,
                const std::string& name);

  telemetry::HostNames* names_;
  std::unique_ptr<ReverseResolver> resolver_;
};

}  // namespace fabrix::analyzer
