// Fabric: a target that Programs are installed on: simulated, or switches by OpenFlow.
//
// All calls and callbacks happen on the control thread. install() is atomic: a packet sees the old
// Program or the new one. Only one install may be under way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "fabric/port_counts.h"
#include "fabric/port_tags.h"
#include "fabric/query_counts.h"
#include "fabric/sample.h"
#include "net/ids.h"
#include "program/program.h"

namespace fabrix::fabric {

// A rule that is not as it should be.
struct Difference {
  enum class Kind : std::uint8_t { kMissing, kDifferent, kForeign };
  Kind kind = Kind::kMissing;
  program::TableId table{};  // of `wanted`
  std::optional<program::Row>
      wanted;           // that row, or the part of it that the rule is; none: foreign
  std::string is{};     // what the target has, for people; empty: nothing
  bool is_row = false;  // whether a row could do that

  friend bool operator==(const Difference&, const Difference&) = default;
};
inline constexpr std::size_t kMaxDifferences = 16;

// What a target has, beside what it should have.
struct FabricAudit {
  std::size_t rules = 0;      // that it has
  std::size_t wanted = 0;     // that it should have
  std::size_t right = 0;      // in both, and the same
  std::size_t different = 0;  // in both, doing something else
  std::size_t missing = 0;
  std::size_t foreign = 0;  // that it should not have
  // That are not as they should be. A switch has no virtual next hops.
  std::size_t meters = 0;
  std::size_t neighbors = 0;  // virtual next hops
  std::size_t ports = 0;
  std::size_t others = 0;  // what counts packets, or says which version is in force
  // If something differs: the first kMaxDifferences, and the Program that the target carries out
  // instead, without those `unsaid` rules that do what no row can.
  std::vector<Difference> differences{};
  program::ProgramPtr actual{};
  std::size_t unsaid = 0;

  std::size_t wrong() const {
    return different + missing + foreign + meters + neighbors + ports + others;
  }
  bool agrees() const { return wrong() == 0; }
  friend bool operator==(const FabricAudit&, const FabricAudit&) = default;
};

class Fabric {
 public:
  Fabric() = default;
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;
  Fabric(Fabric&&) = delete;
  Fabric& operator=(Fabric&&) = delete;
  virtual ~Fabric() = default;

  using Done = std::function<void(Result<void>)>;

  // Makes the target behave as `program`. `done` is called exactly once, perhaps before install()
  // returns. On failure the target still has what it had. A target that is not connected remembers
  // the newest Program, installs it when it connects, and reports success at once; so it does when
  // the connection is lost meanwhile.
  virtual void install(program::ProgramPtr program, Done done) = 0;

  // The same if `proof` succeeds, else a failure with its error. It is asked until it answers,
  // before this returns and before packets meet anything of the Program; each time it waits so long
  // at most. A target that can have a Program without carrying it out writes it meanwhile.
  using Proof = std::function<std::optional<Result<void>>(std::chrono::microseconds patience)>;
  virtual void install_proven(program::ProgramPtr program, const Proof& proof, Done done);

  // Reads what the target really has and holds it against `program`, the one that it was given
  // last. Called as `done` above, after the installs under way. Fails if it cannot be read now:
  // there is no switch, or another audit is under way. What differs is corrected, as after a
  // reconnection.
  using AuditDone = std::function<void(Result<FabricAudit>)>;
  // NOLINTNEXTLINE(performance-unnecessary-value-param): others keep it
  virtual void audit(const program::ProgramPtr& /*program*/, AuditDone done) {
    done(fail(Error{"this fabric cannot be read"}));
  }

  // Sends a frame out of a port (ARP and ND answers), with the port's tag.
  virtual void send_frame(net::PortNo port, std::span<const std::byte> frame) = 0;

  // The ports of the exchange from now on; a Program for them follows. A target that does not mind
  // which there are has nothing to do.
  virtual void set_ports(const std::vector<net::PortNo>& /*ports*/) {}

  // Frames of these ports, which may be others than those there are, carry tags from now on;
  // without tags before the first call. Not at the same moment as what is installed.
  virtual void set_tags(const PortTags& /*tags*/) {}

  // A packet that a row sent to the controller, without its port's tag.
  std::function<void(net::PortNo in_port, std::span<const std::byte> frame)> on_frame;
  // A port came up or went down.
  std::function<void(net::PortNo port, bool up)> on_port;

  // What an operator should see: a link between switches failed, or works again.
  std::function<void(Severity, const std::string&)> on_notice;

  // What has passed the ports, as of the last answer to read_port_counts(): of a target that is on
  // this machine it comes at once, of one that does not count never.
  const PortCounts& port_counts() const { return port_counts_; }
  virtual void read_port_counts() {}

  // Has frames that come in sampled at these rates, from now on; on_sample of each. Fails if the
  // target cannot do so, or a rate is above kMaxSamplingRate.
  virtual Result<void> set_sampling(const SamplingRates& rates);
  std::function<void(const Sample&)> on_sample;

  // The target is connected and has been read: what it refused before may be worth another try.
  std::function<void()> on_ready;

  // What rows have counted for queries (program::Row::queries) so far. It never goes back, whatever
  // happens to the rows, until forget_queries().
  const QueryCounts& query_counts() const { return query_counts_; }
  // Asks the target what has been counted since the last time; on_query_counts when that is in
  // query_counts(). Without an answer, as of a target that is not connected, nothing happens.
  virtual void read_query_counts() {}
  // The same of what rows drop (program/drop.h), which query_counts() has for nobody; a target that
  // has all at once may do so.
  virtual void read_drop_counts() { read_query_counts(); }
  std::function<void()> on_query_counts;
  // All but those.
  virtual void forget_queries(const std::set<QueryKey>& keep);

  // For `fabrix show`: "openflow: connected, datapath 00000000000000f1, 42 rules". Further lines,
  // if any, say more of its parts.
  virtual std::string status() const = 0;

 protected:
  // To each of the queries of `owner`.
  void add_counts(net::ParticipantId owner, std::span<const std::uint64_t> queries,
                  const QueryCount& more);
  void set_port_counts(PortCounts counts) { port_counts_ = std::move(counts); }

 private:
  QueryCounts query_counts_;
  PortCounts port_counts_;
};

}  // namespace fabrix::fabric
