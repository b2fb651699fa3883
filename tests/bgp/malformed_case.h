// What a member may send, and what becomes of it: one message each, from RFC 4271 §6, RFC 7606 and
// the RFCs of the single attributes and capabilities, wrong in one way, or right in a way that is
// easily taken for wrong.
//
// Whoever replays them brings a session to `setup.stage` with open_for_case(), announces
// kWitness with witness_message() where the stage is established, sends `message`, and looks. Names
// are unique. The route server is AS 65000, the member AS 64500.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bgp/message_header.h"
#include "bgp/notification_message.h"
#include "bgp/open_message.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {

enum class CaseReaction : std::uint8_t {
  kReset,     // NOTIFICATION `code`
  kWithdraw,  // treat as withdraw (RFC 7606 §2): the witness is gone, the session stays
  kDiscard,   // attribute discard: the routes are accepted without it
  kAccept,    // as if nothing were odd
  kIgnore,    // neither routes nor session change
  kClosed,    // the session ends without an answer: it was a NOTIFICATION
};

// What the session is like.
struct CaseSetup {
  enum class Stage : std::uint8_t { kOpenSent, kEstablished };
  Stage stage = Stage::kEstablished;
  bool four_octet_as = true;       // the member's
  bool extended_messages = false;  // both sides offer it
  bool extended_next_hop = false;  // both
  bool flowspec = false;           // both, IPv4
  bool role = false;               // the route server has a role
};

struct MalformedCase {
  std::string name;
  Bytes message;  // whole, with its header, however wrong
  CaseReaction reaction = CaseReaction::kAccept;
  NotificationCode code = {};  // of kReset
  CaseSetup setup = {};
};

using Cases = std::vector<MalformedCase>;

// The route that most cases announce once more: 198.51.100.0/24; for IPv6, 2001:db8:1::/48.
inline const Bytes kWitnessNlri = bytes({24, 198, 51, 100});

inline Bytes witness_message() {
  return encode_message(MessageType::kUpdate, update_body({}, mandatory(), kWitnessNlri));
}
inline Bytes ipv6_witness_message() {
  return encode_message(MessageType::kUpdate,
                        update_body({}, join({mp_reach(), origin(), as_path()}), {}));
}

// The member's OPEN.
inline OpenMessage open_for_case(const CaseSetup& setup) {
  OpenMessage open{.my_as = net::Asn{64500},
                   .four_octet_as = setup.four_octet_as,
                   .bgp_identifier = 0xc0000201,
                   .capabilities = {Multiprotocol{.afi = 1, .safi = Safi::kUnicast},
                                    Multiprotocol{.afi = 2, .safi = Safi::kUnicast}, RouteRefresh{},
                                    EnhancedRouteRefresh{}}};
  const auto add = [&open](Capability capability) {
    open.capabilities.push_back(std::move(capability));
  };
  if (setup.extended_messages) add(ExtendedMessage{});
  if (setup.extended_next_hop) add(ExtendedNextHop{{{1, 1, 2}}});
  if (setup.flowspec) add(Multiprotocol{.afi = 1, .safi = Safi::kFlowSpec});
  return open;
}

// Collects cases.
class CaseList {
 public:
  explicit CaseList(CaseSetup setup = {}) : setup_(setup) {}

  void reset(std::string name, NotificationCode code, Bytes message) {
    add(std::move(name), CaseReaction::kReset, std::move(message), code);
  }
  void withdraw(std::string name, Bytes message) {
    add(std::move(name), CaseReaction::kWithdraw, std::move(message));
  }
  void discard(std::string name, Bytes message) {
    add(std::move(name), CaseReaction::kDiscard, std::move(message));
  }
  void accept(std::string name, Bytes message) {
    add(std::move(name), CaseReaction::kAccept, std::move(message));
  }
  void ignore(std::string name, Bytes message) {
    add(std::move(name), CaseReaction::kIgnore, std::move(message));
  }
  void closed(std::string name, Bytes message) {
    add(std::move(name), CaseReaction::kClosed, std::move(message));
  }

  void append_to(Cases& cases) && {
    for (MalformedCase& one : cases_) cases.push_back(std::move(one));
  }

 private:
  void add(std::string name, CaseReaction reaction, Bytes message, NotificationCode code = {}) {
    cases_.push_back({std::move(name), std::move(message), reaction, code, setup_});
  }

  CaseSetup setup_;
  Cases cases_;
};

// A message with whatever length its header is to claim.
inline Bytes raw_message(std::size_t claimed, int type, const Bytes& body) {
  const auto size = static_cast<unsigned>(claimed);
  return join({Bytes(16, std::byte{0xff}),
               bytes({static_cast<int>(size >> 8U), static_cast<int>(size & 0xffU), type}), body});
}

inline Bytes update_message(const Bytes& withdrawn, const Bytes& attributes, const Bytes& nlri) {
  return encode_message(MessageType::kUpdate, update_body(withdrawn, attributes, nlri));
}

// The witness announced with these attributes and no others.
inline Bytes announce_with(const Bytes& attributes) {
  return update_message({}, attributes, kWitnessNlri);
}

// The witness announced as it should be, and this attribute besides.
inline Bytes announce_and(const Bytes& attributes) {
  return announce_with(join({mandatory(), attributes}));
}

}  // namespace fabrix::bgp
