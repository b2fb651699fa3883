// RtrClient: the router's side of the RPKI-to-Router protocol (draft-ietf-sidrops-8210bis-27,
// RFC 8210, RFC 6810) with one cache, as a pure state machine: bytes and time in, bytes and events
// out.
//
//   RFC 8210 §5.1, §5.8  session ids: a mismatch is error 0, and all the cache's data goes
//   RFC 8210 §6          refresh, retry, expire as the cache says (from version 1), within the
//   ranges 8210bis §7           every connection starts with version 2, and goes down to what the
//   cache
//                        knows, which then stays for the connection
//   8210bis §5.12        ASPAs, in version 2
//   RFC 8210 §8          start, incremental update, Cache Reset, No Data Available
//   RFC 1982             serial numbers wrap
//
// It lives longer than connections: after a loss it holds on to data, session id and serial number,
// so that the next connection continues with a Serial Query, until the data expires. An update
// takes effect as a whole at its End of Data, or not at all; a table that was handed out never
// changes.
//
// The caller feeds it everything that happens and obeys each Output: write `bytes`, handle `events`
// in order, and if `close`, close after the last byte. It calls timer() no earlier than deadline(),
// also while not connected (data expires then, too). Down is the last event of a connection and
// comes exactly once. Bounds: one PDU and `max_vrps` changes are buffered, `max_vrps` VRPs kept;
// likewise of ASPAs kMaxAspas, with kMaxAspaProviders together.
// Router Keys are checked for form and dropped: nothing here validates BGPsec.
//
// Not thread-safe; never blocks; a cache's input cannot make it fail except by ending the
// connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rpki/aspa.h"
#include "rpki/aspa_verification.h"
#include "rpki/origin_validation.h"
#include "rpki/pdu_splitter.h"
#include "rpki/rtr_message.h"
#include "rpki/vrp.h"
#include "rpki/vrp_changes.h"

namespace fabrix::rpki {

using TimePoint = std::chrono::steady_clock::time_point;

struct RtrClientConfig {
  RtrVersion newest_version = kNewestVersion;
  RtrIntervals intervals;  // until, and for version 0 unless, the cache says others
  std::chrono::seconds answer_timeout{60};  // for the next PDU of an answer
  std::chrono::seconds notify_spacing{1};   // between queries that notifications cause
  std::size_t max_vrps = kMaxVrps;
};

enum class RtrState : std::uint8_t {
  kDisconnected,
  kQuerying,   // a query is out
  kReceiving,  // between Cache Response and End of Data
  kSynced,     // waits for a notification, or to refresh
  kRefused,    // the cache has no data; waits to ask again
};

std::string_view to_string(RtrState state);

// Which of the cache's sessions, and where in it, we are (RFC 8210 §5.1): ids of different versions
// have nothing to do with each other.
struct RtrSession {
  RtrVersion version = kNewestVersion;
  std::uint16_t id = 0;
  std::uint32_t serial = 0;

  friend bool operator==(const RtrSession&, const RtrSession&) = default;
};

// An End of Data. Without changes a table is the same object as before.
struct VrpsCurrent {
  std::shared_ptr<const VrpTable> table;
  std::shared_ptr<const AspaTable> aspas;  // empty before version 2
  TimePoint expires;
  RtrSession session;
};

// What was current before must not be used any more: it expired, or the cache has forgotten it.
struct VrpsDropped {
  std::string reason;
};

// The cache is there and has nothing to say yet. Earlier data stays good until it expires.
struct NoDataAvailable {
  std::string text;  // the cache's
};

enum class Reconnect : std::uint8_t {
  kSoon,                // a connection lost, or another version to try
  kAfterRetryInterval,  // an error: RFC 8210 §6, the next try will probably end alike
};

struct Down {
  std::string reason;  // for people
  Reconnect reconnect = Reconnect::kSoon;
  std::optional<RtrErrorCode> sent = std::nullopt;
  std::optional<RtrErrorCode> received = std::nullopt;
};

using RtrEvent = std::variant<VrpsCurrent, VrpsDropped, NoDataAvailable, Down>;

struct RtrOutput {
  std::vector<std::byte> bytes;
  std::vector<RtrEvent> events;
  bool close = false;
};

// Since construction.
struct RtrCounters {
  std::uint64_t pdus_in = 0;
  std::uint64_t full_loads = 0;
  std::uint64_t updates = 0;  // answers to Serial Queries
  std::uint64_t router_keys = 0;

  friend bool operator==(const RtrCounters&, const RtrCounters&) = default;
};

// RFC 1982 §3.2: whether `a` is before `b`. Undefined pairs, half the circle apart, are not.
constexpr bool serial_before(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t distance = b - a;
  return distance != 0 && distance < 0x80000000U;
}

class RtrClient {
 public:
  explicit RtrClient(const RtrClientConfig& config) : config_(config) {}

  // A transport connection is there: sends a query. Nothing happens if one was there before.
  RtrOutput connected(TimePoint now);

  // Octets from the cache, in any portions. They are consumed whole.
  RtrOutput received(std::span<const std::byte> bytes, TimePoint now);

  // The transport connection ended: by the cache, or by an error.
  RtrOutput closed(std::string_view reason);

  // Time has passed; harmless before deadline().
  RtrOutput timer(TimePoint now);

  // When timer() has something to do, if ever.
  std::optional<TimePoint> deadline() const;

  RtrState state() const { return state_; }

  // The data that is current; null if there is none.
  const std::shared_ptr<const VrpTable>& table() const { return table_; }
  const std::shared_ptr<const AspaTable>& aspas() const { return aspas_; }
  const std::optional<RtrSession>& session() const { return session_; }
  RtrIntervals intervals() const { return intervals_; }
  const RtrCounters& counters() const { return counters_; }

 private:
  struct Incoming {
    std::span<const std::byte> bytes;
    PduHeader header;
  };

  void handle(std::span<const std::byte> bytes, TimePoint now, RtrOutput& out);
  bool settle_version(const Incoming& pdu, RtrOutput& out);
  bool is_refusal(const PduHeader& report) const;
  void obey(const RtrMessage& message, const Incoming& pdu, TimePoint now, RtrOutput& out);
  void begin_answer(const CacheResponse& response, const Incoming& pdu, RtrOutput& out);
  template <typename Change>
  bool may_take(const Change& change, const Incoming& pdu, RtrOutput& out);
  void take(const VrpChange& change, const Incoming& pdu, RtrOutput& out);
  void take(const AspaChange& change, const Incoming& pdu, RtrOutput& out);
  void end_answer(const EndOfData& end, const Incoming& pdu, TimePoint now, RtrOutput& out);
  void start_over(const Incoming& pdu, TimePoint now, RtrOutput& out);
  void note(const SerialNotify& notify, const Incoming& pdu, TimePoint now, RtrOutput& out);
  void peer_complained(const ErrorReport& report, TimePoint now, RtrOutput& out);
  std::shared_ptr<const VrpTable> vrps_of_answer(RtrOutput& out);
  std::shared_ptr<const AspaTable> aspas_of_answer(RtrOutput& out);
  template <typename Change>
  void contradiction(const Change& change, RtrOutput& out);
  void query(TimePoint now, RtrOutput& out);
  void refresh_soon(TimePoint now, RtrOutput& out);
  void wait_for_answer(TimePoint now) { deadline_ = now + config_.answer_timeout; }
  void session_mismatch(const Incoming& pdu, RtrOutput& out);
  void reject(const PduFault& fault, std::span<const std::byte> pdu, RtrOutput& out);
  void complain(const PduFault& fault, std::span<const std::byte> pdu, RtrOutput& out);
  void send_report(const PduFault& fault, std::span<const std::byte> pdu, RtrOutput& out) const;
  void drop_data(std::string reason, RtrOutput& out);
  void go_down(Down down, RtrOutput& out);
  bool has_session() const;
  bool is_answering() const;

  RtrClientConfig config_;
  RtrState state_ = RtrState::kDisconnected;
  PduSplitter splitter_;

  // What is current, and until when. A session implies tables.
  std::shared_ptr<const VrpTable> table_;
  std::shared_ptr<const AspaTable> aspas_;
  std::optional<RtrSession> session_;
  std::optional<TimePoint> expires_;
  RtrIntervals intervals_ = clamped(config_.intervals);

  // Of the connection.
  RtrVersion version_ = kNewestVersion;
  std::optional<RtrVersion> downgraded_;  // to try on the next connection
  bool negotiated_ = false;
  bool incremental_ = false;  // the query that is out was a Serial Query
  std::uint16_t answer_session_ = 0;
  std::vector<VrpChange> changes_;         // of the answer under way
  std::vector<AspaChange> aspa_changes_;   // likewise
  std::size_t aspa_providers_ = 0;         // in these
  std::optional<std::uint32_t> notified_;  // a serial that the answer under way may not reach
  std::optional<TimePoint> last_query_;
  std::optional<TimePoint> deadline_;  // of the state
  RtrCounters counters_;
};

}  // namespace fabrix::rpki
