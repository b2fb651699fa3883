// BadUpdate: an UPDATE with something wrong in it, for people: what, which reaction RFC 7606
// prescribed, and the message as it came.
//
// Attributes that are merely not handed on (AttributeError::kNotAllowed alone) make no UPDATE bad.
// Pure values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bgp/notification_message.h"
#include "bgp/update_message.h"

namespace fabrix::bgp {

// The strongest one (RFC 7606 §2).
enum class BadUpdateReaction : std::uint8_t {
  kAttributeDiscard,  // the routes are kept without the attribute
  kTreatAsWithdraw,   // the routes are gone
  kSessionReset,
};

// "attribute discard", "treat as withdraw", "session reset".
std::string_view name_of(BadUpdateReaction reaction);

struct BadUpdate {
  // `what` for people, "ORIGIN (1): wrong length"; `rule` says what is right, "RFC 7606 §7.1", and
  // is empty where it is not one paragraph.
  struct Fault {
    std::string what;
    std::string_view rule;

    friend bool operator==(const Fault&, const Fault&) = default;
  };

  BadUpdateReaction reaction = BadUpdateReaction::kAttributeDiscard;
  std::vector<Fault> faults;                                    // at least one
  std::optional<NotificationCode> notification = std::nullopt;  // of a reset
  std::vector<std::byte> message;                               // with its header

  friend bool operator==(const BadUpdate&, const BadUpdate&) = default;
};

// What decode_update() found wrong with the UPDATE of this body; none: nothing.
std::optional<BadUpdate> find_bad_update(const Result<UpdateMessage, UpdateReset>& decoded,
                                         std::span<const std::byte> body);

// A problem with an attribute, by the attribute's name where it has one here.
BadUpdate::Fault fault_of(const AttributeProblem& problem);

}  // namespace fabrix::bgp
