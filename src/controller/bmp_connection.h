// BmpConnection: keeps one BMP station informed (RFC 7854): dials it, feeds it, and dials again
// when the connection is over.
//
//   RFC 7854 §3.2   we connect; the station never says anything; back-off of 30 s to 720 s
//   RFC 7854 §4.5   a Termination before we close on purpose
//
// Every connection begins with a monitoring::BmpFeed of its own. A station that is slower than its
// feed has room for is disconnected, and told everything again later: nobody ever waits for it. The
// table goes out in slices of a few milliseconds. Loop's thread only; never blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "monitoring/bmp_feed.h"
#include "monitoring/table.h"

namespace fabrix::controller {

struct BmpStation {
  io::Endpoint endpoint;
  monitoring::BmpFeedOptions feed;
  std::chrono::milliseconds first_retry{30'000};
  std::chrono::milliseconds last_retry{720'000};  // the delay doubles until then
  std::optional<io::IpEndpoint> source = std::nullopt;
};

struct BmpConnectionCounters {
  std::uint64_t attempts = 0;
  std::uint64_t connections = 0;
  std::uint64_t too_slow = 0;     // times that the feed was lost
  std::uint64_t routes_left = 0;  // routes that no message could say

  friend bool operator==(const BmpConnectionCounters&, const BmpConnectionCounters&) = default;
};

class BmpConnection final : public monitoring::Observer {
 public:
  // `source` must outlive the connection.
  BmpConnection(io::EventLoop& loop, BmpStation station, const monitoring::TableSource& source);

  // Dials for the first time. Once.
  void start();

  // Says why and closes for good; what the connection does not take at once is sent as long as the
  // loop runs.
  void stop(monitoring::TerminationReason reason);

  void peer_up(const monitoring::PeerSession& session) override;
  void peer_down(monitoring::PeerKey peer, const monitoring::DownReason& reason,
                 monitoring::Timestamp time) override;
  void routes_changed(const monitoring::RouteChange& change) override;
  void routes_judged(const monitoring::RouteChange& change) override;
  void end_of_rib(monitoring::PeerKey peer, net::Family family,
                  monitoring::Timestamp time) override;
  void statistics(monitoring::PeerKey peer, std::span<const monitoring::Statistic> values,
                  monitoring::Timestamp time) override;

  bool is_connected() const { return stream_.has_value(); }

  // Everything that was in the table when the connection began has been handed to it.
  bool table_sent() const { return feed_ && feed_->table_complete() && feed_->queued() == 0; }

  // When the next attempt is due after the present delay.
  std::chrono::milliseconds retry_delay() const { return delay_; }

  BmpConnectionCounters counters() const;

 private:
  void dial();
  void begin(io::ByteStream stream);
  void serve();
  void read_table();
  void write_queue();
  void told();
  void over(const std::string& reason);

  io::EventLoop& loop_;
  BmpStation station_;
  const monitoring::TableSource& source_;
  io::Timer retry_;
  io::Timer turn_;  // runs serve() from the loop
  std::chrono::milliseconds delay_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  std::optional<monitoring::BmpFeed> feed_;  // exactly while stream_ is there
  BmpConnectionCounters counters_;
  bool stopped_ = false;
};

}  // namespace fabrix::controller
