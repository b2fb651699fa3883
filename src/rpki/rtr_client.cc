#include "rpki/rtr_client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace fabrix::rpki {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

void append(const RtrPdu& pdu, RtrOutput& out) {
  ByteWriter bytes;
  encode_pdu(pdu, bytes);
  out.bytes.insert(out.bytes.end(), bytes.view().begin(), bytes.view().end());
}

bool is_error_report(const PduHeader& header) {
  return PduType{header.type} == PduType::kErrorReport;
}

RtrErrorCode code_for(ChangeKind kind) {
  return kind == ChangeKind::kAnnounce ? RtrErrorCode::kDuplicateAnnouncement
                                       : RtrErrorCode::kUnknownWithdrawal;
}

constexpr PduFault kOutOfTurn{RtrErrorCode::kCorruptData, "PDU out of turn"};
constexpr PduFault kTooMany{RtrErrorCode::kInternalError, "more data than configured"};

RtrVersion before(RtrVersion version) {
  return RtrVersion{static_cast<std::uint8_t>(static_cast<std::uint8_t>(version) - 1)};
}

}  // namespace

std::string_view to_string(RtrState state) {
  switch (state) {
    case RtrState::kDisconnected:
      return "disconnected";
    case RtrState::kQuerying:
      return "querying";
    case RtrState::kReceiving:
      return "receiving";
    case RtrState::kSynced:
      return "synced";
    case RtrState::kRefused:
      return "cache has no data";
  }
  FABRIX_ASSERT(false);
}

RtrOutput RtrClient::connected(TimePoint now) {
  RtrOutput out;
  if (state_ != RtrState::kDisconnected) return out;
  splitter_.reset();
  negotiated_ = false;
  notified_.reset();
  // 8210bis §7: the highest, unless the cache has just said that this is too high.
  version_ = std::exchange(downgraded_, std::nullopt).value_or(config_.newest_version);
  query(now, out);
  return out;
}

RtrOutput RtrClient::received(std::span<const std::byte> bytes, TimePoint now) {
  RtrOutput out;
  while (state_ != RtrState::kDisconnected) {
    const auto pdu = splitter_.next(bytes);
    if (!pdu) {
      reject({RtrErrorCode::kCorruptData, "impossible PDU length"}, pdu.error(), out);
      break;
    }
    if (!*pdu) break;
    ++counters_.pdus_in;
    handle(**pdu, now, out);
  }
  return out;
}

RtrOutput RtrClient::closed(std::string_view reason) {
  RtrOutput out;
  if (state_ == RtrState::kDisconnected) return out;
  // There are caches that hang up on a version they do not know, instead of saying so.
  const bool never_spoken = !negotiated_ && !incremental_;
  if (never_spoken && version_ != RtrVersion::kRfc6810) downgraded_ = before(version_);
  go_down({.reason = std::string(reason)}, out);
  return out;
}

RtrOutput RtrClient::timer(TimePoint now) {
  RtrOutput out;
  if (expires_ && *expires_ <= now) {
    drop_data("expired", out);
    // What is being received may build on it.
    if (is_answering() && incremental_) go_down({.reason = "data expired during an update"}, out);
  }
  if (!deadline_ || *deadline_ > now) return out;
  if (is_answering()) {
    go_down({.reason = fmt::format("no answer in {} s", config_.answer_timeout.count()),
             .reconnect = Reconnect::kAfterRetryInterval},
            out);
  } else {
    query(now, out);
  }
  return out;
}

std::optional<TimePoint> RtrClient::deadline() const {
  if (deadline_ && expires_) return std::min(*deadline_, *expires_);
  return deadline_ ? deadline_ : expires_;
}

void RtrClient::handle(std::span<const std::byte> bytes, TimePoint now, RtrOutput& out) {
  const Incoming pdu{.bytes = bytes, .header = read_header(bytes.first<kPduHeaderSize>())};
  // RFC 8210 §7: ignored, whatever its version, until the version is settled.
  if (!negotiated_ && PduType{pdu.header.type} == PduType::kSerialNotify) return;
  if (!settle_version(pdu, out)) return;
  const auto decoded = decode_pdu(bytes);
  if (!decoded) return reject(decoded.error(), bytes, out);
  // Notifications do not keep an answer alive.
  const bool is_progress = !std::holds_alternative<SerialNotify>(decoded->message);
  if (is_answering() && is_progress) wait_for_answer(now);
  obey(decoded->message, pdu, now, out);
}

// Whether the cache does not know the version of our query, and may know an older one.
bool RtrClient::is_refusal(const PduHeader& report) const {
  if (negotiated_ || version_ == RtrVersion::kRfc6810) return false;
  const RtrVersion theirs{report.version};
  const bool names_it = RtrErrorCode{report.field} == RtrErrorCode::kUnsupportedVersion;
  return theirs < version_ || (names_it && theirs == version_);
}

// RFC 8210 §7, 8210bis §7. False if the PDU is not to be looked at further.
bool RtrClient::settle_version(const Incoming& pdu, RtrOutput& out) {
  const RtrVersion theirs{pdu.header.version};
  const bool older = theirs < version_;
  if (is_error_report(pdu.header)) {
    if (!is_refusal(pdu.header)) return true;
    downgraded_ = older ? theirs : before(version_);
    go_down(
        {.reason = fmt::format("cache wants protocol version {}", static_cast<int>(*downgraded_)),
         .received = RtrErrorCode{pdu.header.field}},
        out);
    return false;
  }
  if (theirs == version_) {
    negotiated_ = true;
    return true;
  }
  if (negotiated_) {
    complain({RtrErrorCode::kUnexpectedVersion, "version changed"}, pdu.bytes, out);
  } else if (!older) {
    complain({RtrErrorCode::kUnsupportedVersion, "newer version than asked for"}, pdu.bytes, out);
  } else if (incremental_) {
    downgraded_ = theirs;
    go_down({.reason = fmt::format("cache answers with protocol version {}", pdu.header.version)},
            out);
  } else {
    version_ = theirs;
    negotiated_ = true;
    return true;
  }
  return false;
}

void RtrClient::obey(const RtrMessage& message, const Incoming& pdu, TimePoint now,
                     RtrOutput& out) {
  std::visit(Overloaded{
                 [&](const SerialNotify& notify) { note(notify, pdu, now, out); },
                 [&](const CacheResponse& response) { begin_answer(response, pdu, out); },
                 [&](const VrpChange& change) { take(change, pdu, out); },
                 [&](const AspaChange& change) { take(change, pdu, out); },
                 [&](const EndOfData& end) { end_answer(end, pdu, now, out); },
                 [&](const CacheReset&) { start_over(pdu, now, out); },
                 [&](const RouterKey&) {
                   ++counters_.router_keys;
                   if (state_ != RtrState::kReceiving) complain(kOutOfTurn, pdu.bytes, out);
                 },
                 [&](const ErrorReport& report) { peer_complained(report, now, out); },
                 [&](const auto&) {
                   complain({RtrErrorCode::kInvalidRequest, "a router answers no queries"},
                            pdu.bytes, out);
                 },
             },
             message);
}

void RtrClient::begin_answer(const CacheResponse& response, const Incoming& pdu, RtrOutput& out) {
  if (state_ != RtrState::kQuerying) return complain(kOutOfTurn, pdu.bytes, out);
  if (incremental_ && response.session != session_->id) return session_mismatch(pdu, out);
  state_ = RtrState::kReceiving;
  answer_session_ = response.session;
  changes_.clear();
  aspa_changes_.clear();
  aspa_providers_ = 0;
}

// False if the change is out of place, and then the connection is over.
template <typename Change>
bool RtrClient::may_take(const Change& change, const Incoming& pdu, RtrOutput& out) {
  if (state_ != RtrState::kReceiving) {
    complain(kOutOfTurn, pdu.bytes, out);
    return false;
  }
  // RFC 8210 §5.5: all that is sent for a Reset Query is announced.
  if (incremental_ || change.kind == ChangeKind::kAnnounce) return true;
  complain({RtrErrorCode::kUnknownWithdrawal, "withdrawal in a full load"}, pdu.bytes, out);
  return false;
}

void RtrClient::take(const VrpChange& change, const Incoming& pdu, RtrOutput& out) {
  if (!may_take(change, pdu, out)) return;
  if (changes_.size() >= config_.max_vrps) return complain(kTooMany, {}, out);
  changes_.push_back(change);
}

void RtrClient::take(const AspaChange& change, const Incoming& pdu, RtrOutput& out) {
  if (!may_take(change, pdu, out)) return;
  aspa_providers_ += change.aspa.providers.size();
  const bool fits = aspa_changes_.size() < kMaxAspas && aspa_providers_ <= kMaxAspaProviders;
  if (!fits) return complain(kTooMany, {}, out);
  aspa_changes_.push_back(change);
}

void RtrClient::end_answer(const EndOfData& end, const Incoming& pdu, TimePoint now,
                           RtrOutput& out) {
  if (state_ != RtrState::kReceiving) return complain(kOutOfTurn, pdu.bytes, out);
  if (end.session != answer_session_) return session_mismatch(pdu, out);
  // Both or neither: the first that fails ends the connection, and what is current stays.
  const auto vrps = vrps_of_answer(out);
  if (!vrps) return;
  const auto aspas = aspas_of_answer(out);
  if (!aspas) return;
  table_ = vrps;
  aspas_ = aspas;
  session_ = RtrSession{.version = version_, .id = end.session, .serial = end.serial};
  ++(incremental_ ? counters_.updates : counters_.full_loads);
  if (end.intervals) intervals_ = clamped(*end.intervals);
  expires_ = now + std::chrono::seconds(intervals_.expire);
  state_ = RtrState::kSynced;
  deadline_ = now + std::chrono::seconds(intervals_.refresh);
  out.events.emplace_back(
      VrpsCurrent{.table = table_, .aspas = aspas_, .expires = *expires_, .session = *session_});
  const auto notified = std::exchange(notified_, std::nullopt);
  if (notified && serial_before(end.serial, *notified)) refresh_soon(now, out);
}

// What the answer makes of the VRPs; null if it makes no sense, and then the connection is over.
std::shared_ptr<const VrpTable> RtrClient::vrps_of_answer(RtrOutput& out) {
  std::vector<VrpChange> changes = std::exchange(changes_, {});
  if (incremental_ && changes.empty()) return table_;
  auto vrps = apply_changes(incremental_ ? table_->vrps() : std::vector<Vrp>(), std::move(changes));
  if (!vrps) {
    contradiction(vrps.error(), out);
    return nullptr;
  }
  if (vrps->size() > config_.max_vrps) {
    complain(kTooMany, {}, out);
    return nullptr;
  }
  return std::make_shared<const VrpTable>(VrpTable::build(*std::move(vrps)));
}

// Likewise of the ASPAs.
std::shared_ptr<const AspaTable> RtrClient::aspas_of_answer(RtrOutput& out) {
  std::vector<AspaChange> changes = std::exchange(aspa_changes_, {});
  if (incremental_ && changes.empty()) return aspas_;
  auto aspas =
      apply_changes(incremental_ ? aspas_->aspas() : std::vector<Aspa>(), std::move(changes));
  if (!aspas) {
    contradiction(aspas.error(), out);
    return nullptr;
  }
  auto table = AspaTable::build(*std::move(aspas));
  if (table.size() > kMaxAspas || table.providers() > kMaxAspaProviders) {
    complain(kTooMany, {}, out);
    return nullptr;
  }
  return std::make_shared<const AspaTable>(std::move(table));
}

template <typename Change>
void RtrClient::contradiction(const Change& change, RtrOutput& out) {
  ByteWriter pdu;
  encode_pdu({.version = version_, .message = change}, pdu);
  complain({code_for(change.kind), "contradicts earlier data"}, pdu.view(), out);
}

// RFC 8210 §8.3: the cache cannot go on from our serial number.
void RtrClient::start_over(const Incoming& pdu, TimePoint now, RtrOutput& out) {
  if (state_ != RtrState::kQuerying || !incremental_) return complain(kOutOfTurn, pdu.bytes, out);
  session_.reset();
  query(now, out);
}

void RtrClient::note(const SerialNotify& notify, const Incoming& pdu, TimePoint now,
                     RtrOutput& out) {
  const bool receiving = state_ == RtrState::kReceiving;
  const bool known = has_session();
  if (receiving || known) {
    const std::uint16_t expected = receiving ? answer_session_ : session_->id;
    if (notify.session != expected) return session_mismatch(pdu, out);
  }
  if (is_answering()) {
    notified_ = notify.serial;
    return;
  }
  // A cache that had nothing to say may have now.
  const bool news = !known || serial_before(session_->serial, notify.serial);
  if (news || state_ == RtrState::kRefused) refresh_soon(now, out);
}

void RtrClient::peer_complained(const ErrorReport& report, TimePoint now, RtrOutput& out) {
  if (report.code == RtrErrorCode::kNoDataAvailable && state_ != RtrState::kReceiving) {
    // RFC 8210 §12: not fatal.
    if (state_ != RtrState::kQuerying) return;
    state_ = RtrState::kRefused;
    deadline_ = now + std::chrono::seconds(intervals_.retry);
    out.events.emplace_back(NoDataAvailable{report.text});
    return;
  }
  // It may have been about the session or the serial number: start with a Reset Query next time.
  session_.reset();
  go_down({.reason = fmt::format("cache reports error {}{}{}", describe(report.code),
                                 report.text.empty() ? "" : ": ", report.text),
           .reconnect = Reconnect::kAfterRetryInterval,
           .received = report.code},
          out);
}

// RFC 8210 §8.1, §8.2.
void RtrClient::query(TimePoint now, RtrOutput& out) {
  incremental_ = has_session();
  if (incremental_) {
    append({version_, SerialQuery{.session = session_->id, .serial = session_->serial}}, out);
  } else {
    append({version_, ResetQuery{}}, out);
  }
  state_ = RtrState::kQuerying;
  last_query_ = now;
  wait_for_answer(now);
}

// RFC 8210 §5.2. A cache that notifies all the time is not asked all the time.
void RtrClient::refresh_soon(TimePoint now, RtrOutput& out) {
  const TimePoint when = *last_query_ + config_.notify_spacing;
  if (when <= now) {
    query(now, out);
  } else {
    deadline_ = std::min(*deadline_, when);
  }
}

// RFC 8210 §5.1: error 0, and the cache's data goes. The next query is a Reset Query, which cannot
// mismatch.
void RtrClient::session_mismatch(const Incoming& pdu, RtrOutput& out) {
  send_report({RtrErrorCode::kCorruptData, "session id mismatch"}, pdu.bytes, out);
  if (table_) drop_data("session id mismatch", out);
  go_down({.reason = "reported error: session id mismatch", .sent = RtrErrorCode::kCorruptData},
          out);
}

// What cannot be decoded. An Error Report is dropped with the connection, but never answered
// (RFC 8210 §5.11).
void RtrClient::reject(const PduFault& fault, std::span<const std::byte> pdu, RtrOutput& out) {
  // Earlier drafts of 8210bis had another ASPA PDU. A cache that speaks one still has VRPs to tell,
  // in the version before.
  if (fault.code == RtrErrorCode::kAspaProviderList) downgraded_ = before(version_);
  if (!is_error_report(read_header(pdu.first<kPduHeaderSize>()))) return complain(fault, pdu, out);
  session_.reset();
  go_down({.reason = "cache sent a malformed Error Report",
           .reconnect = Reconnect::kAfterRetryInterval},
          out);
}

// Sends an Error Report about `pdu` and ends the connection: all errors that a router reports are
// fatal (RFC 8210 §12).
void RtrClient::complain(const PduFault& fault, std::span<const std::byte> pdu, RtrOutput& out) {
  send_report(fault, pdu, out);
  session_.reset();
  go_down({.reason = fmt::format("reported error {}: {}", describe(fault.code), fault.text),
           .reconnect = Reconnect::kAfterRetryInterval,
           .sent = fault.code},
          out);
}

void RtrClient::send_report(const PduFault& fault, std::span<const std::byte> pdu,
                            RtrOutput& out) const {
  append({version_, ErrorReport{.code = fault.code,
                                .pdu = {pdu.begin(), pdu.end()},
                                .text = std::string(fault.text)}},
         out);
}

void RtrClient::drop_data(std::string reason, RtrOutput& out) {
  table_.reset();
  aspas_.reset();
  session_.reset();
  expires_.reset();
  out.events.emplace_back(VrpsDropped{std::move(reason)});
}

void RtrClient::go_down(Down down, RtrOutput& out) {
  state_ = RtrState::kDisconnected;
  splitter_.reset();
  changes_ = {};
  aspa_changes_ = {};
  deadline_.reset();
  out.events.emplace_back(std::move(down));
  out.close = true;
}

// One that the cache can go on from in the version that is spoken.
bool RtrClient::has_session() const {
  return session_ && session_->version == version_;
}

bool RtrClient::is_answering() const {
  return state_ == RtrState::kQuerying || state_ == RtrState::kReceiving;
}

}  // namespace fabrix::rpki
