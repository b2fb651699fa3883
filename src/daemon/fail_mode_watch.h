// FailModeWatch: sees to it that switches are fail-secure: that they forward by their flow entries
// while no controller is there, and do not become learning switches past all policies. OpenFlow has
// no word for that, so the databases of the switches are asked (openflow/ovsdb.h), again and again.
//
// A switch of which no database knows, or whose database cannot be reached, counts as one that is
// not fail-secure: faults() says so. on_notice tells when that changes, by switch.
//
// One database after the other, each within its time. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/metrics.h"
#include "base/diagnostic.h"
#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "openflow/ovsdb.h"

namespace fabrix::daemon {

class FailModeWatch {
 public:
  struct Switch {
    std::string name;  // for people
    std::uint64_t datapath_id = 0;
  };
  struct Options {
    std::vector<io::Endpoint> databases{};  // none: nothing is asked
    bool sets = false;  // a switch that is not fail-secure is made so, once each time
    std::chrono::milliseconds every{10'000};
    std::chrono::milliseconds patience{5'000};        // with one database
    std::function<std::vector<Switch>()> switches{};  // that matter now
  };
  FailModeWatch(io::EventLoop& loop, Options options);

  std::function<void(Severity, const std::string&)> on_notice;

  // Of each switch, whether it is fail-secure; as of the last time that all databases were asked.
  std::vector<api::NamedState> states() const;
  // In words, of those that are not.
  std::vector<std::string> faults() const;

 private:
  void step();
  void ask();
  void start(Result<io::ByteStream> stream);
  void take(std::span<const std::byte> octets);
  bool makes_secure(const std::vector<openflow::OvsdbBridge>& bridges);
  void request(const std::vector<std::string>& to_secure);
  void end_database(const std::string& failure);
  void judge();

  io::EventLoop& loop_;
  Options options_;
  io::Timer timer_;     // until the next step, or the end of the database's time
  std::size_t at_ = 0;  // of the database
  bool is_asking_ = false;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  std::optional<openflow::BridgesAnswer> answer_;
  bool has_set_ = false;                       // by this connection
  std::vector<openflow::OvsdbBridge> found_;   // by the databases asked so far
  std::vector<std::string> failures_;          // likewise
  std::map<std::string, std::string> faults_;  // by switch; empty: it is fail-secure
};

}  // namespace fabrix::daemon
