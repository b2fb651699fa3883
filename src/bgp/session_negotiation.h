// What two speakers agree on from their OPEN messages, or why they do not (RFC 4271 §6.2).
//
//   RFC 4760 §8   families: those both offer; a speaker that offers none speaks IPv4 unicast
//   RFC 5492 §3   2/7 when nothing is left to exchange, with the capabilities that would help
//   RFC 9234 §4   2/11 when the roles do not fit each other
//   RFC 4724 §3   of several graceful restart capabilities the last counts
//   RFC 7911 §4   ADD-PATH with an unknown direction counts as not sent
//   RFC 9494 §4.5 long-lived graceful restart without graceful restart counts as not sent
#pragma once

#include "base/result.h"
#include "bgp/notification_message.h"
#include "bgp/open_message.h"
#include "bgp/session.h"
#include "bgp/update_encoder.h"

namespace fabrix::bgp {

// Our OPEN.
OpenMessage open_for(const SessionConfig& config);

// Fails with the NOTIFICATION to send.
Result<Negotiated, NotificationMessage> negotiate(const SessionConfig& local,
                                                  const OpenMessage& peer);

// How to read this peer's UPDATEs.
UpdateOptions update_options(const Negotiated& negotiated);

// How to write UPDATEs with routes of `family` for this peer.
EncodeOptions encode_options(const Negotiated& negotiated, net::Family family);

// How large a message this peer takes (RFC 8654 §4).
std::size_t max_message_size(const Negotiated& negotiated);

}  // namespace fabrix::bgp
