// Hashing: of which keys a packet must have been put in its buckets before it comes to the
// policies: those that its sender's outbound policy tests, and those that any inbound policy does,
// since who is to receive it is not known where it enters.
//
// Not thread-safe.
#pragma once

#include <vector>

#include "net/flow_hash.h"
#include "net/ids.h"
#include "policy/policy.h"
#include "verify/world.h"

namespace fabrix::verify {

class Hashing {
 public:
  Hashing() = default;
  explicit Hashing(const World& world);

  net::HashKeys of_sender(net::ParticipantId sender) const;

  // What another policy of the participant's (null: none) changes: for its own packets, or for
  // everybody's.
  enum class Change : std::uint8_t { kNothing, kOwn, kAll };
  Change set(net::ParticipantId owner, const policy::Policy* policy);

 private:
  void join_received();

  // By participant.
  std::vector<net::HashKeys> sent_;
  std::vector<net::HashKeys> received_;
  net::HashKeys all_received_;
};

}  // namespace fabrix::verify
