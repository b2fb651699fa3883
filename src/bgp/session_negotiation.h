// What two speakers agree on from their OPEN messages, or why they do not (RFC 4271 §6.2).
//
//   RFC 4760 §8   families: those both offer; a speaker that offers none speaks IPv4 unicast
//   RFC 5492 §3   2/7 when nothing is left to exchange, with the capabilities that would help
//   RFC 9234 §4   2/11 when the roles do not fit each other
#pragma once

#include "base/result.h"
#include "bgp/notification_message.h"
#include "bgp/open_message.h"
#include "bgp/session.h"

namespace fabrix::bgp {

// Our OPEN.
OpenMessage open_for(const SessionConfig& config);

// Fails with the NOTIFICATION to send.
Result<Negotiated, NotificationMessage> negotiate(const SessionConfig& local,
                                                  const OpenMessage& peer);

}  // namespace fabrix::bgp
